# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets that a storage host sends when it takes over, and those it asks others with: pure.

A client whose server has died has sent something that nobody has confirmed, and TCP waits longer and longer until it
tries again. The new server sends it a segment that fits no connection: the client answers with what it has confirmed
last, the new server's kernel knows no such connection and resets it, and the client connects again at once.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

ECHO = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence
ECHO_REQUEST, ECHO_REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}
ADVERTISEMENT = struct.Struct("!BBHI16sBB6s")  # type, code, checksum, flags, address, option, its length, MAC
OVERRIDE = 0x20000000
TCP = struct.Struct("!HHIIBBHHH")  # ports, sequence, confirmed, length of this header, flags, window, checksum, urgent
TCP_NUMBER, TCP_ACK = 6, 0x10
ESTABLISHED = "01"


@dataclass(frozen=True, order=True)
class Connection:
    """A TCP connection of a client with this host."""

    address: str
    port: int
    client: str
    client_port: int


def echo_request(version: int, identifier: int, sequence: int) -> bytes:
    """Return the ICMP message. The kernel fills in the checksum of IPv6."""
    unsummed = ECHO.pack(ECHO_REQUEST[version], 0, 0, identifier, sequence)
    checksum = internet_checksum(unsummed) if version == 4 else 0
    return ECHO.pack(ECHO_REQUEST[version], 0, checksum, identifier, sequence)


def is_echo_reply(version: int, packet: bytes, identifier: int) -> bool:
    """Tell whether a packet, as a raw socket receives it, answers our request."""
    start = (packet[0] & 0xF) * 4 if version == 4 and packet else 0
    if len(packet) < start + ECHO.size:
        return False
    kind, _code, _checksum, found, _sequence = ECHO.unpack_from(packet, start)
    return (kind, found) == (ECHO_REPLY[version], identifier)


def unsolicited_advertisement(address: IPv6Address, mac: bytes) -> bytes:
    """Return the ICMPv6 message that tells all neighbours who has an address now."""
    return ADVERTISEMENT.pack(136, 0, 0, OVERRIDE, address.packed, 2, 1, mac)


def tickle(connection: Connection) -> bytes:
    """Return the TCP segment, from us to the client, that fits no connection."""
    source, target = ip_address(connection.address), ip_address(connection.client)
    fields = [connection.port, connection.client_port, 0, 0, TCP.size // 4 << 4, TCP_ACK, 1024]
    unsummed = TCP.pack(*fields, 0, 0)
    return TCP.pack(*fields, internet_checksum(_pseudo_header(source, target) + unsummed), 0)


def _pseudo_header(source: IPv4Address | IPv6Address, target: IPv4Address | IPv6Address) -> bytes:
    layout = "!BBH" if source.version == 4 else "!I3xB"
    rest = (0, TCP_NUMBER, TCP.size) if source.version == 4 else (TCP.size, TCP_NUMBER)
    return source.packed + target.packed + struct.pack(layout, *rest)


def internet_checksum(data: bytes) -> int:
    """Return the checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def connections(tables: Iterable[str], addresses: Iterable[str], port: int) -> list[Connection]:
    """Return the connections of clients with this port of our addresses, from the texts of /proc/net/tcp and tcp6."""
    wanted = {ip_address(address) for address in addresses}
    found = set()
    for table in tables:
        for line in table.splitlines()[1:]:
            words = line.split()
            if len(words) < 4 or words[3] != ESTABLISHED:
                continue
            (own, own_port), (client, client_port) = _endpoint(words[1]), _endpoint(words[2])
            if own_port == port and own in wanted:
                found.add(Connection(str(own), own_port, str(client), client_port))
    return sorted(found)


def _endpoint(text: str) -> tuple[IPv4Address | IPv6Address, int]:
    """Read an address of /proc/net/tcp: words of 32 bits in the order of the host's bytes."""
    address, port = text.split(":")
    words = [int(address[start : start + 8], 16) for start in range(0, len(address), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    if len(packed) == 4:
        return IPv4Address(packed), int(port, 16)
    full = IPv6Address(packed)
    return full.ipv4_mapped or full, int(port, 16)


def dump(found: Iterable[Connection]) -> str:
    """Return the text of the file in which connections are kept."""
    return json.dumps([[each.address, each.port, each.client, each.client_port] for each in found]) + "\n"


def load(text: str) -> list[Connection]:
    """Read that file; a broken one has no connections."""
    try:
        return [Connection(str(ip_address(a)), int(p), str(ip_address(c)), int(q)) for a, p, c, q in json.loads(text)]
    except (ValueError, TypeError):
        return []
