# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's table after keepalived was told of a configuration.

A reload returns before it is done, and compares the new configuration with the old one, never with the kernel: a
threshold that changes alone is not written, nor is what somebody changed by ipvsadm, and entries that were there
before keepalived started keep whatever they had. What is stale is brought up to date here, but for weights and for
which servers are in: those belong to keepalived's checker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..ipvs import table
from ..ipvs.difference import difference
from ..ipvs.model import FullService, ServiceKey
from ..ipvs.plan import Operation, Policy, plan
from .virtual_servers import VirtualServer, read_virtual_servers

INTERVAL = 0.2
"""Seconds between two looks at the table."""

OWN_CHANGES = 2.0
"""Seconds in which keepalived writes the changes that it does make; what is stale after them stays stale."""


@dataclass(frozen=True)
class Comparison:
    """The kernel's table and a configuration: services not there (yet) or there without a server, entries still there,
    what is stale.
    """

    missing: tuple[ServiceKey, ...]
    empty: tuple[ServiceKey, ...]
    leftover: tuple[str, ...]
    stale: tuple[Operation, ...]
    existing: Mapping[ServiceKey, FullService]

    @property
    def diff(self) -> dict[str, Any]:
        """What is stale, as diff mode shows it."""
        return {
            "before_header": "the kernel's IPVS table",
            "after_header": "the kernel's IPVS table, as configured",
            **difference(self.stale, self.existing),
        }


class Follower:
    """The virtual servers of `content`, and what of those of `before` they replace. Methods raise IpvsError."""

    def __init__(self, content: str, before: str | None = None) -> None:
        self._wanted = read_virtual_servers(content)
        self._before = read_virtual_servers(before)

    def look(self) -> Comparison:
        """Compare once."""
        keys = {each.key for each in (*self._wanted, *self._before)}
        existing = table.read_services(keys) if keys else {}
        return Comparison(
            missing=tuple(each.key for each in self._wanted if each.key not in existing and not each.is_suspended),
            empty=tuple(_empty(self._wanted, existing)),
            leftover=tuple(leftover(self._before, self._wanted, existing)),
            stale=stale(self._wanted, existing),
            existing=existing,
        )

    def settle(
        self,
        timeout: float,
        fill: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Comparison:
        """Compare until keepalived has done what it does by itself, `timeout` seconds at most.

        With `fill` that includes the checks by which each service gets its first real server.
        """
        start = clock()
        while True:
            found = self.look()
            is_underway = found.missing or found.leftover or (fill and found.empty)
            patience = timeout if is_underway else OWN_CHANGES if found.stale else 0
            if clock() - start >= patience:
                return found
            sleep(INTERVAL)


def repair(found: Comparison) -> None:
    """Bring what is stale up to date. Raises IpvsError."""
    table.apply(found.stale)


def stale(wanted: Sequence[VirtualServer], existing: Mapping[ServiceKey, FullService]) -> tuple[Operation, ...]:
    """Return the updates of entries that are on both sides, without weights."""
    both = [_existing_part(each, existing[each.key]) for each in wanted if each.key in existing]
    return plan(existing, both, Policy(keep_weights=True))


def _existing_part(virtual_server: VirtualServer, full: FullService) -> FullService:
    """The configured service with those of its servers that are in."""
    present = {server.key for server in full.servers}
    servers = tuple(each.server for each in virtual_server.servers if each.key in present)
    return FullService(virtual_server.service, servers)


def _empty(wanted: Sequence[VirtualServer], existing: Mapping[ServiceKey, FullService]) -> Iterator[ServiceKey]:
    """Return the services that have no server with a weight in the table, and should have one."""
    for each in wanted:
        weights = [server.weight for server in existing[each.key].servers] if each.key in existing else []
        if not any(weights) and any(server.weight for server in each.servers) and not each.is_suspended:
            yield each.key


def leftover(
    before: Sequence[VirtualServer], wanted: Sequence[VirtualServer], existing: Mapping[ServiceKey, FullService]
) -> Iterator[str]:
    """Return the services and servers that only the configuration before has, and that are still in the table."""
    keep = {each.key: {server.key for server in each.servers} for each in wanted}
    for each in before:
        if each.key in existing and each.key not in keep:
            yield str(each.key)
        elif each.key in existing:
            present = {server.key for server in existing[each.key].servers}
            gone = {server.key for server in each.servers} - keep[each.key]
            yield from (f"{key} of {each.key}" for key in sorted(gone & present, key=str))
