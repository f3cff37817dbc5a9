# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import DeclaredServer, DeclaredService
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.table import compare, endpoint, identity, is_out
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.verify.healthy import server, service
from hypothesis import given
from hypothesis import strategies as st


def declared(**changes):
    servers = changes.pop("servers", (1, 2))
    fields = {
        "name": "web",
        "protocol": "tcp",
        "vip": "192.0.2.100",
        "port": 80,
        "forwarding": "dr",
        "scheduler": "wlc",
        "persistence": None,
        "health_check": None,
        "servers": tuple(each if isinstance(each, DeclaredServer) else declared_server(each) for each in servers),
    }
    return DeclaredService(**{**fields, **changes})


def declared_server(number, weight=1, upper=0, lower=0):
    return DeclaredServer(f"web{number}", f"192.0.2.2{number}", 80, weight, upper, lower)


def words(wanted, table):
    return [difference.what for difference in compare(wanted, table)]


def test_the_same():
    assert compare([declared()], [service()]) == ()


def test_nothing_declared_and_nothing_there():
    assert compare([], []) == ()


def test_a_missing_service():
    assert words([declared()], []) == ["web: tcp 192.0.2.100:80 is missing"]


def test_an_undeclared_service():
    assert words([], [service()]) == ["tcp 192.0.2.100:80 is not declared"]
    assert words([], [service(vip="2001:db8::1")]) == ["tcp [2001:db8::1]:80 is not declared"]


def test_a_firewall_mark_for_one_family():
    marked = {key: value for key, value in service().items() if key not in ("protocol", "vip", "port")}
    table = [{**marked, "fwmark": 7, "family": "ipv4"}]
    assert words([declared(fwmark=7)], table) == []
    assert words([declared(fwmark=7, vip="2001:db8::100", servers=())], table) == [
        "web: fwmark 7 ipv6 is missing",
        "fwmark 7 ipv4 is not declared",
    ]


def test_fullnat_is_nat_to_the_kernel():
    table = [service(servers=[server(1, forwarding="nat")])]
    assert words([declared(forwarding="fullnat", servers=(1,))], table) == []
    assert words([declared(servers=(1,))], table) == [
        "web: web1 (192.0.2.21:80): forwarding is nat, declared dr",
    ]


def test_tunnels():
    kernel = {"type": "gue", "port": 6080, "checksum": "csum"}
    table = [service(servers=[server(1, forwarding="tun", tunnel=kernel)])]
    wanted = dataclasses.replace(declared_server(1), tunnel=kernel)
    assert words([declared(forwarding="tun", servers=(wanted,))], table) == []
    plain = dataclasses.replace(wanted, tunnel={"type": "ipip", "port": None, "checksum": "nocsum"})
    assert words([declared(forwarding="tun", servers=(plain,))], table) == [
        "web: web1 (192.0.2.21:80): tunnel is gue 6080 csum, declared ipip nocsum"
    ]


def test_an_undeclared_firewall_mark():
    marked = {key: value for key, value in service().items() if key not in ("protocol", "vip", "port")}
    assert words([declared()], [service(), {**marked, "fwmark": 7, "family": "ipv4"}]) == [
        "fwmark 7 ipv4 is not declared"
    ]


@pytest.mark.parametrize("changes", [{"protocol": "udp"}, {"vip": "192.0.2.101"}, {"port": 81}])
def test_another_identity_is_another_service(changes):
    assert words([declared()], [service(**changes)]) == [
        "web: tcp 192.0.2.100:80 is missing",
        f"{identity(service(**changes))} is not declared",
    ]


@pytest.mark.parametrize(
    ("actual", "what"),
    [
        ({"scheduler": "rr"}, "web: scheduler is rr, declared wlc"),
        ({"flags": ["sh-port", "sh-fallback"]}, "web: flags is sh-port, sh-fallback, declared none"),
        ({"one_packet": True}, "web: one packet is on, declared off"),
        (
            {"persistence": {"timeout": 300, "netmask": "255.255.255.255", "engine": None}},
            "web: persistence is 300 s, declared none",
        ),
    ],
)
def test_another_service_attribute(actual, what):
    assert words([declared()], [service(**actual)]) == [what]


PERSISTENT = {"timeout": 300, "netmask": "255.255.255.255", "engine": None}


@pytest.mark.parametrize(
    ("wanted", "actual", "differences"),
    [
        ({"timeout": 300}, PERSISTENT, []),
        ({"timeout": 300, "engine": None}, {**PERSISTENT, "engine": "sip"}, []),
        ({"timeout": 300}, None, ["web: persistence is none, declared 300 s"]),
        ({"timeout": 60}, PERSISTENT, ["web: persistence timeout is 300, declared 60"]),
        ({"timeout": 300, "engine": "sip"}, PERSISTENT, ["web: persistence engine is none, declared sip"]),
        (
            {"timeout": 60, "netmask": "255.255.255.0"},
            PERSISTENT,
            [
                "web: persistence timeout is 300, declared 60",
                "web: persistence netmask is 255.255.255.255, declared 255.255.255.0",
            ],
        ),
        ({"timeout": 300, "prefix": 64}, {"timeout": 300, "prefix": 64, "engine": None}, []),
    ],
)
def test_persistence(wanted, actual, differences):
    assert words([declared(persistence=wanted)], [service(persistence=actual)]) == differences


def test_a_missing_server_is_a_matter_of_rotation():
    (difference,) = compare([declared()], [service(servers=[server(1)])])
    assert difference.what == "web: web2 (192.0.2.22:80) is missing"
    assert difference.is_rotation


