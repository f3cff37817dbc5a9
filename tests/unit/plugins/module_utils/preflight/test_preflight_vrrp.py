# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.preflight.vrrp import unpack
from hypothesis import given
from hypothesis import strategies as st

ADVERT = bytes([0x31, 51, 100, 1, 0, 100, 0, 0, 192, 0, 2, 100])
IP_HEADER = bytes([0x46]) + bytes(23)
"""Six words of four bytes, with an option."""


def test_an_advert() -> None:
    assert unpack(IP_HEADER + ADVERT, socket.AF_INET) == 51
    assert unpack(ADVERT, socket.AF_INET6) == 51


@pytest.mark.parametrize(
    "data",
    [ADVERT[:7], b"\x32" + ADVERT[1:], b"\x41" + ADVERT[1:]],
    ids=["too short", "another type", "another version"],
)
def test_no_advert(data: bytes) -> None:
    assert unpack(data, socket.AF_INET6) is None


@given(st.binary(max_size=100), st.sampled_from([socket.AF_INET, socket.AF_INET6]))
def test_any_bytes(data: bytes, family: int) -> None:
    assert unpack(data, family) in (None, *range(256))
