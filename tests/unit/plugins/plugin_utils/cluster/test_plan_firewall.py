# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The opt-in filter: what each tier lets in."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.firewall import Flow, input_rule, merged
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    both_families,
    inventory,
    problems_of,
    service,
)

ALL = ("directors", "real_servers", "storage")
VIPS = ["192.0.2.100", "2001:db8::100"]
GATEWAYS = ["198.51.100.1", "2001:db8:2::1"]


def firewall_of(host, *services, make=both_families, firewall=ALL, **variables):
    (cluster,) = make_plan(make(services=list(services), firewall=list(firewall), **variables)).clusters
    return cluster.hosts[host].firewall


def test_nobody_is_filtered_unless_asked():
    assert firewall_of("lb1", service(), firewall=[]) is None


def test_only_the_named_tiers_are_filtered():
    assert firewall_of("lb1", service(), firewall=["storage"]) is None
    assert firewall_of("store1", service(), firewall=["storage"]) is not None
    assert firewall_of("client1", service()) is None


def test_a_director_lets_in_services_and_the_other_directors():
    dns = service(name="dns", port=53, protocol="udp", vip=VIPS[0], health_check=None)
    found = firewall_of("lb1", service(vip=VIPS, port=[80, 443]), dns)
    assert found.input == (
        "ip daddr { 192.0.2.100 } tcp dport { 80, 443 } accept",
        "ip6 daddr { 2001:db8::100 } tcp dport { 80, 443 } accept",
        "ip daddr { 192.0.2.100 } udp dport { 53 } accept",
        "ip saddr { 192.0.2.12 } meta l4proto 112 accept",
        "ip saddr { 192.0.2.12 } udp dport { 8848 } accept",
    )
    assert found.forward == ()


def test_directors_of_ipv6_synchronise_from_link_local_addresses():
    rules = firewall_of("lb1", service(vip=VIPS[1])).input
    assert "ip6 saddr { 2001:db8::12, fe80::/10 } udp dport { 8848 } accept" in rules
    assert "ip6 saddr { 2001:db8::12 } meta l4proto 112 accept" in rules


def test_a_single_director_expects_no_other():
    rules = firewall_of("lb1", service(), make=inventory, groups={"lvs_directors": ("lb1",)}).input
    assert rules == ("ip daddr { 192.0.2.100 } tcp dport { 80 } accept",)


@pytest.mark.parametrize("forwarding", ["nat", "fullnat"])
def test_a_director_forwards_what_real_servers_send(forwarding):
    found = firewall_of("lb1", service(vip=VIPS, forwarding=forwarding), nat_gateway=GATEWAYS)
    assert found.forward == (
        "ip saddr { 192.0.2.21, 192.0.2.22, 192.0.2.23 } accept",
        "ip6 saddr { 2001:db8::21, 2001:db8::22, 2001:db8::23 } accept",
    )
    assert firewall_of("web1", service(vip=VIPS, forwarding=forwarding), nat_gateway=GATEWAYS).forward == ()


def test_a_real_server_serves_the_vip_and_is_checked_on_its_own_address():
    assert firewall_of("web1", service(), make=inventory).input == (
        "ip daddr { 192.0.2.100 } tcp dport { 80 } accept",
        "ip daddr { 192.0.2.21 } tcp dport { 80 } accept",
    )


def test_a_port_for_checks_alone_is_for_directors():
    rules = firewall_of("web1", service(health_check={"type": "tcp", "port": 8081}), make=inventory).input
    assert rules[-1] == "ip saddr { 192.0.2.11, 192.0.2.12 } ip daddr { 192.0.2.21 } tcp dport { 8081 } accept"


def test_by_nat_nobody_knows_from_where_directors_check():
    nat = service(forwarding="nat", health_check={"type": "tcp", "port": 8081})
    assert firewall_of("web1", nat, make=inventory, nat_gateway=GATEWAYS[0]).input == (
        "ip daddr { 192.0.2.21 } tcp dport { 80, 8081 } accept",
    )


@pytest.mark.parametrize(
    ("tunnel", "four", "six"),
    [
        ({"type": "ipip"}, "meta l4proto 4", "meta l4proto 41"),
        ({"type": "gre"}, "meta l4proto 47", "meta l4proto 47"),
        ({"type": "gue", "port": 6080}, "udp dport { 6080 }", "udp dport { 6080 }"),
    ],
)
def test_tunnels_come_from_directors(tunnel, four, six):
    rules = firewall_of("web1", service(vip=VIPS, forwarding="tun", tunnel=tunnel)).input
    assert f"ip saddr {{ 192.0.2.11, 192.0.2.12 }} ip daddr {{ 192.0.2.21 }} {four} accept" in rules
    assert f"ip6 saddr {{ 2001:db8::11, 2001:db8::12 }} ip6 daddr {{ 2001:db8::21 }} {six} accept" in rules


def test_ftp_by_nat_needs_the_ports_of_its_data():
    ftp = service(port=21, forwarding="nat", health_check=None)
    rules = firewall_of("lb1", ftp, make=inventory, nat_gateway=GATEWAYS[0]).input
    assert rules[0] == "ip daddr { 192.0.2.100 } tcp dport { 21, 1024-65535 } accept"


def test_services_by_fwmark_are_let_in_by_vip_and_port():
    both = service(vip=VIPS[0], port=[80, 443], fwmark=7)
    assert firewall_of("lb1", both).input[0] == "ip daddr { 192.0.2.100 } tcp dport { 80, 443 } accept"
    assert firewall_of("web1", both).input[0] == "ip daddr { 192.0.2.100 } tcp dport { 80, 443 } accept"


def test_a_storage_host_serves_the_real_servers():
    assert firewall_of("store1", service(), make=inventory).input == (
        "ip saddr { 192.0.2.21, 192.0.2.22, 192.0.2.23 } tcp dport { 2049 } accept",
    )


def test_a_host_of_two_tiers_lets_in_what_both_need():
    groups = {"lvs_storage": ("web1",)}
    rules = firewall_of("web1", service(), make=inventory, groups=groups, firewall=["storage"]).input
    assert "ip daddr { 192.0.2.100 } tcp dport { 80 } accept" in rules
    assert rules[-1].endswith("tcp dport { 2049 } accept")


def test_what_the_user_adds():
    found = firewall_of("lb1", service(), firewall_accept=["9100/tcp", "60000-61000/udp"])
    assert found.input[-2:] == ("tcp dport 9100 accept", "udp dport 60000-61000 accept")


def test_wrong_tiers_and_ports():
    text = "\n".join(map(str, problems_of(inventory(firewall=["director"], firewall_accept="9100"))))
    assert "lvs_firewall" in text
    assert "9100/tcp" in text


def test_ports_of_equal_flows_are_joined_where_they_overlap():
    flows = [Flow(4, "tcp", ports) for ports in (("80", "8000-8010"), ("443",), ("8005-8020", "81"))]
    assert merged(flows) == (Flow(4, "tcp", ("80-81", "443", "8000-8020")),)


def test_a_flow_without_ports_stays_whole():
    flow = Flow(4, "4", sources=("192.0.2.11",))
    assert merged([flow, flow]) == (flow,)
    assert input_rule(flow) == "ip saddr { 192.0.2.11 } meta l4proto 4 accept"
