# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.modules import interface_info

LINKS = """[{"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
  {"ifname": "eth0", "address": "02:00:00:00:00:01", "addr_info": [{"local": "192.0.2.21", "prefixlen": 24}]}]"""


def test_all_interfaces(run: Any, commands: Any) -> None:
    commands.answers["ip -json"] = (0, LINKS, "")
    result = run(interface_info)
    assert [each["interface"] for each in result["interfaces"]] == ["lo", "eth0"]
    assert "interface" not in result


def test_the_interface_with_an_address(run: Any, commands: Any) -> None:
    commands.answers["ip -json"] = (0, LINKS, "")
    assert run(interface_info, address="192.0.2.21")["interface"] == "eth0"


def test_an_address_nobody_has_names_what_there_is(run: Any, commands: Any) -> None:
    commands.answers["ip -json"] = (0, LINKS, "")
    result = run(interface_info, address="192.0.2.99")
    assert result["failed"]
    assert result["msg"] == (
        "address: no interface of this host has 192.0.2.99; set lvs_address to one that it has. "
        "The interfaces are lo: 127.0.0.1/8; eth0: 192.0.2.21/24."
    )


def test_the_interfaces_towards_neighbors(run: Any, commands: Any) -> None:
    commands.answers["ip -json"] = (0, LINKS, "")
    assert run(interface_info, neighbors=["192.0.2.1"])["neighbors"] == {"192.0.2.1": "eth0"}
    problems = run(interface_info, address="192.0.2.99", neighbors=["198.51.100.1"])["msg"]
    assert "192.0.2.99" in problems
    assert "neighbors: 198.51.100.1 is in the network of none" in problems


def test_what_is_no_address(run: Any, commands: Any) -> None:
    commands.answers["ip -json"] = (0, LINKS, "")
    assert "write one IPv4 or IPv6 address without a prefix length" in run(interface_info, address="eth0")["msg"]
