# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check of the hosts is made to fire by its mistake, and is silent on a cluster that is well."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import as_data, complete_slice
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ids import HOSTS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.report import make_reports, render, summary
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    ADDRESSES,
    both_families,
    inventory,
    service,
)

SETTINGS = {"rp_filter": 0, "proxy_arp": 0, "disable_ipv6": 0, "accept_ra": 1}


def plans_of(an_inventory):
    """What host_plan returns on each host."""
    (cluster,) = make_plan(an_inventory).clusters
    services = as_data(cluster.services)
    return {
        name: complete_slice(as_data(part), cluster.overview(), services if part.sees_services else [])
        for name, part in cluster.hosts.items()
    }


def link(name, mac, *addresses, **changes):
    """An interface that is well."""
    own = {"kind": "", "mac": mac, "mtu": 1500, "up": True, "monitored": True, "lro": False}
    return {"name": name, **own, "settings": dict(SETTINGS), "addresses": list(addresses), **changes}


def facts_of(plans):
    """What preflight_info returns on hosts that are well."""
    facts = {}
    for number, (name, plan) in enumerate(plans.items()):
        own = ADDRESSES[name]
        addresses = [f"{own}/24", f"{own.replace('192.0.2.', '2001:db8::')}/64"]
        servers = [
            each["address"] for one in (plan["director"] or {}).get("services", ()) for each in one["real_servers"]
        ]
        facts[name] = {
            "kernel": "6.12.57+deb13-amd64",
            "modules_folder": True,
            "modules": dict.fromkeys((plan["director"] or {}).get("kernel_modules", ()), "available"),
            "unknown_sysctls": [],
            "conntrack_max": 262144,
            "connection_buckets": 4096,
            "systemd": True,
            "keepalived": "2.3.4",
            "programs": {},
            "firewalls": [],
            "flushes_nftables": False,
            "ipvs_owner": None,
            "interfaces": [link("lo", "", "127.0.0.1/8"), link("eth0", f"52:54:00:00:00:{number:02x}", *addresses)],
            "routes": {address: {"interface": "eth0", "gateway": None, "type": None} for address in servers},
            "default_routes": [{"interface": "eth0", "gateway": "192.0.2.1", "protocol": "static"}],
            "answers": {"192.0.2.100": []} if plan["director"] else {},
            "blocked": [],
            "vrrp": [],
        }
    return facts


def eth0(facts, host):
    return facts[host]["interfaces"][1]


NAT = {"services": [service(forwarding="nat")], "nat_gateway": "192.0.2.1", "nat_clients": ["192.0.2.0/24"]}
FULLNAT = {"services": [service(forwarding="fullnat")]}
FWMARK = {"services": [service(fwmark=1)]}
GUE = {"services": [service(forwarding="tun", tunnel={"type": "gue"})]}
SORRY = {"services": [service(real_servers=["web1", "web2"], sorry_server="web3")]}


def module(state):
    return lambda facts: facts["lb1"]["modules"].update(ip_vs_wlc=state)


def set_on(host, key, value):
    return lambda facts: facts[host].update({key: value})


def set_eth0(host, **changes):
    return lambda facts: eth0(facts, host).update(changes)


def setting(host, **changes):
    return lambda facts: eth0(facts, host)["settings"].update(changes)


def address(host, text, index=1):
    return lambda facts: facts[host]["interfaces"][index]["addresses"].append(text)


def second_link(host, **changes):
    def change(facts):
        facts[host]["interfaces"].append(link("eth1", "52:54:00:00:01:00", "198.51.100.9/24", **changes))

    return change


def heard(sender):
    """An advert with the VRID of the cluster, on lb1."""
    (instance,) = plans_of(inventory())["lb1"]["director"]["vrrp_instances"]
    advert = {"interface": "eth0", "sender": sender, "virtual_router_id": instance["virtual_router_id"]}
    return set_on("lb1", "vrrp", [advert])


def blocked(host, check):
    return set_on(host, "blocked", [{"check": check, "what": "web", "by": "the policy drop of chain inet f input"}])


