# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.addresses import AddressBook
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Machine
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Unreadable
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import HostVariables

LAN = ("192.0.2.0/24",)
VIPS = {"192.0.2.100": "lvs_services[0]"}


IPV4 = {4: "the VIP 192.0.2.100 of web"}
BOTH = {**IPV4, 6: "the VIP 2001:db8::100 of web"}


def choose(*, name="web1", ansible_host=None, facts=(), declared=(), networks=LAN, needed=None):
    """The addresses of a host, and the problems as texts."""
    problems = Problems()
    machine = Machine(Host(name, {}, ansible_host, tuple(facts)), HostVariables(address=tuple(declared)), True)
    address = AddressBook(networks, VIPS).addresses_of(machine, IPV4 if needed is None else needed, problems)
    return address, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        # lvs_address goes before everything, and may lie outside the network.
        ({"declared": ["192.0.2.21"], "ansible_host": "192.0.2.99", "facts": ["192.0.2.98"]}, "192.0.2.21"),
        ({"declared": ["198.51.100.21"]}, "198.51.100.21"),
        ({"declared": ["2001:db8::21", "192.0.2.21"]}, "192.0.2.21"),
        # then ansible_host, if it is an address,
        ({"ansible_host": "192.0.2.21", "facts": ["192.0.2.98"]}, "192.0.2.21"),
        ({"ansible_host": "192.0.2.21", "networks": ()}, "192.0.2.21"),
        ({"ansible_host": "203.0.113.5", "networks": ("198.51.100.0/24", "203.0.113.0/24")}, "203.0.113.5"),
        # or the host's name, to which Ansible connects if there is no ansible_host;
        ({"name": "192.0.2.21"}, "192.0.2.21"),
        # one in another network is where Ansible connects to, and no address of the cluster:
        ({"ansible_host": "10.0.0.21", "facts": ["10.0.0.21", "192.0.2.21"]}, "192.0.2.21"),
        # then facts: only such in the network, no VIPs,
        ({"ansible_host": "web1.example.com", "facts": ["198.51.100.7", "192.0.2.21"]}, "192.0.2.21"),
        ({"facts": ["192.0.2.100", "192.0.2.21"]}, "192.0.2.21"),
        ({"facts": ["192.0.2.21", "192.0.2.21"]}, "192.0.2.21"),
        ({"facts": ["2001:db8::21", "192.0.2.21", "nonsense"]}, "192.0.2.21"),
    ],
)
def test_the_address_is_chosen(given, address):
    addresses, problems = choose(**given)
    assert (addresses.ipv4, problems) == (address, [])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"declared": ["2001:db8::21"]},
            "lvs_address (web1): there is no IPv4 address, which the VIP 192.0.2.100 of web needs; "
            "write both families, such as lvs_address: [2001:db8::21, 192.0.2.21]",
        ),
        (
            {"declared": ["192.0.2.21", "192.0.2.22"]},
            "lvs_address (web1): 192.0.2.21 and 192.0.2.22 are two IPv4 addresses; keep the one that the cluster uses",
        ),
        (
            {"declared": ["192.0.2.100"]},
            "lvs_address (web1): 192.0.2.100 is a VIP, of lvs_services[0]; "
            "write the host's own address here, or choose a VIP that no host has",
        ),
        (
            {"ansible_host": "192.0.2.100", "facts": ["192.0.2.21"]},
            "ansible_host (web1): 192.0.2.100 is a VIP, of lvs_services[0]; "
            "write the host's own address here, or choose a VIP that no host has",
        ),
        (
            {"facts": ["192.0.2.21", "192.0.2.22"]},
            "lvs_address (web1): the VIP 192.0.2.100 of web needs an IPv4 address: the host has several addresses in 192.0.2.0/24: 192.0.2.21, 192.0.2.22; "
            "say which one it is with lvs_address",
        ),
        (
            {"ansible_host": Unreadable("'lab_nics' is undefined")},
            "lvs_address (web1): it is not set, and ansible_host cannot be had: 'lab_nics' is undefined; "
            "set lvs_address, or correct ansible_host",
        ),
        (
            {"networks": (), "facts": ["192.0.2.21"]},
            "lvs_address (web1): it is not set, and ansible_host is not an address that is the host's own; "
            "set lvs_address, or declare lvs_network and gather facts",
        ),
        (
            {"networks": (), "ansible_host": "2001:db8::21"},
            "lvs_address (web1): the VIP 192.0.2.100 of web needs an IPv4 address: it is not set, and ansible_host is "
            "not an IPv4 address that is the host's own; "
            "set lvs_address, or declare lvs_network and gather facts",
        ),
        (
            {"ansible_host": "10.0.0.21"},
            "lvs_address (web1): it is not set, ansible_host is not an address in 192.0.2.0/24, and no facts are "
            "known; set lvs_address, or gather facts of all hosts first (with --limit: from a fact cache)",
        ),
        (
            {"facts": ["198.51.100.7", "192.0.2.100"]},
            "lvs_address (web1): it is not set, and the host has not an address in 192.0.2.0/24; "
            "set lvs_address, or correct lvs_network",
        ),
        (
            {"ansible_host": 3232235521},
            "lvs_address (web1): it is not set, ansible_host is not an address in 192.0.2.0/24, and no facts are "
            "known; set lvs_address, or gather facts of all hosts first (with --limit: from a fact cache)",
        ),
    ],
)
def test_why_there_is_no_address(given, problem):
    assert choose(**given) == (None, [problem])


