# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a whole inventory to what each host gets."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.declared import read_table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.rules import render
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import as_data, complete_slice
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import DeclarationError, make_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    ADDRESSES,
    GROUPS,
    both_families,
    data,
    inventory,
    problems_of,
    service,
    two_clusters,
)


def slice_of(an_inventory, host):
    """The slice of a host as `host_plan` returns it."""
    for cluster in make_plan(an_inventory).clusters:
        if host in cluster.hosts:
            part = cluster.hosts[host]
            services = as_data(cluster.services) if part.sees_services else []
            return complete_slice(as_data(part), cluster.overview(), services)
    raise KeyError(host)


CLUSTER = {
    "name": "lvs",
    "directors": ["lb1", "lb2"],
    "real_servers": ["web1", "web2", "web3"],
    "storage": ["store1"],
    "clients": ["client1"],
}
SERVICES = [
    {
        "name": "web",
        "protocol": "tcp",
        "family": 4,
        "vip": "192.0.2.100",
        "port": 80,
        "fwmark": None,
        "vips": ["192.0.2.100"],
        "ports": ["80"],
        "forwarding": "dr",
        "tunnel": None,
        "scheduler": "wlc",
        "scheduler_flags": [],
        "persistence": None,
        "one_packet": False,
        "quorum": 1,
        "hysteresis": 0,
        "inhibit_on_failure": False,
        "readiness": None,
        "keepalived_lines": {"virtual_server": [], "real_server": []},
        "sorry_server": None,
        "real_servers": [
            {
                "host": f"web{number}",
                "address": f"192.0.2.2{number}",
                "port": 80,
                "weight": 1,
                "upper_threshold": 0,
                "lower_threshold": 0,
                "forwarding": "dr",
                "tunnel": None,
            }
            for number in (1, 2, 3)
        ],
        "health_check": {
            "type": "http",
            "path": None,
            "status": None,
            "digest": None,
            "regex": None,
            "regex_no_match": None,
            "pages": [
                {
                    "path": "/healthz",
                    "status": [200],
                    "virtualhost": None,
                    "digest": None,
                    "regex": None,
                    "regex_no_match": False,
                }
            ],
            "virtualhost": None,
            "payload": None,
            "require_reply": None,
            "name": None,
            "record": None,
            "helo_name": None,
            "script": None,
            "user": None,
            "dynamic": None,
            "script_timeout": None,
            "file": None,
            "min_rx": None,
            "min_tx": None,
            "multiplier": None,
            "fwmark": None,
            "bind_if": None,
            "warmup": None,
            "port": None,
            "delay_loop": 2,
            "connect_timeout": 2,
            "retry": 1,
            "delay_before_retry": 1,
        },
    }
]
NOTHING = {
    "cluster": CLUSTER,
    "take_over": False,
    "preflight_ignore": [],
    "director": None,
    "real_server": None,
    "nfs_server": None,
    "nfs_client": None,
    "storage_pair": None,
    "rsync_server": None,
    "rsync_client": None,
    "cluster_fs": None,
    "data_gate": None,
    "firewall": None,
    "verify": {"services": []},
}


def test_the_slice_of_a_director():
    assert slice_of(inventory(), "lb1") == {
        **NOTHING,
        "tiers": ["directors"],
        "director": {
            "engine": "keepalived",
            "address": "192.0.2.11",
            "interface": None,
            "vrrp_instances": [
                {
                    "name": "lvs",
                    "virtual_router_id": 88,
                    "priority": 150,
                    "advert_int": 1,
                    "nopreempt": False,
                    "preempt_delay": 60,
                    "garp_master_delay": 5,
                    "garp_master_refresh": 0,
                    "unicast_src_ip": "192.0.2.11",
                    "unicast_peers": ["192.0.2.12"],
                    "virtual_addresses": ["192.0.2.100/32"],
                    "excluded_addresses": [],
                }
            ],
            "startup_delay": 0,
            "sync_daemon": {"id": 88},
            "services": SERVICES,
            "nat_gateways": [],
            "marks": [],
            "masquerades": [],
            "table": [],
            "drain_timeout": 30,
            "keep_weights": False,
            "keepalived_lines": {
                "top": [],
                "global_defs": [],
                "vrrp_instance": [],
                "virtual_server": [],
                "real_server": [],
            },
            "ldirectord_lines": [],
            "ldirectord_cf": "",
            "kernel_modules": ["ip_vs", "ip_vs_wlc"],
            "sysctls": {"net.ipv4.vs.expire_nodest_conn": 1, "net.ipv4.vs.expire_quiescent_template": 1},
        },
        "verify": {"services": SERVICES},
    }


