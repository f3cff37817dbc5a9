# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ipvsadm saved -> services as they were found."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import AddressKey, Persistence, Server
from ansible_collections.lvs.cluster.plugins.plugin_utils.ipvsadm.parse import Located, locate

from .assemble import assemble
from .model import FoundPersistence, FoundServer, FoundService, FoundTunnel, Imported, Known, Loss, Source

SERVICE_WORDS = {
    "scheduler": "-s",
    "flags": "-b",
    "persistence": "-p",
    "netmask": "-M",
    "engine": "--pe",
    "one_packet": "-o",
}
SERVER_WORDS = {
    "weight": "-w",
    "port": "-r",
    "lower_threshold": "-y",
    "tunnel": "--tun-type",
}

NOT_SAVED = (
    Loss(None, "health checks", "", "the kernel knows none: tcp services get {type: tcp}, udp and sctp services none"),
    Loss(
        None, "thresholds", "", "ipvsadm --save leaves them out (-x and -y), unless somebody wrote them into the file"
    ),
    Loss(None, "timeouts", "", "ipvsadm --save leaves out what ipvsadm --set has set"),
    Loss(None, "sync daemons", "", "ipvsadm --save leaves them out; directors synchronise connections by default"),
)
"""What the format does not hold, whatever the file."""


def read(text: str, known: Known) -> Imported:
    """Import what ipvsadm saved. Raises IpvsadmError with all mistakes."""
    losses = list(NOT_SAVED)
    found = [_service(located) for located in locate(text)]
    return assemble("ipvsadm", found, known, losses)


def _service(located: Located) -> FoundService:
    service = located.full.service
    key = service.key
    return FoundService(
        source=Source(located.line, "-A", SERVICE_WORDS),
        title=str(key),
        name=None,
        protocol=key.protocol if isinstance(key, AddressKey) else "tcp",
        family=key.version,
        vip=str(key.vip) if isinstance(key, AddressKey) else None,
        ports=(key.port,) if isinstance(key, AddressKey) else (),
        fwmark=None if isinstance(key, AddressKey) else key.fwmark,
        scheduler=service.scheduler,
        flags=service.flags,
        persistence=_persistence(service.persistence) if service.persistence else None,
        one_packet=service.one_packet,
        servers=tuple(_servers(located)),
    )


def _persistence(persistence: Persistence) -> FoundPersistence:
    netmask = None if persistence.netmask is None else str(persistence.netmask)
    return FoundPersistence(persistence.timeout, netmask, persistence.prefix, persistence.engine)


def _servers(located: Located) -> Iterator[FoundServer]:
    for line, server in zip(located.server_lines, located.full.servers):
        yield FoundServer(
            source=Source(line, "-a", SERVER_WORDS),
            host=str(server.key.address),
            port=server.key.port,
            forwarding=server.forwarding,
            weight=server.weight,
            upper_threshold=server.upper_threshold,
            lower_threshold=server.lower_threshold,
            tunnel=_tunnel(server),
        )


def _tunnel(server: Server) -> FoundTunnel | None:
    tunnel = server.tunnel
    return FoundTunnel(tunnel.type, tunnel.port, tunnel.checksum) if tunnel else None
