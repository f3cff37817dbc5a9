# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import declared
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import DeclarationError, IpvsError
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
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.shape import service_to_dict
from ansible_collections.lvs.cluster.plugins.modules import ipvs_table
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs import strategies
from hypothesis import given
from hypothesis import strategies as st

VIP = IPv4Address("192.0.2.100")
WEB = AddressKey("tcp", VIP, 80)
OPTIONS = "family, flags, fwmark, one_packet, persistence, port, protocol, scheduler, servers, vip"
WEIGHTS = (
    "write a whole number from 0 to 65535: ipvsadm and keepalived cannot express more, and schedulers multiply weights"
)
MARKS = "write a whole number from 1 to 4294967295 (the kernel takes 0 for the address 0.0.0.0)"
ALL_ONES = IPv4Address("255.255.255.255")


def service(**changes):
    """Return a declaration; what is None is left out."""
    given = {"vip": "192.0.2.100", "port": 80, **changes}
    return {name: value for name, value in given.items() if value is not None}


def with_server(**changes):
    """Return the declaration of a service with one server."""
    key = changes.pop("key", {})
    given = {"address": "192.0.2.21", **changes}
    return service(servers=[{name: value for name, value in given.items() if value is not None}], **key)


def read(given):
    (full,) = declared.read_table([given])
    return full


def read_server(**changes):
    return read(with_server(**changes)).servers[0]


def mistakes(*services):
    with pytest.raises(DeclarationError) as caught:
        declared.read_table(list(services))
    return str(caught.value)


class TestServices:
    def test_defaults(self):
        assert read(service()) == FullService(Service(WEB, "wlc", (), None, one_packet=False), ())

    def test_everything(self):
        given = service(
            protocol="udp",
            scheduler="sh",
            flags=["sh-port", "sh-fallback"],
            persistence={"timeout": 60, "netmask": "255.255.0.0", "engine": "sip"},
            one_packet=True,
        )
        assert read(given).service == Service(
            AddressKey("udp", VIP, 80),
            "sh",
            ("sh-fallback", "sh-port"),
            Persistence(60, IPv4Address("255.255.0.0"), None, "sip"),
            one_packet=True,
        )

    def test_what_the_command_line_gives_as_text(self):
        given = service(port="80", one_packet="no", persistence={"timeout": "60"})
        found = read(given).service
        assert (found.key.port, found.one_packet, found.persistence.timeout) == (80, False, 60)

    def test_null_is_not_given(self):
        names = ("protocol", "scheduler", "flags", "persistence", "one_packet", "servers", "fwmark", "family")
        assert read({**service(), **dict.fromkeys(names)}) == read(service())

    @pytest.mark.parametrize(("given", "family"), [({}, "ipv4"), ({"family": "ipv6"}, "ipv6")])
    def test_a_firewall_mark(self, given, family):
        assert read({"fwmark": 7, **given}).service.key == FwmarkKey(7, family)

    def test_all_ports_with_persistence(self):
        assert read(service(port=0, persistence={})).service.key.port == 0

    @pytest.mark.parametrize(
        ("given", "persistence"),
        [
            ({}, Persistence(300, ALL_ONES, None, None)),
            ({"timeout": 0}, None),
            ({"prefix": 24}, Persistence(300, IPv4Address("255.255.255.0"), None, None)),
            ({"prefix": 0}, Persistence(300, IPv4Address("0.0.0.0"), None, None)),
            ({"netmask": "255.0.255.0"}, Persistence(300, IPv4Address("255.0.255.0"), None, None)),
            ({"engine": "none"}, Persistence(300, ALL_ONES, None, None)),
        ],
    )
    def test_persistence_of_ipv4(self, given, persistence):
        assert read(service(persistence=given)).service.persistence == persistence

    @pytest.mark.parametrize(("given", "prefix"), [({}, 128), ({"prefix": 64}, 64)])
    @pytest.mark.parametrize("key", [{"vip": "2001:db8::1", "port": 80}, {"fwmark": 7, "family": "ipv6"}])
    def test_persistence_of_ipv6(self, key, given, prefix):
        assert read({**key, "persistence": given}).service.persistence == Persistence(300, None, prefix, None)

    @pytest.mark.parametrize(
        ("scheduler", "flags", "names"),
        [
            ("sh", ["flag-2"], ("sh-port",)),
            ("mh", ["mh-port", "flag-2"], ("mh-port",)),
            ("rr", ["flag-3", "flag-1"], ("flag-1", "flag-3")),
        ],
    )
    def test_flags_have_the_names_that_the_kernel_shows(self, scheduler, flags, names):
        assert read(service(scheduler=scheduler, flags=flags)).service.flags == names

    def test_no_scheduler_is_a_scheduler(self):
        assert read(service(scheduler="none")).service.scheduler == "none"


