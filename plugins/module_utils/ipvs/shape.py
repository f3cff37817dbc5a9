# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value objects as the dictionaries that modules return and take; `ipvs_info` documents the shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from .model import (
    AddressKey,
    KernelInfo,
    Persistence,
    Server,
    ServerEntry,
    Service,
    ServiceEntry,
    ServiceKey,
    SyncDaemon,
    Table,
)

Dict = dict[str, Any]

NOTHING: Dict = {"services": [], "statistics": [], "timeouts": None, "sync_daemons": [], "kernel": None}
"""The shape of `table_to_dict` where IPVS is not loaded."""


def table_to_dict(table: Table) -> Dict:
    """Return everything that `ipvs_info` returns of a loaded IPVS."""
    return {
        "services": [
            service_to_dict(entry.service, (each.server for each in entry.servers)) for entry in table.services
        ],
        "statistics": [_statistics(entry) for entry in table.services],
        "timeouts": asdict(table.timeouts),
        "sync_daemons": [sync_daemon_to_dict(daemon) for daemon in table.sync_daemons],
        "kernel": _kernel(table.kernel),
    }


def service_to_dict(service: Service, servers: Iterable[Server]) -> Dict:
    """Return the configuration of a service with its servers."""
    return {
        **_identity(service.key),
        **service_attributes(service),
        "servers": [server_to_dict(server) for server in servers],
    }


def service_attributes(service: Service) -> Dict:
    """Return what is configured of a service apart from its identity and its servers."""
    return {
        "scheduler": service.scheduler,
        "flags": list(service.flags),
        "persistence": _persistence(service.persistence) if service.persistence else None,
        "one_packet": service.one_packet,
    }


def _identity(key: ServiceKey) -> Dict:
    if isinstance(key, AddressKey):
        return {"protocol": key.protocol, "vip": str(key.vip), "port": key.port}
    return {"fwmark": key.fwmark, "family": key.family}


def _persistence(persistence: Persistence) -> Dict:
    granularity: Dict = {"prefix": persistence.prefix}
    if persistence.netmask is not None:
        granularity = {"netmask": str(persistence.netmask)}
    return {"timeout": persistence.timeout, **granularity, "engine": persistence.engine}


def server_to_dict(server: Server) -> Dict:
    """Return the configuration of a server."""
    return {
        "address": str(server.key.address),
        "port": server.key.port,
        "forwarding": server.forwarding,
        "weight": server.weight,
        "upper_threshold": server.upper_threshold,
        "lower_threshold": server.lower_threshold,
        "tunnel": asdict(server.tunnel) if server.tunnel else None,
    }


def _statistics(entry: ServiceEntry) -> Dict:
    servers = [_server_statistics(each) for each in entry.servers]
    sums = {name: sum(server[name] for server in servers) for name in ("active", "inactive", "persistent")}
    return {**_identity(entry.service.key), "counters": asdict(entry.counters), **sums, "servers": servers}


def _server_statistics(entry: ServerEntry) -> Dict:
    return {
        "address": str(entry.server.key.address),
        "port": entry.server.key.port,
        "counters": asdict(entry.state.counters),
        "active": entry.state.active,
        "inactive": entry.state.inactive,
        "persistent": entry.state.persistent,
    }


def sync_daemon_to_dict(daemon: SyncDaemon) -> Dict:
    """Return the configuration of a synchronisation daemon."""
    return {**asdict(daemon), "group": None if daemon.group is None else str(daemon.group)}


def _kernel(kernel: KernelInfo) -> Dict:
    return {
        "release": kernel.release,
        "ip_vs_version": kernel.version,
        "connection_table_size": kernel.table_size,
    }
