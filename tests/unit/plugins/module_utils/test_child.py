# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import time

from ansible_collections.lvs.cluster.plugins.module_utils.child import Child, call_bounded, run_bounded


def test_a_command_that_ends() -> None:
    outcome = run_bounded(["sh", "-c", "echo out; echo error >&2; exit 3"], 10)
    assert (outcome.code, outcome.out, outcome.error) == (3, "out\n", "error\n")


def test_a_command_that_does_not_end_is_given_up_with_what_it_started() -> None:
    start = time.monotonic()
    outcome = run_bounded(["sh", "-c", "sleep 60 & sleep 60"], 0.2)
    assert outcome.code is None
    assert time.monotonic() - start < 10


def test_a_command_that_is_not_there() -> None:
    assert run_bounded(["/no/such/program"], 1).code == 127


def test_what_a_function_returns() -> None:
    assert call_bounded(lambda: ["a", 1], 10) == ["a", 1]
    assert call_bounded(lambda: "x" * 200000, 10) == "x" * 200000


def test_a_function_that_fails() -> None:
    assert call_bounded(lambda: 1 // 0, 10, "otherwise") == "otherwise"
    assert call_bounded(lambda: os._exit(0), 10, "otherwise") == "otherwise"


def test_a_function_that_hangs() -> None:
    start = time.monotonic()
    assert call_bounded(lambda: time.sleep(60), 0.2, "otherwise") == "otherwise"
    assert time.monotonic() - start < 10


def test_many_at_once_share_one_deadline() -> None:
    start = time.monotonic()
    children = [Child(lambda: time.sleep(60)) for _child in range(3)]
    assert [child.result(start + 0.2, False) for child in children] == [False] * 3
    assert time.monotonic() - start < 10
