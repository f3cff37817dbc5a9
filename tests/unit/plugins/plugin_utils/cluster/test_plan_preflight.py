# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that show when the parts of a declaration are seen together."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    ADDRESSES,
    GROUPS,
    data,
    inventory,
    problems_of,
    service,
    two_clusters,
)

OR_NAME_IT = "or name their group in lvs_directors_group"


def test_the_demo_has_no_problem():
    assert problems_of(inventory()) == []


def test_two_clusters_have_no_problem():
    assert problems_of(two_clusters()) == []


def test_an_empty_inventory_is_told_what_to_write():
    assert problems_of(Inventory((), {})) == [
        "inventory: there are no directors; "
        f"put the load balancers into the inventory group lvs_directors, {OR_NAME_IT}"
    ]


def test_a_mistyped_group_of_directors_is_recognised():
    groups = {"lvs_directors": (), "lvs_director": ("lb1", "lb2")}
    assert problems_of(inventory(groups=groups)) == [
        f"inventory: there are no directors; rename the group 'lvs_director' to lvs_directors, {OR_NAME_IT}"
    ]


def test_the_other_groups_are_not_taken_for_mistyped_directors():
    (problem,) = problems_of(inventory(groups={"lvs_directors": ()}))
    assert problem.endswith(f"put the load balancers into the inventory group lvs_directors, {OR_NAME_IT}")


def test_without_directors_nothing_else_is_said():
    """All would be consequences: services without a cluster to run them, data without anybody who reads it."""
    services = [service(real_servers="nobody"), service(vip="2001:db8::1")]
    an_inventory = inventory(groups={"lvs_directors": ()}, services=services, shared_data=[data(host="nobody")])
    assert len(problems_of(an_inventory)) == 1


def test_directors_in_another_cluster_than_the_rest():
    hosts = {name: {"cluster_name": "shop"} for name in ADDRESSES if not name.startswith("lb")}
    an_inventory = inventory(services=[], shared_data=None, hosts=hosts)
    assert problems_of(an_inventory) == [
        "cluster shop: inventory: there are no directors; "
        "see that lvs_directors_group and lvs_cluster_name are right on the hosts that shall be directors"
    ]


@pytest.mark.parametrize(
    ("groups", "problem"),
    [
        (
            {"lvs_real_servers": ("web1", "lb1")},
            "lb1 is both a director and a real server, which is not supported yet; "
            "take it out of the group lvs_directors or lvs_real_servers",
        ),
        (
            {"lvs_clients": ("lb2",)},
            "lb2 is both a director and a client, but a director cannot use its own VIPs; "
            "take it out of the group lvs_directors or lvs_clients",
        ),
        (
            {"lvs_clients": ("web3",)},
            "web3 is both a real server and a client, but it has the VIPs and would ask itself; "
            "take it out of the group lvs_real_servers or lvs_clients",
        ),
    ],
)
def test_some_tiers_exclude_each_other(groups, problem):
    assert problems_of(inventory(groups=groups)) == [f"inventory: {problem}"]


@pytest.mark.parametrize("storage", [("lb1",), ("web1",), ("client1",)])
def test_storage_may_be_on_any_host(storage):
    assert problems_of(inventory(groups={"lvs_storage": storage})) == []


def test_services_have_to_be_declared():
    assert problems_of(inventory(services=None)) == [
        "lvs_services: it is not set; "
        "list the services, for all hosts of the cluster (group_vars/all.yml), or write [] for none"
    ]


def test_no_services_may_be_declared():
    assert problems_of(inventory(services=[])) == []


