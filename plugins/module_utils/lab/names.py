# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and addresses that follow from the name of a machine. Pure."""

from __future__ import annotations

import hashlib
import ipaddress

# Linux: an interface's name has at most 15 characters (IFNAMSIZ less the final zero).
MAX_INTERFACE_NAME = 15


def tap_name(machine: str, index: int) -> str:
    """Name of the lab's end of a NIC, like ``lb1-eth0``; a long machine name is shortened with a hash."""
    suffix = f"-eth{index}"
    room = MAX_INTERFACE_NAME - len(suffix)
    if len(machine) > room:
        digest = hashlib.sha256(machine.encode()).hexdigest()[:5]
        machine = machine[: room - len(digest)] + digest
    return machine + suffix


def mac_address(name: str, index: int) -> str:
    """Return a locally administered MAC address that is always the same for this name and NIC."""
    digest = hashlib.sha256(f"{name}/{index}".encode()).digest()
    return ":".join(f"{byte:02x}" for byte in b"\x02" + digest[:5])


def link_local_address(mac: str) -> str:
    """Return the IPv6 address that Linux derives from a MAC address (modified EUI-64)."""
    octets = [int(part, 16) for part in mac.split(":")]
    octets[0] ^= 0x02
    suffix = bytes(octets[:3]) + b"\xff\xfe" + bytes(octets[3:])
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + suffix))