def gone(facts):
    module("missing")(facts)
    facts["lb1"]["modules_folder"] = False


def strict(facts):
    second_link("lb1")(facts)
    setting("lb1", rp_filter=1)(facts)


def loopback_vip(facts):
    address("web1", "192.0.2.100/24", index=0)(facts)


def router(facts):
    facts["lb1"]["routes"]["192.0.2.22"]["gateway"] = "192.0.2.1"


def unrouted(facts):
    del facts["lb1"]["routes"]["192.0.2.22"]


def advertised(facts):
    facts["lb1"]["default_routes"] = [{"interface": "eth0", "gateway": "fe80::1", "protocol": "ra"}]


def other_network(facts):
    eth0(facts, "lb2")["addresses"] = ["192.0.2.12/32", "2001:db8::12/64"]
    eth0(facts, "lb1")["addresses"] = ["192.0.2.11/31", "2001:db8::11/64"]
    for host in ("lb1", "lb2"):
        facts[host]["answers"] = {}


MISTAKES = {
    "kernel-module-missing": ("lb1", {}, module("missing")),
    "kernel-module-blocked": ("lb1", {}, module("blocked")),
    "kernel-replaced": ("lb1", {}, gone),
    "kernel-too-old": ("lb1", GUE, set_on("lb1", "kernel", "4.19.0-27-amd64")),
    "unknown-sysctl": ("lb1", {}, set_on("lb1", "unknown_sysctls", ["net.ipv4.vs.conn_max"])),
    "small-conntrack": ("lb1", FULLNAT, set_on("lb1", "conntrack_max", 8192)),
    "small-connection-table": ("lb1", {"conntrack_max": 20000}, set_on("lb1", "connection_buckets", 256)),
    "ipvs-owner": ("lb1", {}, set_on("lb1", "ipvs_owner", "ldirectord")),
    "no-systemd": ("web1", {}, set_on("web1", "systemd", False)),
    "keepalived-old": ("lb1", {}, lambda facts: [facts[host].update(keepalived="2.1.5") for host in ("lb1", "lb2")]),
    "keepalived-sorry-server": (
        "lb1",
        SORRY,
        lambda facts: [facts[host].update(keepalived="2.3.3") for host in ("lb1", "lb2")],
    ),
    "keepalived-versions-differ": ("lb2", {}, set_on("lb2", "keepalived", "2.2.8")),
    "address-missing": ("web1", {}, set_eth0("web1", addresses=["192.0.2.99/24"])),
    "interface-missing": ("web1", {"hosts": {"web1": {"interface": "eth9"}}}, lambda facts: None),
    "link-down": ("web1", {}, set_eth0("web1", up=False)),
    "ipv6-disabled": ("web1", {"vip": "2001:db8::100"}, setting("web1", disable_ipv6=1)),
    "accept-ra-lost": ("lb1", {"vip": "2001:db8::100", "forwarding": "fullnat"}, advertised),
    "bond-unmonitored": ("web1", {}, set_eth0("web1", monitored=False)),
    "lro-on": ("lb1", FULLNAT, set_eth0("lb1", lro=True)),
    "strict-rp-filter": ("lb1", FULLNAT, strict),
    "proxy-arp": ("web1", {}, setting("web1", proxy_arp=1)),
    "vip-prefix": ("lb1", {}, address("lb1", "192.0.2.100/24")),
    "vip-on-wrong-host": ("store1", {}, address("store1", "192.0.2.100/32")),
    "vip-on-wrong-device": ("web1", {}, address("web1", "192.0.2.100/32")),
    "vip-mask": ("web1", {}, loopback_vip),
    "vip-answered": ("lb1", {}, set_on("lb1", "answers", {"192.0.2.100": ["52:54:00:00:00:99"]})),
    "vrid-taken": ("lb1", {}, heard("192.0.2.7")),
    "vip-outside-networks": ("lb1", {}, set_on("lb1", "answers", {"203.0.113.1": []})),
    "duplicate-mac": ("web2", {}, lambda facts: eth0(facts, "web2").update(mac=eth0(facts, "web1")["mac"])),
    "duplicate-address": ("store1", {}, address("store1", "192.0.2.21/24")),
    "dr-through-router": ("lb1", {}, router),
    "no-route-to-server": ("lb1", {}, unrouted),
    "mtu-differs": ("web1", {}, set_eth0("web1", mtu=9000)),
    "nat-gateway-elsewhere": (
        "web1",
        {**NAT, "nat_gateway": "198.51.100.1"},
        lambda facts: [second_link(host)(facts) for host in ("web2", "web3")],
    ),
    "nat-client-on-link": ("client1", {**NAT, "nat_clients": None}, lambda facts: None),
    "gateway-is-director": (
        "web1",
        {},
        set_on("web1", "default_routes", [{"interface": "eth0", "gateway": "192.0.2.11", "protocol": "static"}]),
    ),
    "directors-apart": ("lb2", {}, other_network),
    "firewall-blocks-service": ("lb1", {}, blocked("lb1", "firewall-blocks-service")),
    "firewall-blocks-vrrp": ("lb1", {}, blocked("lb1", "firewall-blocks-vrrp")),
    "firewall-blocks-sync": ("lb1", {}, blocked("lb1", "firewall-blocks-sync")),
    "firewall-blocks-answers": ("lb1", NAT, blocked("lb1", "firewall-blocks-answers")),
    "check-program": ("lb1", {}, set_on("lb1", "programs", {"/usr/local/bin/check": "missing"})),
    "firewall-manager": ("lb1", {}, set_on("lb1", "firewalls", ["firewalld"])),
    "nftables-flush": ("lb1", FWMARK, set_on("lb1", "flushes_nftables", True)),
}