def test_services_that_cannot_be_read_are_not_said_to_be_missing():
    assert problems_of(inventory(services="web")) == [
        "lvs_services: 'web' is not a list; write a list, each item a service, which is a mapping"
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"real_servers": "lvs_real_server"},
            "real_servers: there is no group 'lvs_real_server'; did you mean 'lvs_real_servers'?",
        ),
        (
            {"real_servers": "xyz"},
            "real_servers: there is no group 'xyz'; write a group of the inventory, or a list of hosts",
        ),
        (
            {"real_servers": "mixed"},
            "real_servers: not all hosts of group 'mixed' are real servers: lb1; "
            "put them into the cluster's group of real servers (lvs_real_servers) too",
        ),
        (
            {"real_servers": "empty"},
            "real_servers: group 'empty' has no real server of this cluster; write a group that has one",
        ),
        (
            {"real_servers": ["web1", "wbe2"]},
            "real_servers[1].host: 'wbe2' is not a real server of this cluster; did you mean 'web2'?",
        ),
        (
            {"real_servers": ["store1"]},
            "real_servers[0].host: 'store1' is not a real server of this cluster; "
            "put it into the inventory group lvs_real_servers",
        ),
        (
            {"real_servers": ["web1", "web2", "web1"]},
            "real_servers[2].host: 'web1' stands in the list twice; write each host once",
        ),
        (
            {"real_servers": [{"host": "web1", "port": 8080}]},
            "real_servers[0].port: with forwarding dr a real server serves on the service's own port; "
            "leave it out, or write forwarding: nat",
        ),
        (
            {"port": [80, 443], "real_servers": [{"host": "web1", "port": 80}]},
            "real_servers[0].port: with forwarding dr a real server serves on the service's own port; "
            "leave it out, or write forwarding: nat",
        ),
        (
            {"real_servers": [{"host": "web1", "upper_threshold": 10, "lower_threshold": 11}]},
            "real_servers[0].lower_threshold: 11 is more than the upper threshold, 10; "
            "write less than that, or leave it out",
        ),
        (
            {"real_servers": [{"host": "web1", "lower_threshold": 1}]},
            "real_servers[0].lower_threshold: 1 is more than the upper threshold, 0; "
            "write less than that, or leave it out",
        ),
        (
            {"health_check": {"type": "tcp", "path": "/a"}},
            "health_check.path: type tcp has no path; leave it out, or write type: http or https",
        ),
        (
            {"health_check": {"type": "none", "status": 200}},
            "health_check.status: type none has no status; leave it out, or write type: http or https",
        ),
        (
            {"protocol": "udp", "health_check": {"type": "tcp"}},
            "health_check.port: type tcp asks by TCP, but the service is udp; write the TCP port to ask, or type: none",
        ),
        (
            {"health_check": {"type": "udp"}},
            "health_check.port: type udp asks by UDP, but the service is tcp; write the UDP port to ask, or type: none",
        ),
        (
            {"health_check": {"type": "ping", "port": 80}},
            "health_check.port: type ping has no port; leave it out, or write type: "
            "http or https or tcp or udp or dns or smtp",
        ),
        (
            {"health_check": {"type": "misc", "script": "/bin/check"}},
            "health_check.user: type misc needs it; write user",
        ),
        (
            {"health_check": {"type": "file"}},
            "health_check.file: type file needs it; write file",
        ),
        (
            {"health_check": {"type": "file", "file": "/run/{address}"}},
            "health_check.file: nothing stands for {address}; write {host}",
        ),
        (
            {"health_check": {"type": "http", "path": "/a", "pages": ["/b"]}},
            "health_check.path: there are pages, which each have their own; write it in one of pages",
        ),
        (
            {"health_check": {"type": "http", "pages": [{"path": "/b", "regex_no_match": True}]}},
            "health_check.pages[0].regex_no_match: there is no regex; write regex, or leave it out",
        ),
        (
            {"health_check": {"type": "bfd", "fwmark": 1}},
            "health_check.fwmark: type bfd has no fwmark; leave it out, or write type: http or https or tcp or udp or dns "
            "or ping or smtp",
        ),
        (
            {"scheduler_flags": ["mh-port"]},
            "scheduler_flags: mh-port is a flag of the scheduler mh, and the service has wlc; "
            "leave it out, or write scheduler: mh",
        ),
        (
            {"one_packet": True},
            "one_packet: the service is tcp, whose packets belong to connections; leave it out, or write protocol: udp",
        ),
        (
            {"quorum": 2, "hysteresis": 2},
            "hysteresis: 2 is not less than the quorum, 2; write less than that, or leave it out",
        ),
        (
            {"persistence": {"timeout": 60, "prefix": 64}},
            "persistence.prefix: the service has no IPv6 VIP; write netmask, such as 255.255.255.0, instead",
        ),
        (
            {"persistence": {"timeout": 60, "engine": "sip"}},
            "persistence.engine: engine sip reads calls from udp, and the service is tcp; "
            "leave it out, or write protocol: udp",
        ),
        (
            {"sorry_server": "web1"},
            "sorry_server.host: 'web1' is one of the service's own real servers, which are out when it is needed; "
            "write another host, and give real_servers a group or list without it",
        ),
        (
            {"sorry_server": "wbe1"},
            "sorry_server.host: 'wbe1' is not a real server of this cluster; did you mean 'web1'?",
        ),
        (
            {"sorry_server": {"host": "web3", "port": 8080}, "real_servers": ["web1", "web2"]},
            "sorry_server.port: with forwarding dr a real server serves on the service's own port; "
            "leave it out, or write forwarding: nat",
        ),
    ],
)
def test_a_service_that_contradicts_itself_or_the_inventory(changes, problem):
    groups = {"mixed": ("web1", "lb1"), "empty": ()}
    assert problems_of(inventory(groups=groups, services=[service(**changes)])) == [f"lvs_services[0].{problem}"]


