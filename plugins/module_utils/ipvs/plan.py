# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The difference between two tables, as operations in an order that is safe to stop after any of them.

Pure: nothing here talks to the kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

from .model import FullService, Server, Service, ServiceKey

ACTIONS = ("add", "update", "delete")


class Phase(IntEnum):
    """Steps of a plan in their order. Whatever goes away goes only after everything that replaces it has come.

    A server that loses its weight goes away for new connections, so it waits until all others have theirs.
    """

    ADD_SERVICE = 1
    ADD_SERVER = 2
    UPDATE_SERVER = 3
    QUIESCE_SERVER = 4
    UPDATE_SERVICE = 5
    DELETE_SERVER = 6
    DELETE_SERVICE = 7


class Operation(NamedTuple):
    """One request to the kernel: of `before` and `after` one is None for what is added or deleted.

    Both are servers of the service `key`, or that service itself.
    """

    phase: Phase
    key: ServiceKey
    before: Service | Server | None
    after: Service | Server | None

    @property
    def action(self) -> str:
        """One of ACTIONS."""
        if self.before is None:
            return "add"
        return "delete" if self.after is None else "update"

    @property
    def subject(self) -> Service | Server:
        """What is changed: as it shall be, or as it was if it goes."""
        subject = self.before if self.after is None else self.after
        if subject is None:
            raise ValueError("an operation on nothing")
        return subject

    @property
    def kind(self) -> str:
        """Return service or server."""
        return "service" if isinstance(self.subject, Service) else "server"

    def __str__(self) -> str:
        of_service = "" if self.kind == "service" else f" of {self.key}"
        return f"{self.action} {self.kind} {self.subject.key}{of_service}"


@dataclass(frozen=True)
class Policy:
    """How far a plan may go.

    `purge` is none, servers (undeclared servers of declared services go) or all (undeclared services go too). With
    `keep_weights` servers that exist keep the weight that they have.
    """

    purge: str = "none"
    keep_weights: bool = False


def plan(
    before: Mapping[ServiceKey, FullService], wanted: Iterable[FullService], policy: Policy
) -> tuple[Operation, ...]:
    """Return what turns the table `before` into `wanted`.

    Stopped after any operation, a service that had a server with a weight, and shall have one, has one.
    """
    operations: list[Operation] = []
    declared = set()
    for full in wanted:
        key = full.service.key
        declared.add(key)
        operations += _compare(before.get(key), full, policy)
    if policy.purge == "all":
        operations += (
            Operation(Phase.DELETE_SERVICE, key, full.service, None)
            for key, full in before.items()
            if key not in declared
        )
    operations.sort(key=lambda operation: operation.phase)  # stable: in a phase the order is that of `wanted`
    return tuple(operations)


def count(operations: Iterable[Operation]) -> dict[str, dict[str, int]]:
    """Count operations by kind of object and action."""
    counts = {kind: dict.fromkeys(ACTIONS, 0) for kind in ("services", "servers")}
    for operation in operations:
        counts[f"{operation.kind}s"][operation.action] += 1
    return counts


def _compare(existing: FullService | None, full: FullService, policy: Policy) -> Iterator[Operation]:
    key = full.service.key
    if existing is None:
        yield Operation(Phase.ADD_SERVICE, key, None, full.service)
        for server in full.servers:
            yield Operation(Phase.ADD_SERVER, key, None, server)
        return
    if existing.service != full.service:
        yield Operation(Phase.UPDATE_SERVICE, key, existing.service, full.service)
    yield from _compare_servers(key, existing.servers, full.servers, policy)


def _compare_servers(
    key: ServiceKey, existing: Iterable[Server], wanted: Iterable[Server], policy: Policy
) -> Iterator[Operation]:
    left = {server.key: server for server in existing}
    for server in wanted:
        known = left.pop(server.key, None)
        if known is None:
            yield Operation(Phase.ADD_SERVER, key, None, server)
            continue
        if policy.keep_weights and server.weight != known.weight:
            server = replace(server, weight=known.weight)
        if server != known:
            loses_weight = known.weight > 0 and server.weight == 0
            yield Operation(Phase.QUIESCE_SERVER if loses_weight else Phase.UPDATE_SERVER, key, known, server)
    if policy.purge != "none":
        for server in left.values():
            yield Operation(Phase.DELETE_SERVER, key, server, None)
