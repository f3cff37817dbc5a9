# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.health_checker import MARK, is_ours, listed, says_nothing


@pytest.mark.parametrize("text", [f"# {MARK}. x\nglobal_defs {{\n}}\n", f"\n\n# {MARK}"])
def test_ours(text: str) -> None:
    assert is_ours(text)


@pytest.mark.parametrize("text", [None, "", "\n \n", "# a sample\n\n  # virtual = 192.0.2.100:80\n! and more\n"])
def test_nobodys(text: str | None) -> None:
    assert says_nothing(text)
    assert not is_ours(text)


@pytest.mark.parametrize("text", ["global_defs {\n}\n", "fork = yes\n", "a" + "\n" * 6 + f"# {MARK}\n"])
def test_somebody_elses(text: str) -> None:
    assert not is_ours(text)
    assert not says_nothing(text)


def test_many_problems_are_cut_short() -> None:
    assert listed(["a", "b"]) == "a\nb"
    assert listed(["a", "b", "c"], limit=1) == "a\nand 2 more"
