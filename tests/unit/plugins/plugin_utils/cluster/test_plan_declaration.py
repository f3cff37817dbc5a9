# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import read_declarations
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory, Unreadable
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Members
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    GROUPS,
    inventory,
    service,
    two_clusters,
)


def declarations(an_inventory):
    """The declarations of an inventory, and its problems as texts."""
    problems = Problems()
    found = read_declarations(an_inventory, problems)
    return found, [str(problem) for problem in problems]


def test_the_hosts_of_the_groups_are_the_cluster():
    (cluster,), problems = declarations(inventory())
    assert problems == []
    assert cluster.name == "lvs"
    assert cluster.members == Members(
        directors=("lb1", "lb2"),
        real_servers=("web1", "web2", "web3"),
        storage=("store1",),
        clients=("client1",),
    )
    assert list(cluster.machines) == ["lb1", "lb2", "web1", "web2", "web3", "store1", "client1"]
    assert cluster.certain
    assert cluster.prefix == ""


def test_a_tier_has_the_order_of_its_group():
    (cluster,), _problems = declarations(inventory(groups={"lvs_directors": ("lb2", "lb1")}))
    assert cluster.members.directors == ("lb2", "lb1")


def test_hosts_in_no_group_belong_to_no_cluster():
    (cluster,), problems = declarations(inventory(addresses={"bastion": "192.0.2.5"}))
    assert problems == []
    assert "bastion" not in cluster.machines


def test_an_inventory_without_the_groups_has_no_cluster():
    found, problems = declarations(Inventory((Host("a"),), {"all": ("a",)}))
    assert found == ()
    assert problems == []


def test_the_groups_can_have_other_names():
    groups = {"lvs_directors": (), "balancers": ("lb1", "lb2")}
    (cluster,), problems = declarations(inventory(groups=groups, directors_group="balancers"))
    assert problems == []
    assert cluster.members.directors == ("lb1", "lb2")


def test_a_host_goes_by_its_own_group_names():
    """Here only the balancers know their group's new name, which is enough."""
    hosts = {name: {"directors_group": "balancers"} for name in ("lb1", "lb2")}
    groups = {"lvs_directors": ("web1",), "balancers": ("lb1", "lb2", "web2")}
    (cluster,), _problems = declarations(inventory(groups=groups, hosts=hosts))
    assert cluster.members.directors == ("lb1", "lb2", "web1")


def test_clusters_can_share_groups_and_differ_in_name():
    hosts = {name: {"cluster_name": "b"} for name in ("lb2", "web3")}
    (a, b), problems = declarations(inventory(cluster_name="a", hosts=hosts))
    assert problems == []
    assert (a.name, a.members.directors, a.members.real_servers) == ("a", ("lb1",), ("web1", "web2"))
    assert (b.name, b.members.directors, b.members.real_servers) == ("b", ("lb2",), ("web3",))


def test_with_several_clusters_paths_say_whose_they_are():
    (a, b), _problems = declarations(two_clusters())
    assert (a.prefix, b.prefix) == ("cluster a: ", "cluster b: ")


def test_clusters_can_have_groups_of_their_own():
    (a, b), problems = declarations(two_clusters())
    assert problems == []
    assert (a.members, b.members) == (
        Members(directors=("lb1",), real_servers=("web1",)),
        Members(directors=("lb3",), real_servers=("web4",)),
    )


def test_a_group_may_have_hosts_that_are_not_in_the_inventory_any_more():
    (cluster,), problems = declarations(inventory(groups={"lvs_directors": ("lb1", "gone")}))
    assert problems == []
    assert cluster.members.directors == ("lb1",)


@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        (
            "servics",
            "lvs_servics (web1): there is no such variable; did you mean 'lvs_services'? "
            "Else add it to lvs_ignore_variables if it is your own",
        ),
        (
            "frobnicate",
            "lvs_frobnicate (web1): there is no such variable; see docs/variables.md, or "
            "add it to lvs_ignore_variables if it is your own",
        ),
    ],
)
def test_a_variable_that_does_not_exist_is_reported(variable, problem):
    _found, problems = declarations(inventory(hosts={"web1": {variable: 1}}))
    assert problems == [problem]


def test_a_mistyped_variable_of_many_hosts_is_reported_once():
    _found, problems = declarations(inventory(servics=[]))
    assert len(problems) == 1
    assert problems[0].startswith("lvs_servics (lb1, lb2, web1, web2 and 3 more): ")


def test_hosts_outside_the_clusters_are_looked_at_too():
    an_inventory = inventory(addresses={"bastion": "192.0.2.5"}, hosts={"bastion": {"vrpp": {}}})
    _found, problems = declarations(an_inventory)
    assert len(problems) == 1
    assert problems[0].startswith("lvs_vrpp (bastion): there is no such variable; did you mean 'lvs_vrrp'?")


def test_a_variable_of_the_users_own_can_be_exempted():
    _found, problems = declarations(inventory(servics=[], ignore_variables=["lvs_servics"]))
    assert problems == []


def test_the_exemption_holds_on_the_hosts_that_have_it():
    hosts = {"web1": {"mine": 1, "ignore_variables": ["lvs_mine"]}, "web2": {"mine": 1}}
    _found, problems = declarations(inventory(hosts=hosts))
    assert [problem.split(":")[0] for problem in problems] == ["lvs_mine (web2)"]


@pytest.mark.parametrize("variable", ["host", "plan"])
def test_what_our_playbooks_register_is_no_variable_of_the_inventory(variable):
    _found, problems = declarations(inventory(**{variable: {}}))
    assert problems == []


