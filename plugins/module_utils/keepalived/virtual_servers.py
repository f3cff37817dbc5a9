# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual servers that a keepalived.conf declares: pure, no I/O.

Groups of virtual servers, and whatever only keepalived itself can resolve, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from ..ipvs.model import AddressKey, FwmarkKey, ServerKey, ServiceKey
from .parse import parse
from .tree import Block, Configuration, blocks, first


@dataclass(frozen=True)
class RealServer:
    """A real server; `name` is the comment above it."""

    name: str
    key: ServerKey
    weight: int


@dataclass(frozen=True)
class VirtualServer:
    """A service with its real servers; `name` is the comment above it, `line` the number of its line."""

    name: str
    key: ServiceKey
    servers: tuple[RealServer, ...]
    line: int = 0


def read_virtual_servers(text: str | None) -> tuple[VirtualServer, ...]:
    """Return the virtual servers of a configuration, in their order."""
    return virtual_servers(parse(text or ""))


def virtual_servers(configuration: Configuration) -> tuple[VirtualServer, ...]:
    """Return the virtual servers of a tree, in their order."""
    return tuple(_virtual_servers(configuration))


def _virtual_servers(configuration: Configuration) -> Iterator[VirtualServer]:
    for block in blocks(configuration.children, "virtual_server"):
        if block.arguments[:1] not in ((), ("group",)):
            with suppress(ValueError):
                servers = tuple(_real_server(each) for each in blocks(block.children, "real_server"))
                yield VirtualServer(_name(block), _key(block, servers), servers, block.line)


def _key(block: Block, servers: Sequence[RealServer]) -> ServiceKey:
    if block.arguments[0] == "fwmark":
        first_version = servers[0].key.address.version if servers else 4  # keepalived's own rule
        version = {"inet": 4, "inet6": 6}.get(_value(block, "ip_family", ""), first_version)
        return FwmarkKey(int(_argument(block, 1, "")), f"ipv{version}")
    protocol = _value(block, "protocol", "TCP").lower()
    return AddressKey(protocol, ip_address(block.arguments[0]), int(_argument(block, 1, "0")))


def _real_server(block: Block) -> RealServer:
    key = ServerKey(ip_address(_argument(block, 0, "")), int(_argument(block, 1, "0")))
    return RealServer(_name(block), key, int(_value(block, "weight", "1")))


def _name(block: Block) -> str:
    return block.comment[-1] if block.comment else ""


def _argument(block: Block, position: int, default: str) -> str:
    return block.arguments[position] if position < len(block.arguments) else default


def _value(block: Block, keyword: str, default: str) -> str:
    return next(iter(first(block.children, keyword)), default)
