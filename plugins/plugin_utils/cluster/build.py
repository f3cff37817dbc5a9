# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a cluster's hosts, built from what the cluster shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster import shared_data
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.allocate import allocate_priorities
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import (
    TIERS,
    Director,
    Export,
    HostPlan,
    Mount,
    RealServerNode,
    SyncDaemon,
    VirtualService,
    VrrpInstance,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.sysctls import DEFAULTS


class HostBuilder:
    """Builds the plans of a cluster's hosts; those without an address (which has been reported) get none."""

    def __init__(self, declaration: Declaration, addresses: Mapping[str, str], services: Sequence[VirtualService], problems: Problems) -> None:
        self._declaration = declaration
        self._variables = declaration.variables
        self._addresses = addresses
        self._services = services
        self._problems = problems

    def build(self, virtual_router_id: int | None, sync_id: int | None) -> tuple[HostPlan, ...]:
        """The plans of all hosts; the ids are those of the cluster's VRRP instance, None if there are none to give."""
        members = self._declaration.members
        tiers = {tier: frozenset(getattr(members, tier)) for tier in TIERS}
        directors = self._directors(virtual_router_id, sync_id)
        real_servers = self._real_servers()
        exports, mounts = self._shared_data()
        return tuple(
            HostPlan(
                name=name,
                tiers=tuple(tier for tier in TIERS if name in tiers[tier]),
                take_over=self._declaration.machines[name].variables.take_over,
                director=directors.get(name),
                real_server=real_servers.get(name),
                exports=exports.get(name, ()) if name in tiers["storage"] else None,
                mounts=tuple(mount for server, mount in mounts if server != name) if name in real_servers else None,
            )
            for name in self._addresses
        )

    def _directors(self, virtual_router_id: int | None, sync_id: int | None) -> dict[str, Director]:
        """Directors by name. Without a VIP there is nothing to agree on, so they run neither VRRP nor synchronisation."""
        members = self._declaration.members.directors
        hosts = {name: self._declaration.machines[name].variables for name in members}
        wanted = {name: variables.priority for name, variables in hosts.items() if variables.priority is not None}
        priorities = allocate_priorities(members, wanted, self._problems)
        vips = tuple(dict.fromkeys(service.vip for service in self._services))
        with_vrrp = bool(vips) and virtual_router_id is not None and sync_id is not None
        return {
            name: Director(
                engine=self._variables.director_engine,
                address=self._addresses[name],
                interface=hosts[name].interface,
                vrrp_instances=(self._vrrp_instance(name, virtual_router_id or 0, priorities.get(name, 0), vips),) if with_vrrp else (),
                sync_daemon=SyncDaemon(self._declaration.name, sync_id or 0) if with_vrrp else None,
                kernel_modules=("ip_vs", *sorted({f"ip_vs_{service.scheduler}" for service in self._services})),
                sysctls={**DEFAULTS, **dict(self._variables.sysctl)},
            )
            for name in members
            if name in self._addresses
        }

    def _vrrp_instance(self, director: str, virtual_router_id: int, priority: int, vips: Sequence[str]) -> VrrpInstance:
        peers = [name for name in self._declaration.members.directors if name != director]
        return VrrpInstance(
            name=self._declaration.name,
            virtual_router_id=virtual_router_id,
            priority=priority,
            advert_int=self._variables.vrrp.advert_int,
            preempt_delay=self._variables.vrrp.preempt_delay,
            unicast_src_ip=self._addresses[director],
            unicast_peers=tuple(self._addresses[name] for name in peers if name in self._addresses),
            # As a host route: a VIP with the network's prefix would bring a
            # second route to the network, and a source address for it.
            virtual_addresses=tuple(f"{vip}/32" for vip in vips),
        )

    def _real_servers(self) -> dict[str, RealServerNode]:
        """Real servers by name, those too that no service uses: they have no VIP."""
        vips: dict[str, dict[str, None]] = {name: {} for name in self._declaration.members.real_servers}
        for service in self._services:
            for server in service.real_servers:
                vips[server.host][service.vip] = None
        return {
            name: RealServerNode(self._addresses[name], self._declaration.machines[name].variables.interface, tuple(own))
            for name, own in vips.items()
            if name in self._addresses
        }

    def _shared_data(self) -> tuple[dict[str, tuple[Export, ...]], list[tuple[str, Mount]]]:
        """Exports by storage host, and mounts, each with the storage host that it is from."""
        servers = shared_data.storage_hosts(self._declaration, self._problems)
        clients = [self._addresses[name] for name in self._declaration.members.real_servers if name in self._addresses]
        exports: dict[str, list[Export]] = {}
        mounts = []
        for data in self._variables.shared_data:
            server = servers.get(data.name)
            if server in self._addresses:
                exports.setdefault(server, []).append(shared_data.export(data, clients))
                mounts.append((server, shared_data.mount(data, self._addresses[server])))
        return {name: tuple(own) for name, own in exports.items()}, mounts
