# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With a systemd that the test plays, and folders of the test for those of the host."""

from __future__ import annotations

import getpass
import grp
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import copies, units
from ansible_collections.lvs.cluster.plugins.modules import rsync_copies

WWW_UNITS = ["lvs-rsync@www.timer", "lvs-rsync-fresh@www.timer"]


class Host:
    """A host whose copies succeed until the test says otherwise."""

    def __init__(self, root: Path, run: Any) -> None:
        self.root = root
        self.units = root / "units"
        self.active: set[str] = set()
        self.behind: set[str] = set()
        self.run: list[str] = []
        self.failure: dict[str, tuple[int, str]] = {}
        self._run = run

    def copy(self, name: str = "www", **more: Any) -> dict[str, Any]:
        return {
            "name": name, "path": str(self.root / "srv" / name), "server": "store1", "source_address": "192.0.2.31",
            "direction": "pull", "transport": "daemon", "owner": getpass.getuser(),
            "group": grp.getgrgid(os.getgid()).gr_name, "mode": "0750", **more,
        }  # fmt: skip

    def bring(self, *wanted: dict[str, Any], check: bool = False, **more: Any) -> dict[str, Any]:
        """Run the module; `wanted` are the copies."""
        self.run.clear()
        parameters = {"copies": list(wanted), "secrets": {"www": "geheim"}, **more}
        result: dict[str, Any] = self._run(rsync_copies, check=check, **parameters)
        return result

    def answer(self, command: list[str]) -> tuple[int, str, str]:
        """Return status, output and errors of a command."""
        if command[:2] == ["systemctl", "show"]:
            return 0, "\n\n".join(map(self._show, command[3:])), ""
        self.run.append(" ".join(command))
        if command[0] != "systemctl":
            name = command[-1]
            code, error = self.failure.get(name, (0, ""))
            if code == 0:
                copies.note_complete(name, copies.Marker("first\n", 1))
            return code, "", error
        known = [unit for unit in command[2:] if unit != "--now"]
        if command[1] == "stop" and not all(unit.endswith(".service") for unit in known):
            return 5, "", "Unit not loaded."
        for unit in known:
            wants = self.units / units.wanted_by(unit)
            if command[1] == "enable":
                wants.mkdir(exist_ok=True)
                (wants / unit).symlink_to(self.units / unit)
            elif command[1] == "disable":
                (wants / unit).unlink()
                self.active.discard(unit)
            elif command[1] in ("start", "restart"):
                self.active.add(unit)
        if command[1] == "daemon-reload":
            self.behind.clear()
        return 0, "", ""

    def _show(self, unit: str) -> str:
        state, behind = ("active", "inactive")[unit not in self.active], ("no", "yes")[unit in self.behind]
        return f"ActiveState={state}\nNeedDaemonReload={behind}"

    def files(self) -> list[str]:
        """All files below the folders of the host, but for the data."""
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file() or path.is_symlink())
        return sorted(str(path) for path in found if path.parts[0] != "srv")


@pytest.fixture
def host(host_root: Path, monkeypatch: pytest.MonkeyPatch, run: Any) -> Host:
    for name in ("CONFIGURATION", "STATE", "COMPLETE"):
        monkeypatch.setattr(copies, name, host_root / name.lower())
    monkeypatch.setattr(rsync_copies, "PAUSE", 0)
    host = Host(host_root, run)
    host.units.mkdir()

    def run_command(module: Any, command: Sequence[str], check_rc: bool = False, **_more: Any) -> tuple[int, str, str]:
        code, out, error = host.answer(list(command))
        if check_rc and code:
            module.fail_json(msg=error)
        return code, out, error

    monkeypatch.setattr(basic.AnsibleModule, "run_command", run_command)
    return host


def headers(result: dict[str, Any]) -> list[str]:
    return [Path(part["after_header"]).name for part in result["diff"]]


