# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import live
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import lines_of, parse
from ansible_collections.lvs.cluster.plugins.modules import nfs_export, nfs_export_info

WWW = {"path": "/srv/www", "clients": ["192.0.2.21", "192.0.2.22"]}
LINE = "/srv/www 192.0.2.21(rw,root_squash,sync,no_subtree_check) 192.0.2.22(rw,root_squash,sync,no_subtree_check)\n"
REFUSED = "exportfs does not accept the new exports, so the old ones stay in force: "


class Host:
    """A host whose exportfs adds a default to each export, and complains of what is not there."""

    def __init__(self, folder: Path, run: Any) -> None:
        self.etc, self.state = folder / "etc", folder / "state"
        self.file = self.etc / "exports.d" / "lvs-cluster.exports"
        self.state.mkdir()
        (self.etc / "exports.d").mkdir(parents=True)
        self.missing: set[str] = set()
        self.names: set[str] = set()
        self.commands: list[str] = []
        self._run = run

    @property
    def etab(self) -> Path:
        return self.state / "etab"

    def run(self, check: bool = False, **parameters: Any) -> dict[str, Any]:
        result: dict[str, Any] = self._run(nfs_export, check=check, file=str(self.file), **parameters)
        return result

    def info(self) -> dict[str, Any]:
        result: dict[str, Any] = self._run(nfs_export_info, file=str(self.file))
        return result

    def command(self, _module: object, command: Sequence[str], **_more: Any) -> tuple[int, str, str]:
        if command[0] != "unshare":
            self.commands.append(" ".join(command))
            return self.exportfs(self.etc, self.state)
        places = {
            target: Path(source)
            for source, target in (word.split("|") for word in command[command.index("/usr/sbin/exportfs") + 1 :])
        }
        folder = places.get(str(self.etc / "exports.d"), self.etc / "exports.d")
        return self.exportfs(self.etc, places[str(self.state)], folder)

    def exportfs(self, etc: Path, state: Path, folder: Path | None = None) -> tuple[int, str, str]:
        files = [etc / "exports", *sorted((folder or etc / "exports.d").glob("*.exports"))]
        exports = [export for path in files if path.exists() for export in parse(path.read_text(encoding="utf-8"))]
        complaints = [
            f"exportfs: Failed to stat {e.path}: No such file or directory" for e in exports if e.path in self.missing
        ]
        unknown = [f"exportfs: Failed to resolve {e.client}" for e in exports if e.client in self.names]
        if any("bogus" in export.options for export in exports):
            complaints, exports = ['exportfs: unknown keyword "bogus"'], []
        text = "".join(f"{line}\n" for e in exports if e.client not in self.names for line in lines_of([e]))
        (state / "etab").write_text(text.replace(" ", "\t").replace("(", "(wdelay,"), encoding="utf-8")
        return int(bool(complaints)), "", "\n".join([*complaints, *unknown])


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any) -> Host:
    host = Host(tmp_path, run)
    monkeypatch.setattr(live, "ETC", host.etc)
    monkeypatch.setattr(live, "STATE", host.state)

    def run_command(module: Any, *arguments: Any, **more: Any) -> Any:
        return host.command(module, *arguments, **more)

    monkeypatch.setattr(basic.AnsibleModule, "run_command", run_command)
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda *_: "/usr/sbin/exportfs")
    return host


def test_present_needs_exports(host: Host) -> None:
    assert "exports" in host.run()["msg"]


def test_all_wrong_entries_at_once(host: Host) -> None:
    wrong = [{"path": "srv", "clients": ["*"]}, {"path": "/a", "clients": ["192.0.2.1", "192.0.2.1"]}]
    assert host.run(exports=wrong)["msg"].splitlines() == [
        "exports[0].path: 'srv' is no absolute path",
        "exports[0].clients: '*' has a wildcard or blank; write an address or network",
        "exports[1].clients: /a is exported to 192.0.2.1 twice; keep one",
    ]
    assert host.commands == []


def test_a_file_that_exportfs_does_not_read(host: Host, run: Any) -> None:
    assert "exportfs reads only files of" in run(nfs_export, exports=[WWW], file="/etc/exports.d/x.conf")["msg"]


def test_check_mode_changes_nothing(host: Host) -> None:
    result = host.run(check=True, exports=[WWW])
    assert result["changed"]
    file, table = result["diff"]
    assert file["after"].endswith(LINE)
    assert "192.0.2.21(wdelay,rw," in table["after"]
    assert host.commands == []
    assert not host.file.exists()
    assert not host.etab.exists()


def test_create(host: Host) -> None:
    assert host.run(exports=[WWW])["changed"]
    assert host.file.read_text().endswith(LINE)
    assert host.commands == ["/usr/sbin/exportfs -ra"]


def test_second_run_changes_nothing(host: Host) -> None:
    host.run(exports=[WWW])
    host.commands.clear()
    result = host.run(exports=[WWW])
    assert not result["changed"]
    assert result["diff"] == []
    assert host.commands == []


def test_an_export_withdrawn_by_hand_comes_back(host: Host) -> None:
    host.run(exports=[WWW])
    host.etab.write_text(host.etab.read_text().splitlines()[0] + "\n")
    result = host.run(check=True, exports=[WWW])
    assert result["drift"] == [{"path": "/srv/www", "client": "192.0.2.22"}]
    assert host.run(exports=[WWW])["applied"]
    assert not host.run(exports=[WWW])["changed"]


