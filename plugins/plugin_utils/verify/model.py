# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify found, as frozen value objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model_data import SharedDataFinding


@dataclass(frozen=True)
class Problem:
    """Something that is wrong: a sentence, and what to do about it."""

    what: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Base of what was found out about one thing: what is wrong with it."""

    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class DirectorFinding(Finding):
    """A director: which VIPs it holds, its sync daemons (master, backup; None if unseen), and which NAT gateways."""

    host: str
    vips: tuple[str, ...]
    sync_daemons: tuple[str, ...] | None
    nat_gateways: tuple[str, ...] = ()


@dataclass(frozen=True)
class VipFinding(Finding):
    """Who has a VIP: the directors that hold it, and who answers for it by ARP (MAC addresses and their hosts).

    `answers` is None where nobody asked: no client, or an IPv6 address, for which there is no ARP.
    """

    vip: str
    holders: tuple[str, ...]
    answers: tuple[tuple[str, str | None], ...] | None


@dataclass(frozen=True)
class ServerFinding(Finding):
    """A real server of a service.

    `out_on` names the directors where it gets no new connections; `weight` is that of the table that was read first.
    `connections` counts what the directors gave it while the client sent its requests, `answers` how often it answered
    by name; None for what is not known.
    """

    host: str
    address: str
    port: int
    weight: int | None
    out_on: tuple[str, ...]
    connections: int | None
    answers: int | None


@dataclass(frozen=True)
class RequestsFinding(Finding):
    """What the client got from a service; times in milliseconds, None if no request succeeded."""

    client: str
    requests: int
    succeeded: int
    gap_ms: float | None
    median_ms: float | None
    slowest_ms: float | None


@dataclass(frozen=True)
class ServiceFinding:
    """A declared service; `requests` is None if no client asked it."""

    name: str
    protocol: str
    vip: str
    port: int
    forwarding: str
    scheduler: str
    persistence_timeout: int | None
    servers: tuple[ServerFinding, ...]
    requests: RequestsFinding | None
    fwmark: int | None = None
    """With it the service has more than that VIP and port."""


@dataclass(frozen=True)
class TableFinding(Finding):
    """The IPVS table of a director compared with the declaration: each difference in words."""

    host: str
    differences: tuple[str, ...]


@dataclass(frozen=True)
class MountFinding(Finding):
    """A declared mount of a real server; `state` says in words how it is."""

    path: str
    state: str


@dataclass(frozen=True)
class WayFinding(Finding):
    """The `tunnels` of a real server, or the `gateways` of its answers: what lvs.cluster.site would change there."""

    what: str
    differences: tuple[str, ...]


@dataclass(frozen=True)
class GateFinding(Finding):
    """What a real server's data gate says of a service to its directors; `state` is that in words."""

    service: str
    state: str


@dataclass(frozen=True)
class RealServerFinding(Finding):
    """A real server: the VIPs it has bound, whether it is silent in ARP (None if not seen), its ways, mounts, gates."""

    host: str
    bound: tuple[str, ...] | None
    silent: bool | None
    ways: tuple[WayFinding, ...]
    mounts: tuple[MountFinding, ...]
    gates: tuple[GateFinding, ...] = ()


@dataclass(frozen=True)
class ClusterReport:
    """Everything about one cluster. `not_asked` are hosts, `not_checked` sentences about what that leaves open."""

    name: str
    directors: tuple[DirectorFinding, ...]
    vips: tuple[VipFinding, ...]
    services: tuple[ServiceFinding, ...]
    tables: tuple[TableFinding, ...]
    real_servers: tuple[RealServerFinding, ...]
    shared_data: SharedDataFinding
    not_asked: tuple[str, ...]
    not_checked: tuple[str, ...]
    problems: tuple[Problem, ...]