def test_times_below_a_second():
    own = slice_of(inventory(vrrp={"advert_int": 0.25, "startup_delay": 2.5}), "lb1")["director"]
    assert (own["vrrp_instances"][0]["advert_int"], own["startup_delay"]) == (0.25, 2.5)


def test_the_table_of_the_static_engine_is_what_ipvs_table_takes():
    declared = [
        service(vip=["192.0.2.100", "2001:db8::100"], persistence={"timeout": 60, "prefix": 64}, scheduler="sh"),
        service(name="all", vip="192.0.2.101", fwmark=7, forwarding="tun", tunnel={"type": "gue"}, port=[80, 443]),
        service(name="far", vip="192.0.2.102", forwarding="fullnat"),
    ]
    hosts = {f"web{number}": {"address": [f"192.0.2.2{number}", f"2001:db8::2{number}"]} for number in (1, 2, 3)}
    hosts |= {f"lb{number}": {"address": [f"192.0.2.1{number}", f"2001:db8::1{number}"]} for number in (1, 2)}
    own = slice_of(inventory(director_engine="static", services=declared, hosts=hosts), "lb1")["director"]
    assert (own["engine"], own["keep_weights"]) == ("static", False)
    assert render(read_table(own["table"])).splitlines()[::4] == [
        "-A -t 192.0.2.100:80 -s sh -p 60",
        "-A -t [2001:db8::100]:80 -s sh -p 60 -M 64",
        "-A -f 7 -s wlc",
        "-A -t 192.0.2.102:80 -s wlc",
    ]
    assert [server["forwarding"] for server in own["table"][3]["servers"]] == ["nat"] * 3
    assert own["table"][2]["servers"][0]["tunnel"] == {"type": "gue", "port": 6080, "checksum": "nocsum"}
    assert [each["health_check"] for each in own["services"]] == [None] * 4


def test_the_slice_of_the_other_director_mirrors_it():
    (instance,) = slice_of(inventory(), "lb2")["director"]["vrrp_instances"]
    assert (instance["priority"], instance["unicast_src_ip"], instance["unicast_peers"]) == (
        140,
        "192.0.2.12",
        ["192.0.2.11"],
    )


def test_the_slice_of_a_real_server():
    assert slice_of(inventory(), "web2") == {
        **NOTHING,
        "tiers": ["real_servers"],
        "real_server": {
            "address": "192.0.2.22",
            "interface": None,
            "vips": ["192.0.2.100"],
            "tunnels": [],
            "tunnel_overheads": [],
            "gateways": [],
        },
        "nfs_client": {
            "mounts": [
                {
                    "name": "www",
                    "path": "/srv/www",
                    "source": "192.0.2.31:/srv/www",
                    "access": "rw",
                    "options": ["rw", "vers=4.2", "hard", "bg", "_netdev", "nofail", "nodev", "nosuid"],
                }
            ]
        },
    }


def test_the_slice_of_a_storage_host():
    assert slice_of(inventory(), "store1") == {
        **NOTHING,
        "tiers": ["storage"],
        "nfs_server": {
            "exports": [
                {
                    "name": "www",
                    "path": "/srv/www",
                    "owner": "root",
                    "group": "root",
                    "mode": "0755",
                    "clients": [
                        {"address": address, "access": "rw"} for address in ("192.0.2.21", "192.0.2.22", "192.0.2.23")
                    ],
                    "squash": "root_squash",
                    "anonuid": None,
                    "anongid": None,
                    "security": ["sys"],
                    "fsid": None,
                }
            ],
            "versions": [4],
        },
    }


