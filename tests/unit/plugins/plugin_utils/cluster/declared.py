# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories for the tests of the plan: one that is right, and ways to change it."""

from __future__ import annotations

import copy

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import DeclarationError, make_plan

ADDRESSES = {
    "lb1": "192.0.2.11",
    "lb2": "192.0.2.12",
    "web1": "192.0.2.21",
    "web2": "192.0.2.22",
    "web3": "192.0.2.23",
    "store1": "192.0.2.31",
    "client1": "192.0.2.41",
}
GROUPS = {
    "lvs_directors": ("lb1", "lb2"),
    "lvs_real_servers": ("web1", "web2", "web3"),
    "lvs_storage": ("store1",),
    "lvs_clients": ("client1",),
}
WEB = {
    "name": "web",
    "vip": "192.0.2.100",
    "port": 80,
    "forwarding": "dr",
    "scheduler": "wlc",
    "real_servers": "lvs_real_servers",
    "health_check": {"type": "http", "path": "/healthz", "status": 200},
}
WWW = {"name": "www", "path": "/srv/www", "method": "nfs"}


def service(**changes):
    """The web service with some keys changed; those that are changed to None are left out."""
    return {key: value for key, value in copy.deepcopy({**WEB, **changes}).items() if value is not None}


def data(**changes):
    """The shared folder with some keys changed."""
    return {**WWW, **changes}


def inventory(*, groups=None, hosts=None, addresses=None, **variables):
    """The demo cluster.

    `variables` (without their prefix) are set on all hosts, `hosts` has variables of single ones; those that are None
    are not set. `addresses` are more hosts, by name; `groups` replaces groups of the same name.
    """
    common = {"services": [WEB], "shared_data": [WWW], **variables}
    common = {f"lvs_{name}": value for name, value in common.items() if value is not None}
    all_hosts = []
    for name, address in {**ADDRESSES, **(addresses or {})}.items():
        own = {f"lvs_{key}": value for key, value in (hosts or {}).get(name, {}).items()}
        merged = {key: value for key, value in {**common, **own}.items() if value is not None}
        all_hosts.append(Host(name, merged, address))
    return Inventory(tuple(all_hosts), {**GROUPS, **(groups or {})})


def both_families(**variables):
    """The demo cluster whose hosts have addresses of both families."""
    hosts = {name: {"address": [four, four.replace("192.0.2.", "2001:db8::")]} for name, four in ADDRESSES.items()}
    return inventory(hosts=hosts, **variables)


def two_clusters(**of_b):
    """Two clusters, a and b, with groups of their own; `of_b` are variables of b."""
    common_a = {"lvs_cluster_name": "a", "lvs_services": [service(real_servers=None)]}
    common_b = {
        "lvs_cluster_name": "b",
        "lvs_directors_group": "b_directors",
        "lvs_real_servers_group": "b_real_servers",
        "lvs_services": [service(vip="192.0.2.101", real_servers=None)],
        **{f"lvs_{name}": value for name, value in of_b.items()},
    }
    hosts = (
        Host("lb1", common_a, "192.0.2.11"),
        Host("web1", common_a, "192.0.2.21"),
        Host("lb3", common_b, "192.0.2.13"),
        Host("web4", common_b, "192.0.2.24"),
    )
    groups = {
        "lvs_directors": ("lb1",),
        "lvs_real_servers": ("web1",),
        "b_directors": ("lb3",),
        "b_real_servers": ("web4",),
    }
    return Inventory(hosts, groups)


def problems_of(an_inventory):
    """The problems of an inventory as texts; none if it is right."""
    try:
        make_plan(an_inventory)
    except DeclarationError as error:
        return [str(problem) for problem in error.problems]
    return []


def read(spec, value, where="x"):
    """What a spec reads, and the problems that it has with it, as texts."""
    problems = Problems()
    result = spec.read(value, where, problems)
    return result, [str(problem) for problem in problems]