class TestServers:
    def test_defaults(self):
        assert read_server() == Server(ServerKey(IPv4Address("192.0.2.21"), 80), "dr", 1, 0, 0, None)

    def test_zeros_are_values(self):
        found = read_server(weight=0, forwarding="nat", port=0)
        assert (found.weight, found.key.port) == (0, 0)

    def test_the_port_of_a_service_by_mark_is_0(self):
        assert read_server(key={"vip": None, "port": None, "fwmark": 7}).key.port == 0

    def test_nat_maps_ports(self):
        assert read_server(forwarding="nat", port=8080).key.port == 8080

    @pytest.mark.parametrize(
        ("given", "tunnel"),
        [
            (None, Tunnel("ipip", 0, "nocsum")),
            ({"type": "gre", "checksum": "csum"}, Tunnel("gre", 0, "csum")),
            ({"type": "gue", "port": 6080, "checksum": "remcsum"}, Tunnel("gue", 6080, "remcsum")),
        ],
    )
    def test_tunnels(self, given, tunnel):
        assert read_server(forwarding="tun", tunnel=given).tunnel == tunnel

    def test_a_tunnel_joins_families(self):
        found = read_server(address="2001:db8::21", forwarding="tun")
        assert found.key == ServerKey(IPv6Address("2001:db8::21"), 80)


