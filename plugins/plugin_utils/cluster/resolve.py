# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an inventory to the plan: the whole of it, or every problem that it has.

Cost grows linearly with hosts, services and the real servers that services
have: nothing here compares each host with each other one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster import preflight, shared_data
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.addresses import AddressBook
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.allocate import Claim, allocate_ids
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.build import HostBuilder
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration, cluster_prefix, read_declarations
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import ClusterPlan, Plan, VirtualService
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import Service
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import ServiceResolver


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
    preflight.check_has_clusters(inventory, declarations, problems)
    clusters = _Resolver(inventory, declarations, problems).resolve()
    if len(problems):
        raise DeclarationError(problems)
    placed = {name for declaration in declarations for name in declaration.machines}
    return Plan(clusters, tuple(host.name for host in inventory.hosts if host.name not in placed))


@dataclass(frozen=True)
class _Numbers:
    """What is unique over the inventory, by cluster."""

    vrids: Mapping[str, int]
    sync_ids: Mapping[str, int]


class _Resolver:
    """Resolves declarations. What it adds to its problems makes its result worthless, but it always comes to an end."""

    def __init__(self, inventory: Inventory, declarations: Sequence[Declaration], problems: Problems) -> None:
        self._inventory = inventory
        self._declarations = declarations
        self._problems = problems
        self._all_real_servers = frozenset(name for declaration in declarations for name in declaration.members.real_servers)

    def resolve(self) -> tuple[ClusterPlan, ...]:
        self._check_endpoints()
        vips = {vip: service.where for declaration in self._declarations for service in _services(declaration) for vip in service.vip}
        sound = [declaration for declaration in self._declarations if self._check(declaration)]
        numbers = self._allocate(sound)
        addresses = {declaration.name: self._addresses(declaration, vips) for declaration in sound}
        preflight.check_addresses({name: address for book in addresses.values() for name, address in book.items()}, self._problems)
        return tuple(self._cluster(declaration, addresses[declaration.name], numbers) for declaration in sound)

    def _prefix(self, declaration: Declaration) -> str:
        return cluster_prefix(declaration.name, len(self._declarations))

    def _check_endpoints(self) -> None:
        register = preflight.EndpointRegister(self._problems)
        for declaration in self._declarations:
            for service in _services(declaration):
                register.add(declaration.name, self._prefix(declaration), service)

    def _check(self, declaration: Declaration) -> bool:
        """Whether the rest of the cluster can be judged. Without directors, or with variables missing, it cannot."""
        if not declaration.usable:
            return False
        where = "inventory" if len(self._declarations) == 1 else f"cluster {declaration.name}"
        if not preflight.check_has_directors(declaration, self._inventory, where, self._problems):
            return False
        found = Problems()
        preflight.check_tiers(declaration.members, found)
        preflight.check_services(declaration.variables.services, found)
        shared_data.check_shared_data(declaration.variables.shared_data, found)
        self._problems.add_all(found, prefix=self._prefix(declaration))
        return True

    def _allocate(self, declarations: Sequence[Declaration]) -> _Numbers:
        found = Problems()
        vrids = allocate_ids([self._claim(declaration, "virtual_router_id", None) for declaration in declarations], "VRID", found)
        if len(found):
            # Sync ids follow the VRIDs: what is wrong with these is not told twice.
            self._problems.add_all(found)
            return _Numbers(vrids, vrids)
        claims = [self._claim(declaration, "sync_id", vrids[declaration.name]) for declaration in declarations]
        return _Numbers(vrids, allocate_ids(claims, "sync id", self._problems))

    def _claim(self, declaration: Declaration, option: str, default: int | None) -> Claim:
        wanted = getattr(declaration.variables.vrrp, option)
        reserved = declaration.variables.reserved_vrids if default is None else ()
        return Claim(declaration.name, f"{self._prefix(declaration)}lvs_vrrp.{option}", default if wanted is None else wanted, reserved)

    def _addresses(self, declaration: Declaration, vips: Mapping[str, str]) -> dict[str, str]:
        book = AddressBook(declaration.variables.network, vips)
        found = {name: book.address_of(machine, self._problems) for name, machine in declaration.machines.items()}
        return {name: address for name, address in found.items() if address is not None}

    def _cluster(self, declaration: Declaration, addresses: Mapping[str, str], numbers: _Numbers) -> ClusterPlan:
        found = Problems()
        services = self._services_of(declaration, addresses, found)
        instance = numbers.vrids.get(declaration.name), numbers.sync_ids.get(declaration.name)
        hosts = HostBuilder(declaration, addresses, services, found).build(*instance)
        self._problems.add_all(found, prefix=self._prefix(declaration))
        return ClusterPlan(declaration.name, declaration.members, services, hosts)

    def _services_of(self, declaration: Declaration, addresses: Mapping[str, str], problems: Problems) -> tuple[VirtualService, ...]:
        resolver = ServiceResolver(declaration, self._inventory, addresses, self._all_real_servers, problems)
        return tuple(resolved for service in _services(declaration) for resolved in resolver.resolve(service))


def _services(declaration: Declaration) -> tuple[Service, ...]:
    return declaration.variables.services or ()