@pytest.mark.parametrize(
    "changes",
    [
        {"real_servers": None},
        {"real_servers": [{"host": "web1", "port": 80}]},
        {"real_servers": [{"host": "web1", "upper_threshold": 10, "lower_threshold": 10}]},
        {"protocol": "udp", "health_check": None},
        {"protocol": "udp", "health_check": {"type": "http", "port": 8080}},
        {"protocol": "udp", "health_check": {"type": "none"}},
        {"health_check": {"type": "tcp", "port": 8080}},
        {"vip": "198.51.100.7"},
        {"protocol": "sctp", "health_check": None},
        {"protocol": "udp", "one_packet": True, "health_check": {"type": "dns"}},
        {"scheduler": "mh", "scheduler_flags": ["mh-port", "mh-fallback"]},
        {"scheduler_flags": "flag-3"},
        {"quorum": 2, "hysteresis": 1},
        {"sorry_server": "web3", "real_servers": ["web1", "web2"]},
        {"port": ["8000-8003", 80]},
        {"health_check": {"type": "https", "virtualhost": "www.example.com", "status": 301}},
        {"health_check": {"type": "ping", "fwmark": 9, "warmup": 0}},
        {"health_check": {"type": "http", "pages": ["/a", {"path": "/b", "status": "200-299", "regex": "ok$"}]}},
        {"health_check": {"type": "https", "path": "/", "regex": "bad", "regex_no_match": True}},
        {"health_check": {"type": "smtp", "helo_name": "lb.example.org"}},
        {"health_check": {"type": "misc", "script": "/usr/bin/check {host} {address}:{port}", "user": "nobody"}},
        {"health_check": {"type": "file", "file": "/run/checks/{host}"}},
        {"health_check": {"type": "bfd", "min_rx": 300}},
    ],
)
def test_a_service_that_is_right(changes):
    assert problems_of(inventory(services=[service(**changes)])) == []


def test_bfd_checks_agree_on_their_session():
    services = [
        service(health_check={"type": "bfd", "min_rx": 300}),
        service(name="other", vip="192.0.2.101", health_check={"type": "bfd", "min_rx": 300, "multiplier": 3}),
    ]
    assert problems_of(inventory(services=services)) == [
        "lvs_services[1].health_check.multiplier: it is 3, and not set in lvs_services[0], but a director has one session "
        "with a server; write the same in all bfd checks"
    ]


def test_the_default_real_servers_have_to_be_there():
    groups = {"lvs_real_servers": ()}
    an_inventory = inventory(groups=groups, services=[service(real_servers=None)], shared_data=None)
    assert problems_of(an_inventory) == [
        "lvs_services[0].real_servers: the cluster has no real servers; "
        "put hosts into the inventory group lvs_real_servers, or name their group in lvs_real_servers_group"
    ]


