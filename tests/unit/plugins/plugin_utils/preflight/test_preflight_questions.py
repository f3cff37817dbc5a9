# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.filter.preflight_questions import FilterModule
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import inventory, service
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.preflight.test_preflight_report import plans_of

questions = FilterModule().filters()["preflight_questions"]


def packets(asked, check):
    return [packet for packet in asked["packets"] if packet["check"] == check]


def test_a_director_is_asked_about_its_services():
    asked = questions(plans_of(inventory())["lb1"])
    assert asked["modules"] == ["ip_vs", "ip_vs_wlc"]
    assert "net.ipv4.vs.expire_nodest_conn" in asked["sysctls"]
    assert asked["destinations"] == ["192.0.2.21", "192.0.2.22", "192.0.2.23"]
    assert asked["ask_for"] == ["192.0.2.100"]
    assert asked["listen_at"] == ["192.0.2.11"]
    assert packets(asked, "firewall-blocks-service") == [
        {
            "check": "firewall-blocks-service",
            "what": "web (192.0.2.100:80/tcp)",
            "family": 4,
            "protocol": "tcp",
            "destination": "192.0.2.100",
            "dport": 80,
            "state": "new",
        }
    ]
    (vrrp,) = packets(asked, "firewall-blocks-vrrp")
    assert (vrrp["source"], vrrp["destination"]) == ("192.0.2.12", "192.0.2.11")
    (sync,) = packets(asked, "firewall-blocks-sync")
    assert (sync["protocol"], sync["dport"]) == ("udp", 8848)
    assert packets(asked, "firewall-blocks-answers") == []


def test_answers_pass_through_a_director_by_nat():
    declared = {"services": [service(forwarding="nat", real_servers=[{"host": "web1", "port": 8080}])]}
    plans = plans_of(inventory(**declared, nat_gateway="192.0.2.1"))
    (answer,) = packets(questions(plans["lb1"]), "firewall-blocks-answers")
    assert (answer["hook"], answer["source"], answer["sport"]) == ("forward", "192.0.2.21", 8080)
    asked = questions(plans["web1"])
    assert asked["destinations"] == ["192.0.2.1"]
    assert [(packet["destination"], packet["dport"]) for packet in asked["packets"]] == [("192.0.2.21", 8080)]


def test_a_fwmark_service_is_asked_for_by_its_lowest_port():
    plans = plans_of(inventory(services=[service(fwmark=1, port=["8000-8009", 443])]))
    (packet,) = packets(questions(plans["lb1"]), "firewall-blocks-service")
    assert packet["dport"] == 443


def test_a_real_server_is_asked_about_its_vips():
    (packet,) = questions(plans_of(inventory())["web1"])["packets"]
    assert (packet["destination"], packet.get("protocol")) == ("192.0.2.100", None)


def test_other_hosts_are_asked_nothing_special():
    nothing = {"modules": [], "sysctls": [], "destinations": [], "ask_for": [], "listen_at": [], "packets": []}
    assert questions(plans_of(inventory())["store1"]) == nothing
