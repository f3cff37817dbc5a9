# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import live
from ansible_collections.lvs.cluster.plugins.modules import nfs_server_config

RESTART = "systemctl restart nfs-server.service"


class Host:
    """A host with an NFS server; its settings are files of the test, that a restart does not change by itself."""

    def __init__(self, root: Path, run: Any, commands: Any) -> None:
        self.file = root / "nfs.conf.d" / "lvs-cluster.conf"
        self.root, self.commands, self._run = root, commands, run
        for folder in ("nfsd", "net"):
            (root / folder).mkdir()
        self.shows()

    def shows(self, threads: int = 16, versions: str = "-3 +4 +4.1 +4.2", lease: int = 15, grace: int = 15) -> None:
        for name, value in (
            ("threads", threads),
            ("versions", versions),
            ("nfsv4leasetime", lease),
            ("nfsv4gracetime", grace),
        ):
            (self.root / "nfsd" / name).write_text(f"{value}\n")

    def listens(self, *ports: int) -> None:
        lines = [f"  0: 00000000:{port:04X} 00000000:0000 0A 0" for port in ports]
        (self.root / "net" / "tcp").write_text("\n".join(["  sl  local_address", *lines, ""]))

    def run(self, check: bool = False, **parameters: Any) -> dict[str, Any]:
        self.commands.run.clear()
        result: dict[str, Any] = self._run(nfs_server_config, check=check, **parameters)
        return result

    @property
    def done(self) -> list[str]:
        return [line for line in self.commands.run if " cat " not in line and "is-enabled" not in line]

    @property
    def state(self) -> Path:
        return self.root / "state" / "nfs_server.json"


@pytest.fixture
def host(host_root: Path, monkeypatch: pytest.MonkeyPatch, run: Any, commands: Any) -> Host:
    host = Host(host_root, run, commands)
    monkeypatch.setattr(nfs_server_config, "FILE", host.file)
    monkeypatch.setattr(nfs_server_config, "NFSD", host_root / "nfsd")
    monkeypatch.setattr(nfs_server_config, "NET", host_root / "net")
    monkeypatch.setattr(live, "STATE", host_root / "nfs")
    return host


def test_check_mode_changes_nothing(host: Host) -> None:
    host.shows(lease=90)
    result = host.run(check=True)
    assert (result["changed"], result["restarted"]) == (True, True)
    assert [part["before_header"] for part in result["diff"]] == [str(host.file), "NFS server"]
    assert host.done == []
    assert not host.file.exists()


def test_a_server_that_runs_as_wanted_is_not_restarted(host: Host) -> None:
    result = host.run()
    assert (result["changed"], result["restarted"]) == (True, False)
    assert "vers3=n" in host.file.read_text()
    assert host.done == []
    assert not host.run()["changed"]


def test_a_restart_says_why(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.shows(lease=90)
    monkeypatch.setattr(
        nfs_server_config.Server, "do", lambda server, steps: (host.commands.run.extend(map(str, steps)), host.shows())
    )
    result = host.run()
    assert result["msg"] == "restart of the NFS server, since its lease time is 90 s and shall be 15 s"
    assert host.done == ["('restart', 'nfs-server.service')"]


def test_a_restart_that_does_not_help(host: Host) -> None:
    host.shows(lease=90)
    assert "was restarted, but its lease time is 90 s and shall be 15 s" in host.run()["msg"]
    assert host.done == [RESTART]


def test_threads_change_while_it_runs(host: Host) -> None:
    host.run()
    result = host.run(threads=4)
    assert (result["changed"], result["restarted"], host.done) == (True, False, [])
    assert (host.root / "nfsd" / "threads").read_text() == "4\n"
    assert not host.run(threads=4)["changed"]


def test_a_server_that_does_not_run_is_started(host: Host) -> None:
    host.run()
    host.shows(threads=0)
    result = host.run(check=True)
    assert (result["changed"], result["restarted"], result["reasons"]) == (True, False, ["it does not run"])


def test_version_3_needs_its_ports(host: Host) -> None:
    host.run(versions=[3, 4], live=False)
    host.shows(versions="+3 +4 +4.1 +4.2")
    host.listens(20048, 32803)
    result = host.run(check=True, versions=[3, 4])
    assert result["reasons"] == ["statd does not listen on port 662"]
    assert "restart: rpc-statd.service nfs-server.service" in result["diff"][0]["after"]
    host.listens(20048, 32803, 662)
    assert not host.run(versions=[3, 4])["changed"]


def test_it_starts_at_boot_unless_something_else_starts_it(host: Host) -> None:
    host.run()
    host.commands.answers["systemctl is-enabled"] = (1, "", "")
    assert not host.run(at_boot=False)["changed"]
    assert host.run()["changed"]
    assert host.done == ["systemctl enable nfs-server.service"]


def test_the_standby_gets_only_the_file(host: Host) -> None:
    host.shows(threads=0)
    assert host.run(live=False)["changed"]
    assert host.done == []
    assert not host.run(live=False)["changed"]


def test_before_the_package_is_there(host: Host) -> None:
    host.commands.answers["systemctl cat"] = (1, "", "")
    assert host.run(check=True)["changed"]
    assert host.run(live=False)["changed"]
    assert host.run()["msg"] == "there is no NFS server on this host; install nfs-kernel-server first"


def test_all_mistakes_at_once(host: Host) -> None:
    assert len(host.run(threads=0, lease_time=0)["msg"].splitlines()) == 2


def test_absent_gives_a_server_its_settings_back(host: Host) -> None:
    host.run()
    assert json.loads(host.state.read_text()) == {"installed": True, "enabled": True, "active": True}
    result = host.run(state="absent")
    assert (result["changed"], host.done) == (True, [RESTART])
    assert not host.file.exists()
    assert not host.state.exists()
    assert not host.run(state="absent")["changed"]


def test_absent_stops_what_did_not_run_before(host: Host) -> None:
    host.commands.answers["systemctl cat"] = (1, "", "")
    host.shows(threads=0)
    host.run(live=False)
    host.shows()
    del host.commands.answers["systemctl cat"]
    assert host.run(check=True, state="absent")["changed"]
    host.run(state="absent")
    assert host.done == ["systemctl stop nfs-server.service", "systemctl disable nfs-server.service"]


def test_absent_does_not_stop_what_somebody_else_exports(host: Host) -> None:
    host.commands.answers["systemctl cat"] = (1, "", "")
    host.shows(threads=0)
    host.run(live=False)
    host.shows()
    del host.commands.answers["systemctl cat"]
    (host.root / "nfs").mkdir()
    (host.root / "nfs" / "etab").write_text("/srv/theirs\t192.0.2.9(rw)\n")
    host.run(state="absent")
    assert host.done == [RESTART]
