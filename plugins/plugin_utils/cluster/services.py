# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From declared services to IPVS services, with their real servers: one for each VIP and port, or for each fwmark.

What is declared has been checked (`preflight_services`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.addresses import Addresses
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import (
    Destination,
    SorryDestination,
    VirtualService,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model_data import Readiness
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ports import as_ranges
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_options import KEYS_OF_CHECKS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import (
    HealthCheck,
    Page,
    Persistence,
    RealServer,
    Service,
    SorryServer,
    Tunnel,
)

ANY_PORT = 0
"""What a real server of a fwmark service has for a port: a packet keeps its own."""

GUE_PORT = 6080
"""UDP port of generic UDP encapsulation (GUE), as IANA registered it."""

CHECK_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "udp": {"require_reply": False},
    "dns": {"name": ".", "record": "SOA"},
}
"""What a kind of health check has where the declaration leaves it open."""


class ServiceResolver:
    """Resolves the services of the cluster that has the real servers `ours`, which may be `checked` or not.

    At `data_gate_port` they say whether they have the data that a service names.
    """

    def __init__(
        self,
        ours: Sequence[str],
        groups: Mapping[str, Sequence[str]],
        addresses: Mapping[str, Addresses],
        checked: bool = True,
        data_gate_port: int = 0,
    ) -> None:
        self._ours = dict.fromkeys(ours)
        self._checked = checked
        self._data_gate_port = data_gate_port
        self._groups = groups
        self._addresses = addresses
        self._of_group: dict[tuple[str | None, int, int, str, Tunnel | None], tuple[Destination, ...]] = {}

    def resolve(self, service: Service) -> list[VirtualService]:
        """The IPVS services of `service`."""
        return [self._resolve_one(service, endpoint) for endpoint in endpoints(service)]

    def _resolve_one(self, service: Service, endpoint: Endpoint) -> VirtualService:
        return VirtualService(
            name=endpoint.name,
            protocol=service.protocol,
            family=endpoint.family,
            vip=endpoint.vip,
            port=endpoint.port,
            fwmark=service.fwmark,
            vips=endpoint.vips,
            ports=endpoint.ports,
            forwarding=service.forwarding,
            tunnel=effective_tunnel(service) if service.forwarding == "tun" else None,
            scheduler=service.scheduler,
            scheduler_flags=kernel_flags(service.scheduler, service.scheduler_flags),
            persistence=_persistence_of(service, endpoint.family),
            one_packet=service.one_packet,
            quorum=service.quorum,
            hysteresis=service.hysteresis,
            inhibit_on_failure=service.inhibit_on_failure,
            sorry_server=self._sorry_server(service, endpoint),
            real_servers=self._destinations(service, endpoint),
            health_check=effective_health_check(service) if self._checked else None,
            readiness=Readiness(self._data_gate_port, f"/ready/{service.name}") if service.data else None,
            keepalived_lines=service.keepalived_lines,
        )

    def hosts_of(self, service: Service) -> tuple[str, ...]:
        """The real servers of `service`, by name."""
        declared = service.real_servers
        if isinstance(declared, tuple):
            return tuple(server.host for server in declared)
        # Another cluster may use the group too; its hosts are not ours.
        hosts = self._ours if declared is None else self._groups[declared]
        return tuple(host for host in hosts if host in self._ours)

    def _sorry_server(self, service: Service, endpoint: Endpoint) -> SorryDestination | None:
        sorry = service.sorry_server
        if sorry is None:
            return None
        forwarding = sorry.forwarding or service.forwarding
        return SorryDestination(
            host=sorry.host,
            address=self._addresses[sorry.host].checked(endpoint.family),
            port=sorry.port or endpoint.port or ANY_PORT,
            inhibit=sorry.inhibit,
            forwarding=forwarding,
            tunnel=effective_tunnel(service) if forwarding == "tun" else None,
        )

    def _destinations(self, service: Service, endpoint: Endpoint) -> tuple[Destination, ...]:
        declared = service.real_servers
        port, tunnel = endpoint.port or ANY_PORT, effective_tunnel(service)
        if isinstance(declared, tuple):
            return self._listed(declared, port, endpoint.family, service.forwarding, tunnel)
        key = (declared, port, endpoint.family, service.forwarding, tunnel)
        if key not in self._of_group:
            # Many services have the same group and port: their servers are made once.
            servers = [RealServer(host=host) for host in self.hosts_of(service)]
            self._of_group[key] = self._listed(servers, port, endpoint.family, service.forwarding, tunnel)
        return self._of_group[key]

    def _listed(
        self, servers: Iterable[RealServer], port: int, version: int, forwarding: str, tunnel: Tunnel
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
                tunnel=tunnel if (server.forwarding or forwarding) == "tun" else None,
            )
            for server in servers
        )


