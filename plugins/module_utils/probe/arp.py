# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions and answers of ARP: who has an IPv4 address (RFC 826). Pure."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

ETHERTYPE = 0x0806
HARDWARE_ETHERNET = 1
BROADCAST = b"\xff" * 6
REQUEST, REPLY = 1, 2
ETHERNET = struct.Struct("!6s6sH")  # destination, source, type
ARP = struct.Struct(
    "!HHBBH6s4s6s4s"
)  # hardware, protocol, their lengths, operation; MAC and address of sender, of target


def pack_question(mac: bytes, source: IPv4Address, target: IPv4Address) -> bytes:
    """Return the frame that asks everybody who has `target`."""
    question = ARP.pack(HARDWARE_ETHERNET, 0x0800, 6, 4, REQUEST, mac, source.packed, bytes(6), target.packed)
    return ETHERNET.pack(BROADCAST, mac, ETHERTYPE) + question


def unpack_answer(frame: bytes, target: IPv4Address) -> bytes | None:
    """Return the MAC address that a frame claims for `target`, or None when it is about something else."""
    if len(frame) < ETHERNET.size + ARP.size:
        return None
    hardware, _protocol, _length, _size, operation, mac, sender, *_asker = ARP.unpack_from(frame, ETHERNET.size)
    if (hardware, operation, sender) != (HARDWARE_ETHERNET, REPLY, target.packed):
        return None
    return bytes(mac)