class TestMistakes:
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (
                {},
                "services[0].vip: neither vip nor fwmark is given; write one of them: a service is reached either by address or by a firewall mark",
            ),
            (
                service(fwmark=7),
                "services[0].vip: both vip and fwmark are given; write one of them: a service is reached either by address or by a firewall mark",
            ),
            (
                {"vip": "192.0.2.100"},
                "services[0].port: it is missing; write the port of the service, or 0 for all ports",
            ),
            (service(vip="web"), "services[0].vip: 'web' is not an IP address; write a literal one such as 192.0.2.21"),
            (service(vip=80), "services[0].vip: 80 is not an IP address; write a literal one such as 192.0.2.21"),
            (
                service(vip="fe80::1%eth0"),
                "services[0].vip: 'fe80::1%eth0' is not an IP address; write a literal one such as 192.0.2.21",
            ),
            (
                service(vip="192.0.2.1/24"),
                "services[0].vip: '192.0.2.1/24' is not an IP address; write a literal one such as 192.0.2.21",
            ),
            (
                service(vip="224.0.0.5"),
                "services[0].vip: 224.0.0.5 is no unicast address, so it cannot work; write the address of the service",
            ),
            (
                service(vip="0.0.0.0"),
                "services[0].vip: 0.0.0.0 is no unicast address, so it cannot work; write the address of the service",
            ),
            (
                service(port=0),
                "services[0].port: 0 stands for all ports, which takes persistence; add persistence, or write a port",
            ),
            (service(port=65536), "services[0].port: 65536 is out of range; write a whole number from 0 to 65535"),
            (service(port=-1), "services[0].port: -1 is out of range; write a whole number from 0 to 65535"),
            (service(port=True), "services[0].port: true is out of range; write a whole number from 0 to 65535"),
            (service(port="http"), "services[0].port: 'http' is out of range; write a whole number from 0 to 65535"),
            (service(protocol="esp"), "services[0].protocol: 'esp' is not known; write one of tcp, udp, sctp"),
            (
                service(family="ipv4"),
                "services[0].family: it belongs to fwmark; leave it out; the family is that of vip",
            ),
            (
                {"fwmark": 0},
                f"services[0].fwmark: 0 is out of range; {MARKS}",
            ),
            (
                {"fwmark": 7, "port": 80},
                "services[0].port: a service with fwmark has none; leave it out; the firewall rule says what is marked",
            ),
            ({"fwmark": 7, "family": "inet6"}, "services[0].family: 'inet6' is not known; write one of ipv4, ipv6"),
            (
                service(scheduler="WLC"),
                "services[0].scheduler: 'WLC' cannot be a scheduler; write a name such as rr, wlc, sh or mh",
            ),
            (
                service(scheduler="a" * 16),
                "services[0].scheduler: 'aaaaaaaaaaaaaaaa' cannot be a scheduler; write a name such as rr, wlc, sh or mh",
            ),
            (
                service(flags=["sh-port"]),
                "services[0].flags[0]: 'sh-port' is no flag of the scheduler wlc; write one of flag-1, flag-2, flag-3",
            ),
            (service(flags="flag-1"), "services[0].flags: 'flag-1' is not a list; write a list"),
            (
                service(one_packet="maybe"),
                "services[0].one_packet: 'maybe' is neither true nor false; write true or false",
            ),
            (
                service(one_packet=True),
                "services[0].one_packet: with tcp the kernel takes it and ignores it; leave it out, or use protocol: udp",
            ),
            (
                service(persistence=300),
                "services[0].persistence: 300 is not a mapping; write a mapping of engine, netmask, prefix, timeout",
            ),
            (
                service(persistence={"timeout": 2678401}),
                "services[0].persistence.timeout: 2678401 is out of range; write a whole number from 0 to 2678400 seconds",
            ),
            (
                service(persistence={"timeout": 0, "engine": "sip"}),
                "services[0].persistence.engine: the service is not persistent, so it would do nothing; give a timeout too",
            ),
            (
                service(persistence={"netmask": "ffff::"}),
                "services[0].persistence.netmask: ffff:: is not of the family of the service; write a mask such as 255.255.255.0",
            ),
            (
                service(persistence={"netmask": "255.0.0.0", "prefix": 8}),
                "services[0].persistence.prefix: netmask is given too; write one of them: they say the same",
            ),
            (
                service(persistence={"prefix": 33}),
                "services[0].persistence.prefix: 33 is out of range; write a whole number from 0 to 32",
            ),
            (
                service(vip="2001:db8::1", persistence={"prefix": 0}),
                "services[0].persistence.prefix: 0 is out of range; write a whole number from 1 to 128",
            ),
            (
                service(vip="2001:db8::1", persistence={"netmask": "255.0.0.0"}),
                "services[0].persistence.netmask: an IPv6 service has none; write a prefix from 1 to 128",
            ),
            (
                service(sheduler="rr"),
                f"services[0].sheduler: there is no such option; known are {OPTIONS}",
            ),
            (service(servers={}), "services[0].servers: a mapping is not a list; write a list"),
            (
                "web",
                f"services[0]: 'web' is not a mapping; write a mapping of {OPTIONS}",
            ),
        ],
    )
    def test_of_a_service(self, given, message):
        found = mistakes(given)
        assert message in found.replace("- ", "").splitlines()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"address": None}, "address: it is missing; write an address such as 192.0.2.21"),
            ({"address": "224.0.0.1"}, "address: 224.0.0.1 is no unicast address; write the address of the server"),
            (
                {"address": "2001:db8::21"},
                "address: 2001:db8::21 is not of the family of the service; write an IPv4 address, or forwarding: tun",
            ),
            (
                {"port": 8080},
                "port: 8080 is not the port of the service, and dr cannot change ports; write 80, or forwarding: nat",
            ),
            (
                {"port": 8080, "forwarding": "tun"},
                "port: 8080 is not the port of the service, and tun cannot change ports; write 80, or forwarding: nat",
            ),
            ({"forwarding": "masq"}, "forwarding: 'masq' is not known; write one of nat, dr, tun"),
            (
                {"weight": 65536},
                f"weight: 65536 is out of range; {WEIGHTS}",
            ),
            (
                {"upper_threshold": 2**31},
                "upper_threshold: 2147483648 is out of range; write a whole number from 0 to 2147483647",
            ),
            (
                {"lower_threshold": 5},
                "lower_threshold: 5 is above upper_threshold, which is 0; give an upper_threshold too",
            ),
            (
                {"lower_threshold": 5, "upper_threshold": 4},
                "lower_threshold: 5 is above upper_threshold, which is 4; write at most 4",
            ),
            ({"tunnel": {"type": "gre"}}, "tunnel: forwarding is dr; leave it out, or write forwarding: tun"),
            (
                {"forwarding": "tun", "tunnel": {"type": "gue"}},
                "tunnel.port: a GUE tunnel needs one; write the UDP port on which the server listens for GUE",
            ),
            (
                {"forwarding": "tun", "tunnel": {"port": 1}},
                "tunnel.port: a tunnel of type ipip has none; leave it out, or write type: gue",
            ),
            (
                {"forwarding": "tun", "tunnel": {"checksum": "csum"}},
                "tunnel.checksum: 'csum' is not known; write one of nocsum",
            ),
            (
                {"forwarding": "tun", "tunnel": {"type": "gre", "checksum": "remcsum"}},
                "tunnel.checksum: 'remcsum' is not known; write one of nocsum, csum",
            ),
            (
                {"wieght": 1},
                "wieght: there is no such option; known are address, forwarding, lower_threshold, port, tunnel, upper_threshold, weight",
            ),
        ],
    )
    def test_of_a_server(self, changes, message):
        assert mistakes(with_server(**changes)) == f"services[0].servers[0].{message}"

    def test_all_at_once_each_with_its_path(self):
        assert mistakes(
            service(port=0),
            with_server(weight=-1, port="x"),
            {"fwmark": 0, "servers": [{"address": "192.0.2.21"}, {"address": "nowhere", "weight": 70000}]},
        ).splitlines() == [
            "6 mistakes, so nothing was done:",
            "- services[0].port: 0 stands for all ports, which takes persistence; add persistence, or write a port",
            "- services[1].servers[0].port: 'x' is out of range; write a whole number from 0 to 65535",
            f"- services[1].servers[0].weight: -1 is out of range; {WEIGHTS}",
            f"- services[2].fwmark: 0 is out of range; {MARKS}",
            "- services[2].servers[1].address: 'nowhere' is not an IP address; write a literal one such as 192.0.2.21",
            f"- services[2].servers[1].weight: 70000 is out of range; {WEIGHTS}",
        ]

    def test_the_same_service_twice(self):
        assert mistakes(service(), service(protocol="tcp", scheduler="rr")) == (
            "services[1]: tcp 192.0.2.100:80 is services[0] too; declare each service once"
        )

    def test_the_same_server_twice(self):
        twice = [{"address": "192.0.2.21"}, {"address": "192.0.2.21", "port": 80, "weight": 5}]
        assert mistakes(service(servers=twice)) == (
            "services[0].servers[1]: 192.0.2.21:80 is there twice; declare each server of a service once"
        )

    def test_a_flood_is_cut(self):
        lines = mistakes(*(service(port=-number) for number in range(1, 61))).splitlines()
        assert lines[0] == "60 mistakes, so nothing was done:"
        assert len(lines) == 52
        assert lines[-1] == "- and 10 more"

    def test_no_list_at_all(self):
        with pytest.raises(DeclarationError, match="services\\[0\\]: 'x' is not a mapping"):
            declared.read_table("x")


