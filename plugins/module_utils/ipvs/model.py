# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel's IPVS table consists of, as frozen value objects.

Identity stands apart from attributes: a service is found by its key, a server within its service by address and port.
Names of schedulers, flags and forwarding methods are the ones that ipvsadm and keepalived use. Addresses are
`ipaddress` objects, times seconds, ports and marks plain numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Union

Address = Union[IPv4Address, IPv6Address]


def _host(address: Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)


@dataclass(frozen=True)
class AddressKey:
    """Identity of a service that is reached by address: `protocol` is tcp, udp, sctp or any other number as text."""

    protocol: str
    vip: Address
    port: int

    @property
    def version(self) -> int:
        """4 or 6, the version of IP."""
        return self.vip.version

    def __str__(self) -> str:
        return f"{self.protocol} {_host(self.vip)}:{self.port}"


@dataclass(frozen=True)
class FwmarkKey:
    """Identity of a service that is reached by a firewall mark; `family` is ipv4 or ipv6."""

    fwmark: int
    family: str

    @property
    def version(self) -> int:
        """4 or 6, the version of IP."""
        return 4 if self.family == "ipv4" else 6

    def __str__(self) -> str:
        return f"fwmark {self.fwmark} {self.family}"


ServiceKey = Union[AddressKey, FwmarkKey]


@dataclass(frozen=True)
class ServerKey:
    """Identity of a real server within its service."""

    address: Address
    port: int

    def __str__(self) -> str:
        return f"{_host(self.address)}:{self.port}"


@dataclass(frozen=True)
class Persistence:
    """Clients stay on their server for `timeout` seconds; those that agree in the first `prefix` bits count as one.

    IPv4 granularity is a mask in the kernel, which need not be contiguous: `netmask` for IPv4, `prefix` for IPv6,
    the other one None. `engine` is the persistence engine (sip) or None. The kernel accepts an engine without
    persistence: the timeout is 0 then.
    """

    timeout: int
    netmask: IPv4Address | None
    prefix: int | None
    engine: str | None


@dataclass(frozen=True)
class Service:
    """A virtual service as it is configured, without its servers. `scheduler` may be none."""

    key: ServiceKey
    scheduler: str
    flags: tuple[str, ...]
    persistence: Persistence | None
    one_packet: bool


@dataclass(frozen=True)
class Tunnel:
    """How packets travel to a server: `type` ipip, gue or gre; `port` of GUE; `checksum` nocsum, csum or remcsum."""

    type: str
    port: int
    checksum: str


@dataclass(frozen=True)
class Server:
    """A real server as it is configured. `forwarding` is nat, dr, tun, local or bypass; only tun has a `tunnel`."""

    key: ServerKey
    forwarding: str
    weight: int
    upper_threshold: int
    lower_threshold: int
    tunnel: Tunnel | None


@dataclass(frozen=True)
class FullService:
    """A service together with its servers, as they are configured or as someone wants them."""

    service: Service
    servers: tuple[Server, ...]

    @property
    def key(self) -> ServiceKey:
        """Return the identity of the service."""
        return self.service.key


@dataclass(frozen=True)
class Counters:
    """Totals since the object was made or zeroed, and the kernel's rates per second (bytes in and out, not bits)."""

    connections: int
    packets_in: int
    packets_out: int
    bytes_in: int
    bytes_out: int
    connection_rate: int
    packet_rate_in: int
    packet_rate_out: int
    byte_rate_in: int
    byte_rate_out: int


@dataclass(frozen=True)
class ServerState:
    """What the kernel counts for a server; connections by kind are those it has now, `persistent` are templates."""

    counters: Counters
    active: int
    inactive: int
    persistent: int


@dataclass(frozen=True)
class ServerEntry:
    """A server as a dump shows it."""

    server: Server
    state: ServerState


@dataclass(frozen=True)
class ServiceEntry:
    """A service as a dump shows it, with its servers."""

    service: Service
    counters: Counters
    servers: tuple[ServerEntry, ...] = ()


@dataclass(frozen=True)
class Timeouts:
    """Seconds that idle connections are remembered."""

    tcp: int
    tcp_fin: int
    udp: int


@dataclass(frozen=True)
class SyncDaemon:
    """A running connection synchronisation daemon; `role` is master or backup. None where the kernel says nothing."""

    role: str
    interface: str
    sync_id: int
    max_length: int | None
    group: Address | None
    port: int | None
    ttl: int | None


@dataclass(frozen=True)
class KernelInfo:
    """Version of IPVS as in 1.2.1, the number of buckets of its connection table, and the release of Linux."""

    version: str
    table_size: int
    release: str


@dataclass(frozen=True)
class Table:
    """Everything that IPVS of one network namespace tells, in a stable order."""

    kernel: KernelInfo
    timeouts: Timeouts
    sync_daemons: tuple[SyncDaemon, ...]
    services: tuple[ServiceEntry, ...]
