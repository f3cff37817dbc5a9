# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils import boot_unit
from ansible_collections.lvs.cluster.plugins.module_utils.nft import table as core
from ansible_collections.lvs.cluster.plugins.modules import nft_table

CONTENT = "chain a {\n    type filter hook prerouting priority mangle;\n}\n"
LIVE, WANTED = "sh -c nft", "unshare --net sh -c"


def listing(ports: list[int], handle: int = 1, text: str = "table inet web") -> str:
    """What nft prints of a table with a rule for these ports."""
    rule = {"rule": {"family": "inet", "handle": handle, "expr": [{"match": {"right": {"set": ports}}}]}}
    return f"{json.dumps({'nftables': [{'metainfo': {'version': '1'}}, rule]})}\n{text} {ports} {{\n}}\n"


class Host:
    """A host whose nft and files the test decides on."""

    def __init__(self, root: Path, commands: Any) -> None:
        self.folder = root / "lvs-cluster" / "nftables"
        self.units = root / "units"
        self.commands = commands
        self.live(None)
        commands.answers[WANTED] = (0, listing([80, 443]), "")

    def live(self, output: str | None) -> None:
        self.commands.answers[LIVE] = (1, "", "No such file") if output is None else (0, output, "")

    def enable(self) -> None:
        (self.units / "sysinit.target.wants").mkdir(parents=True, exist_ok=True)
        (self.units / "sysinit.target.wants" / nft_table.UNIT.name).symlink_to("x")

    def changes(self) -> list[str]:
        return [line for line in self.commands.run if not line.startswith((LIVE, WANTED))]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: Any) -> Host:
    host = Host(tmp_path, commands)
    monkeypatch.setattr(core, "FOLDER", host.folder)
    monkeypatch.setattr(nft_table, "FOLDER", host.folder)
    monkeypatch.setattr(boot_unit, "UNITS", host.units)
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda _self, name: f"/usr/sbin/{name}")
    return host


@pytest.fixture
def table(run: Any) -> Any:
    return lambda **parameters: run(nft_table, **{"name": "web", "content": CONTENT, **parameters})


def test_a_new_table_is_loaded_and_kept(host: Host, table: Any) -> None:
    checked = table(check=True)
    assert checked["changed"]
    assert host.changes() == []
    result = table()
    assert result["diff"] == checked["diff"]
    assert host.changes() == [
        f"nft --file {host.folder / 'inet-web.nft'}",
        "systemctl daemon-reload",
        f"systemctl enable --now {nft_table.UNIT.name}",
    ]
    text = (host.folder / "inet-web.nft").read_text()
    assert "table inet web\ndelete table inet web\ntable inet web {\n    chain a {\n" in text


def test_the_same_table_in_another_order_is_left_alone(host: Host, table: Any) -> None:
    table()
    host.enable()
    host.live(listing([443, 80], handle=7))
    host.commands.run.clear()
    assert not table()["changed"]
    assert host.changes() == []


def test_a_rule_changed_by_hand_is_put_right(host: Host, table: Any) -> None:
    table()
    host.enable()
    host.live(listing([80]))
    result = table()
    assert result["changed"]
    assert result["diff"]["before"]["table"].startswith("table inet web [80]")
    assert result["diff"]["after"]["table"].startswith("table inet web [80, 443]")


def test_a_mistake_changes_nothing(host: Host, table: Any) -> None:
    host.commands.answers[WANTED] = (1, "", "syntax error, unexpected foo")
    assert table()["msg"] == "content: nft refuses it, and nothing was changed: syntax error, unexpected foo"
    assert host.changes() == []


def test_without_nftables(host: Host, table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda *_: None)
    assert table(check=True)["changed"]
    assert table()["msg"] == "nft: there is no such program; install the package nftables"
    assert not table(state="absent")["changed"]


def test_removal(host: Host, table: Any) -> None:
    table()
    host.enable()
    host.live(listing([80, 443]))
    table(name="other")
    host.commands.run.clear()
    assert table(state="absent")["changed"]
    assert host.changes() == ["nft delete table inet web"]
    host.live(None)
    assert not table(state="absent")["changed"]
    assert table(name="other", state="absent")["changed"]
    assert host.changes()[1:3] == [f"systemctl disable {nft_table.UNIT.name}", "systemctl daemon-reload"]
    assert not host.folder.parent.exists()


def test_content_is_required(host: Host, run: Any) -> None:
    assert "content" in run(nft_table, name="web")["msg"]
