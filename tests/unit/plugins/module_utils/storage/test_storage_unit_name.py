# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.storage.unit_name import escape_path
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/www", "srv-www"),
        ("/srv//www/", "srv-www"),
        ("//srv///www", "srv-www"),
        ("/srv/./www", "srv-www"),
        ("/", "-"),
        ("/srv/my-data", "srv-my\\x2ddata"),
        ("/srv/ä b", "srv-\\xc3\\xa4\\x20b"),
        ("/.hidden", "\\x2ehidden"),
        ("/srv/.hidden", "srv-.hidden"),
        ("/a_b.c:d", "a_b.c:d"),
        ("/srv/\udcff", "srv-\\xff"),
    ],
)
def test_names_are_those_of_systemd_escape(path: str, name: str) -> None:
    assert escape_path(path) == name


@given(
    st.lists(st.text(st.characters(exclude_characters="/"), min_size=1).filter(lambda part: part != "."), min_size=1)
)
def test_a_path_can_be_told_from_its_name(parts: list[str]) -> None:
    name = escape_path("/" + "/".join(parts))
    assert re.fullmatch(r"[A-Za-z0-9:_.\\-]+", name)
    unescaped = re.sub(rb"\\x([0-9a-f]{2})", lambda code: bytes([int(code[1], 16)]), name.replace("-", "/").encode())
    assert unescaped.decode() == "/".join(parts)
