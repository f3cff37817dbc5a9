# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import netlink, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.follow import OWN_CHANGES
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FullService,
    FwmarkKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.kernel import follower
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.virtual_servers import read_virtual_servers
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.simulated_kernel import SimulatedKernel

VIP = ip_address("192.0.2.100")
WEB = AddressKey("tcp", VIP, 80)
ONE, TWO = (ServerKey(ip_address(f"192.0.2.{number}"), 80) for number in (21, 22))


def conf(*numbers, service="", server=""):
    servers = "".join(f"real_server 192.0.2.{number} 80 {{\n{server}\n}}\n" for number in numbers)
    return f"virtual_server 192.0.2.100 80 {{\nlvs_method DR\n{service}\n{servers}}}\n"


def dr(key, weight=1, upper=0):
    return Server(key, "dr", weight, upper, 0, None)


@pytest.fixture
def kernel(monkeypatch):
    """What keepalived makes of conf(21, 22)."""
    kernel = SimulatedKernel(FullService(Service(WEB, "wlc", (), None, one_packet=False), (dr(ONE), dr(TWO))))
    monkeypatch.setattr(table, "is_loaded", lambda: True)
    monkeypatch.setattr(netlink.socket, "socket", lambda *_: kernel)
    return kernel


class Clock:
    """Time that passes only by sleeping; `events` are what happens at a moment."""

    def __init__(self, **events):
        self.now = 0.0
        self.events = {float(moment.lstrip("at_")): event for moment, event in events.items()}

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        for moment in [each for each in self.events if each <= self.now]:
            self.events.pop(moment)()


def settle(looker, clock, timeout=20.0, fill=False):
    return looker.settle(timeout, fill, clock, clock.sleep)


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("", Service(WEB, "wlc", (), None, one_packet=False)),
        ("lb_algo rr", Service(WEB, "rr", (), None, one_packet=False)),
        ("lvs_sched sh\nsh-port\nflag-1", Service(WEB, "sh", ("sh-fallback", "sh-port"), None, one_packet=False)),
        ("protocol UDP\nops", Service(AddressKey("udp", VIP, 80), "wlc", (), None, one_packet=True)),
        (
            "persistence_timeout",
            Service(WEB, "wlc", (), Persistence(360, IPv4Address("255.255.255.255"), None, None), one_packet=False),
        ),
        (
            "persistence_timeout 50\npersistence_granularity 255.255.255.0\npersistence_engine sip",
            Service(WEB, "wlc", (), Persistence(50, IPv4Address("255.255.255.0"), None, "sip"), one_packet=False),
        ),
    ],
)
def test_a_service_as_keepalived_makes_it(text, service):
    assert [each.service for each in read_virtual_servers(conf(21, service=text))] == [service]


def test_a_service_of_ipv6():
    text = "virtual_server fwmark 7 {\nip_family inet6\npersistence_timeout 9\npersistence_granularity 64\n}\n"
    (found,) = read_virtual_servers(text)
    key, persistence = FwmarkKey(7, "ipv6"), Persistence(9, None, 64, None)
    assert found.service == Service(key, "wlc", (), persistence, one_packet=False)


@pytest.mark.parametrize(
    ("service", "server", "expected"),
    [
        ("", "", dr(ONE)),
        ("weight 7", "", dr(ONE, weight=7)),
        ("weight 7", "weight 0\nuthreshold 9\nlthreshold 3", Server(ONE, "dr", 0, 9, 3, None)),
        ("", "lvs_method NAT", Server(ONE, "nat", 1, 0, 0, None)),
        ("", "lvs_method TUN", Server(ONE, "tun", 1, 0, 0, Tunnel("ipip", 0, "nocsum"))),
        (
            "",
            "lvs_method TUN type gue port 6080 remcsum",
            Server(ONE, "tun", 1, 0, 0, Tunnel("gue", 6080, "remcsum")),
        ),
    ],
)
def test_a_real_server_as_keepalived_makes_it(service, server, expected):
    (found,) = read_virtual_servers(conf(21, service=service, server=server))
    assert [each.server for each in found.servers] == [expected]