@pytest.mark.parametrize(
    "given",
    [
        {"declared": ["192.0.2.21", "2001:db8::21"]},
        {"ansible_host": "192.0.2.21", "facts": ["2001:db8::21", "fe80::1"], "networks": (*LAN, "2001:db8::/64")},
        {"ansible_host": "2001:db8::21", "facts": ["192.0.2.21"], "networks": (*LAN, "2001:db8::/64")},
        {"facts": ["192.0.2.21", "2001:db8:1::21", "2001:db8::21"], "networks": (*LAN, "2001:db8::/64")},
    ],
)
def test_there_is_one_address_of_each_family(given):
    addresses, problems = choose(**given, needed=BOTH)
    assert problems == []
    assert (addresses.ipv4, addresses.ipv6) == ("192.0.2.21", "2001:db8::21")
    assert list(addresses) == ["192.0.2.21", "2001:db8::21"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"declared": ["192.0.2.21"]},
            "lvs_address (web1): there is no IPv6 address, which the VIP 2001:db8::100 of web needs; "
            "write both families, such as lvs_address: [192.0.2.21, 2001:db8::21]",
        ),
        (
            {"ansible_host": "192.0.2.21", "networks": ()},
            "lvs_address (web1): the VIP 2001:db8::100 of web needs an IPv6 address: it is not set, and ansible_host "
            "is not an IPv6 address that is the host's own; set lvs_address, or declare lvs_network and gather facts",
        ),
        (
            {"ansible_host": "192.0.2.21", "facts": ["2001:db8::21", "2001:db8::22"], "networks": ("::/0", *LAN)},
            "lvs_address (web1): the VIP 2001:db8::100 of web needs an IPv6 address: the host has several addresses "
            "in ::/0, 192.0.2.0/24: 2001:db8::21, 2001:db8::22; say which one it is with lvs_address",
        ),
    ],
)
def test_a_family_that_a_vip_needs_is_missed(given, problem):
    assert choose(**given, needed=BOTH) == (None, [problem])


def test_a_family_that_nothing_needs_may_be_ambiguous():
    networks = (*LAN, "2001:db8::/64")
    addresses, problems = choose(facts=["192.0.2.21", "2001:db8::1", "2001:db8::2"], networks=networks)
    assert (addresses.ipv4, addresses.ipv6, problems) == ("192.0.2.21", None, [])


def test_a_host_that_no_vip_needs_still_has_an_address():
    assert choose(facts=["192.0.2.21", "192.0.2.22"], needed={}) == (
        None,
        [
            "lvs_address (web1): the host has several addresses in 192.0.2.0/24: 192.0.2.21, 192.0.2.22; "
            "say which one it is with lvs_address"
        ],
    )


def test_the_address_of_the_default_route_is_not_asked_for():
    """A host knows several networks; without a declared one, none of its facts is better than the others."""
    address, problems = choose(networks=(), facts=["192.0.2.21"])
    assert address is None
    assert len(problems) == 1
