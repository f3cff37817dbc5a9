# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import starts from and ends with.

Each format is read into services as they were found (`FoundService`), in IPVS's own terms. What follows is the same
for all: `services` makes services of the declaration of them. Whatever cannot be carried over is noted with its line
and keyword, on the way and not afterwards, so that nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import HealthCheck


@dataclass(frozen=True)
class Loss:
    """What is not carried over. `line` is None for what the format itself cannot say."""

    line: int | None
    keyword: str
    value: str
    reason: str


@dataclass(frozen=True)
class Mark:
    """What a firewall mark joins; the rules that say so are no part of the files that are imported."""

    vips: tuple[str, ...]
    ports: tuple[int, ...]
    protocol: str = "tcp"


@dataclass(frozen=True)
class Known:
    """What the user knows beside the file."""

    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Inventory host, or any name in the file -> its addresses."""
    marks: Mapping[int, Mark] = field(default_factory=dict)
    nat_gateway: tuple[str, ...] = ()


@dataclass(frozen=True)
class Imported:
    """The result: variables by their full names, and the hosts of two groups with their variables."""

    format: str
    variables: Mapping[str, Any]
    directors: Mapping[str, Mapping[str, Any]]
    real_servers: Mapping[str, Mapping[str, Any]]
    losses: tuple[Loss, ...]


@dataclass(frozen=True)
class Source:
    """Where something stands in the file.

    `words` are the format's words for the fields of what was found, `lines` the lines of such words; what is not in
    them is in `line`.
    """

    line: int
    keyword: str
    words: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def loss(self, name: str, value: object, reason: str) -> Loss:
        """The loss of a field; that of the whole for an empty name."""
        keyword = self.words.get(name, name) if name else self.keyword
        return Loss(self.lines.get(keyword, self.line), keyword, str(value), reason)


@dataclass(frozen=True)
class FoundTunnel:
    """How packets travel to a server, in IPVS's terms; `port` is 0 where there is none."""

    type: str
    port: int
    checksum: str


@dataclass(frozen=True, kw_only=True)
class FoundServer:
    """A real server. `host` is an address or a name; port 0 is that of the service."""

    source: Source
    host: str
    port: int
    forwarding: str
    weight: int = 1
    upper_threshold: int = 0
    lower_threshold: int = 0
    inhibit: bool = False
    """Of a sorry server: whether it keeps its connections afterwards."""
    tunnel: FoundTunnel | None = None


@dataclass(frozen=True, kw_only=True)
class FoundService:
    """A virtual service. One with a `fwmark` may have no VIP and no ports."""

    source: Source
    title: str
    """How a report names it."""
    name: str | None
    protocol: str
    family: int
    vip: str | None
    ports: tuple[int, ...]
    fwmark: int | None = None
    scheduler: str
    flags: tuple[str, ...] = ()
    persistence: FoundPersistence | None = None
    one_packet: bool = False
    servers: tuple[FoundServer, ...]
    sorry: FoundServer | None = None
    quorum: int = 1
    hysteresis: int = 0
    inhibit_on_failure: bool = False
    check: HealthCheck | None = None
    """Its numbers may be out of the limits of the declaration."""


@dataclass(frozen=True)
class FoundPersistence:
    """Persistence; `netmask` is for IPv4, `prefix` for IPv6, None for each client by itself."""

    timeout: int
    netmask: str | None = None
    prefix: int | None = None
    engine: str | None = None