def test_a_wrong_variable_of_a_host_names_the_host():
    (cluster,), problems = declarations(inventory(hosts={"lb1": {"priority": 300}, "lb2": {"priority": 300}}))
    assert problems == ["lvs_priority (lb1, lb2): 300 is out of range; write a number from 1 to 254"]
    assert cluster.machines["lb1"].variables.priority is None
    assert not cluster.certain


def test_a_wrong_variable_of_the_cluster_leaves_it_uncertain():
    (cluster,), problems = declarations(inventory(director_engine="lvsd"))
    assert problems == [
        "lvs_director_engine: 'lvsd' is not a director engine; write one of keepalived, ldirectord, static"
    ]
    assert cluster.unread == {"director_engine"}
    assert not cluster.certain


def test_a_wrong_service_does_not():
    (cluster,), problems = declarations(inventory(services=[service(), service(port=0)]))
    assert problems == ["lvs_services[1].port: 0 is out of range; write a number from 1 to 65535"]
    assert [item.where for item in cluster.services] == ["lvs_services[0]"]
    assert cluster.certain


def test_a_value_that_cannot_be_had_is_reported_with_the_reason():
    unreadable = Unreadable("'site_vip' is undefined")
    _found, problems = declarations(inventory(services=unreadable, hosts={"lb1": {"address": unreadable}}))
    assert problems == [
        "lvs_address (lb1): its value cannot be had: 'site_vip' is undefined; "
        "correct the template or the variable that it uses",
        "lvs_services: its value cannot be had: 'site_vip' is undefined; "
        "correct the template or the variable that it uses",
    ]


def disagreement(one, other, variable="services", **more):
    """The problems when all hosts but web2 say `one` and web2 says `other`."""
    hosts = {"web2": {variable: other}, **more}
    _found, problems = declarations(inventory(hosts=hosts, **{variable: one}))
    return problems


FIX = "set lvs_services once for all of them, such as in group_vars/all.yml"


def test_hosts_that_disagree_are_told_where_and_who():
    assert disagreement([service(scheduler="wlc")], [service(scheduler="rr")]) == [
        "lvs_services[0].scheduler: hosts of one cluster disagree: "
        f"on lb1, lb2, web1, web3 and 2 more it is 'wlc', on web2 'rr'; {FIX}"
    ]


def test_a_service_that_one_host_does_not_have_is_a_disagreement():
    assert disagreement([service(), service(name="b")], [service()]) == [
        "lvs_services[1]: hosts of one cluster disagree: "
        f"on lb1, lb2, web1, web3 and 2 more it is a mapping, on web2 absent; {FIX}"
    ]


def test_a_key_that_one_host_does_not_have_is_a_disagreement():
    assert disagreement([service(persistence=None)], [service(persistence={"timeout": 5})]) == [
        "lvs_services[0].persistence: hosts of one cluster disagree: "
        f"on lb1, lb2, web1, web3 and 2 more it is absent, on web2 a mapping; {FIX}"
    ]


def test_values_of_different_kinds_are_a_disagreement():
    assert disagreement([], {}) == [
        "lvs_services: hosts of one cluster disagree: "
        f"on lb1, lb2, web1, web3 and 2 more it is a list, on web2 a mapping; {FIX}"
    ]


def test_more_than_two_opinions_are_counted():
    hosts = {"web3": {"services": [service(scheduler="sh")]}}
    (problem,) = disagreement([service(scheduler="wlc")], [service(scheduler="rr")], **hosts)
    assert "it is 'wlc', on web2 'rr', on web3 something else;" in problem


def test_the_variable_of_a_simple_value_is_the_whole_path():
    hosts = {"lb2": {"director_engine": "ldirectord"}}
    _found, problems = declarations(inventory(director_engine="keepalived", hosts=hosts))
    assert problems == [
        "lvs_director_engine: hosts of one cluster disagree: on lb1, web1, web2, web3 and 2 more it is 'keepalived', "
        "on lb2 'ldirectord'; set lvs_director_engine once for all of them, such as in group_vars/all.yml"
    ]


def test_equal_values_need_not_be_the_same_object():
    assert disagreement([service()], [service()]) == []


def test_hosts_on_which_a_variable_is_not_set_have_no_say():
    directors_only = {name: {"services": [service()]} for name in ("lb1", "lb2")}
    (cluster,), problems = declarations(inventory(services=None, hosts=directors_only))
    assert problems == []
    assert [item.name for item in cluster.services] == ["web"]


def test_hosts_of_different_clusters_may_disagree():
    _found, problems = declarations(two_clusters(vrrp={"advert_int": 3}))
    assert problems == []


def test_hosts_outside_the_clusters_may_disagree():
    an_inventory = inventory(addresses={"bastion": "192.0.2.5"}, hosts={"bastion": {"services": []}})
    assert declarations(an_inventory)[1] == []


def test_variables_of_hosts_may_differ():
    hosts = {"lb1": {"priority": 200, "interface": "eth1"}, "lb2": {"priority": 100, "take_over": True}}
    (cluster,), problems = declarations(inventory(hosts=hosts))
    assert problems == []
    assert cluster.machines["lb1"].variables.interface == "eth1"
    assert cluster.machines["lb2"].variables.take_over


def test_problems_of_one_of_several_clusters_say_whose_they_are():
    _found, problems = declarations(two_clusters(vrrp={"advert_int": 0}))
    assert problems == ["cluster b: lvs_vrrp.advert_int: 0 is out of range; write a number from 0.01 to 40 seconds"]


def test_the_groups_of_the_tests_are_the_default_ones():
    assert set(GROUPS) == {"lvs_directors", "lvs_real_servers", "lvs_storage", "lvs_clients"}
