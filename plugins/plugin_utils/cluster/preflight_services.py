# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the services of one cluster, beyond what each value by itself can be checked for."""

from __future__ import annotations

from collections.abc import Collection

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.packets import KEEPS_VIP
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_engine import check_engine
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_forwarding import (
    check_forwarding,
    check_gateways,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_hosts import (
    NO_REAL_SERVERS,
    NamedRealServers,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_keepalived import check_lines
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_options import check_options, check_sessions
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import RealServer, Service
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import endpoints


class ServiceChecker:
    """Checks the services of `declaration`."""

    def __init__(
        self,
        declaration: Declaration,
        real_servers: NamedRealServers,
        problems: Problems,
    ) -> None:
        self._declaration = declaration
        self._real_servers = real_servers
        self._problems = problems

    def check(self) -> None:
        """Check that there are services at all, and then each one."""
        if self._declaration.variables.services is None and "services" not in self._declaration.unread:
            fix = "list the services, for all hosts of the cluster (group_vars/all.yml), or write [] for none"
            self._problems.add("lvs_services", "it is not set", fix)
        self._check_names()
        check_engine(self._declaration, self._problems)
        check_lines(self._declaration, self._problems)
        check_gateways(self._declaration.variables, self._problems)
        check_sessions(self._declaration.services, self._problems)
        for service in self._declaration.services:
            self._check_real_servers(service)
            self._check_sorry_server(service)
            check_options(service, self._problems)
            check_forwarding(service, self._declaration.variables, self._problems)

    def _check_names(self) -> None:
        """Names are distinct, also those that services with several VIPs or ports get."""
        holders: dict[str, Service] = {}
        for service in self._declaration.services:
            for name in dict.fromkeys([service.name, *(endpoint.name for endpoint in endpoints(service))]):
                holder = holders.setdefault(name, service)
                if holder is not service:
                    what = f"'{name}' is the name of {holder.where} too"
                    self._problems.add(f"{service.where}.name", what, "give each service another name")
                    break

    def _check_real_servers(self, service: Service) -> None:
        where = f"{service.where}.real_servers"
        if isinstance(service.real_servers, tuple):
            self._check_list(service, service.real_servers)
        elif service.real_servers is not None:
            mistake = self._real_servers.group_mistake(service.real_servers)
            if mistake is not None:
                self._problems.add(where, *mistake)
        elif not self._real_servers:
            self._problems.add(where, *NO_REAL_SERVERS)

    def _check_list(self, service: Service, servers: tuple[RealServer, ...]) -> None:
        seen = set()
        for server in servers:
            where = f"{server.where}.host"
            mistake = self._real_servers.host_mistake(server.host)
            if server.host in seen:
                self._problems.add(where, f"'{server.host}' stands in the list twice", "write each host once")
            elif mistake is not None:
                self._problems.add(where, *mistake)
            seen.add(server.host)
            self._check_server(service, server)

    def _check_server(self, service: Service, server: RealServer) -> None:
        self._check_port(service, server.port, server.forwarding or service.forwarding, server.where)
        if server.lower_threshold > server.upper_threshold:
            what = f"{server.lower_threshold} is more than the upper threshold, {server.upper_threshold}"
            self._problems.add(f"{server.where}.lower_threshold", what, "write less than that, or leave it out")

    def _check_sorry_server(self, service: Service) -> None:
        sorry = service.sorry_server
        if sorry is None:
            return
        where = f"{service.where}.sorry_server"
        mistake = self._real_servers.host_mistake(sorry.host)
        if mistake is not None:
            self._problems.add(f"{where}.host", *mistake)
        elif sorry.host in self._hosts_of(service):
            what = f"'{sorry.host}' is one of the service's own real servers, which are out when it is needed"
            fix = "write another host, and give real_servers a group or list without it"
            self._problems.add(f"{where}.host", what, fix)
        self._check_port(service, sorry.port, sorry.forwarding or service.forwarding, where)

    def _check_port(self, service: Service, port: int | None, forwarding: str, where: str) -> None:
        """A real server has a port of its own only where the director rewrites the destination."""
        if port is None:
            return
        if service.fwmark is not None:
            what = "a packet of a fwmark service keeps its port"
            self._problems.add(f"{where}.port", what, "leave it out")
        elif forwarding in KEEPS_VIP and any(own != port for own in service.port):
            # IPVS would store such a port and show it, but the packet reaches
            # the real server as the client sent it.
            what = f"with forwarding {forwarding} a real server serves on the service's own port"
            self._problems.add(f"{where}.port", what, "leave it out, or write forwarding: nat")

    def _hosts_of(self, service: Service) -> Collection[str]:
        if isinstance(service.real_servers, tuple):
            return [server.host for server in service.real_servers]
        return self._real_servers.hosts(service.real_servers)