class TestSingleObjects:
    def test_paths_are_the_options_names(self):
        with pytest.raises(DeclarationError, match=r"^port: 0 stands for all ports"):
            declared.read_service(service(port=0))
        with pytest.raises(DeclarationError, match=r"^service.port: it is missing"):
            declared.read_service_key({"vip": "192.0.2.100"}, "service.")
        with pytest.raises(DeclarationError, match=r"^weight: -1 is out of range"):
            declared.read_server({"address": "192.0.2.21", "weight": -1}, WEB)
        with pytest.raises(DeclarationError, match=r"^address: it is missing"):
            declared.read_server_key({}, WEB)

    def test_the_identity_of_a_server_needs_nothing_else(self):
        key = declared.read_server_key({"address": "2001:db8::21"}, WEB)
        assert key == ServerKey(IPv6Address("2001:db8::21"), 80)


@given(st.lists(strategies.full_services(), max_size=3, unique_by=lambda full: full.service.key))
def test_what_ipvs_info_returns_is_read_as_it_was(table):
    shown = [service_to_dict(full.service, full.servers) for full in table]
    assert declared.read_table(json.loads(json.dumps(shown))) == tuple(table)


NAMES = sorted(declared.SERVICE_NAMES | declared.SERVER_NAMES | declared.PERSISTENCE_NAMES | declared.TUNNEL_NAMES)
ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["tun", "::1"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)),
    max_leaves=12,
)


@given(ANYTHING)
def test_whatever_is_declared_raises_nothing_but_our_own_error(given):
    with suppress(IpvsError):
        declared.read_table(given)


def documented_names(options, *path):
    for name in path:
        options = options[name]["suboptions"]
    return set(options)


def test_the_documentation_has_the_options_that_are_read():
    options = yaml.safe_load(ipvs_table.DOCUMENTATION)["options"]
    assert documented_names(options, "services") == declared.SERVICE_NAMES
    assert documented_names(options, "services", "persistence") == declared.PERSISTENCE_NAMES
    assert documented_names(options, "services", "servers") == declared.SERVER_NAMES
    assert documented_names(options, "services", "servers", "tunnel") == declared.TUNNEL_NAMES
