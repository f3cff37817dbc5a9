# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an inventory to the plan: the whole of it, or every problem that it has.

First everything is read and checked, then everything is built; building starts
only without a problem, so that it needs no doubts. Cost grows linearly with
hosts, services and the real servers that services have: nothing compares each
host with each other one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster import preflight
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.active import (
    best,
    instance_name,
    vips_of_directors,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.allocate import (
    Claim,
    allocate_ids,
    allocate_priorities,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.build import ClusterBuilder, Numbers
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration, read_declarations
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.locate import find_addresses
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.shared_data import (
    StorageNumbers,
    cluster_fs_nodes,
    readers_of,
)


class DeclarationError(Exception):
    """The inventory has problems; the exception's text is the report of all of them."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems.report())
        self.problems = tuple(problems)


def make_plan(inventory: Inventory) -> Plan:
    """The plan of all clusters of `inventory`.

    :raises DeclarationError: with all problems at once.
    """
    problems = Problems()
    declarations = read_declarations(inventory, problems)
    warnings = Problems()
    preflight.check(inventory, declarations, problems, warnings)
    # What cannot be read leaves the rest of its cluster in doubt.
    certain = [declaration for declaration in declarations if declaration.certain and declaration.members.directors]
    addresses = find_addresses(declarations, certain, inventory.groups, problems)
    numbers = _allocate(certain, inventory.groups, problems)
    if len(problems):
        raise DeclarationError(problems)
    clusters = [
        ClusterBuilder(declaration, inventory.groups, addresses, numbers[declaration.name]).build()
        for declaration in declarations
    ]
    placed = {name for declaration in declarations for name in declaration.machines}
    bystanders = tuple(host.name for host in inventory.hosts if host.name not in placed)
    return Plan(tuple(clusters), bystanders, tuple(map(str, warnings)))


def _allocate(
    declarations: Sequence[Declaration], groups: Mapping[str, Sequence[str]], problems: Problems
) -> Mapping[str, Numbers]:
    """The numbers of each cluster, by its name."""
    found = Problems()
    priorities = {declaration.name: _priorities(declaration, problems) for declaration in declarations}
    claims = [
        claim for declaration in declarations for claim in _vrid_claims(declaration, priorities[declaration.name])
    ]
    vrids = allocate_ids(claims, "VRID", found)
    sync_ids = vrids
    if len(found):
        # Sync ids follow the VRIDs: what is wrong with these is not told twice.
        problems.add_all(found)
    else:
        claims = [_claim(declaration, "sync_id", vrids[declaration.name]) for declaration in declarations]
        sync_ids = allocate_ids(claims, "sync id", problems)
    return {
        declaration.name: Numbers(
            vrids,
            sync_ids[declaration.name],
            priorities[declaration.name],
            StorageNumbers(vrids.get(_pair_name(declaration)), _node_ids(declaration, groups, problems)),
        )
        for declaration in declarations
        if declaration.name in sync_ids
    }


def _pair_name(declaration: Declaration) -> str:
    """What the VRID of a storage pair is derived from."""
    return f"{declaration.name}-storage"


def _node_ids(declaration: Declaration, groups: Mapping[str, Sequence[str]], problems: Problems) -> Mapping[str, int]:
    """A number for each node of cluster file systems: it stays when others come and go."""
    entries = declaration.variables.shared_data
    readers = {data.name: readers_of(data, groups, declaration.members.real_servers) for data in entries}
    claims = [
        Claim(name, "lvs_node_id", declaration.machines[name].variables.node_id, kind="node")
        for name in cluster_fs_nodes(entries, readers)
        if name in declaration.machines
    ]
    found = Problems()
    numbers = allocate_ids(claims, "node id", found)
    problems.add_all(found, prefix=declaration.prefix)
    return numbers


def _vrid_claims(declaration: Declaration, priorities: Mapping[str, int]) -> list[Claim]:
    """The claims to VRIDs, by the names of VRRP instances: one for the cluster, others for directors of their own."""
    reserved = declaration.variables.reserved_vrids
    claims = [_claim(declaration, "virtual_router_id", None, reserved)]
    for director in vips_of_directors(declaration.services, priorities):
        if director in priorities and director != best(priorities):
            wanted = declaration.machines[director].variables.virtual_router_id
            name = instance_name(declaration.name, director, priorities)
            claims.append(Claim(name, "lvs_virtual_router_id", wanted, reserved, "director", director))
    pair = declaration.variables.storage_ha
    if pair is not None:
        where = f"{declaration.prefix}lvs_storage_ha.virtual_router_id"
        wanted = pair.virtual_router_id
        claims.append(Claim(_pair_name(declaration), where, wanted, reserved, "storage of cluster", declaration.name))
    return claims


def _claim(declaration: Declaration, option: str, default: int | None, reserved: Sequence[int] = ()) -> Claim:
    """The claim of a cluster."""
    name, wanted = declaration.name, getattr(declaration.variables.vrrp, option)
    where = f"{declaration.prefix}lvs_vrrp.{option}"
    return Claim(name, where, default if wanted is None else wanted, reserved)


def _priorities(declaration: Declaration, problems: Problems) -> Mapping[str, int]:
    directors = declaration.members.directors
    declared = {name: declaration.machines[name].variables.priority for name in directors}
    wanted = {name: priority for name, priority in declared.items() if priority is not None}
    return allocate_priorities(directors, wanted, problems)