def inventory_of(declared):
    """The demo cluster, as one of both families where a VIP is of IPv6."""
    if "vip" in declared:
        own = service(vip=["192.0.2.100", declared["vip"]], forwarding=declared.get("forwarding", "dr"))
        return both_families(services=[own], preflight_ignore=declared.get("preflight_ignore"))
    return inventory(**declared)


def report(declared, change):
    """The report on a cluster with one mistake; a change of None is none."""
    plans = plans_of(inventory_of(declared))
    facts = facts_of(plans)
    if change is not None:
        change(facts)
    (made,) = make_reports(plans, facts)
    return made


def test_each_check_has_its_mistake():
    assert MISTAKES.keys() == HOSTS.keys()


@pytest.mark.parametrize("check", HOSTS)
def test_a_mistake_is_found(check):
    host, declared, change = MISTAKES[check]
    entries = report(declared, change).entries
    assert {entry.check for entry in entries} == {check}
    assert host in entries[0].hosts
    assert entries[0].error == HOSTS[check].error
    assert entries[0].fix


@pytest.mark.parametrize("check", HOSTS)
def test_without_the_mistake_nothing_is_found(check):
    _host, declared, _change = MISTAKES[check]
    declared = {key: value for key, value in declared.items() if key != "hosts"}
    if check in ("nat-gateway-elsewhere", "nat-client-on-link"):
        declared = NAT
    assert report(declared, None).entries == ()


@pytest.mark.parametrize("check", HOSTS)
def test_a_check_can_be_silenced(check):
    _host, declared, change = MISTAKES[check]
    assert report({**declared, "preflight_ignore": [check]}, change).entries == ()


def test_the_same_finding_on_several_hosts_is_one():
    def change(facts):
        for host in ("web1", "web2"):
            eth0(facts, host)["mtu"] = 9000

    (entry,) = report({}, change).entries
    assert entry.hosts == ("web1", "web2")


def test_a_known_machine_that_answers_is_named():
    def change(facts):
        facts["lb1"]["answers"] = {"192.0.2.100": [eth0(facts, "web2")["mac"]]}

    (entry,) = report({}, change).entries
    assert (entry.check, entry.hosts) == ("vip-answered", ("web2",))


def test_a_director_may_answer_for_the_vip():
    def change(facts):
        facts["lb2"]["answers"] = {"192.0.2.100": [eth0(facts, "lb1")["mac"]]}

    assert report({}, change).entries == ()


