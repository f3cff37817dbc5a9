# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding methods and fwmarks: what the plan says of directors and real servers, and what is refused."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import as_data
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ports import as_ranges
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    both_families,
    inventory,
    problems_of,
    service,
)

VIPS = ["192.0.2.100", "2001:db8::100"]
GATEWAYS = ["198.51.100.1", "2001:db8:2::1"]
WEB = ["192.0.2.21", "192.0.2.22", "192.0.2.23"]
WEB6 = ["2001:db8::21", "2001:db8::22", "2001:db8::23"]


def plan_of(*services, **variables):
    (cluster,) = make_plan(both_families(services=list(services), **variables)).clusters
    return cluster


def director_of(*services, **variables):
    return as_data(plan_of(*services, **variables).hosts["lb1"].director)


def real_server_of(*services, host="web1", **variables):
    return as_data(plan_of(*services, **variables).hosts[host].real_server)


def vs_only(sysctls):
    return all(name.startswith("net.ipv4.vs.") for name in sysctls)


@pytest.mark.parametrize("forwarding", ["dr", "tun"])
def test_what_keeps_the_vip_needs_nothing_of_the_directors(forwarding):
    director = director_of(service(vip=VIPS, forwarding=forwarding))
    assert vs_only(director["sysctls"])
    assert director["masquerades"] == director["marks"] == director["nat_gateways"] == []
    real_server = real_server_of(service(vip=VIPS, forwarding=forwarding))
    assert real_server["vips"] == VIPS
    assert real_server["gateways"] == []


def test_nat_makes_routers_of_the_directors():
    director = director_of(service(vip=VIPS, forwarding="nat"), nat_gateway=GATEWAYS)
    assert director["nat_gateways"] == GATEWAYS
    assert director["sysctls"]["net.ipv4.ip_forward"] == 1
    assert director["sysctls"]["net.ipv4.conf.all.send_redirects"] == 0
    assert director["sysctls"]["net.ipv6.conf.all.forwarding"] == 1
    assert director["masquerades"] == []
    assert "net.ipv4.vs.conntrack" not in director["sysctls"]


def test_one_family_by_nat_leaves_the_other_alone():
    sysctls = director_of(service(forwarding="nat"), nat_gateway=GATEWAYS[0])["sysctls"]
    assert "net.ipv6.conf.all.forwarding" not in sysctls


def test_answers_of_nat_go_by_the_gateway():
    services = [
        service(name="a", vip=VIPS, port=[80, 443], forwarding="nat"),
        service(name="b", port=53, protocol="udp", forwarding="nat", health_check=None),
        service(name="c", port=8000, forwarding="nat", real_servers=[{"host": "web1", "port": 8080}]),
    ]
    real_server = real_server_of(*services, nat_gateway=GATEWAYS)
    assert real_server["vips"] == real_server["tunnels"] == []
    assert real_server["gateways"] == [
        {"source": WEB[0], "gateway": GATEWAYS[0], "protocol": "tcp", "ports": ["80", "443", "8080"]},
        {"source": WEB6[0], "gateway": GATEWAYS[1], "protocol": "tcp", "ports": ["80", "443"]},
        {"source": WEB[0], "gateway": GATEWAYS[0], "protocol": "udp", "ports": ["53"]},
    ]


def test_ftp_by_nat_has_a_helper_and_sends_everything_by_the_gateway():
    ftp = service(port=21, forwarding="nat", health_check=None)
    assert "ip_vs_ftp" in director_of(ftp, nat_gateway=GATEWAYS)["kernel_modules"]
    (route,) = real_server_of(ftp, nat_gateway=GATEWAYS)["gateways"]
    assert route["ports"] == []


def test_clients_beside_the_real_servers_are_masqueraded():
    networks = ["198.51.100.0/24", "2001:db8:2::/64"]
    director = director_of(service(vip=VIPS, forwarding="nat"), nat_gateway=GATEWAYS, nat_clients=networks)
    assert director["sysctls"]["net.ipv4.vs.conntrack"] == 1
    assert "nf_conntrack" in director["kernel_modules"]
    assert [(each["vips"], each["sources"], each["destinations"]) for each in director["masquerades"]] == [
        (VIPS[:1], networks[:1], WEB),
        (VIPS[1:], networks[1:], WEB6),
    ]


