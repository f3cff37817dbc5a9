# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions and answers of neighbour discovery (NDP): who has an IPv6 address (RFC 4861, section 4.3 and 4.4). Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from ipaddress import IPv6Address

ETHERTYPE = 0x86DD
ICMPV6 = 58
SOLICITATION, ADVERTISEMENT = 135, 136
SOURCE_LINK_LAYER, TARGET_LINK_LAYER = 1, 2
HOP_LIMIT = 255  # any other is refused: nobody behind a router may take part
SOLICITED_NODE = IPv6Address("ff02::1:ff00:0")
ETHERNET = struct.Struct("!6s6sH")  # destination, source, type
IPV6 = struct.Struct("!IHBB16s16s")  # version and classes, length of what follows, its kind, hop limit; source, target
MESSAGE = struct.Struct("!BBHI16s")  # type, code, checksum, flags, address in question
OPTION = struct.Struct("!BB6s")  # type, length in units of 8 bytes, MAC address


def pack_question(mac: bytes, source: IPv6Address, target: IPv6Address) -> bytes:
    """Return the frame that asks all hosts whose address ends like `target` who has it."""
    group = IPv6Address(int(SOLICITED_NODE) | int(target) & 0xFFFFFF)
    option = OPTION.pack(SOURCE_LINK_LAYER, 1, mac)
    length = MESSAGE.size + OPTION.size
    unsummed = MESSAGE.pack(SOLICITATION, 0, 0, 0, target.packed) + option
    checksum = _checksum(source.packed + group.packed + struct.pack("!II", length, ICMPV6) + unsummed)
    message = MESSAGE.pack(SOLICITATION, 0, checksum, 0, target.packed) + option
    header = IPV6.pack(6 << 28, length, ICMPV6, HOP_LIMIT, source.packed, group.packed)
    return ETHERNET.pack(b"\x33\x33" + group.packed[-4:], mac, ETHERTYPE) + header + message


def unpack_answer(frame: bytes, target: IPv6Address) -> bytes | None:
    """Return the MAC address that a frame claims for `target`, or None when it is about something else."""
    start = ETHERNET.size + IPV6.size
    if len(frame) < start + MESSAGE.size:
        return None
    _first, length, kind, hop_limit, *_addresses = IPV6.unpack_from(frame, ETHERNET.size)
    message, _code, _checksum_field, _flags, address = MESSAGE.unpack_from(frame, start)
    if (kind, hop_limit, message, address) != (ICMPV6, HOP_LIMIT, ADVERTISEMENT, target.packed):
        return None
    return next(_link_layer_addresses(frame[start + MESSAGE.size : start + length]), None)


def _link_layer_addresses(options: bytes) -> Iterator[bytes]:
    while len(options) >= OPTION.size:
        kind, units, mac = OPTION.unpack_from(options)
        if units == 0:
            return  # RFC 4861 has such a message discarded
        if kind == TARGET_LINK_LAYER:
            yield bytes(mac)
        options = options[units * 8 :]


def _checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
