# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that only show when the parts of the declarations are seen together."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.active import check_active
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Members
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_checks import run_checks
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_data import DataChecker
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_hosts import NamedRealServers
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_services import ServiceChecker
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean

DIRECTORS_GROUP = "lvs_directors"

CONFLICTS = (
    ("directors", "real_servers", "both a director and a real server, which is not supported yet"),
    ("directors", "clients", "both a director and a client, but a director cannot use its own VIPs"),
    ("real_servers", "clients", "both a real server and a client, but it has the VIPs and would ask itself"),
)
"""Pairs of tiers that one host cannot be in."""


def check(inventory: Inventory, declarations: Sequence[Declaration], problems: Problems, warnings: Problems) -> None:
    """Check all clusters of the inventory, by themselves and together; `warnings` are no reason to stop."""
    for variable in inventory.set_by_play:
        what = "it is set in the play or by a role, where only that play would see it"
        problems.add(variable, what, "set it in the inventory, such as in group_vars/all.yml, or by -e")
    if not declarations:
        problems.add("inventory", *_no_directors(inventory))
    _check_endpoints(declarations, problems)
    real_servers = frozenset(name for declaration in declarations for name in declaration.members.real_servers)
    for declaration in declarations:
        found, doubtful = Problems(), Problems()
        if declaration.members.directors:
            _check_tiers(declaration.members, found)
            ours = NamedRealServers(declaration.members.real_servers, inventory.groups, real_servers)
            ServiceChecker(declaration, ours, found).check()
            check_active(declaration, found)
            DataChecker(declaration, ours, found).check()
            run_checks(declaration, inventory.groups, found, doubtful)
        else:
            # Without its directors there is nothing sensible to say about the rest.
            found.add("inventory", *_no_directors(inventory))
        problems.add_all(found, prefix=declaration.prefix)
        warnings.add_all(doubtful, prefix=declaration.prefix)


def _no_directors(inventory: Inventory) -> tuple[str, str]:
    """What is wrong, and what to write."""
    what = "there are no directors"
    if inventory.groups.get(DIRECTORS_GROUP):
        return what, "see that lvs_directors_group and lvs_cluster_name are right on the hosts that shall be directors"
    # The names of our groups are alike, but none of the others is a director's mistyped.
    meant = did_you_mean(DIRECTORS_GROUP, [group for group, hosts in inventory.groups.items() if hosts], likeness=0.8)
    first = f"rename the group '{meant}' to" if meant else "put the load balancers into the inventory group"
    return what, f"{first} {DIRECTORS_GROUP}, or name their group in lvs_directors_group"


def _check_tiers(members: Members, problems: Problems) -> None:
    """No host is in two tiers that exclude each other."""
    for one, other, what in CONFLICTS:
        others = frozenset(getattr(members, other))
        for name in getattr(members, one):
            if name in others:
                fix = f"take it out of the group lvs_{one} or lvs_{other}"
                problems.add("inventory", f"{name} is {what}", fix)


def _check_endpoints(declarations: Sequence[Declaration], problems: Problems) -> None:
    """Each VIP belongs to one cluster, and each VIP, port and protocol to one service."""
    clusters: dict[str, str] = {}
    services: dict[tuple[str, int, str], str] = {}
    for declaration in declarations:
        for service in declaration.services:
            where = f"{declaration.prefix}{service.where}"
            for vip in service.vip:
                owner = clusters.setdefault(vip, declaration.name)
                if owner != declaration.name:
                    problems.add(f"{where}.vip", f"{vip} is a VIP of cluster {owner} too", "give each cluster its own")
            for endpoint in ((vip, port, service.protocol) for vip in service.vip for port in service.port):
                other = services.setdefault(endpoint, where)
                if other != where and clusters[endpoint[0]] == declaration.name:
                    vip, port, protocol = endpoint
                    problems.add(where, f"{vip} port {port}/{protocol} is that of {other} too", "keep one of them")
        _check_fwmarks(declaration, problems)


def _check_fwmarks(declaration: Declaration, problems: Problems) -> None:
    """Each fwmark belongs to one service of its cluster."""
    holders: dict[int, str] = {}
    for service in declaration.services:
        if service.fwmark is not None:
            holder = holders.setdefault(service.fwmark, service.where)
            if holder != service.where:
                what = f"{service.fwmark} is the mark of {holder} too"
                problems.add(f"{declaration.prefix}{service.where}.fwmark", what, "give each service its own")