def test_the_slice_of_a_client():
    assert slice_of(inventory(), "client1") == {**NOTHING, "tiers": ["clients"], "verify": {"services": SERVICES}}


def test_a_host_outside_is_a_bystander():
    plan = make_plan(inventory(addresses={"bastion": None}))
    assert plan.bystanders == ("bastion",)


def test_a_host_may_be_of_several_tiers():
    part = slice_of(inventory(groups={"lvs_storage": ("web3",), "lvs_clients": ("store1",)}), "web3")
    assert part["tiers"] == ["real_servers", "storage"]
    assert part["real_server"]["vips"] == ["192.0.2.100"]
    assert len(part["nfs_server"]["exports"]) == 1


def test_a_real_server_does_not_mount_what_it_exports():
    an_inventory = inventory(groups={"lvs_storage": ("web3",)})
    assert slice_of(an_inventory, "web3")["nfs_client"] == {"mounts": []}
    assert len(slice_of(an_inventory, "web1")["nfs_client"]["mounts"]) == 1


def test_each_storage_host_exports_its_own():
    shared_data = [data(host="store2"), data(name="media", path="/srv/media", host="store1")]
    an_inventory = inventory(
        shared_data=shared_data, groups={"lvs_storage": ("store1", "store2")}, addresses={"store2": "192.0.2.32"}
    )
    names = {
        host: [export["name"] for export in slice_of(an_inventory, host)["nfs_server"]["exports"]]
        for host in ("store1", "store2")
    }
    assert names == {"store1": ["media"], "store2": ["www"]}
    sources = [mount["source"] for mount in slice_of(an_inventory, "web1")["nfs_client"]["mounts"]]
    assert sources == ["192.0.2.32:/srv/www", "192.0.2.31:/srv/media"]


def test_a_storage_host_without_data_exports_nothing():
    an_inventory = inventory(shared_data=None)
    assert slice_of(an_inventory, "store1")["nfs_server"] == {"exports": [], "versions": [4]}
    assert slice_of(an_inventory, "web1")["nfs_client"] == {"mounts": []}


def test_without_services_there_is_no_vrrp():
    director = slice_of(inventory(services=[]), "lb1")["director"]
    assert director["vrrp_instances"] == []
    assert director["sync_daemon"] is None
    assert director["services"] == []
    assert director["kernel_modules"] == ["ip_vs"]


def test_without_services_real_servers_have_no_vip():
    assert slice_of(inventory(services=[]), "web1")["real_server"]["vips"] == []


def test_a_real_server_that_no_service_uses_has_no_vip():
    an_inventory = inventory(services=[service(real_servers=["web1"])])
    assert slice_of(an_inventory, "web1")["real_server"]["vips"] == ["192.0.2.100"]
    assert slice_of(an_inventory, "web2")["real_server"]["vips"] == []


def test_a_real_server_of_weight_0_keeps_its_vip():
    """Its connections are not over yet."""
    an_inventory = inventory(services=[service(real_servers=[{"host": "web1", "weight": 0}])])
    assert slice_of(an_inventory, "web1")["real_server"]["vips"] == ["192.0.2.100"]


def test_a_vip_of_several_services_is_held_once():
    services = [service(port=[80, 443]), service(name="b", port=8080, scheduler="sh")]
    an_inventory = inventory(services=services)
    (instance,) = slice_of(an_inventory, "lb1")["director"]["vrrp_instances"]
    assert instance["virtual_addresses"] == ["192.0.2.100/32"]
    assert slice_of(an_inventory, "web1")["real_server"]["vips"] == ["192.0.2.100"]


def test_adverts_name_the_lowest_vip_and_the_others_follow():
    """So that most VIPs come and go without directors that drop each other's adverts meanwhile."""
    services = [service(vip=["192.0.2.109", "192.0.2.20"]), service(name="b", vip="192.0.2.105")]
    (instance,) = slice_of(inventory(services=services), "lb1")["director"]["vrrp_instances"]
    assert instance["virtual_addresses"] == ["192.0.2.20/32"]
    assert instance["excluded_addresses"] == ["192.0.2.109/32", "192.0.2.105/32"]


