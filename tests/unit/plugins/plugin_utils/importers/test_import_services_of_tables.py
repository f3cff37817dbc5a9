# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.ipvsadm import NOT_SAVED
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.model import Mark
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import imported, plan_services

WEB = "-t 192.0.2.100:80"


def rules(*servers, options="", service=WEB):
    """Rules of one service."""
    return "\n".join([f"-A {service} {options}", *(f"-a {service} -r {server}" for server in servers)])


def read(text, **known):
    """The services, and the losses that the file has."""
    result = imported(text, "ipvsadm", **known)
    if result.variables["lvs_services"]:
        plan_services(result)
    assert result.losses[-len(NOT_SAVED) :] == NOT_SAVED or "lvs_nat_gateway" in result.losses[-1].keyword
    own = [loss for loss in result.losses if loss not in NOT_SAVED]
    return result.variables["lvs_services"], [(loss.line, loss.keyword, loss.value, loss.reason) for loss in own]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (rules("192.0.2.21", options="-s none"), (1, "-s", "none", "there is no such scheduler: it is wlc now")),
        (rules("192.0.2.21", options=f"-p {31 * 86400}"), None),
        (
            rules("192.0.2.21", options="-p 9 -M 255.0.255.0"),
            (1, "-M", "255.0.255.0", "this is not the mask of a network of clients"),
        ),
        (
            rules("192.0.2.21", options="-p 9 --pe sip"),
            (1, "--pe", "sip", "the only persistence engine is sip, for udp"),
        ),
        (
            rules("192.0.2.21", options="--pe sip", service="-u 192.0.2.100:5060"),
            (1, "-p", "sip", "persistence needs a time of at least one second"),
        ),
        (rules("192.0.2.21", options="-o"), (1, "-o", "", "the service is tcp, whose packets belong to connections")),
        (rules("192.0.2.21 -w 70000"), (2, "-w", "70000", "a weight is from 0 to 65535")),
        (rules("192.0.2.21 -x 4 -y 5"), (2, "-y", "5", "it is above the upper threshold, and was without effect")),
        (
            rules("192.0.2.21", "127.0.0.1"),
            (3, "-a", "127.0.0.1", "this is the director itself, which cannot be a real server here"),
        ),
        (
            rules("192.0.2.21", "192.0.2.100"),
            (3, "-a", "192.0.2.100", "this is the director itself, which cannot be a real server here"),
        ),
        (rules("192.0.2.21", "224.0.0.9"), (3, "-a", "224.0.0.9", "this cannot be the address of a host")),
        (
            rules("192.0.2.21 -i", "[2001:db8::21]:80 -i"),
            (
                3,
                "-a",
                "2001:db8::21",
                "the server is reached by the other family of addresses; here it is that of the VIP",
            ),
        ),
        (
            rules("192.0.2.21 -i --tun-type gre --tun-csum"),
            (2, "--tun-type", "gre csum", "real servers cannot unwrap gre with a checksum"),
        ),
        (
            rules("192.0.2.21 -i", "192.0.2.22 -i --tun-type gre"),
            (3, "--tun-type", "gre nocsum", "a service has one kind of tunnel: ipip nocsum"),
        ),
    ],
)
def test_what_is_lost_of_a_service(text, wanted):
    services, losses = read(text, nat_gateway=("192.0.2.1",))
    assert len(services) == 1
    assert losses == ([] if wanted is None else [wanted])


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        (
            rules("192.0.2.21", service="-f 7"),
            "fwmark 7 ipv4",
            "what mark 7 joins is in firewall rules: say its VIPs and ports, see docs/import.md",
        ),
        (
            rules("192.0.2.21", service="-t 192.0.2.100:0"),
            "tcp 192.0.2.100:0",
            "port 0 stands for all ports, which a service here has to list; a fwmark joins many",
        ),
        (rules("192.0.2.21", service="-t 127.0.0.1:80"), "tcp 127.0.0.1:80", "this cannot be a virtual address"),
        (rules(), "tcp 192.0.2.100:80", "no real server of it can be carried over"),
    ],
)
def test_services_that_cannot_be_carried_over(text, value, reason):
    assert read(text) == ([], [(1, "-A", value, reason)])


def test_a_mark_for_both_families_is_one_service():
    text = f"{rules('192.0.2.21', service='-f 7')}\n{rules('[2001:db8::21]', service='-f 7 -6')}".replace("]", "]:0")
    marks = {7: Mark(("192.0.2.107", "2001:db8::107"), (80,))}
    services, losses = read(text, marks=marks, hosts={"web1": ("192.0.2.21", "2001:db8::21")})
    assert [(service["name"], service["vip"]) for service in services] == [
        ("fwmark-7", ["192.0.2.107", "2001:db8::107"])
    ]
    assert losses == []