@dataclass(frozen=True)
class Endpoint:
    """What clients reach one IPVS service by. With a fwmark there is neither one VIP nor one port."""

    name: str
    family: int
    vips: tuple[str, ...]
    ports: tuple[str, ...]
    vip: str | None = None
    port: int | None = None


def endpoints(service: Service) -> list[Endpoint]:
    """The IPVS services of `service`. Of several, the names say what tells them apart."""
    if service.fwmark is None:
        return [
            Endpoint(_name_of(service, vip, port), family(vip), (vip,), (str(port),), vip, port)
            for vip in service.vip
            for port in service.port
        ]
    by_family: dict[int, list[str]] = {}
    for vip in service.vip:
        by_family.setdefault(family(vip), []).append(vip)
    ports = as_ranges(service.port)
    return [
        Endpoint(f"{service.name}-ipv{version}" if len(by_family) > 1 else service.name, version, tuple(vips), ports)
        for version, vips in by_family.items()
    ]


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


def _persistence_of(service: Service, version: int) -> Persistence | None:
    """The persistence in one family: a netmask is for IPv4, a prefix for IPv6."""
    if service.persistence is None:
        return None
    if version == 4:
        return dataclasses.replace(service.persistence, prefix=None)
    return dataclasses.replace(service.persistence, netmask=None)


def effective_health_check(service: Service) -> HealthCheck | None:
    """The check with its defaults filled in; None if the real servers are not checked."""
    check = service.health_check or HealthCheck(type="tcp" if service.protocol == "tcp" else "none")
    if check.type == "none":
        return None
    defaults = dict(CHECK_DEFAULTS.get(check.type, {}))
    if service.fwmark is not None and check.type in KEYS_OF_CHECKS["port"]:
        # There is no port of the real server that a checker could take.
        defaults["port"] = service.port[0]
    check = dataclasses.replace(check, **{key: value for key, value in defaults.items() if getattr(check, key) is None})
    return _with_pages(check) if check.type in ("http", "https") and check.pages is None else check


def _with_pages(check: HealthCheck) -> HealthCheck:
    """The check of one page as one of several, of which there is one."""
    page = Page(
        path=check.path or "/",
        status=check.status or (200,),
        digest=check.digest,
        regex=check.regex,
        regex_no_match=bool(check.regex_no_match),
    )
    return dataclasses.replace(
        check, pages=(page,), path=None, status=None, digest=None, regex=None, regex_no_match=None
    )


def methods(service: Service) -> set[str]:
    """The forwarding methods by which the real servers of `service` and its sorry server are reached."""
    servers: list[RealServer | SorryServer] = [
        *(service.real_servers if isinstance(service.real_servers, tuple) else ()),
        *([service.sorry_server] if service.sorry_server else []),
    ]
    own = {server.forwarding or service.forwarding for server in servers}
    return own if isinstance(service.real_servers, tuple) else own | {service.forwarding}


def effective_tunnel(service: Service) -> Tunnel:
    """How packets are wrapped by `tun`, with the defaults filled in."""
    tunnel = service.tunnel or Tunnel()
    port = (tunnel.port or GUE_PORT) if tunnel.type == "gue" else None
    return Tunnel(type=tunnel.type, port=port, checksum=tunnel.checksum or "nocsum")