def test_fullnat_masquerades_everybody():
    director = director_of(service(vip=VIPS, port=[80, 81], forwarding="fullnat"), conntrack_max=500000)
    assert director["sysctls"]["net.ipv4.vs.conntrack"] == 1
    assert director["sysctls"]["net.netfilter.nf_conntrack_max"] == 500000
    assert director["masquerades"][0] == {
        "family": 4,
        "vips": VIPS[:1],
        "protocol": "tcp",
        "ports": ["80"],
        "sources": [],
        "destinations": WEB,
    }
    assert len(director["masquerades"]) == 4
    real_server = real_server_of(service(vip=VIPS, forwarding="fullnat"))
    assert real_server["vips"] == real_server["gateways"] == []


def test_a_real_server_may_have_a_method_of_its_own():
    servers = ["web1", {"host": "web2", "forwarding": "fullnat", "port": 8080}, {"host": "web3", "forwarding": "tun"}]
    web = service(real_servers=servers)
    assert real_server_of(web)["vips"] == VIPS[:1]
    assert real_server_of(web, host="web2")["vips"] == []
    assert real_server_of(web, host="web3")["tunnels"] == [{"type": "ipip", "family": 4, "port": None}]
    assert [each["destinations"] for each in director_of(web)["masquerades"]] == [[WEB[1]]]


@pytest.mark.parametrize(
    ("tunnel", "resolved", "added"),
    [
        (None, {"type": "ipip", "port": None, "checksum": "nocsum"}, 0),
        ({"type": "gue", "checksum": "remcsum"}, {"type": "gue", "port": 6080, "checksum": "remcsum"}, 20),
        ({"type": "gue", "port": 7000}, {"type": "gue", "port": 7000, "checksum": "nocsum"}, 12),
        ({"type": "gre"}, {"type": "gre", "port": None, "checksum": "nocsum"}, 4),
    ],
)
def test_tunnels(tunnel, resolved, added):
    web = service(vip=VIPS, forwarding="tun", tunnel=tunnel)
    four, six = director_services = as_data(plan_of(web).services)
    assert [each["tunnel"] for each in director_services] == [resolved, resolved]
    assert [server["tunnel"] for server in four["real_servers"] + six["real_servers"]] == [resolved] * 6
    real_server = real_server_of(web)
    assert real_server["tunnels"] == [
        {"type": resolved["type"], "family": 4, "port": resolved["port"]},
        {"type": resolved["type"], "family": 6, "port": resolved["port"]},
    ]
    assert real_server["tunnel_overheads"] == [{"family": 4, "bytes": 20 + added}, {"family": 6, "bytes": 40 + added}]


def test_a_sorry_server_gets_packets_as_the_others_do():
    servers = {"real_servers": ["web1", "web2"], "sorry_server": "web3"}
    assert real_server_of(service(forwarding="tun", **servers), host="web3")["tunnels"]
    assert real_server_of(service(forwarding="nat", **servers), host="web3", nat_gateway=GATEWAYS)["gateways"]
    (masquerade,) = director_of(service(forwarding="fullnat", **servers))["masquerades"]
    assert masquerade["destinations"] == WEB


def test_a_sorry_server_may_have_another_method():
    web = service(real_servers=["web1", "web2"], sorry_server={"host": "web3", "forwarding": "tun"})
    assert real_server_of(web, host="web3")["tunnels"] == [{"type": "ipip", "family": 4, "port": None}]
    assert real_server_of(web)["tunnels"] == []
    web["sorry_server"] = {"host": "web3", "forwarding": "fullnat", "port": 8080}
    director = director_of(web)
    assert [each["destinations"] for each in director["masquerades"]] == [["192.0.2.23"]]
    assert director["sysctls"]["net.ipv4.ip_forward"] == 1
    assert real_server_of(web, host="web3")["vips"] == []