def test_a_mark_for_both_families_belongs_to_one_service():
    text = f"{rules('192.0.2.21', service='-f 7')}\n{rules('[2001:db8::21]', service='-f 7 -6')}".replace("]", "]:0")
    services, losses = read(text, marks={7: Mark(("192.0.2.107", "2001:db8::107"), (80,))})
    assert [service["vip"] for service in services] == ["192.0.2.107"]
    assert [service["name"] for service in services] == ["fwmark-7"]
    assert losses == [(3, "-A", "fwmark 7 ipv6", "its mark, or address and port, is that of fwmark 7 ipv4 already")]


def test_a_mark_may_not_take_what_another_service_has():
    text = f"{rules('192.0.2.21')}\n{rules('192.0.2.21', service='-f 7')}"
    _services, losses = read(text, marks={7: Mark(("192.0.2.100",), (443, 80))})
    assert losses == [
        (3, "-A", "fwmark 7 ipv4", "its mark, or address and port, is that of tcp 192.0.2.100:80 already")
    ]


def test_a_service_that_is_lost_takes_nothing_from_others():
    text = f"{rules('127.0.0.1')}\n{rules('192.0.2.21', service='-f 7')}"
    services, losses = read(text, marks={7: Mark(("192.0.2.100",), (80,))})
    assert [service["name"] for service in services] == ["fwmark-7"]
    assert len(losses) == 2


def test_ports_of_servers():
    servers = ("192.0.2.21:8080 -m", "192.0.2.22:80 -m", "192.0.2.23 -m", "192.0.2.24:0 -m")
    services, losses = read(rules(*servers), nat_gateway=("192.0.2.1",))
    assert services[0]["real_servers"] == [
        {"host": "192.0.2.21", "port": 8080},
        "192.0.2.22",
        "192.0.2.23",
        "192.0.2.24",
    ]
    assert losses == []


def test_ports_of_servers_of_a_mark():
    services, losses = read(
        rules("192.0.2.21:8080 -m", service="-f 7"),
        marks={7: Mark(("192.0.2.107",), (80,))},
        nat_gateway=("192.0.2.1",),
    )
    assert services[0]["real_servers"] == ["192.0.2.21"]
    assert losses == [(2, "-r", "8080", "packets of a fwmark service keep their port here")]


def test_a_host_is_listed_once():
    services, losses = read(rules("192.0.2.21:80 -m", "192.0.2.21:81 -m"), nat_gateway=("192.0.2.1",))
    assert services[0]["real_servers"] == ["192.0.2.21"]
    assert losses == [(3, "-a", "192.0.2.21", "the host is in the service already, and is listed once")]


def test_the_gateway_of_nat_is_asked_for():
    result = imported(rules("192.0.2.21 -m"))
    assert "lvs_nat_gateway" not in result.variables
    assert result.losses[-1].reason == (
        "write the address by which the real servers of tcp-192.0.2.100-80 answer; it moves with the VIPs"
    )
    assert imported(rules("192.0.2.21 -g"), nat_gateway=("192.0.2.1",)).variables.keys() == {"lvs_services"}


def test_hosts_are_called_as_the_user_says():
    text = f"{rules('192.0.2.21')}\n{rules('[2001:db8::21]:80', service='-t [2001:db8::100]:80')}"
    result = imported(text, hosts={"web1": ("192.0.2.21", "2001:db8::21")})
    assert [service["real_servers"] for service in result.variables["lvs_services"]] == [["web1"], ["web1"]]
    assert result.real_servers == {"web1": {"lvs_address": ["192.0.2.21", "2001:db8::21"]}}


def test_names_of_services_are_distinct_and_short():
    marks = {number: Mark((f"192.0.2.{100 + number}",), (80,)) for number in (1, 2)}
    text = "\n".join(rules("192.0.2.21", service=f"-f {number}") for number in marks)
    assert [service["name"] for service in read(text, marks=marks)[0]] == ["fwmark-1", "fwmark-2"]
    long = "n" * 80
    text = "".join(
        f"virtual={host}:80\n\tservicename={long}\n\tchecktype=on\n\treal=192.0.2.21 gate\n"
        for host in ("192.0.2.1", "192.0.2.2")
    )
    names = [service["name"] for service in imported(text).variables["lvs_services"]]
    assert names == ["n" * 64, f"{'n' * 56}-2"]
