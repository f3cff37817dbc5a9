# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which director is active for which VIPs: one for all of them, or several that stand in for each other.

The VIPs of one director move together, by a VRRP instance of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, names
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Service
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import methods
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.sysctls import PREFIX


def best(priorities: Mapping[str, int]) -> str:
    """The director of the highest priority."""
    return max(priorities, key=lambda name: priorities[name])


def vips_of_directors(services: Iterable[Service], priorities: Mapping[str, int]) -> Mapping[str, tuple[str, ...]]:
    """The VIPs that each director is active for, if there are any, in the order of the services."""
    found: dict[str, dict[str, None]] = {}
    for service in services:
        found.setdefault(service.director or best(priorities), {}).update(dict.fromkeys(service.vip))
    return {director: tuple(vips) for director, vips in found.items()}


def instance_name(cluster: str, director: str, priorities: Mapping[str, int]) -> str:
    """The name of the VRRP instance of the VIPs for which `director` is active."""
    return cluster if director == best(priorities) else f"{cluster}-{director}"


def priorities_for(director: str, priorities: Mapping[str, int]) -> Mapping[str, int]:
    """The priorities in that VRRP instance: the same numbers, but `director` has the highest one."""
    order = sorted(priorities, key=lambda name: (name != director, -priorities[name]))
    return dict(zip(order, sorted(priorities.values(), reverse=True)))


def check_active(declaration: Declaration, problems: Problems) -> None:
    """Check the directors that services name."""
    holders: dict[str, Service] = {}
    for service in declaration.services:
        where = f"{service.where}.director"
        if service.director is not None and service.director not in declaration.members.directors:
            meant = did_you_mean(service.director, declaration.members.directors)
            fix = f"did you mean '{meant}'?" if meant else f"write one of {names(declaration.members.directors)}"
            problems.add(where, f"'{service.director}' is not a director of this cluster", fix)
        for vip in service.vip:
            other = holders.setdefault(vip, service)
            if other.director != service.director:
                what = f"{vip} is a VIP of {other.where} too, which has {other.director or 'none'}"
                problems.add(where, what, "write the same one at both: a VIP is on one director")
                break
    chosen = {service.director for service in declaration.services}
    if len(chosen) > 1:
        _check_shared(declaration, problems)
    if dict(declaration.variables.sysctl).get(f"{PREFIX}backup_only") == 1:
        what = "it is 1, and directors that receive connections would ignore their services, and all directors do"
        problems.add(f"lvs_sysctl['{PREFIX}backup_only']", what, "leave it out")
    for name, machine in declaration.machines.items():
        if machine.variables.virtual_router_id is not None and name not in chosen:
            problems.add("lvs_virtual_router_id", "no service names this host as its director", "leave it out", [name])


def _check_shared(declaration: Declaration, problems: Problems) -> None:
    """What does not work when several directors are active at the same time."""
    for service in declaration.services:
        if "nat" in methods(service):
            what = f"{service.name} is forwarded by nat, whose lvs_nat_gateway is on one director"
            fix = "write forwarding: fullnat, or name the same director at all services"
            problems.add(f"{service.where}.director", what, fix)
