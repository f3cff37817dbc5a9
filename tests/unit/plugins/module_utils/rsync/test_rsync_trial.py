# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against programs that stand in for rsync, and against rsync itself where it is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import trial

RSYNC = shutil.which("rsync")
LOG = """\
2026/11/27 20:00:00 [42] connect from localhost (127.0.0.1)
2026/11/27 20:00:00 [42] Unknown Parameter encountered: "foo"
2026/11/27 20:00:00 [42] IGNORING unknown parameter "foo"
2026/11/27 20:00:00 [42] Unknown Parameter encountered: "foo"
2026/11/27 20:00:00 [42] params.c:Section() - Badly formed line in config file: a
2026/11/27 20:00:00 [42] module-list request from localhost (127.0.0.1)
"""


def program(folder: Path, script: str) -> str:
    file = folder / "rsync"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_complaints_in_a_log_stand_there_once() -> None:
    assert trial.parse_log(LOG) == [
        'Unknown Parameter encountered: "foo"',
        'IGNORING unknown parameter "foo"',
        "params.c:Section() - Badly formed line in config file: a",
    ]


def test_a_daemon_that_lists_its_modules_is_content(tmp_path: Path) -> None:
    # Standard input is the connection, as inetd has it.
    answer = program(tmp_path, 'head -n 2 >/dev/null; echo "www" >&0; echo "@RSYNCD: EXIT" >&0')
    assert trial.complaints(answer, tmp_path / "x") == []


def test_a_daemon_that_ends_is_not(tmp_path: Path) -> None:
    assert trial.complaints(program(tmp_path, "exit 1"), tmp_path / "x") == ["rsync ended without an answer"]


def test_what_it_logs_counts(tmp_path: Path) -> None:
    script = 'for each; do case $each in --log-file=*) echo "[1] Unknown directive: &x." > "${each#*=}";; esac; done'
    assert trial.complaints(program(tmp_path, script), tmp_path / "x") == ["Unknown directive: &x."]


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        trial.complaints(str(tmp_path / "none"), tmp_path / "x")


@pytest.mark.skipif(RSYNC is None, reason="rsync is not installed here")
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[www]\npath = /srv/www\nhosts allow = 192.0.2.21\nlist = no\n", ""),
        ("[www]\nread onli = yes\n", 'Unknown Parameter encountered: "read onli"'),
        ("[www]\nread only = maybe\n", 'Badly formed boolean in configuration file: "maybe".'),
        ("[w", "params.c:Section() - Unexpected EOF in the config file: w"),
    ],
)
def test_rsync_itself(tmp_path: Path, text: str, complaint: str) -> None:
    assert RSYNC is not None
    file = tmp_path / "rsyncd.conf"
    file.write_text(text)
    found = trial.complaints(RSYNC, file)
    assert found[:1] == ([complaint] if complaint else [])
