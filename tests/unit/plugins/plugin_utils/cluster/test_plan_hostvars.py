# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a real inventory with Ansible's own variable manager and templar."""

from __future__ import annotations

import json

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.hostvars import (
    MOST_NESTED,
    InventoryReader,
    to_plain,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Unreadable


class CountingTemplar:
    """Ansible's templar; counts what it is asked to evaluate."""

    def __init__(self, loader):
        self._templar = Templar(loader=loader)
        self.evaluated = []

    @property
    def available_variables(self):
        return self._templar.available_variables

    @available_variables.setter
    def available_variables(self, variables):
        self._templar.available_variables = variables

    def is_template(self, value):
        return self._templar.is_template(value)

    def template(self, value):
        self.evaluated.append(value)
        return self._templar.template(value)


class Site:
    """An inventory file as Ansible reads it."""

    def __init__(self, path, facts):
        loader = DataLoader()
        inventory = InventoryManager(loader=loader, sources=[str(path)])
        manager = VariableManager(loader=loader, inventory=inventory)
        for host, addresses in facts.items():
            manager.set_host_facts(host, {"all_ipv4_addresses": addresses})
        self.hostvars = HostVars(inventory=inventory, variable_manager=manager, loader=loader)
        self.groups = inventory.get_groups_dict()
        self.templar = CountingTemplar(loader)
        self.manager = manager

    def read(self, play_host="lb1", play_variables=None):
        reader = InventoryReader(self.hostvars, self.groups, self.templar)
        return reader.read(play_host, play_variables or {})

    def hosts(self):
        return {host.name: host for host in self.read().hosts}


@pytest.fixture
def site(tmp_path):
    """Make a site from the text of an inventory."""

    def make(text, facts=None):
        path = tmp_path / "inventory.yml"
        path.write_text(text, encoding="utf-8")
        return Site(path, facts or {})

    return make


PLAIN = """
all:
  vars:
    other: 1
    lvs_services: [{name: web, vip: 192.0.2.100, port: 80, weights: {web1: 1.5}, up: true, down: null}]
  children:
    lvs_directors:
      hosts:
        lb1: {ansible_host: 192.0.2.11, lvs_priority: 100}
        lb2: {ansible_host: 192.0.2.12}
"""


def test_hosts_and_groups_are_read(site):
    inventory = site(PLAIN).read()
    assert [host.name for host in inventory.hosts] == ["lb1", "lb2"]
    assert inventory.groups == {
        "all": ("lb1", "lb2"),
        "lvs_directors": ("lb1", "lb2"),
        "ungrouped": (),
    }
    assert inventory.set_by_play == ()


def test_only_our_variables_are_read(site):
    hosts = site(PLAIN).hosts()
    assert set(hosts["lb1"].variables) == {"lvs_services", "lvs_priority"}
    assert set(hosts["lb2"].variables) == {"lvs_services"}
    assert hosts["lb2"].ansible_host == "192.0.2.12"


def test_values_are_plain_data(site):
    """Not lists and strings that carry where they were written."""
    value = site(PLAIN).hosts()["lb1"].variables["lvs_services"]
    assert value == [
        {"name": "web", "vip": "192.0.2.100", "port": 80, "weights": {"web1": 1.5}, "up": True, "down": None}
    ]
    (service,) = value
    assert {type(item) for item in (value, service, *service, *service.values())} == {
        list,
        dict,
        str,
        int,
        bool,
        type(None),
    }


def test_what_hosts_share_is_shared(site):
    hosts = site(PLAIN).hosts()
    assert hosts["lb1"].variables["lvs_services"] is hosts["lb2"].variables["lvs_services"]


def test_nothing_is_evaluated_without_a_template(site):
    a_site = site(PLAIN)
    a_site.read()
    assert a_site.templar.evaluated == []


TEMPLATED = """
all:
  vars:
    site_vip: 192.0.2.100
    lvs_services: [{name: web, vip: "{{ site_vip }}", port: "{{ 8 * 10 }}"}]
    nics: [192.0.2.1/24]
    ansible_host: "{{ nics[0] | split('/') | first }}"
    lvs_priority: "{{ number | int * 10 }}"
  children:
    lvs_directors:
      hosts:
        lb1: {number: 1, nics: [192.0.2.11/24]}
        lb2: {number: 2, nics: [192.0.2.12/24]}
    lvs_real_servers:
      hosts:
        web1: {number: 3, lvs_address: 192.0.2.21}
"""


def test_templates_are_evaluated(site):
    hosts = site(TEMPLATED).hosts()
    assert hosts["lb1"].variables["lvs_services"] == [{"name": "web", "vip": "192.0.2.100", "port": 80}]


def test_templates_of_a_host_are_evaluated_for_each(site):
    hosts = site(TEMPLATED).hosts()
    assert [host.variables["lvs_priority"] for host in hosts.values()] == [10, 20, 30]
    assert [host.ansible_host for host in hosts.values()] == ["192.0.2.11", "192.0.2.12", None]


def test_templates_of_a_cluster_are_evaluated_once_for_hosts_in_the_same_groups(site):
    a_site = site(TEMPLATED)
    hosts = a_site.hosts()
    assert sum(isinstance(value, list) for value in a_site.templar.evaluated) == 2
    assert hosts["lb1"].variables["lvs_services"] is hosts["lb2"].variables["lvs_services"]
    assert hosts["lb1"].variables["lvs_services"] == hosts["web1"].variables["lvs_services"]


def test_groups_may_evaluate_a_template_differently(site):
    """And so disagree, which the plan reports."""
    text = TEMPLATED + "      vars: {site_vip: 192.0.2.200}\n"
    hosts = site(text).hosts()
    assert hosts["lb1"].variables["lvs_services"][0]["vip"] == "192.0.2.100"
    assert hosts["web1"].variables["lvs_services"][0]["vip"] == "192.0.2.200"


def test_ansible_host_is_not_looked_at_where_the_address_is_declared(site):
    text = 'all: {hosts: {lb1: {lvs_address: 192.0.2.11, ansible_host: "{{ nowhere }}"}}}'
    assert site(text, {"lb1": ["192.0.2.99"]}).hosts()["lb1"].ansible_host is None
    assert site(text, {"lb1": ["192.0.2.99"]}).hosts()["lb1"].fact_addresses == ()


def test_a_template_can_look_at_other_hosts(site):
    text = """
all:
  hosts:
    lb1: {lvs_address: "{{ hostvars['db'].private }}"}
    db: {private: 192.0.2.11}
"""
    assert site(text).hosts()["lb1"].variables["lvs_address"] == "192.0.2.11"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('"{{ nowhere }}"', "'nowhere' is undefined"),
        ('[{vip: "{{ nowhere }}"}]', "'nowhere' is undefined"),
    ],
)
def test_a_template_that_fails_is_unreadable(site, value, reason):
    hosts = site(f"all: {{hosts: {{lb1: {{lvs_services: {value}}}}}}}").hosts()
    assert hosts["lb1"].variables["lvs_services"] == Unreadable(reason)