def test_a_wrong_group_is_reported_for_each_service_that_has_it():
    services = [service(real_servers="xyz"), service(name="b", vip="192.0.2.101", real_servers="xyz")]
    assert [problem.split(":")[0] for problem in problems_of(inventory(services=services))] == [
        "lvs_services[0].real_servers",
        "lvs_services[1].real_servers",
    ]


def test_two_services_with_one_name():
    services = [service(), service(vip="192.0.2.101")]
    assert problems_of(inventory(services=services)) == [
        "lvs_services[1].name: 'web' is the name of lvs_services[0] too; give each service another name"
    ]


def test_a_name_that_another_service_gets_for_its_ports():
    services = [service(port=[80, 443]), service(name="web-443", vip="192.0.2.101")]
    assert problems_of(inventory(services=services)) == [
        "lvs_services[1].name: 'web-443' is the name of lvs_services[0] too; give each service another name"
    ]


def test_two_services_with_one_endpoint():
    services = [service(), service(name="b")]
    assert problems_of(inventory(services=services)) == [
        "lvs_services[1]: 192.0.2.100 port 80/tcp is that of lvs_services[0] too; keep one of them"
    ]


def test_endpoints_are_compared_one_by_one():
    services = [
        service(vip=["192.0.2.100", "192.0.2.101"], port=[80, 443]),
        service(name="b", vip="192.0.2.101", port=443),
    ]
    assert problems_of(inventory(services=services)) == [
        "lvs_services[1]: 192.0.2.101 port 443/tcp is that of lvs_services[0] too; keep one of them"
    ]


@pytest.mark.parametrize("changes", [{"port": 81}, {"vip": "192.0.2.101"}, {"protocol": "udp", "health_check": None}])
def test_services_that_differ_in_one_thing_are_different(changes):
    assert problems_of(inventory(services=[service(), service(name="b", **changes)])) == []


def test_a_vip_belongs_to_one_cluster():
    services = [service(vip=["192.0.2.100", "192.0.2.101"], real_servers=None)]
    assert problems_of(two_clusters(services=services)) == [
        "cluster b: lvs_services[0].vip: 192.0.2.100 is a VIP of cluster a too; give each cluster its own"
    ]


def test_a_vip_belongs_to_one_cluster_whatever_the_port():
    services = [service(port=8080, real_servers=None)]
    assert problems_of(two_clusters(services=services)) == [
        "cluster b: lvs_services[0].vip: 192.0.2.100 is a VIP of cluster a too; give each cluster its own"
    ]


def test_a_group_that_two_clusters_share_gives_each_its_own_hosts():
    hosts = {name: {"cluster_name": "b", "services": [service(vip="192.0.2.101")]} for name in ("lb2", "web3")}
    assert problems_of(inventory(cluster_name="a", shared_data=None, hosts=hosts)) == []


def test_a_group_of_another_cluster_has_none_of_ours():
    services = [service(vip="192.0.2.101", real_servers="lvs_real_servers")]
    assert problems_of(two_clusters(services=services)) == [
        "cluster b: lvs_services[0].real_servers: group 'lvs_real_servers' has no real server of this cluster; "
        "write a group that has one"
    ]


def test_a_vip_cannot_be_the_address_of_a_host():
    assert problems_of(inventory(services=[service(vip="192.0.2.31")])) == [
        "ansible_host (store1): 192.0.2.31 is a VIP, of lvs_services[0]; "
        "write the host's own address here, or choose a VIP that no host has"
    ]


def test_a_vip_cannot_be_the_address_of_another_clusters_host():
    assert problems_of(two_clusters(services=[service(vip="192.0.2.21", real_servers=None)])) == [
        "ansible_host (web1): 192.0.2.21 is a VIP, of cluster b: lvs_services[0]; "
        "write the host's own address here, or choose a VIP that no host has"
    ]


def test_two_hosts_cannot_have_one_address():
    hosts = {"web2": {"address": "192.0.2.21"}}
    assert problems_of(inventory(hosts=hosts)) == [
        "lvs_address (web2): 192.0.2.21 is the address of web1 too; give each host its own"
    ]


def test_two_directors_cannot_have_one_priority():
    hosts = {"lb1": {"priority": 100}, "lb2": {"priority": 100}}
    assert problems_of(inventory(hosts=hosts)) == [
        "lvs_priority (lb2): 100 is the priority of lb1 too; give it another one"
    ]