def test_the_modules_of_all_schedulers_are_loaded():
    services = [service(scheduler="sh"), service(name="b", port=81, scheduler="mh"), service(name="c", port=82)]
    modules = slice_of(inventory(services=services), "lb1")["director"]["kernel_modules"]
    assert modules == ["ip_vs", "ip_vs_mh", "ip_vs_sh", "ip_vs_wlc"]


def test_declared_sysctls_go_before_ours():
    sysctl = {"net.ipv4.vs.expire_nodest_conn": 0, "net.ipv4.vs.sync_threshold": "3 10"}
    assert slice_of(inventory(sysctl=sysctl), "lb1")["director"]["sysctls"] == {
        "net.ipv4.vs.expire_nodest_conn": 0,
        "net.ipv4.vs.expire_quiescent_template": 1,
        "net.ipv4.vs.sync_threshold": "3 10",
    }


def test_vrrp_is_as_declared():
    vrrp = {"advert_int": 2, "preempt_delay": 10, "virtual_router_id": 51, "sync_id": 7}
    hosts = {"lb2": {"priority": 200, "interface": "eth1", "take_over": True}}
    part = slice_of(inventory(vrrp=vrrp, hosts=hosts), "lb2")
    (instance,) = part["director"]["vrrp_instances"]
    assert (instance["advert_int"], instance["preempt_delay"]) == (2, 10)
    assert (instance["virtual_router_id"], instance["priority"]) == (51, 200)
    assert part["director"]["sync_daemon"] == {"id": 7}
    assert part["director"]["interface"] == "eth1"
    assert part["take_over"] is True


def test_a_single_director_has_no_peers():
    (instance,) = slice_of(inventory(groups={"lvs_directors": ("lb1",)}), "lb1")["director"]["vrrp_instances"]
    assert instance["unicast_peers"] == []


def test_persistence_is_as_declared():
    an_inventory = inventory(services=[service(persistence={"timeout": 300})])
    assert slice_of(an_inventory, "lb1")["director"]["services"][0]["persistence"] == {
        "timeout": 300,
        "netmask": None,
        "prefix": None,
        "engine": None,
    }


def test_vips_of_both_families_follow_one_instance():
    an_inventory = both_families(services=[service(vip=["2001:db8::100", "192.0.2.100"])])
    (instance,) = slice_of(an_inventory, "lb1")["director"]["vrrp_instances"]
    assert instance["virtual_addresses"] == ["192.0.2.100/32"]
    assert instance["excluded_addresses"] == ["2001:db8::100/128"]
    assert instance["unicast_peers"] == ["192.0.2.12"]
    assert slice_of(an_inventory, "web1")["real_server"]["vips"] == ["2001:db8::100", "192.0.2.100"]


def test_directors_with_ipv6_vips_alone_speak_vrrp_by_ipv6():
    an_inventory = both_families(services=[service(vip="2001:db8::100")])
    (instance,) = slice_of(an_inventory, "lb1")["director"]["vrrp_instances"]
    assert instance["virtual_addresses"] == ["2001:db8::100/128"]
    assert instance["excluded_addresses"] == []
    assert (instance["unicast_src_ip"], instance["unicast_peers"]) == ("2001:db8::11", ["2001:db8::12"])


def test_a_cluster_of_ipv6_alone():
    six = {name: {"address": four.replace("192.0.2.", "2001:db8::")} for name, four in ADDRESSES.items()}
    an_inventory = inventory(hosts=six, services=[service(vip="2001:db8::100")])
    (mount,) = slice_of(an_inventory, "web1")["nfs_client"]["mounts"]
    assert mount["source"] == "[2001:db8::31]:/srv/www"


def test_hosts_that_share_data_have_a_family_in_common():
    problems = problems_of(inventory(hosts={"store1": {"address": "2001:db8::31"}}))
    assert problems == [
        "lvs_address (store1): there is no family of addresses that real servers and storage hosts have in common; "
        "write an IPv4 address for these hosts, or an IPv6 one for the others"
    ]


