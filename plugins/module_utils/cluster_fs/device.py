# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a shared device is: blank, with a file system of ours, or somebody else's. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.superblock import LOCKING, Superblock
from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import (
    BLANK,
    OURS,
    BlockDevice,
    DeviceError,
)

HOW_TO_CLEAR = (
    "Nothing was changed. Name another device; or, if nobody needs what is on it, clear both ends of it on one host"
    " (blkdiscard, or wipefs --all and dd if=/dev/zero) and try again"
)


@dataclass(frozen=True)
class Wanted:
    """The file system that shall be on the device."""

    type: str
    cluster: str
    name: str


def judge(device: BlockDevice, found: Superblock | None, wanted: Wanted) -> str:
    """Return BLANK or OURS; raise DeviceError for everything else. `found` is the superblock on the device."""
    if found and is_ours(found, wanted):
        return OURS
    if device.is_blank and not found:
        return BLANK
    raise DeviceError(f"{device.path} {_what(device, found)}. {HOW_TO_CLEAR}")


def is_ours(found: Superblock, wanted: Wanted) -> bool:
    """Tell whether it is the wanted file system."""
    return (found.type, found.locking, found.cluster, found.name) == (
        wanted.type,
        LOCKING[wanted.type],
        wanted.cluster,
        wanted.name,
    )


def _what(device: BlockDevice, found: Superblock | None) -> str:
    """Return what is in the way, in words that follow the device's name."""
    for mount in device.mounts:
        return f"is mounted at {mount.path} ({mount.fstype})"
    if device.holders:
        return f"is part of {', '.join(device.holders)} (LVM, RAID, multipath or the like)"
    if found:
        whose = f"'{found.table}'" if found.cluster else f"'{found.name}'"
        return (
            f"holds the {found.type} file system {whose}, which locks by {found.locking}: it is another one than ours"
        )
    for signature in sorted(device.signatures, key=lambda each: each.is_table):
        if signature.is_table:
            return f"has a partition table ({signature.type})"
        return f"holds data of type {signature.type} (label or UUID: {signature.label or signature.uuid or 'none'})"
    if device.partitions:
        return f"has the partitions {', '.join(device.partitions)}"
    if device.is_held:
        return "is in use by something on this host"
    return f"holds data of an unknown kind (byte {device.used_at} is not zero)"
