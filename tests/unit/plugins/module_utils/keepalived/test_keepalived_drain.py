# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ipaddress import ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import netlink, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FullService,
    FwmarkKey,
    Server,
    ServerKey,
    Service,
)
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.drain import give_back_weights, leaving
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.virtual_servers import read_virtual_servers
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.simulated_kernel import SimulatedKernel

WEB = AddressKey("tcp", ip_address("192.0.2.100"), 80)
THEIRS = AddressKey("tcp", ip_address("192.0.2.99"), 80)


def conf(*numbers, vip="192.0.2.100"):
    servers = "".join(
        f"    # web{number}\n    real_server 192.0.2.2{number} 80 {{\n        weight 3\n        HTTP_GET {{\n"
        "            url {\n                path /\n            }\n        }\n    }\n"
        for number in numbers
    )
    return f"# Managed\nglobal_defs {{\n    router_id x\n}}\n\n# web\nvirtual_server {vip} 80 {{\n    protocol TCP\n    # kind\n    alpha\n\n{servers}}}\n"


def full(*numbers, weight=1, key=WEB):
    servers = [Server(ServerKey(ip_address(f"192.0.2.2{number}"), 80), "dr", weight, 0, 0, None) for number in numbers]
    return FullService(Service(key, "wlc", (), None, one_packet=False), tuple(servers))


def test_reading():
    (service,) = read_virtual_servers(conf(1, 2))
    assert (service.name, service.key) == ("web", WEB)
    assert [(server.name, str(server.key), server.weight) for server in service.servers] == [
        ("web1", "192.0.2.21:80", 3),
        ("web2", "192.0.2.22:80", 3),
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("virtual_server 2001:db8::1 53 {\nprotocol UDP\n}", AddressKey("udp", ip_address("2001:db8::1"), 53)),
        ("virtual_server fwmark 7 {\n}", FwmarkKey(7, "ipv4")),
        ("virtual_server fwmark 7 {\nip_family inet6\n}", FwmarkKey(7, "ipv6")),
        ("virtual_server fwmark 7 {\nreal_server 2001:db8::21 {\n}\n}", FwmarkKey(7, "ipv6")),
        ("virtual_server 192.0.2.1 {\n}", AddressKey("tcp", ip_address("192.0.2.1"), 0)),
    ],
)
def test_identities(text, key):
    assert [service.key for service in read_virtual_servers(text)] == [key]


@pytest.mark.parametrize(
    "text",
    [None, "", "}", "{", "virtual_server {", "virtual_server group web {\n}", "virtual_server x 80 {\n}", "a {\nb {\n"],
)
def test_what_cannot_be_read_is_left_out(text):
    assert read_virtual_servers(text) == ()


@pytest.fixture
def kernel(monkeypatch):
    kernel = SimulatedKernel(full(1, 2, 3), full(9, key=THEIRS))
    monkeypatch.setattr(table, "is_loaded", lambda: True)
    monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: kernel)
    return kernel


def weights(kernel):
    return {
        str(server.key): server.weight for _service, servers in kernel.services.values() for server in servers.values()
    }


def test_a_server_that_leaves_is_drained_and_nobody_else(kernel):
    going = leaving(conf(1, 2, 3), conf(1, 2))
    assert going.needed
    assert weights(kernel)["192.0.2.23:80"] == 1
    assert going.run(0) == going.report() == [{"service": str(WEB), "server": "192.0.2.23:80", "connections": 0}]
    assert weights(kernel) == {"192.0.2.21:80": 1, "192.0.2.22:80": 1, "192.0.2.23:80": 0, "192.0.2.29:80": 1}


def test_a_service_that_goes(kernel):
    leaving(conf(1, 2, 3), conf(1, vip="192.0.2.101")).run(0)
    assert weights(kernel) == {"192.0.2.21:80": 0, "192.0.2.22:80": 0, "192.0.2.23:80": 0, "192.0.2.29:80": 1}


@pytest.mark.parametrize("before", [None, "", conf(1, 2)])
def test_when_nobody_leaves_the_kernel_is_not_asked(monkeypatch, before):
    monkeypatch.setattr(table, "read_services", lambda *_: pytest.fail("the kernel was asked"))
    assert not leaving(before, conf(1, 2)).needed


def test_weights_come_back_to_those_who_stay(kernel):
    leaving(conf(1, 2, 3), conf(1)).run(0)
    give_back_weights(conf(1, 2))
    assert weights(kernel) == {"192.0.2.21:80": 1, "192.0.2.22:80": 3, "192.0.2.23:80": 0, "192.0.2.29:80": 1}
