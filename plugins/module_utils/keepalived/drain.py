# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that a new keepalived.conf no longer has: they are drained before keepalived is told of it.

keepalived leaves the weight alone that we set meanwhile: it writes a weight only when its own opinion of a server
changes. What it does not know of, services of somebody else, is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..ipvs import drain, table
from ..ipvs.model import Server, ServerKey, ServiceKey
from ..ipvs.plan import Operation, Phase
from .virtual_servers import VirtualServer, read_virtual_servers


def leaving(before: str | None, after: str) -> drain.Drain:
    """Return who leaves between two configurations. Raises IpvsError."""
    return drain.Drain(_servers(read_virtual_servers(before)), _servers(read_virtual_servers(after)))


def give_back_weights(text: str) -> None:
    """Give servers of this configuration the weight that a drain took, which was cut off and is wanted no more.

    keepalived itself deletes a server that fails, so weight 0 is not its doing.
    """
    if operations := tuple(_weightless(read_virtual_servers(text))):
        table.apply(operations)


def _weightless(wanted: Sequence[VirtualServer]) -> Iterator[Operation]:
    existing = table.read_services({service.key for service in wanted})
    for service in wanted:
        weights = {server.key: server.weight for server in service.servers}
        found: Iterable[Server] = existing[service.key].servers if service.key in existing else ()
        for server in found:
            weight = weights.get(server.key, 0)
            if server.weight == 0 and weight:
                yield Operation(Phase.UPDATE_SERVER, service.key, server, replace(server, weight=weight))


def _servers(services: Iterable[VirtualServer]) -> Mapping[ServiceKey, frozenset[ServerKey]]:
    return {service.key: frozenset(server.key for server in service.servers) for service in services}
