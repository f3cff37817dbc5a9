# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.modules import real_server_gateway
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.simulated_host import SimulatedHost

SOURCE, GATEWAY = "198.51.100.21", "198.51.100.1"
WEB = {"source": SOURCE, "gateway": GATEWAY, "protocol": "tcp", "ports": ["80", "8000-8099"]}
DNS6 = {"source": "2001:db8:2::21", "gateway": "2001:db8:2::1", "protocol": "udp", "ports": []}
FOREIGN = {"priority": 100, "src": "all", "table": "100"}


class Host(SimulatedHost):
    """A host whose rules and routes are what the commands made of them."""

    def __init__(self, root: Path, commands: Any) -> None:
        super().__init__(root, commands)
        self.rules: dict[str, list[dict[str, Any]]] = {"-4": [FOREIGN], "-6": []}
        self.routes: dict[str, list[dict[str, Any]]] = {"-4": [], "-6": []}
        links = [
            {"ifname": "eth0", "addr_info": [{"local": SOURCE, "prefixlen": 24}]},
            {"ifname": "eth1", "addr_info": [{"local": "2001:db8:2::21", "prefixlen": 64}]},
        ]
        commands.answers["ip -json -details address show"] = (0, json.dumps(links), "")
        self.tell()

    def tell(self) -> None:
        for option in ("-4", "-6"):
            self.commands.answers[f"ip -json {option} rule show"] = (0, json.dumps(self.rules[option]), "")
            self.commands.answers[f"ip -json {option} route show table 8848"] = (
                (0, json.dumps(self.routes[option]), "")
                if self.routes[option]
                else (2, "[", "Error: ipv4: FIB table does not exist.\n")
            )

    def converged(self) -> None:
        """What the kernel shows after the first run with WEB and DNS6."""
        self.rules["-4"] = [
            FOREIGN,
            {"priority": 8848, "src": SOURCE, "ipproto": "tcp", "sport": 80, "sport_mask": "0xffff", "table": "8848"},
            {
                "priority": 8848,
                "src": SOURCE,
                "ipproto": "tcp",
                "sport_start": 8000,
                "sport_end": 8099,
                "table": "8848",
            },
        ]
        self.rules["-6"] = [{"priority": 8848, "src": "2001:db8:2::21", "table": "8848"}]
        self.routes["-4"] = [
            {"dst": "default", "gateway": GATEWAY, "dev": "eth0", "flags": ["onlink"]},
            {"dst": "198.51.100.0/24", "dev": "eth0"},
        ]
        self.routes["-6"] = [
            {"dst": "2001:db8:2::/64", "dev": "eth1"},
            {"dst": "default", "gateway": "2001:db8:2::1", "dev": "eth1"},
        ]
        self.enable(real_server_gateway.UNIT)
        self.tell()
        self.commands.run.clear()


@pytest.fixture
def host(host_root: Path, commands: Any) -> Host:
    return Host(host_root, commands)


@pytest.fixture
def gateway(run: Any) -> Any:
    return lambda *gateways, **parameters: run(
        real_server_gateway, **({"gateways": list(gateways)} if gateways else {}), **parameters
    )


def test_routes_come_before_the_rules_that_need_them(host: Host, gateway: Any) -> None:
    checked = gateway(WEB, DNS6, check=True)
    assert checked["changed"]
    assert host.changes() == []
    result = gateway(WEB, DNS6)
    assert result["diff"] == checked["diff"]
    ours = "lookup 8848 protocol kernel"
    assert host.changes() == [
        "systemctl daemon-reload",
        "systemctl enable lvs-real-server-gateway.service",
        "ip -4 route replace 198.51.100.0/24 dev eth0 table 8848 protocol kernel",
        "ip -6 route replace 2001:db8:2::/64 dev eth1 table 8848 protocol kernel",
        "ip -4 route replace default via 198.51.100.1 dev eth0 onlink table 8848 protocol kernel",
        "ip -6 route replace default via 2001:db8:2::1 dev eth1 onlink table 8848 protocol kernel",
        f"ip -4 rule add priority 8848 from {SOURCE} ipproto tcp sport 80 {ours}",
        f"ip -4 rule add priority 8848 from {SOURCE} ipproto tcp sport 8000-8099 {ours}",
        f"ip -6 rule add priority 8848 from 2001:db8:2::21 {ours}",
        "systemctl restart lvs-real-server-gateway.service",
    ]
    unit = host.unit_text(real_server_gateway.UNIT)
    assert f"ExecStartPre=-ip -4 rule add priority 8848 from {SOURCE} ipproto tcp sport 80 {ours}" in unit
    assert "After=network-online.target" in unit


def test_a_second_run_changes_nothing(host: Host, gateway: Any) -> None:
    gateway(WEB, DNS6)
    host.converged()
    assert not gateway(DNS6, WEB)["changed"]
    assert host.changes() == []


def test_routes_come_back_when_an_interface_does(host: Host, gateway: Any) -> None:
    gateway(WEB)
    unit = host.unit_text(real_server_gateway.UNIT)
    network = "ip -4 route replace 198.51.100.0/24 dev eth0 table 8848 protocol kernel"
    default = f"ip -4 route replace default via {GATEWAY} dev eth0 onlink table 8848 protocol kernel"
    watch = f"ip monitor link address | while read -r change; do {network}; {default}; done"
    assert f"ExecStart=/bin/sh -c '{watch}'\nRestart=always\n" in unit
    assert f"ExecStartPre={network}\nExecStartPre={default}\n" in unit


