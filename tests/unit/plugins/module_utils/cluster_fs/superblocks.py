# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Superblocks as mkfs.gfs2 3.6.1 and mkfs.ocfs2 1.8.8 wrote them, cut down to what is read."""

from __future__ import annotations

import struct

UUID = "c1ecc259-dd40-4f07-b37e-f18f25c71be7"


def gfs2(table: str = "lvs:www", protocol: str = "lock_dlm") -> bytes:
    """The beginning of a device with GFS2."""
    block = bytearray(4096)
    block[0:8] = bytes.fromhex("0116197000000001")
    block[96 : 96 + len(protocol)] = protocol.encode()
    block[160 : 160 + len(table)] = table.encode()
    block[256:272] = bytes.fromhex(UUID.replace("-", ""))
    return bytes(64 << 10) + bytes(block)


def ocfs2(
    cluster: str = "lvs", label: str = "www", stack: str = "pcmk", slots: int = 5, block_size: int = 1024
) -> bytes:
    """The beginning of a device with OCFS2; without a stack it is its own, the oldest one."""
    block = bytearray(block_size)
    block[0:8] = b"OCFSV2\0\0"
    struct.pack_into("<I", block, 0xE0, 0x3D0 if stack else 0x350)
    struct.pack_into("<H", block, 0x100, slots)
    block[0x110 : 0x110 + len(label)] = label.encode()
    block[0x150:0x160] = bytes.fromhex(UUID.replace("-", ""))
    block[0x160 : 0x160 + len(stack)] = stack.encode()
    block[0x168 : 0x168 + len(cluster)] = cluster.encode()
    return bytes(2 * block_size) + bytes(block)
