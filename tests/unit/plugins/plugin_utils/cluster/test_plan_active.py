# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directors that are active for some VIPs each."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.active import priorities_for
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.allocate import derived_id
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    both_families,
    inventory,
    problems_of,
    service,
)

WEB = service(vip=["192.0.2.100", "2001:db8::100"])
MAIL = service(name="mail", vip=["192.0.2.101", "2001:db8::101"], port=25, director="lb2")


def directors_of(*services, **variables):
    (cluster,) = make_plan(both_families(services=list(services), **variables)).clusters
    return [cluster.hosts[name].director for name in ("lb1", "lb2")]


def instances_of(director):
    return {
        each.name: (each.priority, each.virtual_addresses + each.excluded_addresses) for each in director.vrrp_instances
    }


def test_each_director_is_active_for_its_vips():
    one, other = directors_of(WEB, MAIL)
    vips = [tuple(f"{vip}/{prefix}" for vip, prefix in zip(each["vip"], (32, 128))) for each in (WEB, MAIL)]
    assert instances_of(one) == {"lvs": (150, vips[0]), "lvs-lb2": (140, vips[1])}
    assert instances_of(other) == {"lvs": (140, vips[0]), "lvs-lb2": (150, vips[1])}
    assert [each.virtual_router_id for each in one.vrrp_instances] == [derived_id("lvs"), derived_id("lvs-lb2")]
    assert one.sync_daemon.id == other.sync_daemon.id == derived_id("lvs")


def test_one_director_for_all_is_one_instance():
    (director, _other) = directors_of({**WEB, "director": "lb2"}, MAIL)
    assert list(instances_of(director)) == ["lvs-lb2"]
    (director, _other) = directors_of({**WEB, "director": "lb1"}, {**MAIL, "director": "lb1"})
    assert list(instances_of(director)) == ["lvs"]


def test_of_three_directors_the_others_keep_their_order():
    assert priorities_for("c", {"a": 150, "b": 140, "c": 130}) == {"c": 150, "a": 140, "b": 130}
    assert priorities_for("a", {"a": 150, "b": 140, "c": 130}) == {"a": 150, "b": 140, "c": 130}


def test_a_vrid_of_its_own():
    (director, _other) = directors_of(WEB, MAIL, vrrp={"virtual_router_id": 51})
    assert [each.virtual_router_id for each in director.vrrp_instances] == [51, derived_id("lvs-lb2")]
    declared = inventory(services=[service(), service(name="mail", port=25, vip="192.0.2.101", director="lb2")])
    hosts = {"lb2": {"virtual_router_id": 77}}
    (cluster,) = make_plan(inventory(services=list(declared.hosts[0].variables["lvs_services"]), hosts=hosts)).clusters
    assert [each.virtual_router_id for each in cluster.hosts["lb1"].director.vrrp_instances] == [88, 77]


@pytest.mark.parametrize(
    ("web", "mail", "variables", "problem"),
    [
        (
            {},
            {"director": "lb3"},
            {},
            "lvs_services[1].director: 'lb3' is not a director of this cluster; did you mean 'lb2'?",
        ),
        (
            {},
            {"vip": "192.0.2.100"},
            {},
            "lvs_services[1].director: 192.0.2.100 is a VIP of lvs_services[0] too, which has none; "
            "write the same one at both: a VIP is on one director",
        ),
        (
            {"forwarding": "nat"},
            {},
            {"nat_gateway": "192.0.2.1"},
            "lvs_services[0].director: web is forwarded by nat, whose lvs_nat_gateway is on one director; "
            "write forwarding: fullnat, or name the same director at all services",
        ),
        (
            {},
            {},
            {"sysctl": {"net.ipv4.vs.backup_only": 1}},
            "lvs_sysctl['net.ipv4.vs.backup_only']: it is 1, and directors that receive connections would ignore their "
            "services, and all directors do; leave it out",
        ),
        (
            {},
            {"director": None},
            {"sysctl": {"net.ipv4.vs.backup_only": 1}},
            "lvs_sysctl['net.ipv4.vs.backup_only']: it is 1, and directors that receive connections would ignore their "
            "services, and all directors do; leave it out",
        ),
        (
            {},
            {"director": None},
            {"hosts": {"lb2": {"virtual_router_id": 77}}},
            "lvs_virtual_router_id (lb2): no service names this host as its director; leave it out",
        ),
        (
            {},
            {},
            {"hosts": {"lb2": {"virtual_router_id": 88}}},
            "lvs_virtual_router_id: VRID 88 is that of cluster lvs too; give the newer one another number; "
            f"{derived_id('lvs-lb2')} is free",
        ),
    ],
)
def test_mistakes(web, mail, variables, problem):
    services = [
        service(**web),
        service(**{"name": "mail", "vip": "192.0.2.101", "port": 25, "director": "lb2", **mail}),
    ]
    assert problems_of(inventory(services=services, **variables)) == [problem]
