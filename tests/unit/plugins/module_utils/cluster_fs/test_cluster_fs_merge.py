# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import merge

LOOKS = 20
TOOLS = {
    "dlm_tool": '[ "$*" = "status -v" ] && cat status',
    "systemctl": 'echo "$@" >> killed',
    # As time goes by, and no longer than the test lasts.
    "sleep": f'echo x >> slept; [ "$(wc -l < slept)" -le {LOOKS} ] || kill -TERM "$PPID"',
}


def status(our: int, apart: Sequence[int], nodes: Sequence[int] = (1, 2, 3), quorate: int = 1, waits: int = 1) -> str:
    """What `dlm_tool status -v` prints, in parts."""
    head = f"our_nodeid {our}\n    member_count=3\n    quorate={quorate}\n    stateful_merge_wait={waits}\n    \n"
    return head + "".join(
        f"nodeid {node}\n    member=1\n    killed=0\n    need_fencing={int(node in apart)}\n    delay_fencing=0\n    \n"
        for node in nodes
    )


def boots(folder: Path, text: str) -> bool:
    for name, script in TOOLS.items():
        tool = folder / name
        tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        tool.chmod(0o755)
    (folder / "status").write_text(text, encoding="utf-8")
    program = folder / "program"
    program.write_text(merge.files()[merge.PROGRAM], encoding="utf-8")
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    subprocess.run(["sh", str(program)], cwd=folder, env=environment, check=False, timeout=60)
    killed = folder / "killed"
    assert not killed.exists() or killed.read_text(encoding="utf-8") == "kill --signal=KILL dlm.service\n"
    return killed.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Each was alone: the first one stays.
        (status(1, [2, 3]), False),
        (status(2, [1, 3]), True),
        (status(3, [1, 2]), True),
        # Two, two and one of five: the two with the first one stay.
        (status(2, [3, 4, 5], range(1, 6)), False),
        (status(4, [1, 2, 5], range(1, 6)), True),
        # Numbers, not words.
        (status(10, [9], [9, 10]), True),
        (status(9, [10], [9, 10]), False),
        # It does not wait, or not for this.
        (status(2, [1, 3], waits=0), False),
        (status(2, [1, 3], quorate=0), False),
        (status(2, []), False),
        ("", False),
    ],
)
def test_who_boots(tmp_path: Path, text: str, expected: bool) -> None:
    assert boots(tmp_path, text) is expected


def test_a_node_that_has_failed_and_is_no_member_is_no_reason(tmp_path: Path) -> None:
    gone = "nodeid 1\n    member=0\n    need_fencing=1\n"
    assert not boots(tmp_path, status(2, [], [2, 3]) + gone)


def test_a_wait_that_ends_by_itself_is_no_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = merge.PATIENCE // merge.STEP - 1
    monkeypatch.setitem(TOOLS, "dlm_tool", f'[ "$(wc -l < slept)" -gt {looks} ] || cat status')
    assert not boots(tmp_path, status(2, [1, 3]))
