# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: what each host of a cluster has to be, as frozen value objects.

`as_data` turns them into the plain data that `host_plan` returns and that the
roles take as their variables. Addresses are strings in canonical form, times
are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.kernel_table import kernel_table
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ldirectord_cf import ldirectord_cf
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model_data import (
    ClusterFileSystems,
    DataGate,
    NfsClient,
    NfsServer,
    Readiness,
    RsyncClient,
    RsyncServer,
    StoragePair,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import KeepalivedLines
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import (
    HealthCheck,
    Persistence,
    ServiceLines,
    Tunnel,
)

TIERS = ("directors", "real_servers", "storage", "clients")


@dataclass(frozen=True)
class Members:
    """The hosts of a cluster by tier, in the order of the tier's group. A host may be in several tiers."""

    directors: tuple[str, ...] = ()
    real_servers: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()

    def all(self) -> tuple[str, ...]:
        """Every host once."""
        return tuple(dict.fromkeys(self.directors + self.real_servers + self.storage + self.clients))


@dataclass(frozen=True)
class Destination:
    """One real server behind one IPVS service."""

    host: str
    address: str
    port: int
    weight: int
    upper_threshold: int
    lower_threshold: int
    forwarding: str
    tunnel: Tunnel | None = None
    """How packets are wrapped, where `forwarding` is tun."""


@dataclass(frozen=True)
class SorryDestination:
    """Who serves while the quorum of an IPVS service is missed."""

    host: str
    address: str
    port: int
    inhibit: bool
    forwarding: str
    tunnel: Tunnel | None = None
    """How packets are wrapped, where `forwarding` is tun."""


@dataclass(frozen=True)
class VirtualService:
    """One IPVS service: one VIP and one port, or one fwmark for packets of one family.

    `vips` and `ports` (as text, with ranges) are what clients use, whatever it is. With a fwmark real servers have port
    0: a packet keeps the port that it has.
    """

    name: str
    protocol: str
    family: int
    vip: str | None
    port: int | None
    fwmark: int | None
    vips: tuple[str, ...]
    ports: tuple[str, ...]
    forwarding: str
    tunnel: Tunnel | None
    scheduler: str
    scheduler_flags: tuple[str, ...]
    persistence: Persistence | None
    one_packet: bool
    quorum: int
    hysteresis: int
    inhibit_on_failure: bool
    sorry_server: SorryDestination | None
    real_servers: tuple[Destination, ...]
    health_check: HealthCheck | None
    readiness: Readiness | None
    """Where a real server says whether it has the data that it needs."""
    keepalived_lines: ServiceLines


@dataclass(frozen=True)
class VrrpInstance:
    """One VRRP instance as one director runs it."""

    name: str
    virtual_router_id: int
    priority: int
    advert_int: float
    nopreempt: bool
    preempt_delay: int
    garp_master_delay: int
    garp_master_refresh: int
    unicast_src_ip: str
    unicast_peers: tuple[str, ...]
    virtual_addresses: tuple[str, ...]
    """The VIP that adverts name; its family is the one in which the directors speak VRRP."""
    excluded_addresses: tuple[str, ...]
    """The other VIPs, of both families: they follow the instance."""


@dataclass(frozen=True)
class Mark:
    """Packets to these VIPs and ports (as text, with ranges) get the mark of their service."""

    family: int
    vips: tuple[str, ...]
    protocol: str
    ports: tuple[str, ...]
    mark: int


@dataclass(frozen=True)
class Masquerade:
    """Connections to these VIPs and ports get the director's address as their source on the way to `destinations`.

    `sources` are the networks of the clients for which that holds; empty for all of them.
    """

    family: int
    vips: tuple[str, ...]
    protocol: str
    ports: tuple[str, ...]
    sources: tuple[str, ...]
    destinations: tuple[str, ...]


@dataclass(frozen=True)
class SyncDaemon:
    """The connection synchronisation: each director sends the connections that it has and receives the others'."""

    id: int


@dataclass(frozen=True)
class Director:
    """A load balancer. Its services are those of the cluster: `complete_slice` adds them, as its engine takes them."""

    engine: str
    address: str
    interface: str | None
    vrrp_instances: tuple[VrrpInstance, ...]
    startup_delay: float
    sync_daemon: SyncDaemon | None
    nat_gateways: tuple[str, ...]
    """Addresses on the real servers' side that move with the VIPs."""
    marks: tuple[Mark, ...]
    masquerades: tuple[Masquerade, ...]
    drain_timeout: int
    keep_weights: bool
    keepalived_lines: KeepalivedLines
    ldirectord_lines: tuple[str, ...]
    kernel_modules: tuple[str, ...]
    sysctls: Mapping[str, int | str]


@dataclass(frozen=True)
class TunnelEndpoint:
    """A kind of tunnel that a real server unwraps; `port` is that of gue."""

    type: str
    family: int
    port: int | None


@dataclass(frozen=True)
class TunnelOverhead:
    """How many bytes the tunnels of a family add to a packet at most."""

    family: int
    bytes: int


@dataclass(frozen=True)
class NatRoute:
    """What a real server sends by the gateway that moves with the VIPs: the answers of its NAT services.

    `source` is its own address, `ports` (as text, with ranges) are those that it serves on; empty for all traffic.
    """

    source: str
    gateway: str
    protocol: str
    ports: tuple[str, ...]


@dataclass(frozen=True)
class RealServerNode:
    """A real server: the VIPs whose packets it takes as they are, and what the methods of its services need."""

    address: str
    interface: str | None
    vips: tuple[str, ...]
    tunnels: tuple[TunnelEndpoint, ...]
    tunnel_overheads: tuple[TunnelOverhead, ...]
    gateways: tuple[NatRoute, ...]


@dataclass(frozen=True)
class Firewall:
    """What a host lets in and, where it is a director, what it forwards: rules of nftables.

    Without rules for `forward` that is not filtered.
    """

    input: tuple[str, ...]
    forward: tuple[str, ...]


@dataclass(frozen=True)
class HostPlan:
    """One host's part; a part of it is None where the host is not of that tier."""

    tiers: tuple[str, ...] = ()
    take_over: bool = False
    preflight_ignore: tuple[str, ...] = ()
    director: Director | None = None
    real_server: RealServerNode | None = None
    nfs_server: NfsServer | None = None
    nfs_client: NfsClient | None = None
    storage_pair: StoragePair | None = None
    rsync_server: RsyncServer | None = None
    rsync_client: RsyncClient | None = None
    cluster_fs: ClusterFileSystems | None = None
    data_gate: DataGate | None = None
    firewall: Firewall | None = None

    @property
    def sees_services(self) -> bool:
        """Whether the host is told of the cluster's services: directors run them and clients verify them.

        If all hosts were, a large cluster's plan would grow with the square of its hosts.
        """
        return "directors" in self.tiers or "clients" in self.tiers


@dataclass(frozen=True)
class ClusterPlan:
    """One cluster: what its hosts share, and the part of each host by its name."""

    name: str
    members: Members
    services: tuple[VirtualService, ...]
    hosts: Mapping[str, HostPlan]

    def overview(self) -> dict[str, Any]:
        """The cluster's name and members, as plain data."""
        return {"name": self.name, **as_data(self.members)}


@dataclass(frozen=True)
class Plan:
    """All clusters of an inventory, and the hosts that belong to none."""

    clusters: tuple[ClusterPlan, ...]
    bystanders: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What is allowed and seldom meant."""


def as_data(value: Any) -> Any:
    """A part of the plan as plain data: dataclasses and mappings as dictionaries, tuples as lists."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, tuple):
        return [as_data(item) for item in value]
    items = value if isinstance(value, Mapping) else vars(value)
    return {name: as_data(item) for name, item in items.items()}


def complete_slice(own: dict[str, Any], cluster: dict[str, Any] | None, services: list[Any]) -> dict[str, Any]:
    """A host's part, as plain data, together with what it shares with other hosts of its cluster."""
    director = own["director"]
    if director:
        engine = director["engine"]
        director = {
            **director,
            "services": services,
            # The other engine keeps the table by itself.
            "table": [] if engine == "keepalived" else kernel_table(services),
            "ldirectord_cf": ldirectord_cf(services, director["ldirectord_lines"]) if engine == "ldirectord" else "",
        }
    return {**own, "cluster": cluster, "director": director, "verify": {"services": services}}
