# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.lvs.cluster.plugins.filter.preflight_questions import FilterModule
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import inventory, service
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.preflight.test_preflight_report import plans_of

ROLES = Path(__file__).parents[5] / "roles"
OPTIONS = {"modules", "sysctls", "destinations", "ask_for", "listen_at", "programs", "packets"}
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
    asked = questions(plans_of(inventory())["store1"])
    assert asked == {key: [] for key in OPTIONS}


def test_programs_of_checks():
    misc = {"type": "misc", "user": "nobody"}
    declared = [
        service(health_check={**misc, "script": "/usr/local/bin/check {vip} {vport} {address} {port}"}),
        service(
            name="other",
            port=81,
            real_servers=["web1", "web2"],
            health_check={**misc, "script": "/srv/{host}/{address}-{port}/{vip}-{vport}"},
        ),
        service(
            name="mark", fwmark=7, port=[82, 83], real_servers=["web1"], health_check={**misc, "script": "/m{vip}"}
        ),
    ]
    plans = plans_of(inventory(services=declared))
    assert questions(plans["lb1"])["programs"] == [
        "/usr/local/bin/check",
        "/srv/web1/192.0.2.21-81/192.0.2.100-81",
        "/srv/web2/192.0.2.22-81/192.0.2.100-81",
        "/m7",
    ]
    assert questions(plans["web1"])["programs"] == []


def test_an_engine_that_runs_no_checks_runs_no_programs():
    check = {"type": "misc", "user": "nobody", "script": "/usr/local/bin/check"}
    plans = plans_of(inventory(services=[service(health_check=check)], director_engine="static"))
    assert questions(plans["lb1"])["programs"] == []


def test_the_role_asks_all_of_it():
    (task,) = yaml.safe_load((ROLES / "preflight/tasks/main.yml").read_text(encoding="utf-8"))
    assert set(task["lvs.cluster.preflight_info"]) == OPTIONS
