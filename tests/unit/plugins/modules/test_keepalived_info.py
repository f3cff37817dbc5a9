# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.modules import keepalived_info

CONFIGURATION = "vrrp_instance lvs {\n}\nvirtual_server 192.0.2.100 80 {\n}\n"
VRRP = " VRRP Instance = lvs\n   State = MASTER\n   Effective priority = 150\n"
CHECKERS = (
    " VS VIP = 192.0.2.100, VPORT = 80\n   protocol = TCP\n   quorum_state_up = 1\n   ------< Real server >------\n"
    "   RIP = 192.0.2.21, RPORT = 80, WEIGHT = 1 EFF WEIGHT = 1\n   effective weight = 1\n   alive = 1\n"
)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: Any) -> Path:
    """The configuration of a keepalived that runs."""
    monkeypatch.setattr(keepalived_info.AnsibleModule, "get_bin_path", lambda *_: "/usr/sbin/keepalived")
    printed = "Keepalived v2.2.7 (01/16,2022)\n\nConfig options:  LVS VRRP\n"
    commands.answers["/usr/sbin/keepalived --version"] = (0, "", printed)
    commands.answers["systemctl show"] = (0, "42\n", "")
    (tmp_path / "keepalived.conf").write_text(CONFIGURATION)
    return tmp_path / "keepalived.conf"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What keepalived was asked for; it answers all of it."""
    asked: list[Any] = []

    def answer(pid: int, names: list[str], timeout: float) -> dict[str, str]:
        asked.extend((pid, names, timeout))
        texts = {"keepalived.data": VRRP, "keepalived_check.data": CHECKERS}
        return {name: texts[name] for name in names}

    monkeypatch.setattr(keepalived_info, "read_dumps", answer)
    return asked


def test_everything(run: Any, path: Path, asked: list[Any]) -> None:
    result = run(keepalived_info, path=str(path))
    assert (result["changed"], result["version"], result["features"]) == (False, "2.2.7", ["LVS", "VRRP"])
    assert result["running"]
    assert result["instances"] == [{"name": "lvs", "state": "master", "priority": 150, "last_transition": None}]
    server = {"server": "192.0.2.21:80", "alive": True, "weight": 1, "failed_checks": 0}
    assert result["services"] == [{"service": "tcp 192.0.2.100:80", "alive": True, "servers": [server]}]
    assert asked == [42, ["keepalived.data", "keepalived_check.data"], 5]


def test_only_what_is_configured_is_waited_for(run: Any, path: Path, asked: list[Any]) -> None:
    path.write_text("vrrp_instance lvs {\n}\n")
    assert run(keepalived_info, path=str(path))["services"] == []
    assert asked[1] == ["keepalived.data"]


def test_what_does_not_come_is_an_error(run: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalived_info, "read_dumps", lambda *_: {"keepalived.data": VRRP})
    assert run(keepalived_info, path=str(path))["msg"] == (
        "keepalived did not write /tmp/keepalived_check.data within 5 s; look at its journal, or raise the timeout"
    )


def test_with_an_include_it_may_not_come(run: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("include conf.d/*.conf\n")
    monkeypatch.setattr(keepalived_info, "read_dumps", lambda *_: {"keepalived.data": VRRP})
    assert [each["name"] for each in run(keepalived_info, path=str(path))["instances"]] == ["lvs"]


def test_who_may_not_ask(run: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(keepalived_info, "read_dumps", refuse)
    assert run(keepalived_info, path=str(path))["msg"].endswith("Operation not permitted; run this as root")


def test_without_keepalived(run: Any, path: Path, commands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalived_info.AnsibleModule, "get_bin_path", lambda *_: None)
    commands.answers["systemctl show"] = (0, "0\n", "")
    result = run(keepalived_info, path=str(path))
    assert (result["failed"], result["version"], result["running"], result["instances"]) == (False, None, False, [])
