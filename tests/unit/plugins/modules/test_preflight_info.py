# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils.preflight import vrrp
from ansible_collections.lvs.cluster.plugins.modules import preflight_info

LINKS = """[{"ifname": "nosuch0", "flags": ["UP"], "operstate": "UP", "mtu": 1500, "address": "52:54:00:00:00:01",
  "addr_info": [{"local": "192.0.2.11", "prefixlen": 24}]}]"""
POLICY = {"family": "inet", "table": "f", "name": "input", "type": "filter", "hook": "input", "policy": "drop"}


class Ear(vrrp.Listener):
    """Hears one router on whatever interface."""

    def __init__(self, interface: str) -> None:
        self.interface = interface

    def adverts(self, seconds: float) -> list[vrrp.Advert]:
        return [vrrp.Advert(self.interface, "192.0.2.7", 51)]


def test_what_is_returned_is_documented(run: Any, commands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    commands.answers = {
        "ip -json -details": (0, LINKS, ""),
        "ip -json -force": (0, '[{"dst":"192.0.2.21","dev":"nosuch0"}]', ""),
        "nft": (0, json.dumps({"nftables": [{"chain": POLICY}]}), ""),
        "keepalived": (0, "", "Keepalived v2.3.3 (03/30,2025)"),
        "modprobe": (1, "", "not found"),
    }
    packet = {"check": "firewall-blocks-service", "what": "web", "family": 4, "protocol": "tcp", "dport": 80}
    monkeypatch.setattr(preflight_info, "Listener", Ear)
    monkeypatch.setattr(preflight_info.Reader, "runs_keepalived", lambda _self: False)
    asked = {"destinations": ["192.0.2.21"], "listen_at": ["192.0.2.11", "192.0.2.12"], "packets": [packet]}
    result = run(preflight_info, modules=["no_such_module"], programs=["/no/such/program"], **asked)
    documented = yaml.safe_load(preflight_info.RETURN)
    assert result.keys() - {"changed", "failed", "invocation", "warnings"} == documented.keys()
    assert result["interfaces"][0].keys() == documented["interfaces"]["contains"].keys()
    assert result["routes"] == {"192.0.2.21": {"interface": "nosuch0", "gateway": None, "type": None}}
    assert result["modules"] == {"no_such_module": "missing"}
    assert result["keepalived"] == "2.3.3"
    assert result["programs"] == {"/no/such/program": "missing"}
    assert result["vrrp"] == [{"interface": "nosuch0", "sender": "192.0.2.7", "virtual_router_id": 51}]
    by = "the policy drop of chain inet f input"
    assert result["blocked"] == [{"check": "firewall-blocks-service", "what": "web", "by": by}]


def test_without_questions_little_is_run(run: Any, commands: Any) -> None:
    commands.answers["ip -json -details"] = (0, LINKS, "")
    assert run(preflight_info)["blocked"] == []
    assert not [line for line in commands.run if line.startswith(("nft --json", "modprobe", "ip -json -force"))]