def test_a_fwmark_joins_vips_and_ports():
    web = service(vip=[*VIPS, "192.0.2.101"], port=[443, 80, "8000-8099"], fwmark=7)
    four, six = plan_of(web).services
    assert (four.name, four.vip, four.port, four.fwmark, four.family) == ("web-ipv4", None, None, 7, 4)
    assert (four.vips, four.ports) == (("192.0.2.100", "192.0.2.101"), ("80", "443", "8000-8099"))
    assert (six.vips, six.family) == (("2001:db8::100",), 6)
    assert {server.port for server in four.real_servers} == {0}
    assert four.health_check.port == 443
    assert director_of(web)["marks"] == [
        {"family": 4, "vips": list(four.vips), "protocol": "tcp", "ports": list(four.ports), "mark": 7},
        {"family": 6, "vips": list(six.vips), "protocol": "tcp", "ports": list(six.ports), "mark": 7},
    ]
    assert real_server_of(web)["vips"] == ["192.0.2.100", "192.0.2.101", "2001:db8::100"]


def test_a_fwmark_service_by_nat_answers_from_all_its_ports():
    (route,) = real_server_of(service(port=[80, 443], fwmark=7, forwarding="nat"), nat_gateway=GATEWAYS)["gateways"]
    assert route["ports"] == ["80", "443"]


def test_neighbouring_ports_are_ranges():
    assert as_ranges([443, 81, 80, 82, 90]) == ("80-82", "90", "443")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"forwarding": "nat"},
            "lvs_nat_gateway: there is no IPv4 one, by which the answers of web (forwarding nat) have to come back; "
            "write an address of the real servers' network, such as 198.51.100.1, or forwarding: fullnat",
        ),
        (
            {"tunnel": {"type": "gre"}},
            "lvs_services[0].tunnel: the service is forwarded by dr; leave it out, or write forwarding: tun",
        ),
        (
            {"forwarding": "tun", "tunnel": {"type": "gre", "port": 6080}},
            "lvs_services[0].tunnel.port: gre has no port; leave it out, or write type: gue",
        ),
        (
            {"forwarding": "tun", "tunnel": {"type": "gre", "checksum": "csum"}},
            "lvs_services[0].tunnel.checksum: real servers cannot unwrap gre with csum; write nocsum",
        ),
        (
            {"forwarding": "tun", "real_servers": [{"host": "web1", "port": 8080}, "web2"]},
            "lvs_services[0].real_servers[0].port: with forwarding tun a real server serves on the service's own port; "
            "leave it out, or write forwarding: nat",
        ),
        (
            {"fwmark": 7, "forwarding": "fullnat", "real_servers": [{"host": "web1", "port": 8080}, "web2"]},
            "lvs_services[0].real_servers[0].port: a packet of a fwmark service keeps its port; leave it out",
        ),
        (
            {"port": "1-65"},
            "lvs_services[0].port: 65 ports would be as many IPVS services for each VIP; 64 are the most; "
            "join them to one service by a fwmark, such as fwmark: 1",
        ),
    ],
)
def test_what_does_not_go_together(changes, problem):
    assert problems_of(inventory(services=[service(**changes)])) == [problem]


def test_two_services_cannot_have_one_fwmark():
    services = [service(fwmark=7), service(name="b", port=81, fwmark=7)]
    assert problems_of(inventory(services=services)) == [
        "lvs_services[1].fwmark: 7 is the mark of lvs_services[0] too; give each service its own"
    ]


def test_a_fwmark_service_and_a_plain_one_cannot_have_one_port():
    services = [service(fwmark=7, port=[80, 81]), service(name="b", port=81)]
    assert problems_of(inventory(services=services)) == [
        "lvs_services[1]: 192.0.2.100 port 81/tcp is that of lvs_services[0] too; keep one of them"
    ]


def test_fullnat_needs_conntrack():
    problems = problems_of(inventory(services=[service(forwarding="fullnat")], sysctl={"net.ipv4.vs.conntrack": 0}))
    assert problems == [
        "lvs_sysctl['net.ipv4.vs.conntrack']: it is 0, and web is forwarded by fullnat, which needs it; leave it out"
    ]


@pytest.mark.parametrize(
    ("gateway", "problem"),
    [
        (
            ["198.51.100.1", "198.51.100.2"],
            "lvs_nat_gateway: there are several IPv4 addresses; write one of each family",
        ),
        (
            "192.0.2.21",
            "ansible_host (web1): 192.0.2.21 is a VIP, of lvs_nat_gateway; "
            "write the host's own address here, or choose a VIP that no host has",
        ),
    ],
)
def test_gateways(gateway, problem):
    assert problems_of(inventory(services=[service(forwarding="nat")], nat_gateway=gateway)) == [problem]