def test_an_unknown_machine_may_be_a_director_that_was_not_looked_at():
    def change(facts):
        del facts["lb2"]
        facts["lb1"]["answers"] = {"192.0.2.100": ["52:54:00:00:00:99"]}

    made = report({}, change)
    assert made.entries == ()
    assert made.not_looked_at == ("lb2",)


def test_vips_where_the_roles_bind_them_are_no_mistake():
    def change(facts):
        facts["web1"]["interfaces"].append(link("lvs0", "", "192.0.2.100/32", kind="dummy"))
        facts["web2"]["interfaces"].append(link("tunl0", "", "192.0.2.100/32", kind="ipip"))
        address("lb1", "192.0.2.100/32")(facts)

    assert report({}, change).entries == ()


def test_a_table_may_be_taken_over():
    assert report({"take_over": True}, MISTAKES["ipvs-owner"][2]).entries == ()


def test_keepalived_is_not_installed_yet():
    assert report(SORRY, set_on("lb1", "keepalived", None)).entries == ()


def test_programs_of_health_checks():
    programs = {"/bin/there": "executable", "/bin/gone": "missing", "/bin/plain": "not executable"}
    found = report({}, set_on("lb2", "programs", programs)).entries
    assert [(entry.hosts, entry.what, entry.fix) for entry in found] == [
        (("lb2",), "/bin/gone, the program of a health check, is missing", "install /bin/gone there"),
        (
            ("lb2",),
            "/bin/plain, the program of a health check, is not executable",
            "make it a program that may be run: chmod 755 /bin/plain",
        ),
    ]


def test_a_host_that_does_not_answer_is_named():
    plans = plans_of(inventory())
    facts = facts_of(plans)
    del facts["web3"]
    (made,) = make_reports(plans, facts)
    assert made.entries == ()
    assert made.not_looked_at == ("web3",)
    assert any("Not looked at, so not checked: web3" in line.text for line in render(made))


def test_a_limited_run_checks_what_takes_part():
    plans = {name: plan for name, plan in plans_of(inventory()).items() if name == "web1"}
    (made,) = make_reports(plans, facts_of(plans))
    assert made.entries == ()
    assert set(made.not_looked_at) == ADDRESSES.keys() - {"web1"}


def test_hosts_of_no_cluster_have_no_report():
    plan = copy.deepcopy(plans_of(inventory())["web1"])
    plan["cluster"] = None
    assert make_reports({"web1": plan}, {}) == []


def test_the_screen_has_everything():
    def change(facts):
        set_eth0("web1", mtu=9000)(facts)
        set_on("lb1", "ipvs_owner", "ldirectord")(facts)

    text = [line.text for line in render(report({}, change))]
    assert text == [
        "Preflight of the LVS cluster lvs",
        "  error [ipvs-owner] lb1: ldirectord holds the IPVS table",
        "      why: two programs on one IPVS table undo each other's work",
        "      fix: stop ldirectord there, or take the host out of the directors",
        "  warning [mtu-differs] web1: the MTU of eth0 is 9000, and on lb1 it is 1500",
        "      why: large packets are lost between the two",
        "      fix: give all interfaces of the segment the same MTU",
    ]


def test_all_is_well_on_the_screen():
    assert [line.text for line in render(report({}, None))][-1] == "  Nothing stands in the way on 7 hosts."


def test_the_summary_names_three_errors():
    def change(facts):
        for host in ("lb1", "lb2"):
            set_on(host, "unknown_sysctls", ["a", "b"])(facts)
        unrouted(facts)
        router_of_web1 = facts["lb1"]["routes"]["192.0.2.21"]
        router_of_web1["gateway"] = "192.0.2.1"

    text = summary([report({}, change)])
    assert text.startswith("4 errors, see the screen above for what to do: [unknown-sysctl] lb1, lb2: ")
    assert "; ... Nothing was changed." in text


@pytest.mark.parametrize("sender", ["192.0.2.12", "2001:db8::12"])
def test_adverts_of_another_director_are_no_finding(sender):
    assert report({}, heard(sender)).entries == ()
