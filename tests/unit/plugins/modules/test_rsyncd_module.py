# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import trial
from ansible_collections.lvs.cluster.plugins.modules import rsyncd_module

FOREIGN = "# the admin's\nuid = backup\r\n[ Old ]\n\tpath=/srv/old\n"
WWW = {"name": "www", "path": "/srv/www", "hosts_allow": ["192.0.2.21"], "auth_users": ["reader"]}
SECRET = "a-secret-that-nobody-may-see"


class Host:
    """A host with rsync, or without."""

    def __init__(self, root: Path) -> None:
        self.file = root / "rsyncd.conf"
        self.secrets = root / "lvs-cluster/rsync/secrets"
        self.has_rsync = True
        self.complaints: dict[str, list[str]] = {}
        """What rsync says of a file that has this text in it."""
        self.asked = 0

    def find(self, _module: Any, name: str) -> str | None:
        return f"/usr/bin/{name}" if self.has_rsync else None

    def complain(self, _program: str, file: Path) -> list[str]:
        self.asked += 1
        text = file.read_text()
        return [line.format(file) for part, lines in self.complaints.items() if part in text for line in lines]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    simulated = Host(tmp_path)
    monkeypatch.setattr(rsyncd_module, "SECRETS", simulated.secrets)

    def get_bin_path(module: Any, name: str) -> str | None:
        return simulated.find(module, name)

    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", get_bin_path)
    monkeypatch.setattr(trial, "complaints", simulated.complain)
    return simulated


@pytest.fixture
def daemon(run: Any, host: Host) -> Any:
    def call(check: bool = False, **parameters: Any) -> dict[str, Any]:
        result: dict[str, Any] = run(rsyncd_module, check=check, file=str(host.file), **parameters)
        return result

    return call


def test_present_needs_modules(daemon: Any) -> None:
    assert "modules" in daemon()["msg"]


def test_all_mistakes_at_once(daemon: Any, host: Host) -> None:
    host.file.write_text(FOREIGN)
    wrong = [
        {**WWW, "name": "OLD", "secrets": {"reader": "two\nlines", "nobody": SECRET}},
        {"name": "x", "path": "x"},
    ]
    message = daemon(modules=wrong, globals={"address": "x\ny"})["msg"]
    assert message.splitlines() == [
        "modules[0].name: [OLD] is there already and belongs to others, by hand; choose another name",
        "modules[1].path: 'x' is no absolute path",
        "modules[1].hosts_allow: nobody could connect; list the clients",
        "globals.address: it cannot stand in rsyncd.conf: line ends, blanks around it and a last backslash get lost",
        "modules[0].secrets: 'nobody' is not in auth_users",
        "modules[0].secrets.reader: a secret is one line of 1 to 512 characters",
    ]
    assert host.file.read_text() == FOREIGN.replace("\r\n", "\n")


def test_owner_is_a_name(daemon: Any) -> None:
    assert daemon(modules=[], owner="a b")["msg"].startswith("owner: 'a b' is no name")


def test_check_mode_changes_nothing(daemon: Any, host: Host) -> None:
    result = daemon(check=True, modules=[{**WWW, "secrets": {"reader": SECRET}}])
    assert result["changed"]
    assert [each["after_header"] for each in result["diff"]] == [str(host.file), str(host.secrets / "www")]
    assert "path = /srv/www" in result["diff"][0]["after"]
    assert not host.file.exists()
    assert not host.secrets.exists()


def test_create_and_second_run(daemon: Any, host: Host) -> None:
    host.file.write_bytes(FOREIGN.encode())
    host.file.chmod(0o640)
    result = daemon(modules=[WWW])
    assert result["changed"]
    assert result["modules"] == [{"name": "www", "secrets_file": str(host.secrets / "www")}]
    assert host.file.read_bytes().startswith(FOREIGN.encode() + b"# BEGIN lvs.cluster default [www]\n[www]\n")
    assert host.file.stat().st_mode & 0o7777 == 0o640
    secrets = host.secrets / "www"
    assert secrets.stat().st_mode & 0o7777 == 0o600
    assert secrets.read_text().startswith("# Managed by lvs.cluster.\nreader:")
    before = secrets.read_text()
    again = daemon(modules=[WWW])
    assert (again["changed"], again["diff"], secrets.read_text()) == (False, [], before)


def test_secrets_are_never_shown(daemon: Any, host: Host) -> None:
    given = {**WWW, "secrets": {"reader": SECRET}}
    made = daemon(modules=[WWW])
    result = daemon(modules=[given])
    assert (host.secrets / "www").read_text() == f"# Managed by lvs.cluster.\nreader:{SECRET}\n"
    assert result["diff"][0]["after"] == "# Managed by lvs.cluster.\nreader: (hidden, another one)\n"
    assert SECRET not in json.dumps([made, result])
    assert not daemon(modules=[WWW])["changed"]


