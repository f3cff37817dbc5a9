# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the opt-in filter tables let in, for each tier, as rules of nftables: pure.

A flow names no source where everybody may come. So it is, too, where a director
comes from an address that nobody declares: its own on the network of real
servers that it reaches by nat or fullnat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import (
    Destination,
    HostPlan,
    SorryDestination,
    VirtualService,
    VrrpInstance,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.packets import KEEPS_VIP, needs_ftp_helper, servers_of
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Tunnel

VRRP = "112"
SYNC_PORT = "8848"
BFD_PORT = "3784"
NFS_PORT = "2049"
NFS3_PORTS = ("111", "662", "20048", "32803")
"""rpcbind, and the ports at which the role nfs_server keeps statd, mountd and lockd."""
RSYNC_PORT = "873"
COROSYNC_PORT = "5405"
DLM_PORT = "21064"

WITHOUT_PORT = ("ping", "misc", "file", "none")
"""Health checks for which no port has to be open, as far as anybody knows."""

LINK_LOCAL = "fe80::/10"

FTP_DATA = "1024-65535"
"""Passive FTP: ports that the server chooses as it likes."""

TUNNEL_PROTOCOL = {("ipip", 4): "4", ("ipip", 6): "41", ("gre", 4): "47", ("gre", 6): "47"}
"""Protocol of the outer packet, by the kind of tunnel and the family of the packet in it."""


@dataclass(frozen=True)
class Flow:
    """Packets that are let in. Without ports it is a whole protocol, by its number; no sources are all sources."""

    family: int
    protocol: str
    ports: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()


def director_flows(services: Iterable[VirtualService], instances: Iterable[VrrpInstance]) -> tuple[Flow, ...]:
    """Services on their VIPs from everybody, VRRP and the connection synchronisation from the other directors."""
    flows = [
        Flow(service.family, service.protocol, _ports(service, service.ports), destinations=service.vips)
        for service in services
    ]
    for instance in instances:
        if instance.unicast_peers:
            version = family(instance.unicast_src_ip)
            # Multicast is sent from the link-local address.
            senders = instance.unicast_peers + ((LINK_LOCAL,) if version == 6 else ())
            flows.append(Flow(version, VRRP, sources=instance.unicast_peers))
            flows.append(Flow(version, "udp", (SYNC_PORT,), sources=senders))
    for service in services:
        if service.health_check and service.health_check.type == "bfd":
            peers = tuple(server.address for server in service.real_servers)
            flows.append(Flow(service.family, "udp", (BFD_PORT,), sources=peers))
    return merged(flows)


def real_servers_flows(services: Iterable[VirtualService], directors: Sequence[str]) -> Mapping[str, tuple[Flow, ...]]:
    """What each real server lets in: its services, their health checks and its tunnels.

    `directors` are all addresses of the directors.
    """
    found: dict[str, list[Flow]] = {}
    for service in services:
        for server, ports in servers_of(service):
            flows = found.setdefault(server.host, [])
            flows += _served(service, server, ports)
            if isinstance(server, Destination):
                sources = _of_family(directors, family(server.address)) if server.forwarding in KEEPS_VIP else ()
                flows += _checked(service, server, sources)
            if server.tunnel is not None:
                flows.append(_wrapped(service, server.address, server.tunnel, directors))
    return {host: merged(flows) for host, flows in found.items()}


def _served(service: VirtualService, server: Destination | SorryDestination, ports: tuple[str, ...]) -> Iterator[Flow]:
    """Clients come to the VIP or, when it is rewritten, to the server's own address, where it is checked, too."""
    open_ports = _ports(service, ports)
    if server.forwarding in KEEPS_VIP:
        yield Flow(service.family, service.protocol, open_ports, destinations=service.vips)
    yield Flow(family(server.address), service.protocol, open_ports, destinations=(server.address,))


def _checked(service: VirtualService, server: Destination, sources: tuple[str, ...]) -> Iterator[Flow]:
    """The port on which the server is checked, where it is not the one that it serves on."""
    check = service.health_check
    if check is None or check.type in WITHOUT_PORT:
        return
    protocol = "udp" if check.type in ("udp", "dns", "bfd") else "tcp"
    port = BFD_PORT if check.type == "bfd" else check.port or server.port
    if port and (protocol, port) != (service.protocol, server.port):
        yield Flow(family(server.address), protocol, (str(port),), sources, (server.address,))


def _wrapped(service: VirtualService, address: str, tunnel: Tunnel, directors: Sequence[str]) -> Flow:
    outer = family(address)
    protocol = TUNNEL_PROTOCOL.get((tunnel.type, service.family), "udp")
    ports = (str(tunnel.port),) if protocol == "udp" else ()
    return Flow(outer, protocol, ports, _of_family(directors, outer), (address,))


def data_flows(host: str, plan: HostPlan, directors: Sequence[str]) -> Iterator[Flow]:
    """What the shared data of `host` comes and goes by. `directors` are all addresses of the directors."""
    if plan.nfs_server:
        clients = (client.address for export in plan.nfs_server.exports for client in export.clients)
        ports = (NFS_PORT, *(NFS3_PORTS if 3 in plan.nfs_server.versions else ()))
        yield from _from(clients, "tcp", ports)
    if plan.storage_pair:
        others = [node.address for node in plan.storage_pair.nodes if node.name != host]
        yield from _from(others, "tcp", (str(plan.storage_pair.replication_port),))
        yield from _from(others, VRRP)
    if plan.rsync_server:
        fetched = [module for module in plan.rsync_server.modules if module.transport == "daemon"]
        yield from _from((client for module in fetched for client in module.clients), "tcp", (RSYNC_PORT,))
    if plan.rsync_client:
        pushed = [copy.source_address for copy in plan.rsync_client.copies if copy.direction == "push"]
        yield from _from(pushed, "tcp", (RSYNC_PORT,))
    if plan.cluster_fs:
        others = [node.address for node in plan.cluster_fs.nodes if node.name != host]
        yield from _from(others, "udp", (COROSYNC_PORT,))
        yield from _from(others, "tcp", (DLM_PORT,))
    if plan.data_gate:
        peers = (peer for service in plan.data_gate.services for peer in service.peers)
        yield from _from((*directors, *peers), "tcp", (str(plan.data_gate.port),))


def _from(sources: Iterable[str], protocol: str, ports: tuple[str, ...] = ()) -> Iterator[Flow]:
    """A flow for each family that there are sources of."""
    addresses = tuple(dict.fromkeys(sources))
    for version in (4, 6):
        own = _of_family(addresses, version)
        if own:
            yield Flow(version, protocol, ports, own)


def rewritten_servers(services: Iterable[VirtualService]) -> tuple[str, ...]:
    """Addresses of the real servers whose answers a director forwards to the clients."""
    return tuple(
        dict.fromkeys(
            server.address
            for service in services
            for server, _ports in servers_of(service)
            if server.forwarding not in KEEPS_VIP
        )
    )


def merged(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """The same flows, those that differ in nothing but their ports together."""
    ports: dict[Flow, dict[str, None]] = {}
    for flow in flows:
        ports.setdefault(replace(flow, ports=()), {}).update(dict.fromkeys(flow.ports))
    return tuple(replace(flow, ports=_disjoint(own)) for flow, own in ports.items())


def input_rule(flow: Flow) -> str:
    """The rule of nftables that lets a flow in."""
    ip = "ip" if flow.family == 4 else "ip6"
    parts = [
        f"{ip} saddr {{ {', '.join(flow.sources)} }}" if flow.sources else "",
        f"{ip} daddr {{ {', '.join(flow.destinations)} }}" if flow.destinations else "",
        f"{flow.protocol} dport {{ {', '.join(flow.ports)} }}" if flow.ports else f"meta l4proto {flow.protocol}",
        "accept",
    ]
    return " ".join(filter(None, parts))


def accepted_rule(port: str) -> str:
    """The rule that lets in a port that the user names, as `9100/tcp`."""
    ports, protocol = port.split("/")
    return f"{protocol} dport {ports} accept"


def forward_rules(addresses: Sequence[str]) -> tuple[str, ...]:
    """The rules that let a director forward what real servers send. Nobody else is forwarded to them."""
    by_family = (("ip", _of_family(addresses, 4)), ("ip6", _of_family(addresses, 6)))
    return tuple(f"{ip} saddr {{ {', '.join(own)} }} accept" for ip, own in by_family if own)


def _ports(service: VirtualService, ports: tuple[str, ...]) -> tuple[str, ...]:
    return (*ports, FTP_DATA) if needs_ftp_helper(service) else ports


def _disjoint(ports: Iterable[str]) -> tuple[str, ...]:
    """Ports and ranges in ascending order, joined where they overlap: a set of nftables refuses what overlaps."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted((int(text.split("-")[0]), int(text.split("-")[-1])) for text in ports):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(str(first) if first == last else f"{first}-{last}" for first, last in joined)


def _of_family(addresses: Iterable[str], version: int) -> tuple[str, ...]:
    return tuple(address for address in addresses if family(address) == version)
