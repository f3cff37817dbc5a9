# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct
from ipaddress import IPv6Address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.probe.ndp import pack_question, unpack_answer
from hypothesis import given
from hypothesis import strategies as st

VIP = IPv6Address("2001:db8::100")
OWN = IPv6Address("2001:db8::41")
OWN_MAC = bytes.fromhex("525400000041")
LB1 = bytes.fromhex("525400000001")
TARGET_LINK_LAYER = b"\x02\x01" + LB1


def advertisement(target=VIP, kind=136, hop_limit=255, options=TARGET_LINK_LAYER):
    message = struct.pack("!BBHI", kind, 0, 0xBEEF, 0x60000000) + target.packed + options
    header = struct.pack("!IHBB", 6 << 28, len(message), 58, hop_limit) + VIP.packed + OWN.packed
    return OWN_MAC + LB1 + b"\x86\xdd" + header + message


def test_a_solicitation_asks_the_hosts_with_such_an_address():
    # The bytes are written out by hand: group of RFC 4291 (2.7.1), message of RFC 4861 (4.3).
    assert pack_question(OWN_MAC, OWN, VIP).hex(" ", -2) == (
        "3333 ff00 0100 5254 0000 0041 86dd"
        " 6000 0000 0020 3aff"
        " 2001 0db8 0000 0000 0000 0000 0000 0041"
        " ff02 0000 0000 0000 0000 0001 ff00 0100"
        " 8700 c956 0000 0000"
        " 2001 0db8 0000 0000 0000 0000 0000 0100"
        " 0101 5254 0000 0041"
    )


def test_the_checksum_makes_the_sum_of_all_words_come_out():
    frame = pack_question(OWN_MAC, OWN, VIP)
    summed = frame[22:54] + struct.pack("!II", 32, 58) + frame[54:]
    total = sum(struct.unpack(f"!{len(summed) // 2}H", summed))
    assert total % 0xFFFF == 0


def test_an_advertisement_says_who():
    assert unpack_answer(advertisement(), VIP) == LB1
    assert unpack_answer(advertisement() + bytes(4), VIP) == LB1


def test_other_options_are_skipped():
    nonce = b"\x0e\x01" + bytes(6)
    assert unpack_answer(advertisement(options=nonce + TARGET_LINK_LAYER), VIP) == LB1


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        advertisement()[:77],
        advertisement(target=OWN),
        advertisement(kind=135),
        advertisement(hop_limit=64),
        advertisement(options=b""),
        advertisement(options=b"\x02\x00" + LB1),
        advertisement(options=b"\x01\x01" + LB1),
    ],
)
def test_anything_else_is_not_for_us(frame):
    assert unpack_answer(frame, VIP) is None


@given(st.binary(max_size=120), st.binary(max_size=60))
def test_random_bytes(frame, options):
    unpack_answer(frame, VIP)
    unpack_answer(advertisement(options=options), VIP)
