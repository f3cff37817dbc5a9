# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual servers that a keepalived.conf of ours declares: pure, no I/O.

It reads what our template writes, one word or block to a line. Of a file by somebody else it finds what is written in
the same way; groups of virtual servers and whatever it cannot read are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from ..ipvs.model import AddressKey, FwmarkKey, ServerKey, ServiceKey


@dataclass(frozen=True)
class RealServer:
    """A real server; `name` is the comment above it."""

    name: str
    key: ServerKey
    weight: int


@dataclass(frozen=True)
class VirtualServer:
    """A service with its real servers; `name` is the comment above it."""

    name: str
    key: ServiceKey
    servers: tuple[RealServer, ...]


@dataclass(frozen=True)
class _Block:
    """A block in braces: the comment above it, the words of its first line, its other lines, and blocks inside."""

    comment: str
    words: Sequence[str]
    lines: Sequence[Sequence[str]]
    blocks: Sequence[_Block]

    def value(self, name: str, default: str) -> str:
        """Return the word after `name`."""
        return next((line[1] for line in self.lines if line[0] == name and len(line) > 1), default)


def read_virtual_servers(text: str | None) -> tuple[VirtualServer, ...]:
    """Return the virtual servers of a configuration, in their order."""
    return tuple(_virtual_servers(_read_block("", (), iter((text or "").splitlines()))))


def _read_block(comment: str, words: Sequence[str], rest: Iterator[str]) -> _Block:
    lines: list[Sequence[str]] = []
    blocks: list[_Block] = []
    above = ""
    for line in map(str.strip, rest):
        if line == "}":
            break
        if line.startswith(("#", "!")):
            above = line.lstrip("#! ")
        elif line.endswith("{"):
            blocks.append(_read_block(above, line[:-1].split(), rest))
            above = ""
        elif line:
            lines.append(line.split())
    return _Block(comment, words, lines, blocks)


def _virtual_servers(file: _Block) -> Iterator[VirtualServer]:
    for block in file.blocks:
        if len(block.words) > 1 and block.words[0] == "virtual_server" and block.words[1] != "group":
            with suppress(ValueError):
                servers = tuple(_real_server(each) for each in block.blocks if each.words[:1] == ["real_server"])
                yield VirtualServer(block.comment, _key(block, servers), servers)


def _key(block: _Block, servers: Sequence[RealServer]) -> ServiceKey:
    if block.words[1] == "fwmark":
        first = servers[0].key.address.version if servers else 4  # keepalived's own rule
        version = {"inet": 4, "inet6": 6}.get(block.value("ip_family", ""), first)
        return FwmarkKey(int(block.words[2]), f"ipv{version}")
    port = int(block.words[2]) if len(block.words) > 2 else 0
    return AddressKey(block.value("protocol", "TCP").lower(), ip_address(block.words[1]), port)


def _real_server(block: _Block) -> RealServer:
    port = int(block.words[2]) if len(block.words) > 2 else 0
    return RealServer(block.comment, ServerKey(ip_address(block.words[1]), port), int(block.value("weight", "1")))