def test_without_a_method_it_is_nat():
    (found,) = read_virtual_servers("virtual_server 192.0.2.100 80 {\nreal_server 192.0.2.21 80 {\n}\n}")
    assert found.servers[0].server.forwarding == "nat"


@pytest.mark.parametrize(
    "text", ["virtual_server $VIP 80 {\n}", "virtual_server group web {\n}", "virtual_server {\n}"]
)
def test_what_only_keepalived_can_resolve_is_left_out(text):
    assert read_virtual_servers(text) == ()


def test_nothing_to_do(kernel):
    clock = Clock()
    found = settle(follower(conf(21, 22)), clock)
    assert (found.missing, found.leftover, found.stale, clock.now) == ((), (), (), 0)


def test_a_threshold_that_alone_was_changed_is_repaired(kernel):
    clock = Clock()
    found = settle(follower(conf(21, 22, server="uthreshold 9"), conf(21, 22)), clock)
    assert list(map(str, found.stale)) == [f"update server {key} of {WEB}" for key in (ONE, TWO)]
    assert clock.now == pytest.approx(OWN_CHANGES, abs=0.3)
    assert found.diff["before"] == {str(WEB): {"servers": {str(key): {"upper_threshold": 0} for key in (ONE, TWO)}}}
    found.repair()
    assert kernel.table[WEB].servers == (dr(ONE, upper=9), dr(TWO, upper=9))


def test_what_keepalived_writes_itself_is_not_stale(kernel):
    def writes():
        kernel.services[WEB] = (Service(WEB, "rr", (), None, one_packet=False), kernel.services[WEB][1])

    assert settle(follower(conf(21, 22, service="lvs_sched rr")), Clock(at_1=writes)).stale == ()


def test_weights_and_members_are_those_of_the_checker(kernel):
    del kernel.services[WEB][1][ONE]
    assert settle(follower(conf(21, 22, 23, server="weight 5")), Clock()).stale == ()


def test_a_service_that_comes_late(kernel):
    service = kernel.services.pop(WEB)
    clock = Clock(at_3=lambda: kernel.services.update({WEB: service}))
    assert settle(follower(conf(21, 22)), clock).missing == ()
    assert clock.now == pytest.approx(3, abs=0.3)


def test_a_service_that_does_not_come(kernel):
    kernel.services.clear()
    clock = Clock()
    assert settle(follower(conf(21, 22)), clock, timeout=5).missing == (WEB,)
    assert clock.now == pytest.approx(5, abs=0.3)


def test_a_service_that_comes_only_with_the_vip_is_not_missed(kernel):
    kernel.services.clear()
    assert settle(follower(conf(21, 22, service="ha_suspend")), Clock()).missing == ()


def test_a_service_is_empty_until_a_server_has_passed_its_check(kernel):
    servers = dict(kernel.services[WEB][1])
    kernel.services[WEB][1].clear()
    clock = Clock(at_4=lambda: kernel.services[WEB][1].update(servers))
    looker = follower(conf(21, 22))
    assert settle(looker, clock).empty == (WEB,)
    assert clock.now == 0
    assert settle(looker, clock, fill=True).empty == ()
    assert clock.now == pytest.approx(4, abs=0.3)


@pytest.mark.parametrize("text", [conf(21, server="weight 0"), conf(), conf(21, service="ha_suspend")])
def test_a_service_that_need_not_have_a_server_is_not_empty(kernel, text):
    kernel.services[WEB][1].clear()
    assert follower(text).look().empty == ()


def test_what_goes_is_waited_for(kernel):
    clock = Clock(at_2=lambda: kernel.services[WEB][1].pop(TWO))
    looker = follower(conf(21), conf(21, 22))
    assert looker.look().leftover == (f"{TWO} of {WEB}",)
    assert settle(looker, clock).leftover == ()
    assert clock.now == pytest.approx(2, abs=0.3)


def test_a_service_that_stays_although_it_should_go(kernel):
    assert settle(follower("", conf(21, 22)), Clock(), timeout=1).leftover == (str(WEB),)