def test_an_undeclared_server():
    (difference,) = compare([declared()], [service(servers=[server(1), server(2), server(9)])])
    assert difference.what == "web: server 192.0.2.29:80 is not declared"
    assert not difference.is_rotation


def test_another_port_is_another_server():
    assert words([declared()], [service(servers=[server(1), server(2, port=81)])]) == [
        "web: web2 (192.0.2.22:80) is missing",
        "web: server 192.0.2.22:81 is not declared",
    ]


@pytest.mark.parametrize(
    ("actual", "what"),
    [
        ({"forwarding": "nat"}, "forwarding is nat, declared dr"),
        ({"weight": 5}, "weight is 5, declared 1"),
        ({"upper_threshold": 200}, "upper threshold is 200, declared 0"),
        ({"lower_threshold": 100}, "lower threshold is 100, declared 0"),
    ],
)
def test_another_server_attribute(actual, what):
    (difference,) = compare([declared()], [service(servers=[server(1), server(2, **actual)])])
    assert difference.what == f"web: web2 (192.0.2.22:80): {what}"
    assert not difference.is_rotation


def test_weight_0_is_a_matter_of_rotation():
    (difference,) = compare([declared()], [service(servers=[server(1), server(2, weight=0)])])
    assert difference.what == "web: web2 (192.0.2.22:80): weight is 0, declared 1"
    assert difference.is_rotation


def test_a_declared_weight_of_0():
    drained = declared(servers=(1, declared_server(2, weight=0)))
    assert compare([drained], [service(servers=[server(1), server(2, weight=0)])]) == ()
    (difference,) = compare([drained], [service()])
    assert difference.what == "web: web2 (192.0.2.22:80): weight is 1, declared 0"
    assert not difference.is_rotation


def test_every_difference_of_a_server_is_told():
    actual = server(2, forwarding="tun", weight=0, upper_threshold=2, lower_threshold=1)
    assert len(compare([declared(servers=(2,))], [service(servers=[actual])])) == 4


def test_the_order_is_that_of_the_declaration():
    tls = declared(name="tls", port=443)
    assert words([tls, declared()], [service(port=1), service(port=2)]) == [
        "tls: tcp 192.0.2.100:443 is missing",
        "web: tcp 192.0.2.100:80 is missing",
        "tcp 192.0.2.100:1 is not declared",
        "tcp 192.0.2.100:2 is not declared",
    ]


@pytest.mark.parametrize(
    ("weight", "entry", "out"),
    [
        (1, None, True),
        (0, None, True),
        (1, server(1, weight=0), True),
        (0, server(1, weight=0), False),
        (1, server(1), False),
        (3, server(1, weight=1), False),
    ],
)
def test_out_of_rotation(weight, entry, out):
    assert is_out(declared_server(1, weight=weight), entry) is out


def test_every_remedy_but_those_of_rotation_says_what_to_do():
    odd = service(scheduler="rr", servers=[server(1, forwarding="nat"), server(9)])
    for difference in compare([declared(), declared(name="tls", port=443)], [odd, service(port=1)]):
        assert bool(difference.remedy) is not difference.is_rotation
        assert "{" not in difference.remedy.format(director="lb1")


@pytest.mark.parametrize(("address", "text"), [("192.0.2.1", "192.0.2.1:80"), ("2001:db8::1", "[2001:db8::1]:80")])
def test_endpoints(address, text):
    assert endpoint(address, 80) == text


WEIGHTS = st.lists(st.integers(0, 3), max_size=4)


@given(WEIGHTS, st.sampled_from(["rr", "wlc"]), st.sampled_from(["dr", "nat"]))
def test_what_equals_the_declaration_has_no_difference(weights, scheduler, forwarding):
    servers = tuple(declared_server(number, weight) for number, weight in enumerate(weights))
    actual = [server(number, weight=weight, forwarding=forwarding) for number, weight in enumerate(weights)]
    wanted = declared(scheduler=scheduler, forwarding=forwarding, servers=servers)
    assert compare([wanted], [service(scheduler=scheduler, servers=actual[::-1])]) == ()


@given(WEIGHTS, WEIGHTS)
def test_there_is_a_difference_exactly_where_the_weights_differ(wanted, actual):
    servers = tuple(declared_server(number, weight) for number, weight in enumerate(wanted))
    entries = [server(number, weight=weight) for number, weight in enumerate(actual)]
    differences = compare([declared(servers=servers)], [service(servers=entries)])
    both = sum(mine != theirs for mine, theirs in zip(wanted, actual, strict=False))
    assert len(differences) == both + abs(len(wanted) - len(actual))


def test_declared_flags_and_one_packet_are_no_difference():
    wanted = declared(scheduler="sh", scheduler_flags=("sh-fallback", "sh-port"), one_packet=True)
    assert words([wanted], [service(scheduler="sh", flags=["sh-fallback", "sh-port"], one_packet=True)]) == []
    assert words([wanted], [service(scheduler="sh")]) == [
        "web: flags is none, declared sh-fallback, sh-port",
        "web: one packet is off, declared on",
    ]


def test_the_sorry_server_may_be_there():
    entry = service()
    sorry = {**entry["servers"][0], "address": "192.0.2.29"}
    table = [{**entry, "servers": [*entry["servers"], sorry]}]
    assert words([declared(sorry_server={"host": "web9", "address": "192.0.2.29", "port": 80})], table) == []
    assert words([declared()], table) == ["web: server 192.0.2.29:80 is not declared"]
