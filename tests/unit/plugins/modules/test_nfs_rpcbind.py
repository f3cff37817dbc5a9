# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.child import Outcome
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.rpcbind import UNITS
from ansible_collections.lvs.cluster.plugins.module_utils.storage import mountinfo
from ansible_collections.lvs.cluster.plugins.modules import nfs_rpcbind

INACTIVE = (3, "", "")


class Host:
    """A host; what is masked is a link in a folder of the test, as systemd has it."""

    def __init__(self, root: Path, run: Any, commands: Any) -> None:
        self.root = root
        self.units = root / "units"
        self.units.mkdir()
        self.rpcinfo = ""
        self.commands = commands
        self._run = run

    def run(self, role: str = "nfs_server", check: bool = False, **parameters: Any) -> dict[str, Any]:
        self.commands.run.clear()
        result: dict[str, Any] = self._run(nfs_rpcbind, check=check, role=role, **parameters)
        for line in self.done:
            words = line.split()
            for unit in words[2:]:
                if words[1] == "mask" and unit in UNITS:
                    self.mask(unit)
                elif words[1] == "unmask":
                    (self.units / unit).unlink()
        return result

    def mask(self, unit: str) -> None:
        (self.units / unit).symlink_to("/dev/null")

    @property
    def done(self) -> list[str]:
        return [line for line in self.commands.run if "is-active" not in line]

    @property
    def state(self) -> dict[str, Any]:
        path = self.root / "state" / "nfs_rpcbind.json"
        return json.loads(path.read_text()) if path.exists() else {}


@pytest.fixture
def host(host_root: Path, monkeypatch: pytest.MonkeyPatch, run: Any, commands: Any) -> Host:
    host = Host(host_root, run, commands)
    monkeypatch.setattr(nfs_rpcbind, "UNIT_FOLDER", host.units)
    monkeypatch.setattr(mountinfo, "FILE", host_root / "mountinfo")
    monkeypatch.setattr(nfs_rpcbind, "FSTAB", host_root / "fstab")
    monkeypatch.setattr(nfs_rpcbind, "run_bounded", lambda *_: Outcome(0, host.rpcinfo, ""))
    commands.answers["systemctl is-active --quiet rpc-statd.service"] = INACTIVE
    return host


def test_check_mode_changes_nothing(host: Host) -> None:
    result = host.run(check=True)
    assert result["changed"]
    assert result["diff"]["after"]["masked_units"] == sorted(UNITS)
    assert (host.done, host.state) == ([], {})


def test_masked_and_remembered(host: Host) -> None:
    result = host.run()
    assert result["changed"]
    assert host.done == [f"systemctl mask --now {unit}" for unit in UNITS]
    assert host.state == {
        "roles": ["nfs_server"],
        "units": {"rpcbind.socket": True, "rpcbind.service": True, "rpc-statd.service": False},
    }
    again = host.run()
    assert not again["changed"]
    assert again["masked"] == list(UNITS)
    assert host.done == []


def test_undone_as_it_was(host: Host) -> None:
    host.run()
    assert host.run(state="absent", check=True)["changed"]
    assert host.run(state="absent")["changed"]
    assert host.done == [
        f"systemctl unmask {' '.join(UNITS)}",
        "systemctl start rpcbind.socket",
        "systemctl start rpcbind.service",
    ]
    assert host.state == {}
    assert not host.run(state="absent")["changed"]


def test_masked_until_no_role_wants_it(host: Host) -> None:
    host.run()
    assert not host.run("nfs_client")["changed"]
    assert not host.run(state="absent")["changed"]
    assert host.state["roles"] == ["nfs_client"]
    assert host.run("nfs_client", state="absent")["changed"]


def test_version_3_overrules_all(host: Host) -> None:
    host.run("nfs_client")
    assert host.run(state="needed")["changed"]
    assert not host.run(state="needed")["changed"]


def test_a_unit_that_somebody_else_has_masked_stays_so(host: Host) -> None:
    host.mask("rpc-statd.service")
    assert host.run()["masked"] == ["rpcbind.socket", "rpcbind.service"]
    host.run(state="absent")
    assert (host.units / "rpc-statd.service").is_symlink()


def test_left_alone_where_another_program_needs_it(host: Host) -> None:
    host.rpcinfo = "    100004    2   tcp    834  ypserv\n"
    result = host.run()
    assert (result["changed"], result["needed_by"], result["masked"]) == (False, ["ypserv"], [])


def test_left_alone_where_a_mount_needs_it(host: Host) -> None:
    (host.root / "mountinfo").write_text("42 20 0:35 / /mnt rw - nfs 192.0.2.9:/x rw,vers=3\n")
    (host.root / "fstab").write_text("192.0.2.9:/x /media nfs vers=3 0 0\n")
    assert host.run()["needed_by"] == ["the NFSv3 mount /mnt", f"{host.root / 'fstab'}: /media"]


def test_given_back_when_something_comes_to_need_it(host: Host) -> None:
    host.run()
    (host.root / "fstab").write_text("192.0.2.9:/x /media nfs vers=3 0 0\n")
    assert host.run()["changed"]
    assert host.done[0].startswith("systemctl unmask")
