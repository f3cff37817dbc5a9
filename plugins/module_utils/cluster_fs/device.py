# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a block device holds and who uses it, and whether a file system of ours may be there. The judgement is pure."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import superblock
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.superblock import LOCKING, Superblock
from ansible_collections.lvs.cluster.plugins.module_utils.storage import mountinfo
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount

Run = Callable[[Sequence[str]], "tuple[int, str, str]"]
"""Runs a command; returns its exit code, output and complaints."""

EDGE = 1 << 20
"""How much of both ends of a device has to be zero for it to count as blank, in bytes."""

BLANK, OURS = "blank", "ours"

HOW_TO_CLEAR = (
    "Nothing was changed. Name another device; or, if nobody needs what is on it, clear both ends of it on one host"
    " (blkdiscard, or wipefs --all and dd if=/dev/zero) and try again"
)


class DeviceError(Exception):
    """The device cannot be used; the message says what was found and what to do."""


@dataclass(frozen=True)
class Wanted:
    """The file system that shall be on the device."""

    type: str
    cluster: str
    name: str


@dataclass(frozen=True)
class Device:
    """What was found. `used_at` is the offset of the first byte at its ends that is not zero."""

    path: str
    in_use: bool = False
    holders: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    superblock: Superblock | None = None
    signature: Mapping[str, str] = field(default_factory=dict)
    used_at: int | None = None


def judge(device: Device, wanted: Wanted) -> str:
    """Return BLANK or OURS; raise DeviceError for everything else."""
    found = device.superblock
    if found and is_ours(found, wanted):
        return OURS
    what = _what(device, found)
    if not what:
        return BLANK
    raise DeviceError(f"{device.path} {what}. {HOW_TO_CLEAR}")


def is_ours(found: Superblock, wanted: Wanted) -> bool:
    """Tell whether it is the wanted file system."""
    return (found.type, found.locking, found.cluster, found.name) == (
        wanted.type,
        LOCKING[wanted.type],
        wanted.cluster,
        wanted.name,
    )


def _what(device: Device, found: Superblock | None) -> str:
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
    kind, table = device.signature.get("TYPE"), device.signature.get("PTTYPE")
    if kind:
        label = device.signature.get("LABEL") or device.signature.get("UUID") or "none"
        return f"holds data of type {kind} (label or UUID: {label})"
    if table:
        return f"has a partition table ({table})"
    if device.in_use:
        return "is in use by something on this host"
    if device.used_at is not None:
        return f"holds data of an unknown kind (byte {device.used_at} is not zero)"
    return ""


def look(path: str, run: Run) -> Device:
    """Read what is on a device; raise DeviceError when there is no such device."""
    number = _number(path)
    head, tail, size = _edges(path)
    used = superblock.first_used(head)
    if used is None:
        last = superblock.first_used(tail)
        used = None if last is None else size - len(tail) + last
    return Device(
        path=path,
        in_use=_is_in_use(path),
        holders=tuple(sorted(entry.name for entry in _sysfs(number).glob("holders/*"))),
        mounts=tuple(mount for mount in mountinfo.read() if mount.device == number),
        superblock=superblock.read(head),
        signature=_signature(run(["blkid", "--probe", "--output", "export", path])[1]),
        used_at=used,
    )


def _number(path: str) -> str:
    """Return the device's number, such as 253:16."""
    try:
        status = Path(path).stat()
    except OSError:
        raise DeviceError(f"{path} does not exist on this host; the device has to be there before") from None
    if not stat.S_ISBLK(status.st_mode):
        raise DeviceError(f"{path} is no block device")
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


def _sysfs(number: str) -> Path:
    return Path("/sys/dev/block") / number


def _edges(path: str) -> tuple[bytes, bytes, int]:
    """Return the beginning and the end of the device, and its size in bytes."""
    with Path(path).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        # Another host may have written since this one looked last.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(0)
        head = file.read(EDGE)
        file.seek(max(0, size - EDGE))
        return head, file.read(EDGE), size


def _is_in_use(path: str) -> bool:
    """Tell whether the kernel has given it to a file system, a RAID or the like."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_EXCL))
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def _signature(text: str) -> dict[str, str]:
    """Read what `blkid --output export` prints."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {key: value.replace("\\", "") for key, equals, value in pairs if equals}
