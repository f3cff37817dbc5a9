# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.config import Verdict, judge


def test_a_clean_test_is_accepted() -> None:
    assert judge(0, "") == Verdict()


@pytest.mark.parametrize(
    ("code", "words"), [(4, "cannot run"), (5, "ignores part"), (6, "script security"), (139, "code 139")]
)
def test_a_refusal_gives_meaning_and_output(code: int, words: str) -> None:
    error = judge(code, "(Line 3) Unknown keyword 'lbb'\n").error
    assert words in error
    assert "(Line 3) Unknown keyword 'lbb'" in error


def test_a_silent_refusal_says_so() -> None:
    assert judge(5, " \n").error.endswith("it gave no reason")


def test_the_user_may_accept_a_code() -> None:
    assert judge(5, "deprecated", (0, 5)) == Verdict()


@pytest.mark.parametrize("code", [-15, 143])
def test_the_fault_of_version_2_2_7_is_a_warning(code: int) -> None:
    verdict = judge(code, "")
    assert verdict.error == ""
    assert "2.2.7" in verdict.warning