@pytest.mark.parametrize("weaker", ["no_root_squash", "root_squash,insecure"])
def test_an_option_that_was_changed_by_hand_is_mended(host: Host, weaker: str) -> None:
    host.run(exports=[WWW])
    host.etab.write_text(host.etab.read_text().replace("root_squash", weaker))
    assert len(host.info()["drift"]) == 2
    assert host.run(exports=[WWW])["changed"]
    assert weaker not in host.etab.read_text().replace("no_subtree_check", "")
    assert host.info()["drift"] == []


def test_a_client_with_access_of_its_own(host: Host) -> None:
    host.run(exports=[{"path": "/srv/www", "clients": [{"address": "192.0.2.21", "access": "ro"}], "anonuid": 33}])
    assert "192.0.2.21(ro,root_squash,anonuid=33,sync,no_subtree_check)" in host.file.read_text()


def test_an_undeclared_client_goes_only_when_purged(host: Host) -> None:
    host.run(exports=[WWW])
    less = {**WWW, "clients": ["192.0.2.21"]}
    assert host.run(exports=[less], purge=False)["kept"]
    assert "192.0.2.22" in host.file.read_text()
    assert not host.run(exports=[less])["kept"]
    assert "192.0.2.22" not in host.file.read_text()


def test_what_exportfs_refuses_is_never_written(host: Host) -> None:
    host.run(exports=[WWW])
    before = host.file.read_text()
    host.commands.clear()
    host.missing = {"/srv/none"}
    none = {"path": "/srv/none", "clients": ["192.0.2.21"]}
    assert host.run(exports=[none])["msg"] == f"{REFUSED}exportfs: Failed to stat /srv/none: No such file or directory"
    assert host.run(exports=[{**WWW, "options": ["bogus"]}])["msg"] == f'{REFUSED}exportfs: unknown keyword "bogus"'
    assert (host.file.read_text(), host.commands) == (before, [])


def test_a_name_that_nobody_knows(host: Host) -> None:
    host.names = {"web9"}
    assert host.run(exports=[{**WWW, "clients": ["web9"]}])["msg"] == f"{REFUSED}nobody knows web9; write its address"
    assert not host.file.exists()


def test_a_file_that_fails_after_all_is_put_back(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.run(exports=[WWW])
    before = host.file.read_text()
    monkeypatch.setattr(
        host,
        "command",
        lambda _module, command, **_: (
            (1, "", "exportfs: no\n") if command[0] != "unshare" else Host.command(host, _module, command)
        ),
    )
    assert host.run(exports=[{**WWW, "anonuid": 5}])["msg"] == f"{REFUSED}exportfs: no"
    assert host.file.read_text() == before


def test_what_is_wrong_with_another_file_is_not_blamed_on_ours(host: Host) -> None:
    (host.etc / "exports").write_text("/srv/gone 192.0.2.9(ro)\n")
    host.missing = {"/srv/gone"}
    assert host.run(exports=[WWW])["changed"]
    assert host.info()["complaints"] == ["exportfs: Failed to stat /srv/gone: No such file or directory"]


def test_in_check_mode_a_folder_may_still_be_missing(host: Host) -> None:
    host.missing = {"/srv/www"}
    assert host.run(check=True, exports=[WWW])["changed"]


def test_the_standby_gets_only_the_file(host: Host) -> None:
    host.missing = {"/srv/www"}
    result = host.run(exports=[WWW], live=False)
    assert (result["changed"], result["applied"]) == (True, False)
    assert host.file.exists()
    assert host.commands == []
    assert not host.run(exports=[WWW], live=False)["changed"]
    assert host.run(exports=[{**WWW, "options": ["bogus"]}], live=False)["failed"]


def test_absent_removes_the_file(host: Host) -> None:
    host.run(exports=[WWW])
    assert host.run(check=True, state="absent")["changed"]
    assert host.file.exists()
    assert host.run(state="absent")["changed"]
    assert not host.file.exists()
    assert host.etab.read_text() == ""
    assert not host.run(state="absent")["changed"]


def test_before_the_package_is_there(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda *_: None)
    assert host.run(check=True, exports=[WWW])["changed"]
    assert host.run(exports=[WWW])["msg"] == "exportfs is not installed on this host; install nfs-kernel-server first"
    assert not host.run(state="absent")["changed"]
    assert host.run(exports=[WWW], live=False)["changed"]


def test_what_is_live_and_what_is_ours(host: Host) -> None:
    host.run(exports=[{**WWW, "squash": "all_squash"}])
    with host.etab.open("a") as etab:
        etab.write("/srv/theirs\t*(rw)\n")
    seen = host.info()
    assert [each["path"] for each in seen["live"]] == ["/srv/www", "/srv/www", "/srv/theirs"]
    assert [each["squash"] for each in seen["ours"]] == ["all_squash", "all_squash"]
    assert seen["drift"] == [{"path": "/srv/theirs", "client": "*", "problem": "it is live, and no file has it"}]


def test_a_file_that_was_never_applied(host: Host) -> None:
    host.run(exports=[WWW], live=False)
    assert {each["problem"] for each in host.info()["drift"]} == {"a file has it, and it is not live"}
