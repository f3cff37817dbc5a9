# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With an rsync that the test plays: it copies between folders, or fails as it is told."""

from __future__ import annotations

import getpass
import grp
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import copies
from ansible_collections.lvs.cluster.plugins.module_utils.rsync.copies import MARKER, Copy, CopyError

COPY = Copy(
    name="www",
    path="/srv/www",
    direction="pull",
    transport="daemon",
    address="192.0.2.31",
    interval=60,
    max_age=300,
    delete=True,
    exclude=("*.tmp",),
    owner=getpass.getuser(),
    group=grp.getgrgid(os.getgid()).gr_name,
    mode="0755",
    server="store1",
)


class Rsync:
    """What rsync would do."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.commands: list[list[str]] = []
        self.code = 0
        self.error = ""
        self.meanwhile: Callable[[], None] = lambda: None
        """Happens during a copy of the whole."""

    def __call__(self, command: Sequence[str], **_more: Any) -> subprocess.CompletedProcess[str]:
        if command[0] != "rsync":
            return self.other(command)
        self.commands.append(list(command))
        source, target = command[-2:]
        name = source.rpartition("/")[2]
        if self.code:
            return subprocess.CompletedProcess(command, self.code, "", self.error)
        if not name:
            self.meanwhile()
            if target.startswith("/"):
                shutil.copytree(
                    self.source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".lvs-cluster-*")
                )
        elif target.startswith("/"):
            if not (self.source / name).exists():
                return subprocess.CompletedProcess(
                    command, 23, "", f'rsync: link_stat "/{name}": No such file or directory\n'
                )
            shutil.copy2(self.source / name, target)
        return subprocess.CompletedProcess(command, 0, "", "")

    def other(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        assert list(command) == ["make"]
        self.commands.append([*command, (self.source / MARKER).read_text()])
        return subprocess.CompletedProcess(command, self.code, "", "")


@pytest.fixture
def rsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rsync:
    for name in ("CONFIGURATION", "STATE", "COMPLETE", "LOCKS"):
        monkeypatch.setattr(copies, name, tmp_path / name)
    for name in ("BUSY_SECONDS", "BUSY_STEP", "PUSH_PAUSE"):
        monkeypatch.setattr(copies, name, 0)
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
    simulated = Rsync(tmp_path / "source")
    (simulated.source / "page").write_text("content")
    (simulated.source / MARKER).write_text("one\n")
    monkeypatch.setattr(copies.subprocess, "run", simulated)
    return simulated


@pytest.fixture
def copy(rsync: Rsync, tmp_path: Path) -> Copy:
    copy = replace(COPY, path=str(tmp_path / "target"))
    configure(copy)
    return copy


def configure(copy: Copy) -> None:
    file = copies.CONFIGURATION / "copies" / f"{copy.name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**vars(copy), "of_another_version": 1}))


def test_configuration_round_trip(copy: Copy) -> None:
    assert copies.load("www") == copy
    with pytest.raises(CopyError, match="there is no copy none on this host"):
        copies.load("none")


@pytest.mark.parametrize(
    ("copy", "source"),
    [
        (COPY, "rsync://lvs-cluster@192.0.2.31/www/"),
        (replace(COPY, address="2001:db8::31"), "rsync://lvs-cluster@[2001:db8::31]/www/"),
        (replace(COPY, transport="ssh"), "lvs-rsync@192.0.2.31:/"),
        (replace(COPY, transport="ssh", address="2001:db8::31"), "lvs-rsync@[2001:db8::31]:/"),
    ],
)
def test_the_source(copy: Copy, source: str) -> None:
    assert copies.source_of(copy) == source
    assert copies.source_of(copy, MARKER) == source + MARKER


def test_ssh_knows_one_key_and_one_host() -> None:
    options = copies.connection_options(replace(COPY, transport="ssh", ssh_port=2222))[-1].split(" ")
    assert options[:3] == ["ssh", "-F", "/dev/null"]
    assert {"-p", "2222", "/etc/lvs-cluster/rsync/keys/www", "StrictHostKeyChecking=yes"} <= set(options)
    assert "UserKnownHostsFile=/etc/lvs-cluster/rsync/known_hosts/www" in options


def test_options_of_a_copy() -> None:
    options = copies.copy_options(COPY)
    assert options[-2:] == ["--exclude=/.lvs-cluster-*", "--exclude=*.tmp"]
    assert {"--archive", "--delay-updates", "--delete-after", "--filter=R .~tmp~/"} <= set(options)
    assert not any("delete" in option or "R " in option for option in copies.copy_options(replace(COPY, delete=False)))


def test_options_of_lsyncd_are_made_safe() -> None:
    assert copies.push_options(["-lts", "--delete", "--ignore-errors", "-r"]) == [
        "--exclude=/.lvs-cluster-*",
        "-lts",
        "--delete-after",
        "--filter=R .~tmp~/",
        "-r",
    ]
    assert copies.push_options(["--delete", "--from0", "--include-from=-"]) == [
        "--exclude=/.lvs-cluster-*",
        "--delete-after",
        "--from0",
        "--include-from=-",
    ]


def test_complaints_in_one_line() -> None:
    assert (
        copies.complaint(10, "rsync: [Receiver] failed\n\nrsync error: error (code 10)\n") == "rsync: [Receiver] failed"
    )
    assert copies.complaint(12, "rsync error: error (code 12)\n") == "rsync error: error (code 12)"
    assert copies.complaint(12, "") == "rsync ended with status 12"


def test_a_pull(copy: Copy, rsync: Rsync) -> None:
    assert copies.pull(copy) == "one"
    assert (Path(copy.path) / "page").read_text() == "content"
    assert copy.marker.read_text() == "one\n"
    assert copy.marker.stat().st_mtime_ns == (rsync.source / MARKER).stat().st_mtime_ns
    complete = copies.COMPLETE / "www"
    assert (complete.read_text(), complete.stat().st_mode & 0o7777) == ("one\n", 0o644)
    status = copies.status_of(copy, time.time())
    assert (status.fresh, status.generation, status.last_error) == (True, "one", "")
    assert [command[-2].rpartition("/")[2] for command in rsync.commands] == [MARKER, "", MARKER]


def test_nothing_is_copied_without_a_marker(copy: Copy, rsync: Rsync) -> None:
    (rsync.source / MARKER).unlink()
    with pytest.raises(CopyError, match=f"the source has no {MARKER}.* on store1"):
        copies.pull(copy)
    assert len(rsync.commands) == 1
    assert not (copies.COMPLETE / "www").exists()
    assert (
        copies.status_of(copy, time.time())
        .message()
        .startswith(f"the copy www in {copy.path} has never been complete; last error: the source has no")
    )


def test_a_failure_is_remembered_until_the_next_success(copy: Copy, rsync: Rsync) -> None:
    copies.pull(copy)
    before = (copies.COMPLETE / "www").stat().st_mtime_ns
    rsync.code, rsync.error = 10, "rsync: failed to connect to 192.0.2.31\n"
    with pytest.raises(CopyError, match=r"failed to connect to 192\.0\.2\.31"):
        copies.pull(copy)
    assert (copies.COMPLETE / "www").stat().st_mtime_ns == before
    assert "failed to connect" in copies.status_of(copy, time.time()).last_error
    rsync.code = 0
    copies.pull(copy)
    assert copies.status_of(copy, time.time()).last_error == ""


def test_a_source_that_changes_during_the_copy_is_copied_again(copy: Copy, rsync: Rsync) -> None:
    def change() -> None:
        if len(rsync.commands) == 2:
            (rsync.source / MARKER).write_text("two\n")

    rsync.meanwhile = change
    assert copies.pull(copy) == "two"
    assert len(rsync.commands) == 6


def test_a_source_that_always_changes_is_never_complete(copy: Copy, rsync: Rsync) -> None:
    rsync.meanwhile = lambda: (rsync.source / MARKER).write_text(f"{len(rsync.commands)}\n") and None
    with pytest.raises(CopyError, match="during each of 3 copies"):
        copies.pull(copy)


def test_the_copy_says_before_that_another_generation_comes(copy: Copy, rsync: Rsync) -> None:
    copies.pull(copy)
    seen = []
    rsync.meanwhile = lambda: seen.append(copy.marker.read_text())
    copies.pull(copy)
    (rsync.source / MARKER).write_text("two\n")
    copies.pull(copy)
    assert seen == ["one\n", "changing two\n"]
    assert copy.marker.read_text() == "two\n"


def test_nobody_copies_while_the_writer_is_at_work(copy: Copy, rsync: Rsync) -> None:
    (rsync.source / MARKER).write_text("changing two\n")
    with pytest.raises(copies.BusyError):
        copies.pull(copy)
    assert not copy.marker.exists()


def test_only_one_run_at_a_time(copy: Copy, rsync: Rsync, capsys: pytest.CaptureFixture[str]) -> None:
    with copies.locked("www"):
        assert copies.main("lvs-rsync", ["pull", "www"]) == os.EX_TEMPFAIL
    assert capsys.readouterr().err == "another run copies www\n"
    assert copies.main("lvs-rsync", ["pull", "www"]) == 0


def test_without_rsync(copy: Copy, rsync: Rsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "")
    for call in (copies.run, copies._pass_on):
        with pytest.raises(CopyError, match="rsync is not installed on this host"):
            call(["rsync", "--version"])


def test_a_folder_that_is_not_there(copy: Copy, rsync: Rsync) -> None:
    with pytest.raises(CopyError, match="/nowhere is no folder on this host"):
        copies.pull(replace(copy, path="/nowhere"))


def test_a_push_counts_when_its_marker_has_come(copy: Copy, rsync: Rsync) -> None:
    push = replace(copy, direction="push")
    assert not copies.received(push)
    push.marker.write_text("changing two\n")
    assert not copies.received(push)
    push.marker.write_text("two\n")
    assert copies.received(push)
    assert not copies.received(push)
    os.utime(push.marker, (1, 1))
    assert copies.received(push)
    assert copies.status_of(push, time.time()).generation == "two"


def test_age_and_alarm(copy: Copy, rsync: Rsync, capsys: pytest.CaptureFixture[str]) -> None:
    assert copies.main("lvs-rsync", ["check", "www"]) == 1
    copies.pull(copy)
    assert copies.main("lvs-rsync", ["check", "www"]) == 0
    os.utime(copies.COMPLETE / "www", (time.time() - 345, time.time() - 345))
    copies.remember("www", last_error="no route")
    capsys.readouterr()
    assert copies.main("lvs-rsync", ["check", "www"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"the copy www in {copy.path} is 34")
    assert error.endswith("s old; it may be 300 s; last error: no route\n")


def test_waiting_ends_with_the_reason(copy: Copy, rsync: Rsync) -> None:
    with pytest.raises(CopyError, match="has never been complete"):
        copies.wait(copy, 0)
    configure(replace(copy, direction="push"))
    copy.marker.write_text("one\n")
    assert copies.main("lvs-rsync", ["wait", "www", "--seconds", "0"]) == 0


def test_status_of_all(copy: Copy, rsync: Rsync, capsys: pytest.CaptureFixture[str]) -> None:
    copies.remember("push-www@web1", last_error="x")
    assert copies.main("lvs-rsync", ["status"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in shown["copies"]] == ["www"]
    assert shown["pushes"] == [{"name": "www@web1", "last_error": "x"}]


def test_a_state_that_is_damaged_is_none(rsync: Rsync) -> None:
    copies.remember("www", a=1)
    (copies.STATE / "www.json").write_text("[")
    assert copies.read_state("www") == {}


def test_a_new_generation(rsync: Rsync) -> None:
    assert copies.main("lvs-rsync", ["publish", str(rsync.source)]) == 0
    first = (rsync.source / MARKER).read_text()
    assert first.endswith("\n")
    assert copies.main("lvs-rsync", ["publish", str(rsync.source), "--", "make"]) == 0
    assert rsync.commands[0][1].startswith("changing ")
    assert (rsync.source / MARKER).read_text() not in (first, rsync.commands[0][1])


def test_a_writer_that_fails_leaves_no_generation(rsync: Rsync) -> None:
    rsync.code = 3
    assert copies.main("lvs-rsync", ["publish", str(rsync.source), "make"]) == 3
    assert (rsync.source / MARKER).read_text().startswith("changing ")


def test_publish_needs_a_folder(rsync: Rsync, capsys: pytest.CaptureFixture[str]) -> None:
    assert copies.main("lvs-rsync", ["publish", "/nowhere"]) == 1
    assert capsys.readouterr().err == "/nowhere is no folder\n"


def test_renewal(rsync: Rsync) -> None:
    marker = rsync.source / MARKER
    os.utime(marker, (1, 1))
    assert copies.main("lvs-rsync", ["renew", str(rsync.source)]) == 0
    assert marker.stat().st_mtime > 1
    marker.write_text("changing x\n")
    os.utime(marker, (1, 1))
    copies.renew(rsync.source)
    assert marker.stat().st_mtime == 1
    marker.unlink()
    with pytest.raises(CopyError, match="is its volume mounted"):
        copies.renew(rsync.source)
    assert not marker.exists()


PUSH = ["-lts", "--password-file=/etc/x/www@web1", "--delete", "--ignore-errors", "-r"]
TARGET = "rsync://lvs-cluster@192.0.2.21/www/"


def test_a_push_sends_the_marker_last(rsync: Rsync) -> None:
    assert copies.main(copies.PUSH_PROGRAM, [*PUSH, f"{rsync.source}/", TARGET]) == 0
    whole, marker = rsync.commands
    assert whole[-2:] == [f"{rsync.source}/", TARGET]
    assert "--ignore-errors" not in whole
    assert marker[-2:] == [f"{rsync.source}/{MARKER}", TARGET]
    assert "--password-file=/etc/x/www@web1" in marker
    assert copies.pushes()[0]["last_error"] == ""


def test_nothing_is_pushed_without_a_marker(rsync: Rsync) -> None:
    (rsync.source / MARKER).unlink()
    assert copies.main(copies.PUSH_PROGRAM, [*PUSH, f"{rsync.source}/", TARGET]) == copies.LSYNCD_AGAIN
    assert rsync.commands == []
    assert "is its volume mounted" in copies.pushes()[0]["last_error"]


def test_readers_hear_that_the_writer_is_at_work(rsync: Rsync) -> None:
    (rsync.source / MARKER).write_text("changing x\n")
    assert copies.main(copies.PUSH_PROGRAM, [*PUSH, f"{rsync.source}/", TARGET]) == copies.LSYNCD_AGAIN
    assert [command[-2] for command in rsync.commands] == [f"{rsync.source}/{MARKER}"]


@pytest.mark.parametrize("code", [1, 12, 23])
def test_lsyncd_tries_again_after_any_failure(rsync: Rsync, code: int) -> None:
    rsync.code, rsync.error = code, "broken\n"
    assert copies.main(copies.PUSH_PROGRAM, [*PUSH, f"{rsync.source}/", TARGET]) == copies.LSYNCD_AGAIN
    assert len(rsync.commands) == 1
    assert copies.pushes()[0]["last_error"] == "broken"


def test_files_that_vanish_are_no_failure(rsync: Rsync) -> None:
    rsync.code = copies.VANISHED
    assert copies.main(copies.PUSH_PROGRAM, [*PUSH, f"{rsync.source}/", TARGET]) == 0


def test_a_secret(rsync: Rsync, tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret"
    assert copies.main("lvs-rsync", ["secret", str(file)]) == 0
    assert len(file.read_text().strip()) > 40
    assert file.stat().st_mode & 0o7777 == 0o600
