# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole files of each format: what is printed for them, and that the plan takes it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.formats import import_text
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.known import read_known
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.screen import render
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import plan_services

FIXTURES = Path(__file__).parent / "fixtures"
KNOWN = {
    "hosts": {"web1": ["192.0.2.21", "2001:db8::21"], "web2": "192.0.2.22", "lb1": "192.0.2.11"},
    "marks": {7: {"vip": "192.0.2.107", "port": [443, 80]}},
    "nat_gateway": "192.0.2.1",
}
FILES = ["keepalived.conf", "ldirectord.cf", "ipvsadm.rules", "lvs.cf"]


def imported(name):
    return import_text((FIXTURES / name).read_text(encoding="utf-8"), None, read_known(KNOWN))


@pytest.mark.parametrize("name", FILES)
def test_what_is_printed(name):
    assert render(imported(name), name) == (FIXTURES / f"{name}.expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_what_is_printed_is_yaml(name):
    result = imported(name)
    variables, inventory = yaml.safe_load_all(render(result, name))
    assert variables == result.variables
    hosts = inventory["all"]["children"]["lvs_real_servers"]["hosts"]
    assert {host: own or {} for host, own in hosts.items()} == result.real_servers


@pytest.mark.parametrize(
    ("name", "number", "unknown"),
    [
        ("keepalived.conf", 4, {}),
        ("ldirectord.cf", 9, {"app2": {"lvs_address": "192.0.2.30"}}),
        ("ipvsadm.rules", 8, {}),
        ("lvs.cf", 5, {}),
    ],
)
def test_the_plan_takes_it(name, number, unknown):
    assert len(plan_services(imported(name), unknown)) == number
