# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: what each host of a cluster has to be, as frozen value objects.

`to_dict` gives the plain data that `host_plan` returns and the roles take as
their variables. Addresses are strings in canonical form, times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import HealthCheck

TIERS = ("directors", "real_servers", "storage", "clients")


@dataclass(frozen=True)
class Members:
    """The hosts of a cluster by tier, in the inventory's order. A host may be in several tiers."""

    directors: tuple[str, ...] = ()
    real_servers: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()

    def all(self) -> tuple[str, ...]:
        """Every host once."""
        return tuple(dict.fromkeys(self.directors + self.real_servers + self.storage + self.clients))

    def to_dict(self) -> dict[str, Any]:
        return {tier: list(getattr(self, tier)) for tier in TIERS}


@dataclass(frozen=True)
class Destination:
    """One real server behind one IPVS service."""

    host: str
    address: str
    port: int
    weight: int
    upper_threshold: int
    lower_threshold: int

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class VirtualService:
    """One IPVS service: one VIP and one port."""

    name: str
    protocol: str
    vip: str
    port: int
    forwarding: str
    scheduler: str
    persistence_timeout: int | None
    real_servers: tuple[Destination, ...]
    health_check: HealthCheck | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "protocol": self.protocol,
            "vip": self.vip,
            "port": self.port,
            "forwarding": self.forwarding,
            "scheduler": self.scheduler,
            "persistence": None if self.persistence_timeout is None else {"timeout": self.persistence_timeout},
            "real_servers": [server.to_dict() for server in self.real_servers],
            "health_check": None if self.health_check is None else dict(vars(self.health_check)),
        }


@dataclass(frozen=True)
class VrrpInstance:
    """One VRRP instance as one director runs it."""

    name: str
    virtual_router_id: int
    priority: int
    advert_int: int
    preempt_delay: int
    unicast_src_ip: str
    unicast_peers: tuple[str, ...]
    virtual_addresses: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "unicast_peers": list(self.unicast_peers), "virtual_addresses": list(self.virtual_addresses)}


@dataclass(frozen=True)
class SyncDaemon:
    """The connection synchronisation; it follows the state of the VRRP instance."""

    instance: str
    id: int


@dataclass(frozen=True)
class Director:
    """A load balancer. Its services are those of the cluster."""

    engine: str
    address: str
    interface: str | None
    vrrp_instances: tuple[VrrpInstance, ...]
    sync_daemon: SyncDaemon | None
    kernel_modules: tuple[str, ...]
    sysctls: Mapping[str, int | str]

    def to_dict(self) -> dict[str, Any]:
        return {
            "engine": self.engine,
            "address": self.address,
            "interface": self.interface,
            "vrrp_instances": [instance.to_dict() for instance in self.vrrp_instances],
            "sync_daemon": None if self.sync_daemon is None else dict(vars(self.sync_daemon)),
            "services": [],
            "kernel_modules": list(self.kernel_modules),
            "sysctls": dict(self.sysctls),
        }


@dataclass(frozen=True)
class RealServerNode:
    """A real server: the VIPs whose traffic it takes."""

    address: str
    interface: str | None
    vips: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "vips": list(self.vips)}


@dataclass(frozen=True)
class Export:
    """A folder that a storage host exports by NFS to `clients` and to nobody else."""

    name: str
    path: str
    owner: str
    group: str
    mode: str
    access: str
    clients: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "clients": list(self.clients)}


@dataclass(frozen=True)
class Mount:
    """A folder that a real server mounts from a storage host."""

    name: str
    path: str
    source: str
    access: str
    options: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "options": list(self.options)}


@dataclass(frozen=True)
class HostPlan:
    """One host's part; a part is None where the host is not of that tier."""

    name: str
    tiers: tuple[str, ...]
    take_over: bool
    director: Director | None = None
    real_server: RealServerNode | None = None
    exports: tuple[Export, ...] | None = None
    mounts: tuple[Mount, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The host's slice, but for what `complete_slice` adds."""
        return {
            "tiers": list(self.tiers),
            "cluster": None,
            "take_over": self.take_over,
            "director": None if self.director is None else self.director.to_dict(),
            "real_server": None if self.real_server is None else self.real_server.to_dict(),
            "nfs_server": None if self.exports is None else {"exports": [export.to_dict() for export in self.exports]},
            "nfs_client": None if self.mounts is None else {"mounts": [mount.to_dict() for mount in self.mounts]},
            "verify": {"services": []},
        }


def complete_slice(own: dict[str, Any], cluster: dict[str, Any], services: list[dict[str, Any]]) -> dict[str, Any]:
    """A host's slice together with what it shares with the rest of its cluster.

    Directors run the services and clients verify them; the other hosts are not
    told of them, or a large cluster's plan would grow with the square of its hosts.
    """
    slice_ = {**own, "cluster": cluster}
    if own["director"] is not None:
        slice_["director"] = {**own["director"], "services": services}
    if "directors" in own["tiers"] or "clients" in own["tiers"]:
        slice_["verify"] = {"services": services}
    return slice_


@dataclass(frozen=True)
class ClusterPlan:
    """One cluster: what its hosts share, and each host's own part."""

    name: str
    members: Members
    services: tuple[VirtualService, ...]
    hosts: tuple[HostPlan, ...]

    def to_dict(self) -> dict[str, Any]:
        """The cluster's name and members."""
        return {"name": self.name, **self.members.to_dict()}


@dataclass(frozen=True)
class Plan:
    """All clusters of an inventory, and the hosts that belong to none."""

    clusters: tuple[ClusterPlan, ...]
    bystanders: tuple[str, ...] = ()