def test_a_template_with_a_mistake_is_unreadable_too(site):
    hosts = site("all: {hosts: {lb1: {lvs_services: '{{ [1, }}', lvs_address: '{{ 1 / 0 }}'}}}").hosts()
    for value in hosts["lb1"].variables.values():
        assert isinstance(value, Unreadable)
        assert value.reason
        assert "\n" not in value.reason


def test_a_value_nested_too_deep_is_unreadable(site):
    hosts = site(f"all: {{hosts: {{lb1: {{lvs_services: {'[' * 40}{']' * 40}}}}}}}").hosts()
    assert hosts["lb1"].variables["lvs_services"] == Unreadable("it is nested more than 32 levels deep")


def test_values_of_unknown_variables_are_not_looked_at(site):
    a_site = site("all: {hosts: {lb1: {lvs_servics: '{{ nowhere }}'}}}")
    assert a_site.hosts()["lb1"].variables == {"lvs_servics": None}
    assert a_site.templar.evaluated == []


def test_gathered_addresses_are_read(site):
    hosts = site(PLAIN, {"lb1": ["10.0.0.1", "192.0.2.11"]}).hosts()
    assert hosts["lb1"].fact_addresses == ("10.0.0.1", "192.0.2.11")
    assert hosts["lb2"].fact_addresses == ()


def test_variables_that_the_play_sets_are_found(site):
    a_site = site(PLAIN)
    in_play = dict(a_site.hostvars.raw_get("lb1"))
    in_play.update(lvs_network="192.0.2.0/24", lvs_priority=7, lvs_host={}, lvs_plan={}, other_name=1)
    assert a_site.read("lb1", in_play).set_by_play == ("lvs_network", "lvs_priority")


def test_what_was_registered_is_not_set_by_the_play(site):
    a_site = site(PLAIN)
    a_site.manager.set_nonpersistent_facts("lb1", {"lvs_mine": 1})
    assert a_site.read("lb1", a_site.hostvars.raw_get("lb1")).set_by_play == ()


def nested(levels):
    value = 1
    for _level in range(levels):
        value = [value]
    return value


def test_values_can_be_nested_as_deep_as_anybody_needs():
    assert to_plain(nested(MOST_NESTED)) == nested(MOST_NESTED)
    with pytest.raises(RecursionError):
        to_plain(nested(MOST_NESTED + 1))


class Strange:
    def __str__(self):
        return "strange"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (1.5, 1.5),
        ("a", "a"),
        ((1, 2), [1, 2]),
        ({1: "a", None: "b", False: "c"}, {1: "a", None: "b", False: "c"}),
        ({(1, 2): "a"}, {"(1, 2)": "a"}),
        (Strange(), "strange"),
        ([Strange()], ["strange"]),
    ],
)
def test_values_of_all_kinds_become_plain(value, plain):
    assert to_plain(value) == plain
    json.dumps(to_plain(value))
