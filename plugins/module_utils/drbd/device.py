# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a block device is: blank, ours, or somebody else's. Pure; what is read of the device is handed in."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

EXT_SUPERBLOCK = 1024
EXT_MAGIC, EXT_MAGIC_AT, EXT_LABEL_AT = b"\x53\xef", 0x38, 0x78
LABEL_LENGTH = 16
EDGE = 1 << 20
"""Bytes at both ends of a device that have to be zero for it to be blank."""

KINDS = {
    "dos": "a partition table (dos)",
    "gpt": "a partition table (gpt)",
    "PMBR": "a partition table (gpt)",
    "LVM2_member": "a physical volume of LVM",
    "linux_raid_member": "a member of a software RAID",
    "crypto_LUKS": "an encrypted volume (LUKS)",
    "swap": "swap space",
    "zfs_member": "a member of a ZFS pool",
    "bcache": "a bcache device",
}


@dataclass(frozen=True)
class Found:
    """What a device has."""

    signatures: Sequence[tuple[str, str]] = ()
    """Kinds and labels, or UUIDs, of what wipefs knows, DRBD's excluded."""
    drbd_uuid: str | None = None
    """Of DRBD's metadata at its end."""
    label: str | None = None
    """Of an ext file system at its beginning, also below DRBD's metadata."""
    is_zero: bool = True
    """Whether its first and last MiB are zero."""
    users: Sequence[str] = ()
    """What uses it: mount points, other devices on it, swap."""
    size: int = 0


def read_signatures(output: str) -> tuple[list[tuple[str, str]], str | None]:
    """Read the output of `wipefs --json --no-act`: other signatures than DRBD's, and the UUID of DRBD's metadata."""
    entries = json.loads(output or "{}").get("signatures") or []
    found = sorted(
        {(str(entry["type"]), str(entry.get("label") or "")) for entry in entries if entry["type"] != "drbd"}
    )
    uuids = [str(entry.get("uuid") or "") for entry in entries if entry["type"] == "drbd"]
    return found, (uuids[0].lower() if uuids else None)


def ext_label(superblock: bytes) -> str | None:
    """Return the label in the superblock of an ext file system, None if it is none."""
    if superblock[EXT_MAGIC_AT : EXT_MAGIC_AT + 2] != EXT_MAGIC:
        return None
    (label,) = struct.unpack_from(f"{LABEL_LENGTH}s", superblock, EXT_LABEL_AT)
    return str(label.rstrip(b"\0").decode("utf-8", "replace"))


@dataclass(frozen=True)
class Verdict:
    """`blank`, `ours` or `foreign`, and of the last what was found."""

    kind: str
    reason: str = ""


def judge(device: str, found: Found, label: str, known_uuid: str | None) -> Verdict:
    """Tell whose a device is. `label` is that of our file system, `known_uuid` that of metadata that we have made."""
    if found.users:
        return Verdict("foreign", f"{device} is in use: {', '.join(found.users)}")
    if found.drbd_uuid:
        if found.drbd_uuid == known_uuid or found.label == label:
            return Verdict("ours")
        inside = f", with a file system labelled '{found.label}'" if found.label else ""
        return Verdict(
            "foreign", f"{device} has DRBD metadata of another resource (device-uuid {found.drbd_uuid}){inside}"
        )
    if found.signatures:
        described = dict.fromkeys(_described(*each) for each in found.signatures)
        return Verdict("foreign", f"{device} has {' and '.join(described)}")
    if not found.is_zero:
        why = "no signature is known, but its first or last MiB is not empty"
        return Verdict("foreign", f"{device} has data of an unknown kind: {why}")
    return Verdict("blank")


def _described(kind: str, label: str) -> str:
    name = KINDS.get(kind, f"a file system ({kind})")
    return f"{name} labelled '{label}'" if label else name


def refusal(device: str, verdict: Verdict) -> str:
    """Return the message for a foreign device."""
    return (
        f"{verdict.reason}. Nothing was changed: a volume is only made on a blank device. If nothing there is needed"
        f" any more, empty it by hand (wipefs --all {device}; blkdiscard --zeroout {device}), or name another device"
    )


def users_of(
    mounts: str, swaps: str, number: str, name: str, holders: Sequence[str], partitions: Sequence[str]
) -> list[str]:
    """Return what uses a device with this number (major:minor) and kernel name.

    `mounts` is the text of /proc/self/mountinfo, `swaps` that of /proc/swaps. DRBD itself is no holder in sysfs.
    """
    found = [
        f"mounted on {words[4]}"
        for words in map(str.split, mounts.splitlines())
        if len(words) > 4 and words[2] == number
    ]
    found += [
        f"it is swap space ({line.split()[0]})" for line in swaps.splitlines()[1:] if line.split()[0] == f"/dev/{name}"
    ]
    found += [f"{holder} is built on it" for holder in holders]
    found += [f"it has the partition {partition}" for partition in partitions]
    return found