def test_a_copy_is_set_up_once(host: Host) -> None:
    planned = host.bring(host.copy(), check=True)
    assert planned["changed"]
    assert host.files() == []
    assert not (host.root / "srv").exists()
    result = host.bring(host.copy())
    assert (result["changed"], result["removed"], result["kept"]) == (True, [], False)
    assert result["diff"] == planned["diff"]
    assert host.run == [
        "systemctl daemon-reload",
        f"timeout 600 {units.PROGRAM} pull www",
        f"systemctl enable {' '.join(WWW_UNITS)}",
        f"systemctl restart {' '.join(WWW_UNITS)}",
    ]
    assert host.active == set(WWW_UNITS)
    folder = host.root / "srv" / "www"
    assert folder.stat().st_mode & 0o7777 == 0o750
    password = host.root / "configuration" / "passwords" / "www"
    assert (password.read_text(), password.stat().st_mode & 0o7777) == ("geheim\n", 0o600)
    assert password.parent.stat().st_mode & 0o7777 == 0o700
    again = host.bring(host.copy())
    assert (again["changed"], again["diff"], host.run) == (False, [], [])


def test_the_program_reads_what_is_written(host: Host) -> None:
    host.bring(host.copy(exclude=["*.tmp"], max_age=9), ssh_port=2222)
    (copy,) = copies.configured()
    assert (copy.name, copy.address, copy.exclude, copy.max_age, copy.ssh_port) == (
        "www",
        "192.0.2.31",
        ("*.tmp",),
        9,
        2222,
    )


def test_secrets_are_not_shown(host: Host) -> None:
    result = host.bring(host.copy())
    assert "geheim" not in json.dumps(result)
    changed = host.bring(host.copy(), secrets={"www": "anderes"})
    assert headers(changed) == ["www"]
    assert "geheim" not in json.dumps(changed)
    assert "anderes" not in json.dumps(changed)
    assert (host.root / "configuration" / "passwords" / "www").read_text() == "anderes\n"


def test_without_a_secret_the_one_that_is_here_stays(host: Host) -> None:
    host.bring(host.copy())
    assert not host.bring(host.copy(), secrets={})["changed"]


def test_a_push_waits_for_its_writer(host: Host) -> None:
    host.bring(host.copy(direction="push"), secrets={}, first_copy_timeout=7)
    assert f"{units.PROGRAM} wait --seconds 7 www" in host.run
    assert host.active == {"lvs-rsync-received@www.path", "lvs-rsync-fresh@www.timer"}
    assert not (host.root / "configuration" / "passwords").exists()


def test_what_is_not_listed_goes_without_its_data(host: Host) -> None:
    host.bring(host.copy(), host.copy("docs"), secrets={"www": "geheim", "docs": "anderes"})
    page = host.root / "srv" / "docs" / "page"
    page.write_text("page")
    kept = host.bring(host.copy(), purge=False)
    assert (kept["changed"], kept["kept"]) == (False, True)
    planned = host.bring(host.copy(), check=True)
    result = host.bring(host.copy())
    assert (result["changed"], result["removed"], result["kept"]) == (True, ["docs"], False)
    assert result["diff"] == planned["diff"]
    assert [line for line in host.run if line.startswith("systemctl disable")] == [
        "systemctl disable --now lvs-rsync@docs.timer lvs-rsync-fresh@docs.timer"
    ]
    assert host.active == set(WWW_UNITS)
    assert [name for name in host.files() if "docs" in name] == []
    assert page.read_text() == "page"


@pytest.mark.parametrize("change", [{"server": "store2"}, {"direction": "push"}, {"path": "/another"}])
def test_a_copy_of_something_else_is_made_anew(host: Host, change: dict[str, str]) -> None:
    host.bring(host.copy())
    if "path" in change:
        change = {"path": str(host.root / "srv" / "another")}
    result = host.bring(host.copy(**change), purge=False)
    assert (result["changed"], result["removed"]) == (True, ["www"])
    assert any(line.endswith(" www") and units.PROGRAM in line for line in host.run)
    first = "lvs-rsync-received@www.path" if "direction" in change else WWW_UNITS[0]
    assert host.active == {first, WWW_UNITS[1]}
    assert (host.units / units.wanted_by(first) / first).is_symlink()
    again = host.bring(host.copy(**change))
    assert (again["changed"], host.run) == (False, [])