def test_an_open_secrets_file_is_closed(daemon: Any, host: Host) -> None:
    daemon(modules=[WWW])
    (host.secrets / "www").chmod(0o644)
    assert daemon(modules=[WWW])["changed"]
    assert (host.secrets / "www").stat().st_mode & 0o7777 == 0o600


def test_a_secrets_file_of_the_user_is_only_named(daemon: Any, host: Host, tmp_path: Path) -> None:
    daemon(modules=[{**WWW, "secrets_file": str(tmp_path / "theirs")}])
    assert f"secrets file = {tmp_path}/theirs\n" in host.file.read_text()
    assert not (tmp_path / "theirs").exists()


def test_a_limit_has_a_lock_of_its_own(daemon: Any, host: Host) -> None:
    daemon(modules=[{**WWW, "max_connections": 3}])
    assert "max connections = 3\nlock file = /run/rsyncd-www.lock\n" in host.file.read_text()


def test_globals_are_said_to_need_a_restart(daemon: Any, host: Host) -> None:
    host.file.write_text("uid = x\n[a]\npath = /a\n")
    assert daemon(modules=[], globals={"address": "192.0.2.31"})["restart_needed"]
    assert host.file.read_text().startswith("uid = x\n# BEGIN lvs.cluster default globals\naddress = 192.0.2.31\n")
    assert not daemon(modules=[WWW], globals={"address": "192.0.2.31"})["restart_needed"]
    assert daemon(modules=[WWW])["restart_needed"]


def test_undeclared_modules_go_only_when_purged(daemon: Any, host: Host) -> None:
    daemon(modules=[WWW])
    assert daemon(modules=[], purge=False)["kept"]
    assert (host.secrets / "www").exists()
    assert not daemon(modules=[])["kept"]
    assert not host.secrets.exists()
    assert not host.file.exists()


def test_owners_leave_each_other_alone(daemon: Any, host: Host) -> None:
    daemon(modules=[WWW], owner="server")
    daemon(modules=[{**WWW, "name": "up"}], owner="client")
    assert "belongs to server" in daemon(modules=[WWW], owner="client")["msg"]
    assert [each["name"] for each in daemon(modules=[WWW], owner="server")["modules"]] == ["www"]
    assert daemon(state="absent", owner="server")["changed"]
    assert [each.name for each in host.secrets.iterdir()] == ["up"]


def test_absent_removes_the_given_ones_or_all(daemon: Any, host: Host) -> None:
    host.file.write_text(FOREIGN.replace("\r", ""))
    before = host.file.read_text()
    daemon(modules=[WWW, {**WWW, "name": "b"}])
    assert daemon(state="absent", modules=[{"name": "b"}])["modules"] == [
        {"name": "www", "secrets_file": str(host.secrets / "www")}
    ]
    assert daemon(state="absent")["changed"]
    assert host.file.read_text() == before
    assert not host.secrets.exists()
    assert not daemon(state="absent")["changed"]


def test_a_link_stays_one(daemon: Any, host: Host, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.conf"
    target.write_text("uid = x\n")
    host.file.symlink_to(target)
    daemon(modules=[WWW])
    assert host.file.is_symlink()
    assert "[www]" in target.read_text()


def test_what_rsync_refuses_is_not_written(daemon: Any, host: Host) -> None:
    host.file.write_text("junk\n")
    host.complaints = {"junk": ["old"], "[www]": ["bad line in {}"]}
    assert daemon(modules=[WWW])["msg"] == (
        f"rsync does not accept the new {host.file}, so the old one stays: bad line in {host.file}"
    )
    assert host.file.read_text() == "junk\n"
    assert not host.secrets.exists()
    host.complaints.pop("[www]")
    assert daemon(modules=[WWW])["changed"]


def test_what_cannot_be_asked_is_a_warning(daemon: Any, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> list[str]:
        raise OSError("no loopback")

    warnings: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, text: warnings.append(text))
    monkeypatch.setattr(trial, "complaints", refuse)
    assert daemon(modules=[WWW])["changed"]
    assert warnings[0] == f"rsync could not be asked about the new {host.file}: no loopback"


def test_lines_that_would_become_part_of_a_module_are_refused(daemon: Any, host: Host) -> None:
    daemon(modules=[WWW])
    host.file.write_text(host.file.read_text() + "read only = no\n")
    assert "rsync would not read [www] as it is meant" in daemon(modules=[WWW])["msg"]


def test_includes_are_reported(daemon: Any, host: Host) -> None:
    host.file.write_text("&include /etc/rsyncd.d\n")
    assert daemon(modules=[WWW])["includes"] == ["&include /etc/rsyncd.d"]


def test_without_rsync(daemon: Any, host: Host) -> None:
    host.has_rsync = False
    assert daemon(check=True, modules=[WWW])["changed"]
    assert daemon(modules=[WWW])["msg"].startswith("rsync is not installed on this host")
    assert not daemon(state="absent")["changed"]
    assert host.asked == 0
