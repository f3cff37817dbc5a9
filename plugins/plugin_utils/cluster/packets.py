# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the forwarding methods ask of packets beside IPVS: marks, masquerades, tunnels, and the way of the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import (
    Destination,
    Mark,
    Masquerade,
    NatRoute,
    SorryDestination,
    TunnelEndpoint,
    TunnelOverhead,
    VirtualService,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Tunnel

FTP = 21

KEEPS_VIP = ("dr", "tun")
"""Methods by which a packet reaches the real server with the VIP as its destination."""


def marks(services: Iterable[VirtualService]) -> tuple[Mark, ...]:
    """The packets that belong to fwmark services."""
    return tuple(
        Mark(service.family, service.vips, service.protocol, service.ports, service.fwmark)
        for service in services
        if service.fwmark is not None
    )


def masquerades(services: Iterable[VirtualService], nat_clients: Sequence[str]) -> tuple[Masquerade, ...]:
    """The connections whose source the directors rewrite: all by fullnat, and by nat those from `nat_clients`."""
    found = []
    for service in services:
        sources = tuple(network for network in nat_clients if family(network) == service.family)
        found += [_masquerade(service, "fullnat", ())] + ([_masquerade(service, "nat", sources)] if sources else [])
    return tuple(masquerade for masquerade in found if masquerade.destinations)


def _masquerade(service: VirtualService, method: str, sources: tuple[str, ...]) -> Masquerade:
    addresses = dict.fromkeys(server.address for server, _ports in servers_of(service) if server.forwarding == method)
    return Masquerade(service.family, service.vips, service.protocol, service.ports, sources, tuple(addresses))


def vips_of_hosts(services: Iterable[VirtualService]) -> Mapping[str, tuple[str, ...]]:
    """The VIPs that each real server binds, in the order of the services."""
    found: dict[str, dict[str, None]] = {}
    for service in services:
        for server, _ports in servers_of(service):
            if server.forwarding in KEEPS_VIP:
                found.setdefault(server.host, {}).update(dict.fromkeys(service.vips))
    return {host: tuple(vips) for host, vips in found.items()}


def tunnels_of_hosts(services: Iterable[VirtualService]) -> Mapping[str, tuple[TunnelEndpoint, ...]]:
    """The kinds of tunnels that each real server unwraps."""
    found: dict[str, dict[TunnelEndpoint, None]] = {}
    for host, version, tunnel in _tunnels(services):
        found.setdefault(host, {})[TunnelEndpoint(tunnel.type, version, tunnel.port)] = None
    return {host: tuple(endpoints) for host, endpoints in found.items()}


def overheads_of_hosts(services: Iterable[VirtualService]) -> Mapping[str, tuple[TunnelOverhead, ...]]:
    """How many bytes the tunnels of each family add to a packet for each real server."""
    found: dict[str, dict[int, int]] = {}
    for host, version, tunnel in _tunnels(services):
        most = found.setdefault(host, {})
        most[version] = max(most.get(version, 0), overhead(tunnel, version))
    return {host: tuple(TunnelOverhead(*each) for each in most.items()) for host, most in found.items()}


def overhead(tunnel: Tunnel, version: int) -> int:
    """How many bytes `tunnel` adds to a packet: an outer header, its own, and a checksum (ip_vs_xmit.c)."""
    own = {"ipip": 0, "gre": 4, "gue": 8 + 4}[tunnel.type]
    # csum is in the UDP header.
    checksum = 8 if tunnel.checksum == "remcsum" else 0
    return (20 if version == 4 else 40) + own + checksum


def _tunnels(services: Iterable[VirtualService]) -> Iterator[tuple[str, int, Tunnel]]:
    """The tunnel of each real server that has one, with its host and family."""
    for service in services:
        for server, _ports in servers_of(service):
            if server.tunnel is not None:
                yield server.host, service.family, server.tunnel


def nat_routes_of_hosts(
    services: Iterable[VirtualService], gateways: Sequence[str]
) -> Mapping[str, tuple[NatRoute, ...]]:
    """What each real server sends by the gateway of its family: the answers of its NAT services."""
    gateway_of = {family(gateway): gateway for gateway in gateways}
    found: dict[str, dict[tuple[str, str, str], dict[str, None]]] = {}
    for service in services:
        for server, ports in servers_of(service):
            if server.forwarding == "nat":
                routes = found.setdefault(server.host, {})
                key = (server.address, gateway_of[service.family], service.protocol)
                routes.setdefault(key, {}).update(dict.fromkeys(ports))
    return {host: tuple(_routes(routes)) for host, routes in found.items()}


def _routes(routes: Mapping[tuple[str, str, str], Iterable[str]]) -> Iterator[NatRoute]:
    for (source, gateway, protocol), ports in routes.items():
        # FTP's data connections begin at any port of the server.
        has_ftp = protocol == "tcp" and str(FTP) in ports
        yield NatRoute(source, gateway, protocol, () if has_ftp else tuple(ports))


def needs_ftp_helper(service: VirtualService) -> bool:
    """Whether IPVS has to rewrite the addresses that FTP sends inside its control connection."""
    by_nat = any(server.forwarding == "nat" for server, _ports in servers_of(service))
    return by_nat and service.protocol == "tcp" and str(FTP) in service.ports


def servers_of(service: VirtualService) -> Iterator[tuple[Destination | SorryDestination, tuple[str, ...]]]:
    """Real servers and the sorry server, each with the ports that it serves on."""
    servers: list[Destination | SorryDestination] = [*service.real_servers]
    if service.sorry_server is not None:
        servers.append(service.sorry_server)
    for server in servers:
        yield server, (str(server.port),) if server.port else service.ports