def test_the_sorry_server_binds_the_vip_too():
    an_inventory = inventory(services=[service(real_servers=["web1"], sorry_server="web3")])
    assert slice_of(an_inventory, "web3")["real_server"]["vips"] == ["192.0.2.100"]
    assert slice_of(an_inventory, "web2")["real_server"]["vips"] == []


def test_the_persistence_engine_is_loaded():
    sip = service(port=5060, protocol="udp", persistence={"timeout": 60, "engine": "sip"}, health_check=None)
    assert slice_of(inventory(services=[sip]), "lb1")["director"]["kernel_modules"] == [
        "ip_vs",
        "ip_vs_pe_sip",
        "ip_vs_wlc",
    ]


def test_addresses_are_those_in_the_declared_network():
    hosts = tuple(
        Host(host.name, {**host.variables, "lvs_network": "192.0.2.0/24"}, f"10.0.0.{number}", (host.ansible_host,))
        for number, host in enumerate(inventory().hosts, 1)
    )
    assert slice_of(Inventory(hosts, GROUPS), "web1")["real_server"]["address"] == "192.0.2.21"


def test_numbers_stay_when_services_and_other_clusters_come_and_go():
    def numbers(an_inventory):
        plan = make_plan(an_inventory)
        director = plan.clusters[0].hosts["lb1"].director
        return director.vrrp_instances[0].virtual_router_id, director.sync_daemon.id

    both = two_clusters()
    alone = Inventory(both.hosts[:2], both.groups)
    more = [service(real_servers=None), service(name="b", port=443, real_servers=None)]
    with_more = Inventory(
        tuple(Host(h.name, {**h.variables, "lvs_services": more}, h.ansible_host) for h in alone.hosts), both.groups
    )
    assert numbers(both) == numbers(alone) == numbers(with_more) == (101, 101)


def test_clusters_are_told_apart():
    first, second = make_plan(two_clusters()).clusters
    assert (first.name, second.name) == ("a", "b")
    assert set(first.hosts) == {"lb1", "web1"}
    assert set(second.hosts) == {"lb3", "web4"}
    assert second.overview() == {
        "name": "b",
        "directors": ["lb3"],
        "real_servers": ["web4"],
        "storage": [],
        "clients": [],
    }
    assert second.hosts["lb3"].director.vrrp_instances[0].name == "b"
    assert second.hosts["web4"].real_server.vips == ("192.0.2.101",)


def test_the_plan_does_not_depend_on_the_order_of_hosts():
    an_inventory = inventory()
    turned = Inventory(an_inventory.hosts[::-1], an_inventory.groups)
    assert make_plan(turned) == make_plan(an_inventory)


def test_the_error_is_the_report():
    with pytest.raises(DeclarationError) as error:
        make_plan(inventory(services=[service(scheduler="wlcc")]))
    assert str(error.value) == (
        "The declaration (lvs_* variables and groups) has 1 problem. Nothing was changed.\n"
        "  - lvs_services[0].scheduler: 'wlcc' is not a scheduler; did you mean 'wlc'? "
        "Known: rr, wrr, lc, wlc, fo, ovf, lblc, lblcr, dh, sh, mh, sed, nq, twos"
    )
    assert [problem.where for problem in error.value.problems] == ["lvs_services[0].scheduler"]


@pytest.mark.parametrize("scale", [1, 2])
def test_a_large_cluster_is_no_problem(scale):
    """Each service uses the whole group, which must not make each of them cost as much as the group is large."""
    servers = {f"rs{number}": f"10.1.{number // 250}.{number % 250 + 1}" for number in range(200 * scale)}
    services = [service(name=f"s{number}", port=1000 + number) for number in range(200 * scale)]
    plan = make_plan(inventory(services=services, addresses=servers, groups={"lvs_real_servers": tuple(servers)}))
    (cluster,) = plan.clusters
    assert len(cluster.services) == 200 * scale
    assert all(len(item.real_servers) == 200 * scale for item in cluster.services)
    assert not any(part.sees_services for name, part in cluster.hosts.items() if name in servers)
