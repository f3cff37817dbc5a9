# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a cluster's hosts, built from what the cluster shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster import firewall, packets, shared_data
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
    Export,
    Firewall,
    HostPlan,
    Mount,
    NfsClient,
    NfsServer,
    RealServerNode,
    SyncDaemon,
    VrrpInstance,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_engine import CHECKING
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import SharedData
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import ServiceResolver
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
        resolver = ServiceResolver(self._members.real_servers, groups, addresses, checked)
        self._services = tuple(resolved for service in declaration.services for resolved in resolver.resolve(service))
        self._data_family = common_family(self._members, addresses) or 4
        self._active = vips_of_directors(declaration.services, numbers.priorities)
        self._masquerades = packets.masquerades(self._services, self._variables.nat_clients)

    def build(self) -> ClusterPlan:
        """The plan with the parts of all hosts."""
        tiers = {tier: frozenset(getattr(self._members, tier)) for tier in TIERS}
        directors = {name: self._director(name) for name in self._members.directors}
        real_servers = self._real_servers()
        nfs_servers = {name: NfsServer(self._exports(name)) for name in self._members.storage}
        mounts = self._mounts()
        firewalls = self._firewalls(directors, nfs_servers)
        hosts = {
            name: HostPlan(
                tiers=tuple(tier for tier in TIERS if name in tiers[tier]),
                take_over=machine.variables.take_over,
                preflight_ignore=self._variables.preflight_ignore,
                director=directors.get(name),
                real_server=real_servers.get(name),
                nfs_server=nfs_servers.get(name),
                nfs_client=_nfs_client(name, mounts) if name in real_servers else None,
                firewall=firewalls.get(name),
            )
            for name, machine in self._machines.items()
        }
        return ClusterPlan(self._name, self._members, self._services, hosts)

    def _director(self, name: str) -> Director:
        """A director. Without a VIP there is nothing to agree on, so it runs neither VRRP nor synchronisation."""
        instances = tuple(self._vrrp_instance(name, active, vips) for active, vips in self._active.items())
        return Director(
            engine=self._variables.director_engine,
            address=next(iter(self._addresses[name])),
            interface=self._machines[name].variables.interface,
            vrrp_instances=instances,
            startup_delay=self._variables.vrrp.startup_delay,
            sync_daemon=self._sync_daemon(instances),
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

    def _sync_daemon(self, instances: Sequence[VrrpInstance]) -> SyncDaemon | None:
        followed = instances[0].name if len(instances) == 1 else None
        return SyncDaemon(followed, self._numbers.sync_id) if instances else None

    def _vrrp_instance(self, director: str, active: str, vips: Sequence[str]) -> VrrpInstance:
        """The instance that moves `vips` together, whatever their family; while it is well `active` has them.

        One advert carries addresses of one family. With an instance for each the families could part: a client's IPv4
        would go to one director and its IPv6 to the other, and the sync daemon follows but one instance.

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

    def _firewalls(
        self, directors: Mapping[str, Director], nfs_servers: Mapping[str, NfsServer]
    ) -> dict[str, Firewall]:
        """The filters of hosts of the tiers that want one, for whatever else a host may be, too."""
        filtered = {name for tier in self._variables.firewall for name in getattr(self._members, tier)}
        if not filtered:
            return {}
        sources = tuple(address for name in directors for address in self._addresses[name])
        served = firewall.real_servers_flows(self._services, sources)
        forwarded = firewall.forward_rules(firewall.rewritten_servers(self._services))
        firewalls = {}
        for name in filtered:
            director, storage = directors.get(name), nfs_servers.get(name)
            flows = firewall.merged(
                (
                    *(firewall.director_flows(self._services, director.vrrp_instances) if director else ()),
                    *served.get(name, ()),
                    *(firewall.storage_flows(storage) if storage else ()),
                )
            )
            accepted = map(firewall.accepted_rule, self._machines[name].variables.firewall_accept)
            rules = (*map(firewall.input_rule, flows), *accepted)
            firewalls[name] = Firewall(rules, forwarded if director else ())
        return firewalls

    def _exports(self, server: str) -> tuple[Export, ...]:
        """What the storage host `server` exports, to the real servers and to nobody else."""
        clients = tuple(self._data_address(name) for name in self._members.real_servers)
        return tuple(shared_data.export(data, clients) for host, data in self._data() if host == server)

    def _mounts(self) -> list[tuple[str, Mount]]:
        """What real servers mount, each with the name of the storage host that has it."""
        return [(server, shared_data.mount(data, self._data_address(server))) for server, data in self._data()]

    def _data_address(self, name: str) -> str:
        return self._address(name, self._data_family)

    def _address(self, name: str, version: int) -> str:
        return self._addresses[name].checked(version)

    def _data(self) -> list[tuple[str, SharedData]]:
        """The shared data, each with the name of the storage host that has it."""
        return [(data.host or self._members.storage[0], data) for data in self._variables.shared_data]


def _nfs_client(name: str, mounts: Sequence[tuple[str, Mount]]) -> NfsClient:
    """A real server that is a storage host too has its own folders in place already."""
    return NfsClient(tuple(mount for server, mount in mounts if server != name))