def test_two_clusters_cannot_have_one_vrid():
    an_inventory = two_clusters(vrrp={"virtual_router_id": 101})
    assert problems_of(an_inventory) == [
        "cluster b: lvs_vrrp.virtual_router_id: VRID 101 is that of cluster a too; "
        "give the newer one another number; 62 is free"
    ]


def test_two_clusters_cannot_have_one_sync_id():
    assert problems_of(two_clusters(vrrp={"sync_id": 101})) == [
        "cluster b: lvs_vrrp.sync_id: sync id 101 is that of cluster a too; give the newer one another number; 62 is free"
    ]


def test_a_vrid_that_is_reserved_cannot_be_declared():
    assert problems_of(inventory(vrrp={"virtual_router_id": 51}, reserved_vrids=[51])) == [
        "lvs_vrrp.virtual_router_id: VRID 51 is in lvs_reserved_vrids; take another one, or shorten that list"
    ]


def test_a_sync_id_may_be_a_reserved_vrid():
    assert problems_of(inventory(vrrp={"sync_id": 51}, reserved_vrids=[51])) == []


def test_a_variable_that_the_play_sets_is_refused():
    an_inventory = dataclasses.replace(inventory(), set_by_play=("lvs_services",))
    assert problems_of(an_inventory) == [
        "lvs_services: it is set in the play or by a role, where only that play would see it; "
        "set it in the inventory, such as in group_vars/all.yml, or by -e"
    ]


def test_shared_data_is_checked():
    assert problems_of(inventory(shared_data=[data(host="nas")])) == [
        "lvs_shared_data[0].host: 'nas' is not a storage host of this cluster; write one of store1"
    ]


def test_a_host_without_an_address_is_reported_once():
    hosts = tuple(Host(host.name, host.variables, None) for host in inventory().hosts)
    assert problems_of(Inventory(hosts, GROUPS)) == [
        "lvs_address (lb1, lb2, web1, web2 and 3 more): it is not set, and ansible_host is not an address that is "
        "the host's own; set lvs_address, or declare lvs_network and gather facts"
    ]


def test_mistakes_of_all_kinds_are_reported_at_once():
    """A wrong type, an unknown key, a contradiction, a clash, an unknown variable: one run shows them all."""
    an_inventory = inventory(
        services=[
            service(port="eighty"),
            service(scheduler="wlcc"),
            service(real_servers="nobody"),
            service(name="b"),
        ],
        shared_data=[data(path="srv"), data(host="nas")],
        servics=[],
        hosts={"lb1": {"priority": 100}, "lb2": {"priority": 100}, "web2": {"address": "192.0.2.21"}},
    )
    assert [problem.partition(": ")[0] for problem in problems_of(an_inventory)] == [
        "lvs_servics (lb1, lb2, web1, web2 and 3 more)",
        "lvs_services[0].port",
        "lvs_services[1].scheduler",
        "lvs_shared_data[0].path",
        "lvs_services[3]",
        "lvs_services[2].real_servers",
        "lvs_shared_data[1].host",
        "lvs_address (web2)",
        "lvs_priority (lb2)",
    ]


def test_what_cannot_be_judged_is_not():
    """The network cannot be read: whether the hosts have addresses in it is not known. The services can be judged."""
    hosts = tuple(Host(host.name, {**host.variables, "lvs_network": 5}, None) for host in inventory().hosts)
    assert [problem.partition(":")[0] for problem in problems_of(Inventory(hosts, GROUPS))] == ["lvs_network"]


def test_a_netmask_is_for_ipv4():
    persistence = {"timeout": 60, "netmask": "255.255.255.0"}
    six = {name: {"address": four.replace("192.0.2.", "2001:db8::")} for name, four in ADDRESSES.items()}
    an_inventory = inventory(hosts=six, services=[service(vip="2001:db8::100", persistence=persistence)])
    assert problems_of(an_inventory) == [
        "lvs_services[0].persistence.netmask: the service has no IPv4 VIP; write prefix, with a number of bits, instead"
    ]
