# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that leave: they get weight 0, and then there is time for the connections that they have.

Who leaves, and what that takes, is pure; `wait` looks at the kernel until the connections have ended.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import table
from .model import Address, AddressKey, FullService, Server, ServerEntry, ServerKey, ServiceKey
from .plan import Operation, Phase

INTERVAL = 0.5
"""Seconds between two looks at the connections."""

Servers = Mapping[ServiceKey, Collection[ServerKey]]


@dataclass(frozen=True)
class Departure:
    """Servers that leave a service; `whole` if the service goes too."""

    service: ServiceKey
    servers: frozenset[ServerKey]
    whole: bool


def departures(before: Servers, after: Servers) -> tuple[Departure, ...]:
    """Return what leaves between two declarations."""
    pairs = ((key, frozenset(servers) - frozenset(after.get(key, ()))) for key, servers in before.items())
    return tuple(Departure(key, servers, key not in after) for key, servers in pairs if servers)


def leaving(existing: Mapping[ServiceKey, FullService], gone: Iterable[Departure]) -> dict[ServiceKey, list[Server]]:
    """Return the servers of the table that leave, by service.

    A service that stays keeps them if no other server there has a weight: the one that replaces them has not come yet.
    """
    found: dict[ServiceKey, list[Server]] = {}
    for departure in gone:
        full = existing.get(departure.service)
        servers = [server for server in full.servers if server.key in departure.servers] if full else []
        others = [server for server in full.servers if server.key not in departure.servers] if full else []
        if servers and (departure.whole or any(server.weight for server in others)):
            found[departure.service] = servers
    return found


def named(
    existing: Mapping[ServiceKey, FullService], names: Collection[tuple[Address, int | None]]
) -> dict[ServiceKey, list[Server]]:
    """Return the servers of the table that have one of these addresses and ports, by service; None is every port."""
    found = {
        key: [
            server
            for server in full.servers
            if (server.key.address, server.key.port) in names or (server.key.address, None) in names
        ]
        for key, full in existing.items()
    }
    return {key: servers for key, servers in found.items() if servers}


def quiesce(going: Mapping[ServiceKey, Iterable[Server]]) -> tuple[Operation, ...]:
    """Return the operations that give these servers weight 0."""
    return tuple(
        Operation(Phase.QUIESCE_SERVER, key, server, replace(server, weight=0))
        for key, servers in going.items()
        for server in servers
        if server.weight
    )


def wait(going: Mapping[ServiceKey, Iterable[Server]], timeout: float) -> list[dict[str, Any]]:
    """Wait until the servers have no connection that somebody uses, `timeout` seconds at most.

    Return for each of them how many are left. UDP has no connections that end, only entries that expire: nobody waits
    for those, and they count as none.
    """
    wanted = {key: {server.key for server in servers} for key, servers in going.items()}
    end = time.monotonic() + timeout
    while True:
        left = list(_connections(wanted, table.read_server_entries(wanted)))
        if not any(each["connections"] for each in left) or time.monotonic() >= end:
            return left
        time.sleep(min(INTERVAL, max(0.0, end - time.monotonic())))


def _connections(wanted: Servers, entries: Mapping[ServiceKey, Iterable[ServerEntry]]) -> Iterator[dict[str, Any]]:
    for key, servers in wanted.items():
        active = {entry.server.key: entry.state.active for entry in entries.get(key, ())}
        ends = not (isinstance(key, AddressKey) and key.protocol == "udp")
        for server in sorted(servers, key=str):
            yield {
                "service": str(key),
                "server": str(server),
                "connections": active.get(server, 0) if ends else 0,
            }


class Drain:
    """Who leaves the kernel's table between what was wanted `before` and `after`. Methods raise IpvsError."""

    def __init__(self, before: Servers, after: Servers) -> None:
        gone = departures(before, after)
        # Most changes make nobody leave: then the kernel need not be asked.
        self._going = leaving(table.read_services({each.service for each in gone}), gone) if gone else {}

    @property
    def needed(self) -> bool:
        """Whether a server leaves."""
        return bool(self._going)

    def report(self) -> list[dict[str, Any]]:
        """Return who leaves, with the connections that they have now."""
        return wait(self._going, 0)

    def run(self, timeout: float) -> list[dict[str, Any]]:
        """Drain them; return what `report` does, with the connections that are left."""
        if operations := quiesce(self._going):
            table.apply(operations)
        return wait(self._going, timeout)
