# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From declared services to IPVS services: one for each VIP and port, with its real servers."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Destination, VirtualService
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, names
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import HealthCheck, RealServer, Service


class ServiceResolver:
    """Resolves the services of one cluster.

    `addresses` has the cluster's hosts; one without an address has been reported
    and is left out. `all_real_servers` are those of all clusters: two clusters
    may share a group, and a service takes from it the hosts of its own cluster.
    """

    def __init__(
        self,
        declaration: Declaration,
        inventory: Inventory,
        addresses: Mapping[str, str],
        all_real_servers: Collection[str],
        problems: Problems,
    ) -> None:
        self._ours = dict.fromkeys(declaration.members.real_servers)
        self._inventory = inventory
        self._addresses = addresses
        self._all_real_servers = all_real_servers
        self._problems = problems
        self._plain_destinations: dict[tuple[str | None, int], tuple[Destination, ...]] = {}

    def resolve(self, service: Service) -> list[VirtualService]:
        """The IPVS services of `service`; of no use if problems have been added."""
        self._check_real_servers(service)
        self._check_health_check(service)
        several = len(service.vip) * len(service.port) > 1
        return [
            VirtualService(
                name=f"{service.name}-{vip}-{port}" if several else service.name,
                protocol=service.protocol,
                vip=vip,
                port=port,
                forwarding=service.forwarding,
                scheduler=service.scheduler,
                persistence_timeout=None if service.persistence is None else service.persistence.timeout,
                real_servers=self._destinations(service, port),
                health_check=_health_check(service),
            )
            for vip in service.vip
            for port in service.port
        ]

    def _destinations(self, service: Service, port: int) -> tuple[Destination, ...]:
        if isinstance(service.real_servers, tuple):
            return self._listed(service.real_servers, port)
        key = (service.real_servers, port)
        if key not in self._plain_destinations:
            hosts = self._ours if service.real_servers is None else self._inventory.groups.get(service.real_servers, ())
            self._plain_destinations[key] = self._listed([RealServer(host=host) for host in hosts], port)
        return self._plain_destinations[key]

    def _listed(self, servers: Collection[RealServer], port: int) -> tuple[Destination, ...]:
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
            if server.host in self._ours and server.host in self._addresses
        )

    def _check_real_servers(self, service: Service) -> None:
        where = f"{service.where}.real_servers"
        if service.real_servers is None:
            if not self._ours:
                fix = "put them into the inventory group lvs_real_servers, or set lvs_real_servers_group"
                self._problems.add(where, "the cluster has no real servers", fix)
        elif isinstance(service.real_servers, str):
            self._check_group(service.real_servers, where)
        else:
            self._check_list(service, service.real_servers)

    def _check_group(self, group: str, where: str) -> None:
        if group not in self._inventory.groups:
            meant = did_you_mean(group, self._inventory.groups)
            fix = f"did you mean '{meant}'?" if meant else "write a group of the inventory, or a list of hosts"
            self._problems.add(where, f"there is no group '{group}'", fix)
            return
        hosts = self._inventory.groups[group]
        strangers = [host for host in hosts if host not in self._all_real_servers]
        if strangers:
            what = f"of group '{group}', {names(strangers)} {'is no real server' if len(strangers) == 1 else 'are no real servers'}"
            self._problems.add(where, what, "put every host of it into the cluster's real servers (group lvs_real_servers) too")
        elif not any(host in self._ours for host in hosts):
            self._problems.add(where, f"group '{group}' has no real server of this cluster", "write a group that has one")

    def _check_list(self, service: Service, servers: tuple[RealServer, ...]) -> None:
        seen = set()
        for server in servers:
            place = f"{server.where}.host"
            if server.host in seen:
                self._problems.add(place, f"'{server.host}' stands in the list twice", "write each host once")
            elif server.host not in self._ours:
                meant = did_you_mean(server.host, self._ours)
                fix = f"did you mean '{meant}'?" if meant else "put the host into the inventory group lvs_real_servers"
                self._problems.add(place, f"'{server.host}' is no real server of this cluster", fix)
            seen.add(server.host)
            self._check_server(service, server)

    def _check_server(self, service: Service, server: RealServer) -> None:
        if server.port is not None and any(port != server.port for port in service.port):
            # IPVS stores such a port and shows it, but with direct routing the
            # packet reaches the real server as the client sent it.
            what = f"with forwarding {service.forwarding} a real server cannot serve on a port of its own"
            self._problems.add(f"{server.where}.port", what, "leave it out")
        if server.lower_threshold > server.upper_threshold:
            what = f"{server.lower_threshold} is more than the upper threshold, {server.upper_threshold}"
            self._problems.add(f"{server.where}.lower_threshold", what, "write less than the upper one, or leave it out")

    def _check_health_check(self, service: Service) -> None:
        check = service.health_check
        if check is None:
            return
        where = f"{service.where}.health_check"
        for key in ("path", "status"):
            if check.type != "http" and getattr(check, key) is not None:
                self._problems.add(f"{where}.{key}", f"a check of type {check.type} has none", "leave it out, or write type: http")
        if service.protocol == "udp" and check.type != "none" and check.port is None:
            what = f"a check of type {check.type} cannot ask a udp service"
            self._problems.add(where, what, "write the tcp port that it shall ask (port), or type: none")


def _health_check(service: Service) -> HealthCheck | None:
    """The check with its defaults filled in; None if the real servers are not checked."""
    check = service.health_check or HealthCheck(type="none" if service.protocol == "udp" else "tcp")
    if check.type == "none":
        return None
    if check.type == "http":
        return dataclasses.replace(check, path=check.path or "/", status=check.status or 200)
    return check
