# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From declared services to IPVS services: one for each VIP and port, with its real servers.

What is declared has been checked (`preflight_services`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.addresses import Addresses
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import (
    Destination,
    SorryDestination,
    VirtualService,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import (
    HealthCheck,
    Persistence,
    RealServer,
    Service,
)

CHECK_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "http": {"path": "/", "status": 200},
    "https": {"path": "/", "status": 200},
    "udp": {"require_reply": False},
    "dns": {"name": ".", "record": "SOA"},
}
"""What a kind of health check has where the declaration leaves it open."""


class ServiceResolver:
    """Resolves the services of the cluster that has the real servers `ours`."""

    def __init__(
        self, ours: Sequence[str], groups: Mapping[str, Sequence[str]], addresses: Mapping[str, Addresses]
    ) -> None:
        self._ours = dict.fromkeys(ours)
        self._groups = groups
        self._addresses = addresses
        self._of_group: dict[tuple[str | None, int, int, str], tuple[Destination, ...]] = {}

    def resolve(self, service: Service) -> list[VirtualService]:
        """The IPVS services of `service`."""
        return [self._resolve_one(service, name, vip, port) for name, vip, port in endpoints(service)]

    def _resolve_one(self, service: Service, name: str, vip: str, port: int) -> VirtualService:
        return VirtualService(
            name=name,
            protocol=service.protocol,
            vip=vip,
            port=port,
            forwarding=service.forwarding,
            scheduler=service.scheduler,
            scheduler_flags=kernel_flags(service.scheduler, service.scheduler_flags),
            persistence=_persistence_of(service, vip),
            one_packet=service.one_packet,
            quorum=service.quorum,
            hysteresis=service.hysteresis,
            sorry_server=self._sorry_server(service, vip, port),
            real_servers=self._destinations(service, port, family(vip)),
            health_check=effective_health_check(service),
        )

    def _sorry_server(self, service: Service, vip: str, port: int) -> SorryDestination | None:
        sorry = service.sorry_server
        if sorry is None:
            return None
        return SorryDestination(sorry.host, self._addresses[sorry.host].checked(family(vip)), sorry.port or port)

    def _destinations(self, service: Service, port: int, version: int) -> tuple[Destination, ...]:
        declared = service.real_servers
        if isinstance(declared, tuple):
            return self._listed(declared, port, version, service.forwarding)
        key = (declared, port, version, service.forwarding)
        if key not in self._of_group:
            # Many services have the same group and port: their servers are made once.
            # Another cluster may use the group too; its hosts are not ours.
            hosts = self._ours if declared is None else self._groups[declared]
            servers = [RealServer(host=host) for host in hosts if host in self._ours]
            self._of_group[key] = self._listed(servers, port, version, service.forwarding)
        return self._of_group[key]

    def _listed(
        self, servers: Iterable[RealServer], port: int, version: int, forwarding: str
    ) -> tuple[Destination, ...]:
        return tuple(
            Destination(
                host=server.host,
                address=self._addresses[server.host].checked(version),
                port=port if server.port is None else server.port,
                weight=server.weight,
                upper_threshold=server.upper_threshold,
                lower_threshold=server.lower_threshold,
                forwarding=server.forwarding or forwarding,
            )
            for server in servers
        )


def endpoints(service: Service) -> list[tuple[str, str, int]]:
    """Name, VIP and port of each IPVS service of `service`. Of several, the names say what tells them apart."""
    return [(_name_of(service, vip, port), vip, port) for vip in service.vip for port in service.port]


def _name_of(service: Service, vip: str, port: int) -> str:
    which_vip = f"-{vip}" if len(service.vip) > 1 else ""
    which_port = f"-{port}" if len(service.port) > 1 else ""
    return f"{service.name}{which_vip}{which_port}"


def kernel_flags(scheduler: str, declared: Iterable[str]) -> tuple[str, ...]:
    """The flags by the names and in the order in which the kernel's table shows them.

    `sh` and `mh` call flag-1 their fallback and flag-2 their port (ip_vs_sh.c, ip_vs_mh.c).
    """
    named = {"flag-1": f"{scheduler}-fallback", "flag-2": f"{scheduler}-port"} if scheduler in ("sh", "mh") else {}
    wanted = {named.get(flag, flag) for flag in declared}
    return tuple(name for name in (named.get(f"flag-{bit}", f"flag-{bit}") for bit in (1, 2, 3)) if name in wanted)


def _persistence_of(service: Service, vip: str) -> Persistence | None:
    """The persistence on one VIP: a netmask is for IPv4, a prefix for IPv6."""
    if service.persistence is None:
        return None
    if family(vip) == 4:
        return dataclasses.replace(service.persistence, prefix=None)
    return dataclasses.replace(service.persistence, netmask=None)


def effective_health_check(service: Service) -> HealthCheck | None:
    """The check with its defaults filled in; None if the real servers are not checked."""
    check = service.health_check or HealthCheck(type="tcp" if service.protocol == "tcp" else "none")
    if check.type == "none":
        return None
    defaults = CHECK_DEFAULTS.get(check.type, {})
    return dataclasses.replace(check, **{key: value for key, value in defaults.items() if getattr(check, key) is None})
