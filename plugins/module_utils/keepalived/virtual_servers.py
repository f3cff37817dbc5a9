# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual servers that a keepalived.conf declares, as IPVS has them: pure, no I/O.

Groups of virtual servers, and whatever only keepalived itself can resolve, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from ..ipvs.model import (
    Address,
    AddressKey,
    FullService,
    FwmarkKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    ServiceKey,
    Tunnel,
)
from ..ipvs.uapi import SCHEDULER_FLAGS, SCHEDULER_FLAGS_OF, flag_names
from .parse import parse
from .tree import Block, Configuration, Keyword, blocks, first

# What keepalived takes where nothing is written.
SCHEDULER = "wlc"
METHOD = ("NAT",)
PERSISTENCE_TIMEOUT = "360"

_FLAGS = {name: bit for names in (SCHEDULER_FLAGS, *SCHEDULER_FLAGS_OF.values()) for bit, name in names.items()}


@dataclass(frozen=True)
class RealServer:
    """A real server whose checks pass; `name` is the comment above it."""

    name: str
    server: Server

    @property
    def key(self) -> ServerKey:
        """Its identity."""
        return self.server.key

    @property
    def weight(self) -> int:
        """Its weight."""
        return self.server.weight


@dataclass(frozen=True)
class VirtualServer:
    """A service with its real servers; `name` is the comment above it, `line` the number of its line.

    With `is_suspended` it is there only while this director holds the VIP (ha_suspend).
    """

    name: str
    service: Service
    servers: tuple[RealServer, ...]
    is_suspended: bool = False
    line: int = 0

    @property
    def key(self) -> ServiceKey:
        """Its identity."""
        return self.service.key

    @property
    def full(self) -> FullService:
        """The service and its servers, without names."""
        return FullService(self.service, tuple(each.server for each in self.servers))


def read_virtual_servers(text: str | None) -> tuple[VirtualServer, ...]:
    """Return the virtual servers of a configuration, in their order."""
    return virtual_servers(parse(text or ""))


def virtual_servers(configuration: Configuration) -> tuple[VirtualServer, ...]:
    """Return the virtual servers of a tree, in their order."""
    return tuple(_virtual_servers(configuration))


def _virtual_servers(configuration: Configuration) -> Iterator[VirtualServer]:
    for block in blocks(configuration.children, "virtual_server"):
        if block.arguments[:1] not in ((), ("group",)):
            with suppress(ValueError, IndexError):
                servers = tuple(_real_server(each, block) for each in blocks(block.children, "real_server"))
                service = _service(block, servers[0].key.address if servers else None)
                yield VirtualServer(_name(block), service, servers, _has(block, "ha_suspend"), block.line)


def _service(block: Block, first_server: Address | None) -> Service:
    key = _key(block, first_server)
    scheduler = _value(block, "lvs_sched", _value(block, "lb_algo", SCHEDULER))
    bits = sum(bit for name, bit in _FLAGS.items() if _has(block, name))
    return Service(key, scheduler, flag_names(bits, scheduler), _persistence(block, key), _has(block, "ops"))


def _key(block: Block, first_server: Address | None) -> ServiceKey:
    if block.arguments[0] == "fwmark":
        first_version = first_server.version if first_server else 4  # keepalived's own rule
        version = {"inet": 4, "inet6": 6}.get(_value(block, "ip_family", ""), first_version)
        return FwmarkKey(int(_argument(block, 1, "")), f"ipv{version}")
    protocol = _value(block, "protocol", "TCP").lower()
    return AddressKey(protocol, ip_address(block.arguments[0]), int(_argument(block, 1, "0")))


def _persistence(block: Block, key: ServiceKey) -> Persistence | None:
    if not _has(block, "persistence_timeout"):
        return None
    timeout = int(_value(block, "persistence_timeout", PERSISTENCE_TIMEOUT))
    engine = _value(block, "persistence_engine", "") or None
    granularity = _value(block, "persistence_granularity", "")
    if key.version == 4:
        return Persistence(timeout, IPv4Address(granularity or "255.255.255.255"), None, engine)
    return Persistence(timeout, None, int(granularity or "128"), engine)


def _real_server(block: Block, service: Block) -> RealServer:
    key = ServerKey(ip_address(_argument(block, 0, "")), int(_argument(block, 1, "0")))
    method = _method(block) or _method(service) or METHOD
    forwarding = method[0].lower()
    server = Server(
        key=key,
        forwarding=forwarding,
        weight=int(_value(block, "weight", _value(service, "weight", "1"))),
        upper_threshold=int(_value(block, "uthreshold", "0")),
        lower_threshold=int(_value(block, "lthreshold", "0")),
        tunnel=_tunnel(method[1:]) if forwarding == "tun" else None,
    )
    return RealServer(_name(block), server)


def _method(block: Block) -> tuple[str, ...]:
    return first(block.children, "lvs_method") or first(block.children, "lb_kind")


def _tunnel(options: tuple[str, ...]) -> Tunnel:
    """Read what follows TUN: `type` and `port` with their values, and the name of a checksum."""
    named = dict(zip(options, options[1:]))
    checksum = next((each for each in ("csum", "remcsum") if each in options), "nocsum")
    return Tunnel(named.get("type", "ipip"), int(named.get("port", "0")), checksum)


def _name(block: Block) -> str:
    return block.comment[-1] if block.comment else ""


def _argument(block: Block, position: int, default: str) -> str:
    return block.arguments[position] if position < len(block.arguments) else default


def _value(block: Block, keyword: str, default: str) -> str:
    return next(iter(first(block.children, keyword)), default)


def _has(block: Block, keyword: str) -> bool:
    return any(isinstance(node, Keyword) and node.name == keyword for node in block.children)