def test_what_a_run_left_that_was_cut_off_is_completed(host: Host) -> None:
    host.bring(host.copy())
    # Before systemd had read the units; before they were started; before the first copy.
    host.behind = {WWW_UNITS[0]}
    assert host.bring(host.copy())["changed"]
    assert host.run == ["systemctl daemon-reload", f"systemctl restart {WWW_UNITS[0]}"]
    host.active.clear()
    assert headers(host.bring(host.copy())) == ["started"]
    assert host.run == [f"systemctl start {' '.join(WWW_UNITS)}"]
    (copies.COMPLETE / "www").unlink()
    assert headers(host.bring(host.copy())) == ["first copies"]
    assert host.run == [f"timeout 600 {units.PROGRAM} pull www"]


def test_a_changed_interval_restarts_its_timer_alone(host: Host) -> None:
    host.bring(host.copy())
    host.bring(host.copy(interval=5))
    assert host.run == ["systemctl daemon-reload", f"systemctl restart {WWW_UNITS[0]}"]
    assert "OnUnitInactiveSec=5\n" in (host.units / WWW_UNITS[0]).read_text()


def test_failures_are_told_together_and_systemd_goes_on_trying(host: Host) -> None:
    host.failure = {"www": (1, "no such host"), "docs": (124, "")}
    secrets = dict.fromkeys(("www", "docs", "fine"), "geheim")
    result = host.bring(host.copy(), host.copy("docs"), host.copy("fine"), secrets=secrets)
    assert result["failed"]
    assert result["msg"] == "www: no such host\ndocs: there is no complete copy after 600 s"
    assert sum(" pull www" in line for line in host.run) == rsync_copies.ATTEMPTS
    assert len(host.active) == 6


def test_another_run_at_work_is_waited_for(host: Host) -> None:
    host.failure = {"www": (copies.LOCKED, "another run copies www")}
    result = host.bring(host.copy(), first_copy_timeout=0)
    assert result["msg"] == "www: another run copies www"


def test_all_problems_at_once_and_before_any_change(host: Host) -> None:
    result = host.bring(
        host.copy("a/b", interval=0),
        host.copy("docs"),
        host.copy("docs"),
        host.copy("live", direction="push", transport="ssh", max_age=0),
    )
    assert result["msg"].splitlines() == [
        "copies[0].name: 'a/b' is no name; write letters, digits and . _ -",
        "copies[0].interval: 0 is too small; write 1 or more",
        "secrets.a/b: there is none, here or given. The role rsync_server makes it on store1; run it there first, with"
        " this host among the readers",
        "secrets.docs: there is none, here or given. The role rsync_server makes it on store1; run it there first, with"
        " this host among the readers",
        "copies[2].name: there is another copy docs; give each a name of its own",
        "secrets.docs: there is none, here or given. The role rsync_server makes it on store1; run it there first, with"
        " this host among the readers",
        "copies[3].transport: what is pushed comes by the daemon; write daemon, or pull as direction",
        "copies[3].max_age: 0 is too small; write 1 or more",
    ]
    assert (host.files(), host.run) == ([], [])


def test_the_secret_of_another_source_is_not_taken(host: Host) -> None:
    host.bring(host.copy())
    assert "secrets.www: there is none" in host.bring(host.copy(server="store2"), secrets={})["msg"]


def test_a_folder_that_is_a_file(host: Host) -> None:
    (host.root / "srv").mkdir()
    (host.root / "srv" / "www").write_text("")
    result = host.bring(host.copy())
    assert result["msg"] == f"{host.root}/srv/www cannot be made: File exists"
    assert host.files() == []


def test_absent_removes_all_but_the_data(host: Host) -> None:
    host.bring(host.copy(), on_failure="alarm@%n.service")
    assert "OnFailure=alarm@%n.service\n" in (host.units / "lvs-rsync-fresh@.service").read_text()
    key = host.root / "configuration" / "keys" / "old"
    key.parent.mkdir()
    key.write_text("")
    (host.root / "srv" / "www" / "page").write_text("page")
    assert host.bring(state="absent", copies=None, check=True)["changed"]
    result = host.bring(state="absent", copies=None)
    assert (result["changed"], result["removed"]) == (True, ["www"])
    assert (host.files(), host.active) == ([], set())
    assert (host.root / "srv" / "www" / "page").exists()
    again = host.bring(state="absent", copies=None)
    assert (again["changed"], host.run) == (False, [])
