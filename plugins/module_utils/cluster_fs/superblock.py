# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Superblocks of GFS2 and OCFS2: which cluster a file system belongs to. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass

GFS2 = "gfs2"
OCFS2 = "ocfs2"

# linux/gfs2_ondisk.h: GFS2_MAGIC, GFS2_METATYPE_SB, big-endian, at 64 KiB.
_GFS2_OFFSET = 64 << 10
_GFS2_START = struct.pack(">II", 0x01161970, 1)
_GFS2_PROTOCOL, _GFS2_TABLE, _GFS2_UUID = 96, 160, 256
_LOCK_NAME = 64

# fs/ocfs2/ocfs2_fs.h: block 2, little-endian; blocks have 512 to 4096 bytes, and the superblock stands inside an inode.
_OCFS2_OFFSETS = (1024, 2048, 4096, 8192)
_OCFS2_START = b"OCFSV2\0\0"
_OCFS2_INCOMPAT, _OCFS2_SLOTS, _OCFS2_LABEL, _OCFS2_UUID, _OCFS2_STACK, _OCFS2_CLUSTER = (
    0xC0 + offset for offset in (0x20, 0x40, 0x50, 0x90, 0xA0, 0xA8)
)
# OCFS2_FEATURE_INCOMPAT_USERSPACE_STACK and _CLUSTERINFO: the stack's name is there.
_OCFS2_HAS_STACK = 0x0080 | 0x4000


@dataclass(frozen=True)
class Superblock:
    """Whose file system it is. `slots` is how many hosts can mount it, None where the superblock does not say."""

    type: str
    locking: str
    """`lock_dlm`, `lock_nolock`; `pcmk`, `o2cb`"""
    cluster: str
    name: str
    uuid: str
    slots: int | None

    @property
    def table(self) -> str:
        """Return cluster and name as GFS2 writes them."""
        return f"{self.cluster}:{self.name}"


LOCKING = {GFS2: "lock_dlm", OCFS2: "pcmk"}
"""What ours have."""


def read(head: bytes) -> Superblock | None:
    """Return the superblock at the beginning of a device, 128 KiB or more, or None when there is none of these two."""
    return _gfs2(head[_GFS2_OFFSET:]) or _ocfs2(head)


def _gfs2(block: bytes) -> Superblock | None:
    if not block.startswith(_GFS2_START):
        return None
    cluster, _colon, name = _text(block, _GFS2_TABLE, _LOCK_NAME).partition(":")
    return Superblock(GFS2, _text(block, _GFS2_PROTOCOL, _LOCK_NAME), cluster, name, _uuid(block, _GFS2_UUID), None)


def _ocfs2(head: bytes) -> Superblock | None:
    for offset in _OCFS2_OFFSETS:
        block = head[offset:]
        if block.startswith(_OCFS2_START):
            return _ocfs2_inode(block)
    return None


def _ocfs2_inode(block: bytes) -> Superblock:
    (incompat,) = struct.unpack_from("<I", block, _OCFS2_INCOMPAT)
    (slots,) = struct.unpack_from("<H", block, _OCFS2_SLOTS)
    # Without a name of a stack it is the oldest one.
    stack = _text(block, _OCFS2_STACK, 4) if incompat & _OCFS2_HAS_STACK else ""
    cluster = _text(block, _OCFS2_CLUSTER, 16) if stack else ""
    label = _text(block, _OCFS2_LABEL, 64)
    return Superblock(OCFS2, stack or "o2cb", cluster, label, _uuid(block, _OCFS2_UUID), slots)


def _text(block: bytes, offset: int, length: int) -> str:
    return block[offset : offset + length].partition(b"\0")[0].decode(errors="replace")


def _uuid(block: bytes, offset: int) -> str:
    digits = block[offset : offset + 16].hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
