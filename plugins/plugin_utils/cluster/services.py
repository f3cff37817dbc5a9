# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From declared services to IPVS services: one for each VIP and port, with its real servers.

What is declared has been checked (`preflight_services`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Destination, VirtualService
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import HealthCheck, RealServer, Service


class ServiceResolver:
    """Resolves the services of the cluster that has the real servers `ours`."""

    def __init__(self, ours: Sequence[str], groups: Mapping[str, Sequence[str]], addresses: Mapping[str, str]) -> None:
        self._ours = dict.fromkeys(ours)
        self._groups = groups
        self._addresses = addresses
        self._of_group: dict[tuple[str | None, int], tuple[Destination, ...]] = {}

    def resolve(self, service: Service) -> list[VirtualService]:
        """The IPVS services of `service`."""
        return [
            VirtualService(
                name=name,
                protocol=service.protocol,
                vip=vip,
                port=port,
                forwarding=service.forwarding,
                scheduler=service.scheduler,
                persistence=service.persistence,
                real_servers=self._destinations(service.real_servers, port),
                health_check=effective_health_check(service),
            )
            for name, vip, port in endpoints(service)
        ]

    def _destinations(self, declared: str | tuple[RealServer, ...] | None, port: int) -> tuple[Destination, ...]:
        if isinstance(declared, tuple):
            return self._listed(declared, port)
        key = (declared, port)
        if key not in self._of_group:
            # Many services have the same group and port: their servers are made once.
            # Another cluster may use the group too; its hosts are not ours.
            hosts = self._ours if declared is None else self._groups[declared]
            servers = [RealServer(host=host) for host in hosts if host in self._ours]
            self._of_group[key] = self._listed(servers, port)
        return self._of_group[key]

    def _listed(self, servers: Iterable[RealServer], port: int) -> tuple[Destination, ...]:
        return tuple(
            Destination(
                host=server.host,
                address=self._addresses[server.host],
                port=port if server.port is None else server.port,
                weight=server.weight,
                upper_threshold=server.upper_threshold,
                lower_threshold=server.lower_threshold,
            )
            for server in servers
        )


def endpoints(service: Service) -> list[tuple[str, str, int]]:
    """Name, VIP and port of each IPVS service of `service`. If there are several, the names say which one it is."""
    if len(service.vip) == len(service.port) == 1:
        return [(service.name, service.vip[0], service.port[0])]
    return [(f"{service.name}-{vip}-{port}", vip, port) for vip in service.vip for port in service.port]


def effective_health_check(service: Service) -> HealthCheck | None:
    """The check with its defaults filled in; None if the real servers are not checked."""
    check = service.health_check or HealthCheck(type="none" if service.protocol == "udp" else "tcp")
    if check.type == "none":
        return None
    if check.type == "http":
        return dataclasses.replace(check, path=check.path or "/", status=check.status or 200)
    return check
