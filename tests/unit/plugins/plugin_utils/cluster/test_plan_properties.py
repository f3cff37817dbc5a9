# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever YAML a user writes: a plan, or a report; never another exception."""

from __future__ import annotations

import json

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import as_data
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import (
    CLUSTER_VARIABLES,
    HOST_VARIABLES,
    VRRP,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_data import SharedData
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import (
    SCHEDULERS,
    HealthCheck,
    Persistence,
    RealServer,
    Service,
    SorryServer,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import options
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    ADDRESSES,
    GROUPS,
    both_families,
    inventory,
    problems_of,
    service,
)
from hypothesis import assume, given
from hypothesis import strategies as st

WORDS = (
    "web",
    "web1",
    "lb1",
    "store1",
    "lvs_real_servers",
    "192.0.2.100",
    "192.0.2.21",
    "2001:db8::1",
    "192.0.2.0/24",
    "80-90",
    "dr",
    "nat",
    "udp",
    "http",
    "none",
    "nfs",
    "/srv/www",
    "0755",
    "yes",
    "",
)
KEYS = sorted(
    {
        key
        for cls in (Service, RealServer, SorryServer, HealthCheck, Persistence, SharedData, VRRP)
        for key in options(cls)
    }
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 70000),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(WORDS),
)
keys = st.one_of(st.sampled_from(KEYS), st.text(max_size=5), st.none(), st.booleans(), st.integers())
yaml = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=20,
)


def nearly(cls):
    """A record with right keys, whose values may be anything."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(options(cls), yaml))


services = st.lists(st.one_of(yaml, nearly(Service)), max_size=3)


@given(st.one_of(yaml, services))
def test_any_yaml_for_the_services(value):
    problems_of(inventory(services=value))


@given(nearly(HealthCheck), st.lists(st.one_of(yaml, nearly(RealServer)), max_size=3), yaml)
def test_any_yaml_inside_a_service(health_check, real_servers, persistence):
    declared = service(health_check=health_check, real_servers=real_servers, persistence=persistence)
    problems_of(inventory(services=[declared]))


@given(st.dictionaries(st.sampled_from(sorted({**CLUSTER_VARIABLES, **HOST_VARIABLES})), yaml, max_size=6))
def test_any_yaml_for_any_variable(variables):
    hosts = tuple(Host(host.name, {**host.variables, **variables}, host.ansible_host) for host in inventory().hosts)
    problems_of(Inventory(hosts, GROUPS))


@given(st.dictionaries(st.sampled_from(sorted(ADDRESSES)), st.tuples(yaml, yaml, st.lists(st.text(max_size=5)))))
def test_any_yaml_for_addresses(given_addresses):
    def host(name):
        declared, connection, facts = given_addresses.get(name, (None, ADDRESSES[name], []))
        return Host(name, {"lvs_services": [service()], "lvs_address": declared}, connection, tuple(facts))

    problems_of(Inventory(tuple(host(name) for name in ADDRESSES), GROUPS))


@given(yaml, yaml)
def test_any_two_opinions(one, other):
    problems_of(inventory(services=one, hosts={"web1": {"services": other}}))


@given(st.dictionaries(st.sampled_from(sorted(GROUPS)), st.lists(st.sampled_from(sorted(ADDRESSES)), unique=True)))
def test_any_groups(groups):
    problems_of(inventory(groups={name: tuple(hosts) for name, hosts in groups.items()}))


@given(st.one_of(yaml, services))
def test_each_problem_says_where_and_what_on_one_line(value):
    for problem in problems_of(inventory(services=value)):
        assert problem.count(": ") >= 1
        assert "; " in problem
        assert "\n" not in problem


vips = st.builds("{}{}".format, st.sampled_from(["192.0.2.", "2001:db8::"]), st.integers(100, 110))
good_services = st.lists(
    st.fixed_dictionaries(
        {
            "vip": st.one_of(vips, st.lists(vips, min_size=1, max_size=3, unique=True)),
            "port": st.one_of(
                st.integers(1, 65535), st.lists(st.integers(1, 65535), min_size=1, max_size=3, unique=True)
            ),
        },
        optional={
            "scheduler": st.sampled_from(SCHEDULERS),
            "protocol": st.sampled_from(["tcp", "udp", "sctp"]),
            "persistence": st.fixed_dictionaries({"timeout": st.integers(1, 2678400)}),
            "real_servers": st.one_of(
                st.just("lvs_real_servers"),
                st.lists(st.sampled_from(["web1", "web2", "web3"]), min_size=1, unique=True),
            ),
        },
    ),
    max_size=6,
)


@given(good_services)
def test_a_plan_is_consistent_in_itself(declared):
    for number, item in enumerate(declared):
        item["name"] = f"s{number}"
    problems = problems_of(both_families(services=declared))
    assert all("is that of lvs_services" in problem for problem in problems)
    if problems:
        return
    (cluster,) = make_plan(both_families(services=declared)).clusters
    endpoints = {(item.vip, item.port, item.protocol) for item in cluster.services}
    names = {item.name for item in cluster.services}
    assert len(endpoints) == len(names) == len(cluster.services)
    for name in cluster.members.directors:
        director = cluster.hosts[name].director
        held = {
            address
            for instance in director.vrrp_instances
            for address in instance.virtual_addresses + instance.excluded_addresses
        }
        assert held == {f"{item.vip}/{128 if ':' in item.vip else 32}" for item in cluster.services}
        assert {f"ip_vs_{item.scheduler}" for item in cluster.services} <= set(director.kernel_modules)
    for name in cluster.members.real_servers:
        served = {item.vip for item in cluster.services if any(server.host == name for server in item.real_servers)}
        assert set(cluster.hosts[name].real_server.vips) == served


@given(good_services)
def test_a_plan_survives_its_files(declared):
    for number, item in enumerate(declared):
        item["name"] = f"s{number}"
    assume(not problems_of(both_families(services=declared)))
    (cluster,) = make_plan(both_families(services=declared)).clusters
    plain = as_data(cluster.services)
    assert json.loads(json.dumps(plain)) == plain
