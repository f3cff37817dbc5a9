# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import drain, module, netlink, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.declared import read_identities, read_named_server
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain import Departure, departures, leaving, quiesce
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import DeclarationError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    Counters,
    FullService,
    FwmarkKey,
    Server,
    ServerEntry,
    ServerKey,
    ServerState,
    Service,
)
from ansible_collections.lvs.cluster.plugins.modules import ipvs_drain
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.simulated_kernel import SimulatedKernel

WEB = AddressKey("tcp", ip_address("192.0.2.100"), 80)
DNS = AddressKey("udp", ip_address("192.0.2.100"), 53)


def server(number, weight=1, port=80):
    return Server(ServerKey(ip_address(f"192.0.2.{number}"), port), "dr", weight, 0, 0, None)


def full(*servers, key=WEB):
    return FullService(Service(key, "wlc", (), None, one_packet=False), servers)


def keys(*numbers):
    return frozenset(server(number).key for number in numbers)


def named(going):
    return {str(key): [str(each.key) for each in servers] for key, servers in going.items()}


def test_departures():
    before = {WEB: keys(21, 22), DNS: keys(21)}
    assert departures(before, before) == ()
    assert departures(before, {WEB: keys(22, 23)}) == (
        Departure(WEB, keys(21), whole=False),
        Departure(DNS, keys(21), whole=True),
    )


def test_a_server_leaves_while_another_one_has_a_weight():
    existing = {WEB: full(server(21), server(22))}
    assert named(leaving(existing, [Departure(WEB, keys(21), whole=False)])) == {
        "tcp 192.0.2.100:80": ["192.0.2.21:80"]
    }


def test_the_last_server_stays_until_its_replacement_has_come():
    for other in ((), (server(22, weight=0),)):
        existing = {WEB: full(server(21), *other)}
        assert leaving(existing, [Departure(WEB, keys(21), whole=False)]) == {}


def test_a_service_that_goes_is_drained_altogether():
    existing = {WEB: full(server(21))}
    assert named(leaving(existing, [Departure(WEB, keys(21), whole=True)])) == {"tcp 192.0.2.100:80": ["192.0.2.21:80"]}


def test_who_is_not_in_the_table_need_not_be_drained():
    gone = [Departure(DNS, keys(21), whole=True), Departure(WEB, keys(29), whole=False)]
    assert leaving({WEB: full(server(21))}, gone) == {}


def test_named_servers_leave_everywhere():
    existing = {WEB: full(server(21), server(22)), DNS: full(server(21, port=53), key=DNS)}
    assert named(drain.named(existing, [(ip_address("192.0.2.21"), None)])) == {
        "tcp 192.0.2.100:80": ["192.0.2.21:80"],
        "udp 192.0.2.100:53": ["192.0.2.21:53"],
    }
    assert named(drain.named(existing, [(ip_address("192.0.2.21"), 53)])) == {"udp 192.0.2.100:53": ["192.0.2.21:53"]}


def test_only_the_weight_changes_and_only_if_there_is_one():
    heavy = replace(server(21), weight=7, upper_threshold=5)
    (operation,) = quiesce({WEB: [heavy, server(22, weight=0)]})
    assert operation.after == replace(heavy, weight=0)
    assert operation.action == "update"


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only while somebody sleeps."""
    now = [0.0]
    monkeypatch.setattr(drain.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(drain.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def counting(monkeypatch, clock, active_until):
    """A table whose servers have 2 active connections until that time."""

    def read(wanted):
        state = ServerState(Counters(*range(10)), 2 if clock[0] < active_until else 0, 9, 0)
        return {key: tuple(ServerEntry(server(21, port=key.port), state) for _each in "x") for key in wanted}

    monkeypatch.setattr(table, "read_server_entries", read)


@pytest.mark.parametrize(
    ("active_until", "timeout", "left", "seconds"), [(3, 30, 0, 3), (99, 30, 2, 30), (99, 0, 2, 0), (0, 30, 0, 0)]
)
def test_waiting_ends_with_the_connections_or_with_the_time(monkeypatch, clock, active_until, timeout, left, seconds):
    counting(monkeypatch, clock, active_until)
    found = drain.wait({WEB: [server(21)]}, timeout)
    assert found == [{"service": "tcp 192.0.2.100:80", "server": "192.0.2.21:80", "connections": left}]
    assert clock == [seconds]


def test_nobody_waits_for_udp(monkeypatch, clock):
    counting(monkeypatch, clock, 99)
    assert [each["connections"] for each in drain.wait({DNS: [server(21, port=53)]}, 30)] == [0]
    assert clock == [0]


def test_identities_take_what_a_table_takes():
    given = [
        {
            "vip": "192.0.2.100",
            "port": 80,
            "scheduler": "no such",
            "servers": [{"address": "192.0.2.21", "weight": -1}],
        },
        {"fwmark": 7, "servers": []},
    ]
    assert read_identities(given) == {WEB: keys(21), FwmarkKey(7, "ipv4"): frozenset()}


def test_all_mistakes_in_identities_are_reported():
    given = [{"vip": "x", "port": 80}, {"vip": "192.0.2.100", "port": 80, "servers": [{"adress": "192.0.2.21"}]}]
    with pytest.raises(DeclarationError) as caught:
        read_identities(given)
    assert "services[0].vip: 'x' is not an IP address" in str(caught.value)
    assert "services[1].servers[0].adress: there is no such option" in str(caught.value)


def test_a_wrong_name_of_a_server():
    with pytest.raises(DeclarationError, match=r"servers\[3\]\.port: 70000 is out of range"):
        read_named_server({"address": "192.0.2.21", "port": 70000}, 3)


@pytest.fixture
def kernel(monkeypatch):
    """A kernel with a service of two servers, held by keepalived."""
    kernel = SimulatedKernel(full(server(21), server(22)))
    monkeypatch.setattr(table, "is_loaded", lambda: True)
    monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: kernel)
    monkeypatch.setattr(module, "find_owners", lambda: pytest.fail("nobody asks for the owner"))
    return kernel


def weights(kernel):
    return {str(key): server.weight for key, server in kernel.services[WEB][1].items()}


STAYS = [{"vip": "192.0.2.100", "port": 80, "servers": [{"address": "192.0.2.22"}]}]


@pytest.mark.parametrize("who", [{"services": STAYS}, {"servers": [{"address": "192.0.2.21"}]}])
def test_the_module(run, kernel, who):
    before = weights(kernel)
    result = run(ipvs_drain, check=True, **who)
    assert (result["changed"], weights(kernel)) == (True, before)
    result = run(ipvs_drain, **who)
    assert result["changed"]
    assert result["drained"] == [{"service": "tcp 192.0.2.100:80", "server": "192.0.2.21:80", "connections": 0}]
    shown = {"before": {"weight": 1}, "after": {"weight": 0}}
    for side, value in shown.items():
        assert result["diff"][side] == {"tcp 192.0.2.100:80": {"servers": {"192.0.2.21:80": value}}}
    assert weights(kernel) == {"192.0.2.21:80": 0, "192.0.2.22:80": 1}
    assert not run(ipvs_drain, **who)["changed"]


def test_the_module_wants_to_know_who_leaves(run):
    assert "one of the following is required: services, servers" in run(ipvs_drain)["msg"]
    assert "mutually exclusive" in run(ipvs_drain, services=[], servers=[])["msg"]


def test_the_module_where_nothing_is_loaded(run, monkeypatch):
    monkeypatch.setattr(table, "is_loaded", lambda: False)
    result = run(ipvs_drain, services=[])
    assert (result["changed"], result["drained"]) == (False, [])
