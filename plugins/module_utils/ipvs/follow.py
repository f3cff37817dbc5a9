# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's table after a health checker was told of its configuration.

A reload returns before it is done. keepalived compares the new configuration with the old one, never with the kernel: a
threshold that changes alone is not written, nor is what somebody changed by ipvsadm, and entries that were there before
it started keep whatever they had; ldirectord looks at the kernel, but only at some attributes. What is stale is brought
up to date here, but for weights and for which servers are in: those belong to the checker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import table
from .difference import difference
from .model import FullService, ServiceKey
from .plan import Operation, Policy, plan

INTERVAL = 0.2
"""Seconds between two looks at the table."""

OWN_CHANGES = 2.0
"""Seconds in which the checker writes the changes that it does make; what is stale after them stays stale."""


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

    def repair(self) -> None:
        """Bring what is stale up to date. Raises IpvsError."""
        table.apply(self.stale)


class Follower:
    """The services that are `wanted`, with the servers whose checks may pass, and those of `before` they replace.

    The `suspended` ones are there only while this director holds their VIPs. Methods raise IpvsError.
    """

    def __init__(
        self,
        wanted: Sequence[FullService],
        before: Sequence[FullService] = (),
        suspended: Collection[ServiceKey] = (),
    ) -> None:
        self._wanted = wanted
        self._before = before
        self._expected = [each for each in wanted if each.key not in suspended]

    def look(self) -> Comparison:
        """Compare once."""
        keys = {each.key for each in (*self._wanted, *self._before)}
        existing = table.read_services(keys) if keys else {}
        return Comparison(
            missing=tuple(each.key for each in self._expected if each.key not in existing),
            empty=tuple(_empty(self._expected, existing)),
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
        """Compare until the checker has done what it does by itself, `timeout` seconds at most.

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


def stale(wanted: Sequence[FullService], existing: Mapping[ServiceKey, FullService]) -> tuple[Operation, ...]:
    """Return the updates of entries that are on both sides, without weights."""
    both = [_existing_part(each, existing[each.key]) for each in wanted if each.key in existing]
    return plan(existing, both, Policy(keep_weights=True))


def _existing_part(wanted: FullService, full: FullService) -> FullService:
    """The wanted service with those of its servers that are in."""
    present = {server.key for server in full.servers}
    return FullService(wanted.service, tuple(each for each in wanted.servers if each.key in present))


def _empty(wanted: Sequence[FullService], existing: Mapping[ServiceKey, FullService]) -> Iterator[ServiceKey]:
    """Return the services that have no server with a weight in the table, and should have one."""
    for each in wanted:
        weights = [server.weight for server in existing[each.key].servers] if each.key in existing else []
        if not any(weights) and any(server.weight for server in each.servers):
            yield each.key


def leftover(
    before: Sequence[FullService], wanted: Sequence[FullService], existing: Mapping[ServiceKey, FullService]
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
