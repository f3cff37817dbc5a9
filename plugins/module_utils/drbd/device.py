# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the device of a volume is: blank, ours, or somebody else's. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import (
    BLANK,
    OURS,
    BlockDevice,
    DeviceError,
    Signature,
)

EXT_SUPERBLOCK = 1024
EXT_MAGIC, EXT_MAGIC_AT, EXT_LABEL_AT = b"\x53\xef", 0x38, 0x78
LABEL_LENGTH = 16

KINDS = {
    "LVM2_member": "a physical volume of LVM",
    "linux_raid_member": "a member of a software RAID",
    "crypto_LUKS": "an encrypted volume (LUKS)",
    "swap": "swap space",
    "zfs_member": "a member of a ZFS pool",
    "bcache": "a bcache device",
}


def uuid_of(signatures: Iterable[Signature]) -> str | None:
    """Return the UUID of DRBD's metadata at the end of a device, None if there are none."""
    return next((each.uuid.lower() for each in signatures if each.type == "drbd"), None)


def ext_label(superblock: bytes) -> str | None:
    """Return the label in the superblock of an ext file system, None if it is none."""
    if superblock[EXT_MAGIC_AT : EXT_MAGIC_AT + 2] != EXT_MAGIC:
        return None
    (label,) = struct.unpack_from(f"{LABEL_LENGTH}s", superblock, EXT_LABEL_AT)
    return str(label.rstrip(b"\0").decode("utf-8", "replace"))


def judge(device: BlockDevice, label: str, known_uuid: str | None) -> str:
    """Return BLANK or OURS; raise DeviceError for everything else.

    `label` is that of our file system, `known_uuid` that of metadata that we have made.
    """
    uuid = uuid_of(device.signatures)
    if uuid and not _users_of(device):
        found = ext_label(device.head[EXT_SUPERBLOCK:])
        if uuid == known_uuid or found == label:
            return OURS
        inside = f", with a file system labelled '{found}'" if found else ""
        raise _refusal(device, f"has DRBD metadata of another resource (device-uuid {uuid}){inside}")
    refuse_unless_blank(device)
    return BLANK


def refuse_unless_blank(device: BlockDevice) -> None:
    """Raise DeviceError if there is anything on the device, or somebody uses it."""
    if not device.is_blank:
        raise _refusal(device, _what(device))


def _what(device: BlockDevice) -> str:
    """Return what is in the way, in words that follow the device's name."""
    users = _users_of(device)
    if users:
        return f"is in use: {', '.join(users)}"
    if device.signatures:
        return f"has {' and '.join(dict.fromkeys(map(_described, device.signatures)))}"
    return "has data of an unknown kind: no signature is known, but its first or last MiB is not empty"


def _described(signature: Signature) -> str:
    kind = f"a partition table ({signature.type})" if signature.is_table else f"a file system ({signature.type})"
    kind = KINDS.get(signature.type, kind)
    return f"{kind} labelled '{signature.label}'" if signature.label else kind


def _users_of(device: BlockDevice) -> list[str]:
    """Return what uses a device. That DRBD holds one with its metadata is as it should be."""
    users = [
        *(f"mounted on {mount.path}" for mount in device.mounts),
        *(f"{holder} is built on it" for holder in device.holders),
        *(f"it has the partition {partition}" for partition in device.partitions),
    ]
    if users or not device.is_held or uuid_of(device.signatures):
        return users
    is_swap = any(each.type == "swap" for each in device.signatures)
    return [f"it is swap space ({device.path})" if is_swap else "something in the kernel has it"]


def _refusal(device: BlockDevice, what: str) -> DeviceError:
    path = device.path
    return DeviceError(
        f"{path} {what}. Nothing was changed: a volume is only made on a blank device. If nothing there is needed"
        f" any more, empty it by hand (wipefs --all {path}; blkdiscard --zeroout {path}), or name another device"
    )
