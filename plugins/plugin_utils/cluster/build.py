# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a cluster's hosts, built from what the cluster shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster import firewall, packets
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.active import (
    instance_name,
    priorities_for,
    vips_of_directors,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.addresses import Addresses
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.locate import common_family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import (
    TIERS,
    ClusterPlan,
    Director,
    Firewall,
    HostPlan,
    RealServerNode,
    SyncDaemon,
    VrrpInstance,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_engine import CHECKING
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import ServiceResolver
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.shared_data import DataResolver, StorageNumbers
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.sysctls import (
    CONNTRACK,
    CONNTRACK_MAX,
    DEFAULTS,
    ROUTER_IPV4,
    ROUTER_IPV6,
)


@dataclass(frozen=True)
class Numbers:
    """The numbers that a cluster's hosts agree on: VRIDs by VRRP instance, priorities by director."""

    virtual_router_ids: Mapping[str, int]
    sync_id: int
    priorities: Mapping[str, int]
    storage: StorageNumbers


class ClusterBuilder:
    """Builds the plan of a cluster that has been checked. `addresses` has all its hosts."""

    def __init__(
        self,
        declaration: Declaration,
        groups: Mapping[str, Sequence[str]],
        addresses: Mapping[str, Addresses],
        numbers: Numbers,
    ) -> None:
        self._name = declaration.name
        self._machines = declaration.machines
        self._members = declaration.members
        self._variables = declaration.variables
        self._addresses = addresses
        self._numbers = numbers
        checked = self._variables.director_engine in CHECKING
        self._declared_services = declaration.services
        self._resolver = ServiceResolver(
            self._members.real_servers, groups, addresses, checked, self._variables.data_gate_port
        )
        self._services = tuple(
            resolved for service in declaration.services for resolved in self._resolver.resolve(service)
        )
        self._data_family = common_family(self._members, addresses) or 4
        self._data = DataResolver(
            self._name,
            self._variables,
            self._members.real_servers,
            self._members.storage,
            groups,
            self._data_address,
            numbers.storage,
        )
        self._active = vips_of_directors(declaration.services, numbers.priorities)
        self._masquerades = packets.masquerades(self._services, self._variables.nat_clients)

    def build(self) -> ClusterPlan:
        """The plan with the parts of all hosts."""
        tiers = {tier: frozenset(getattr(self._members, tier)) for tier in TIERS}
        directors = {name: self._director(name) for name in self._members.directors}
        real_servers = self._real_servers()
        hosts = {
            name: HostPlan(
                tiers=tuple(tier for tier in TIERS if name in tiers[tier]),
                take_over=machine.variables.take_over,
                preflight_ignore=self._variables.preflight_ignore,
                director=directors.get(name),
                real_server=real_servers.get(name),
                **(self._storage_parts(name) if name in tiers["storage"] else {}),
                **(self._reading_parts(name) if name in real_servers else {}),
            )
            for name, machine in self._machines.items()
        }
        firewalls = self._firewalls(hosts)
        hosts.update({name: replace(hosts[name], firewall=own) for name, own in firewalls.items()})
        return ClusterPlan(self._name, self._members, self._services, hosts)

    def _storage_parts(self, name: str) -> dict[str, Any]:
        """What a storage host has and gives."""
        return {
            "nfs_server": self._data.nfs_server(name),
            "storage_pair": self._data.storage_pair(name, self._machines[name].variables.interface),
            "rsync_server": self._data.rsync_server(name),
        }

    def _reading_parts(self, name: str) -> dict[str, Any]:
        """What a real server reads, and how it says that it can."""
        return {
            "nfs_client": self._data.nfs_client(name),
            "rsync_client": self._data.rsync_client(name),
            "cluster_fs": self._data.cluster_fs(name),
            "data_gate": self._data.data_gate(name, self._declared_services, self._resolver.hosts_of),
        }

    def _director(self, name: str) -> Director:
        """A director. Without a VIP there is nothing to agree on, so it runs neither VRRP nor synchronisation."""
        instances = tuple(self._vrrp_instance(name, active, vips) for active, vips in self._active.items())
        return Director(
            engine=self._variables.director_engine,
            address=next(iter(self._addresses[name])),
            interface=self._machines[name].variables.interface,
            vrrp_instances=instances,
            startup_delay=self._variables.vrrp.startup_delay,
            sync_daemon=SyncDaemon(self._numbers.sync_id) if instances else None,
            nat_gateways=self._variables.nat_gateway,
            marks=packets.marks(self._services),
            masquerades=self._masquerades,
            drain_timeout=self._variables.drain_timeout,
            keep_weights=self._variables.keep_weights,
            keepalived_lines=self._variables.keepalived_lines,
            ldirectord_lines=self._variables.ldirectord_lines,
            kernel_modules=self._kernel_modules(),
            sysctls=self._sysctls(),
        )

    def _sysctls(self) -> dict[str, int | str]:
        methods = {server.forwarding for service in self._services for server, _ports in packets.servers_of(service)}
        rewritten = {service.family for service in self._services} if methods & {"nat", "fullnat"} else set()
        return {
            **(ROUTER_IPV4 if 4 in rewritten else {}),
            **(ROUTER_IPV6 if 6 in rewritten else {}),
            **DEFAULTS,
            **(CONNTRACK if self._masquerades else {}),
            **({CONNTRACK_MAX: self._variables.conntrack_max} if self._variables.conntrack_max else {}),
            **dict(self._variables.sysctl),
        }

    def _kernel_modules(self) -> tuple[str, ...]:
        schedulers = {f"ip_vs_{service.scheduler}" for service in self._services}
        engines = {
            f"ip_vs_pe_{service.persistence.engine}"
            for service in self._services
            if service.persistence and service.persistence.engine
        }
        helpers = {"ip_vs_ftp" for service in self._services if packets.needs_ftp_helper(service)}
        conntrack = ["nf_conntrack"] if self._masquerades or self._variables.conntrack_max else []
        return ("ip_vs", *sorted(schedulers | engines | helpers), *conntrack)

    def _vrrp_instance(self, director: str, active: str, vips: Sequence[str]) -> VrrpInstance:
        """The instance that moves `vips` together, whatever their family; while it is well `active` has them.

        One advert carries addresses of one family. With an instance for each the families could part: a client's IPv4
        would go to one director and its IPv6 to the other.

        Adverts name one VIP, the lowest. A backup drops adverts whose VIPs are not its own, and takes over: so it
        would while directors are changed one after the other, for each VIP that comes or goes.
        """
        name = instance_name(self._name, active, self._numbers.priorities)
        named = min(vips, key=lambda vip: (family(vip), ip_address(vip)))
        version = family(named)
        vrrp = self._variables.vrrp
        # Host routes: with the network's prefix a VIP would bring a second
        # route into the network, and itself as the source address for it.
        addresses = {vip: f"{vip}/{32 if family(vip) == 4 else 128}" for vip in vips}
        return VrrpInstance(
            name=name,
            virtual_router_id=self._numbers.virtual_router_ids[name],
            priority=priorities_for(active, self._numbers.priorities)[director],
            advert_int=vrrp.advert_int,
            nopreempt=vrrp.nopreempt,
            preempt_delay=vrrp.preempt_delay,
            garp_master_delay=vrrp.garp_master_delay,
            garp_master_refresh=vrrp.garp_master_refresh,
            unicast_src_ip=self._address(director, version),
            unicast_peers=tuple(self._address(name, version) for name in self._members.directors if name != director),
            virtual_addresses=(addresses.pop(named),),
            excluded_addresses=tuple(addresses.values()),
        )

    def _real_servers(self) -> dict[str, RealServerNode]:
        """Real servers by name, those too that no service uses."""
        vips = packets.vips_of_hosts(self._services)
        tunnels = packets.tunnels_of_hosts(self._services)
        overheads = packets.overheads_of_hosts(self._services)
        routes = packets.nat_routes_of_hosts(self._services, self._variables.nat_gateway)
        return {
            name: RealServerNode(
                address=next(iter(self._addresses[name])),
                interface=self._machines[name].variables.interface,
                vips=vips.get(name, ()),
                tunnels=tunnels.get(name, ()),
                tunnel_overheads=overheads.get(name, ()),
                gateways=routes.get(name, ()),
            )
            for name in self._members.real_servers
        }

    def _firewalls(self, hosts: Mapping[str, HostPlan]) -> dict[str, Firewall]:
        """The filters of hosts of the tiers that want one, for whatever else a host may be, too."""
        filtered = {name for tier in self._variables.firewall for name in getattr(self._members, tier)}
        if not filtered:
            return {}
        directors = tuple(address for name in self._members.directors for address in self._addresses[name])
        served = firewall.real_servers_flows(self._services, directors)
        forwarded = firewall.forward_rules(firewall.rewritten_servers(self._services))
        firewalls = {}
        for name in filtered:
            plan = hosts[name]
            director = plan.director
            flows = firewall.merged(
                (
                    *(firewall.director_flows(self._services, director.vrrp_instances) if director else ()),
                    *served.get(name, ()),
                    *firewall.data_flows(name, plan, directors),
                )
            )
            accepted = map(firewall.accepted_rule, self._machines[name].variables.firewall_accept)
            rules = (*map(firewall.input_rule, flows), *accepted)
            firewalls[name] = Firewall(rules, forwarded if director else ())
        return firewalls

    def _data_address(self, name: str) -> str:
        return self._address(name, self._data_family)

    def _address(self, name: str, version: int) -> str:
        return self._addresses[name].checked(version)
