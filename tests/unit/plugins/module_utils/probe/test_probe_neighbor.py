# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import json
import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.probe import arp, ndp, neighbor
from ansible_collections.lvs.cluster.plugins.module_utils.probe.neighbor import (
    NeighborError,
    Route,
    parse_route,
    probe,
    route_command,
)

VIP = IPv4Address("192.0.2.100")
OWN = IPv4Address("192.0.2.41")
OWN_MAC = bytes.fromhex("5254000000 41")
LB1 = bytes.fromhex("525400000001")
WEB1 = bytes.fromhex("52540000000a")
ROUTE = Route("eth0", OWN)


def reply(mac=LB1, sender=VIP):
    """Make an answer out of the question that the other host would have asked."""
    question = bytearray(arp.pack_question(mac, sender, OWN))
    question[21] = arp.REPLY
    return bytes(question)


class TestRoutes:
    def test_commands(self):
        assert route_command(VIP, None) == ["ip", "-json", "-4", "route", "get", "192.0.2.100"]
        assert route_command(VIP, "eth1") == ["ip", "-json", "-4", "route", "get", "192.0.2.100", "oif", "eth1"]

    def parse(self, interface=None, **entry):
        return parse_route(json.dumps([entry]), VIP, interface)

    def test_the_other_family(self):
        target = IPv6Address("2001:db8::100")
        assert route_command(target, None) == ["ip", "-json", "-6", "route", "get", "2001:db8::100"]
        output = json.dumps([{"dst": "2001:db8::100", "dev": "eth0", "prefsrc": "2001:db8::41"}])
        assert parse_route(output, target, None) == Route("eth0", IPv6Address("2001:db8::41"))

    def test_on_the_link(self):
        assert self.parse(dst="192.0.2.100", dev="eth0", prefsrc="192.0.2.41", flags=[]) == ROUTE

    def test_an_interface_without_an_address_asks_from_nowhere(self):
        assert self.parse(interface="eth1", dev="eth1") == Route("eth1", IPv4Address("0.0.0.0"))

    def test_behind_a_gateway(self):
        with pytest.raises(NeighborError, match=r"behind the gateway 198.51.100.1 .* name an interface"):
            self.parse(dev="eth0", gateway="198.51.100.1", prefsrc="198.51.100.2")

    def test_a_named_interface_may_ignore_the_gateway(self):
        found = self.parse(interface="eth0", dev="eth0", gateway="198.51.100.1", prefsrc="198.51.100.2")
        assert found == Route("eth0", IPv4Address("198.51.100.2"))

    @pytest.mark.parametrize("interface", [None, "eth0"])
    def test_an_address_of_this_host(self, interface):
        with pytest.raises(NeighborError, match=r"192.0.2.100 is an address of this host itself"):
            self.parse(interface=interface, type="local", dev="lo", prefsrc="192.0.2.100")

    @pytest.mark.parametrize(
        "output", ["", "[]", "{}", "[1]", '[{"dst": "x"}]', '[{"dev": "eth0", "prefsrc": "x"}]', "[{}, {}]"]
    )
    def test_an_answer_of_another_form(self, output):
        with pytest.raises(NeighborError, match=r"the answer of 'ip route get 192.0.2.100' cannot be read"):
            parse_route(output, VIP, None)


class Wire:
    """Stands in for a packet socket: each question is followed by the frames of `after` for it."""

    def __init__(self, after=(), hardware=1, error=None):
        self.sent = []
        self.bound = None
        self._after = list(after)
        self._hardware = hardware
        self._error = error
        self._frames = []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def bind(self, address):
        if self._error:
            raise self._error
        self.bound = address

    def getsockname(self):
        return ("eth0", 0x0806, 0, self._hardware, OWN_MAC)

    def send(self, frame):
        self.sent.append(frame)
        self._frames = list(self._after.pop(0)) if self._after else []

    def settimeout(self, seconds):
        assert seconds > 0

    def recv(self, size):
        if not self._frames:
            raise socket.timeout
        return self._frames.pop(0)


@pytest.fixture
def ask(monkeypatch):
    def run(wire, count=3):
        monkeypatch.setattr(neighbor.socket, "socket", lambda *arguments: wire)
        return probe(ROUTE, VIP, count, interval=50)

    return run


class TestProbe:
    def test_one_owner(self, ask):
        wire = Wire([[reply()], [], [reply()]])
        assert ask(wire) == {
            "address": "192.0.2.100",
            "interface": "eth0",
            "source": "192.0.2.41",
            "requests": 3,
            "macs": ["52:54:00:00:00:01"],
            "answers": {"52:54:00:00:00:01": 2},
        }
        assert wire.bound == ("eth0", 0x0806)
        assert wire.sent == [arp.pack_question(OWN_MAC, OWN, VIP)] * 3

    def test_ipv6_is_asked_for_by_neighbour_discovery(self, monkeypatch):
        target, own = IPv6Address("2001:db8::100"), IPv6Address("2001:db8::41")
        answer = bytearray(ndp.pack_question(LB1, target, target))
        answer[54], answer[78] = ndp.ADVERTISEMENT, ndp.TARGET_LINK_LAYER
        wire = Wire([[bytes(answer)], [reply()]])
        monkeypatch.setattr(neighbor.socket, "socket", lambda *arguments: wire)
        result = probe(Route("eth0", own), target, 2, interval=50)
        assert result["answers"] == {"52:54:00:00:00:01": 1}
        assert wire.bound == ("eth0", 0x86DD)
        assert wire.sent == [ndp.pack_question(OWN_MAC, own, target)] * 2

    def test_two_owners(self, ask):
        result = ask(Wire([[reply(WEB1), reply(sender=OWN), reply()], [reply()]]))
        assert result["macs"] == ["52:54:00:00:00:01", "52:54:00:00:00:0a"]
        assert result["answers"] == {"52:54:00:00:00:01": 2, "52:54:00:00:00:0a": 1}

    def test_nobody(self, ask):
        assert ask(Wire())["macs"] == []

    def test_a_chatty_network_does_not_prolong_it(self, monkeypatch, ask):
        clock = iter(range(1000))
        monkeypatch.setattr(neighbor.time, "monotonic", lambda: next(clock) / 100)
        assert ask(Wire([[reply(sender=OWN)] * 500]), count=1)["macs"] == []

    @pytest.mark.parametrize(
        ("wire", "message"),
        [
            (Wire(error=PermissionError(1, "Operation not permitted")), "run the task with 'become: true'"),
            (Wire(error=OSError(errno.ENODEV, "No such device")), "interface eth0: No such device"),
            (Wire(hardware=772), "interface eth0 is no Ethernet, so it has no ARP"),
        ],
    )
    def test_errors(self, ask, wire, message):
        with pytest.raises(NeighborError, match=message):
            ask(wire)