@pytest.mark.parametrize(
    ("source", "gateway_address", "unbound"),
    [(SOURCE, GATEWAY, "0.0.0.0"), ("2001:db8:2:0::21", "2001:db8:2::1", "all iif lo")],
)
def test_udp_servers_that_are_bound_to_no_address(
    host: Host, gateway: Any, source: str, gateway_address: str, unbound: str
) -> None:
    dns = {"source": source, "gateway": gateway_address, "protocol": "udp", "ports": ["53"]}
    gateway(dns)
    rules = [line.split("from ")[1] for line in host.changes() if " rule add " in line]
    own = source.replace(":0::", "::")
    assert sorted(rules) == sorted(
        f"{each} ipproto udp sport 53 lookup 8848 protocol kernel" for each in (own, unbound)
    )
    port = {"priority": 8848, "ipproto": "udp", "sport": 53, "table": "8848"}
    found = {"src": "all", "iif": "lo"} if "iif" in unbound else {"src": unbound}
    option = "-6" if ":" in source else "-4"
    host.rules[option] = [{**port, "src": own}, {**port, **found}]
    host.tell()
    host.commands.run.clear()
    assert gateway(dns)["rules"] == [
        {"source": each, "protocol": "udp", "port": "53"}
        for each in sorted([own, "::" if "iif" in unbound else unbound])
    ]
    assert not [line for line in host.changes() if " rule " in line]


def test_what_is_not_listed_goes_unless_it_is_kept(host: Host, gateway: Any) -> None:
    gateway(WEB, DNS6)
    host.converged()
    unpurged = gateway(WEB, purge=False)
    assert (unpurged["changed"], unpurged["kept"]) == (False, True)
    purged = gateway(WEB)
    assert (purged["changed"], purged["kept"]) == (True, False)
    assert [line.split(" priority")[0] for line in host.changes() if line.startswith("ip ")] == [
        "ip -6 rule delete",
        "ip -6 route delete 2001:db8:2::/64 dev eth1 table 8848 protocol kernel",
        "ip -6 route delete default via 2001:db8:2::1 dev eth1 onlink table 8848 protocol kernel",
    ]


def test_another_gateway_replaces_the_route(host: Host, gateway: Any) -> None:
    gateway(WEB, DNS6)
    host.converged()
    gateway({**WEB, "gateway": "198.51.100.2"}, DNS6)
    assert [line for line in host.changes() if line.startswith("ip ")] == [
        "ip -4 route replace default via 198.51.100.2 dev eth0 onlink table 8848 protocol kernel"
    ]


def test_removal_leaves_others_alone(host: Host, gateway: Any) -> None:
    gateway(WEB, DNS6)
    host.converged()
    assert gateway(state="absent")["changed"]
    unit = real_server_gateway.UNIT.name
    assert host.changes()[0] == f"systemctl stop {unit}"
    assert host.changes()[-2:] == [f"systemctl disable --now {unit}", "systemctl daemon-reload"]
    assert "priority 100 " not in "".join(host.changes())
    assert len([line for line in host.changes() if " delete " in line]) == 7
    host.disable(real_server_gateway.UNIT)
    host.rules, host.routes = {"-4": [FOREIGN], "-6": []}, {"-4": [], "-6": []}
    host.tell()
    assert not gateway(state="absent")["changed"]


def test_all_mistakes_at_once(host: Host, gateway: Any) -> None:
    message = gateway(
        {**WEB, "source": "web", "ports": ["http"]},
        {**WEB, "gateway": "2001:db8::1", "ports": ["65536", "0", "90-80", "80"]},
    )["msg"]
    assert message.splitlines() == [
        "gateways[0].source: 'web' is no IP address; write one like 198.51.100.1",
        "gateways[0].ports: 'http' is no port; write one like 80, or 8000-8099",
        "gateways[1].gateway: 2001:db8::1 is of another family than the source",
        *(
            f"gateways[1].ports: '{port}' is no port; write one like 80, or 8000-8099"
            for port in ("65536", "0", "90-80")
        ),
    ]


def test_one_gateway_of_each_family(host: Host, gateway: Any) -> None:
    assert gateway(WEB, {**WEB, "gateway": "198.51.100.2"}, DNS6)["msg"] == (
        "gateways: 198.51.100.1 and 198.51.100.2 are of one family; answers can take one gateway of each family"
    )


def test_a_gateway_that_no_interface_reaches(host: Host, gateway: Any) -> None:
    assert gateway({**WEB, "gateway": "203.0.113.1"})["msg"] == (
        "gateways: 203.0.113.1 is in the network of no interface of this host"
    )


def test_a_command_that_fails(host: Host, gateway: Any) -> None:
    host.commands.answers["ip -4 route replace"] = (2, "", "RTNETLINK answers: Network is down\n")
    assert gateway(WEB)["msg"].endswith("failed: RTNETLINK answers: Network is down. The next run goes on from here")
