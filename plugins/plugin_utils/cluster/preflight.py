# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that only show when the parts of a declaration are seen together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Members
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, names
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import Service

DIRECTORS_GROUP = "lvs_directors"

CONFLICTS = (
    ("directors", "real_servers", "both a director and a real server, which is not supported yet"),
    ("directors", "clients", "both a director and a client; a director cannot use its own VIPs"),
    ("real_servers", "clients", "both a real server and a client; it has the VIPs itself, so it would ask itself"),
)
"""Pairs of tiers that a host cannot be in."""


def check_has_clusters(inventory: Inventory, declarations: Sequence[Declaration], problems: Problems) -> None:
    """An inventory without any of the groups declares nothing at all."""
    if not declarations:
        problems.add("inventory", *_no_directors(inventory))


def check_has_directors(declaration: Declaration, inventory: Inventory, where: str, problems: Problems) -> bool:
    """Whether the cluster has directors; without them there is nothing more to say about it."""
    if not declaration.members.directors:
        problems.add(where, *_no_directors(inventory))
    return bool(declaration.members.directors)


def _no_directors(inventory: Inventory) -> tuple[str, str]:
    if inventory.groups.get(DIRECTORS_GROUP):
        return "there are no directors", "see that lvs_directors_group and lvs_cluster_name are right on the hosts that shall be directors"
    meant = did_you_mean(DIRECTORS_GROUP, [group for group, hosts in inventory.groups.items() if hosts])
    hint = f"rename the group '{meant}' to '{DIRECTORS_GROUP}'" if meant else f"put the load balancers into the inventory group {DIRECTORS_GROUP}"
    return "there are no directors", f"{hint}, or name their group with lvs_directors_group"


def check_tiers(members: Members, problems: Problems) -> None:
    """No host is in two tiers that exclude each other."""
    for one, other, what in CONFLICTS:
        for name in sorted(set(getattr(members, one)) & set(getattr(members, other))):
            problems.add("inventory", f"{name} is {what}", f"take it out of one of the two groups (lvs_{one}, lvs_{other})")


def check_services(services: Sequence[Service] | None, problems: Problems) -> None:
    """The list is there, names stand once, and every VIP is of a family that is supported."""
    if services is None:
        problems.add("lvs_services", "is not set", "list the services in group_vars/all.yml, or write [] for none")
        return
    by_name: dict[str, Service] = {}
    for service in services:
        if service.name in by_name:
            problems.add(f"{service.where}.name", f"'{service.name}' is the name of {by_name[service.name].where} too", "give each service another name")
        by_name.setdefault(service.name, service)
        for vip in service.vip:
            if ":" in vip:
                problems.add(f"{service.where}.vip", f"{vip} is an IPv6 address, which is not supported yet", "write an IPv4 address")


class EndpointRegister:
    """Who uses which VIP, port and protocol, over all clusters of the inventory."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._clusters: dict[str, str] = {}
        self._services: dict[tuple[str, int, str], str] = {}

    def add(self, cluster: str, prefix: str, service: Service) -> None:
        """Note the endpoints of a service; `prefix` stands before its paths."""
        where = f"{prefix}{service.where}"
        for vip in service.vip:
            owner = self._clusters.setdefault(vip, cluster)
            if owner != cluster:
                self._problems.add(f"{where}.vip", f"{vip} is a VIP of cluster {owner} too", "give each cluster VIPs of its own")
                continue
            for port in service.port:
                other = self._services.setdefault((vip, port, service.protocol), where)
                if other != where:
                    self._problems.add(where, f"{vip} port {port}/{service.protocol} is that of {other} too", "write each combination once")


def check_addresses(addresses: Mapping[str, str], problems: Problems) -> None:
    """No two hosts of the inventory's clusters have the same address."""
    holders: dict[str, list[str]] = {}
    for name, address in addresses.items():
        holders.setdefault(address, []).append(name)
    for address, hosts in holders.items():
        if len(hosts) > 1:
            problems.add("lvs_address", f"{address} is the address of {names(hosts)}", "give each host its own", hosts)

