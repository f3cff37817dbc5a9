# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a block device holds and who uses it. Whether that is ours is for others to judge; nothing is changed here."""

from __future__ import annotations

import errno
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.commands import Run
from ansible_collections.lvs.cluster.plugins.module_utils.storage import mountinfo
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount

SYSFS = Path("/sys/dev/block")
WIPEFS = ("wipefs", "--json", "--no-act", "--output", "TYPE,USAGE,LABEL,UUID")

EDGE = 1 << 20
"""How much of both ends of a device has to be zero for it to count as blank, in bytes."""

BLANK, OURS = "blank", "ours"


class DeviceError(Exception):
    """The device cannot be used; the message says what was found and what to do."""


@dataclass(frozen=True)
class Signature:
    """Something that wipefs knows, such as the file system ext4 or the partition table gpt."""

    type: str
    usage: str = "filesystem"
    """`filesystem`, `raid`, `crypto`, `partition-table`, `other`"""
    label: str = ""
    uuid: str = ""

    @property
    def is_table(self) -> bool:
        """Tell whether it is a partition table."""
        return self.usage == "partition-table"


@dataclass(frozen=True)
class BlockDevice:
    """What was found. `head` is its first MiB, `used_at` the offset of the first byte at its ends that is not zero."""

    path: str
    head: bytes = field(default=b"", repr=False)
    used_at: int | None = None
    signatures: tuple[Signature, ...] = ()
    mounts: tuple[Mount, ...] = ()
    holders: tuple[str, ...] = ()
    """Devices that are built on it, such as dm-0. DRBD is none of them."""
    partitions: tuple[str, ...] = ()
    is_held: bool = False
    """Whether the kernel has given it to a file system, a RAID, swap, DRBD or the like."""

    @property
    def is_blank(self) -> bool:
        """Tell whether there is nothing on it and nobody uses it."""
        users = self.mounts or self.holders or self.partitions or self.is_held
        return not users and not self.signatures and self.used_at is None


def parse_signatures(output: str) -> tuple[Signature, ...]:
    """Read what `WIPEFS` prints. A table may be found twice, and its GPT with a table that only protects it."""
    found = (
        Signature(
            "gpt" if entry["type"] == "PMBR" else str(entry["type"]),
            *(str(entry.get(name) or "") for name in ("usage", "label", "uuid")),
        )
        for entry in json.loads(output or "{}").get("signatures") or []
    )
    return tuple(dict.fromkeys(found))


def first_used(head: bytes, tail: bytes, size: int) -> int | None:
    """Return the offset of the first byte that is not zero at both ends of a device of this size, or None."""
    for start, data in ((0, head), (size - len(tail), tail)):
        rest = data.lstrip(b"\0")
        if rest:
            return start + len(data) - len(rest)
    return None


def look(path: str, run: Run) -> BlockDevice:
    """Look what a block device holds. Raises DeviceError if that cannot be told."""
    try:
        number = _number(path)
        head, tail, size = _edges(path)
    except (FileNotFoundError, NotADirectoryError):
        raise DeviceError(f"{path} does not exist on this host; the device has to be there before") from None
    except OSError as error:
        raise DeviceError(f"{path} cannot be read: {error.strerror}") from None
    code, out, complaints = run([*WIPEFS, path])
    if code:
        raise DeviceError(f"wipefs cannot read {path}: {complaints.strip()}")
    return BlockDevice(
        path=path,
        head=head,
        used_at=first_used(head, tail, size),
        signatures=parse_signatures(out),
        mounts=tuple(mount for mount in mountinfo.read() if mount.device == number),
        holders=tuple(sorted(entry.name for entry in (SYSFS / number).glob("holders/*"))),
        partitions=tuple(sorted(entry.parent.name for entry in (SYSFS / number).glob("*/partition"))),
        is_held=_is_held(path),
    )


def _number(path: str) -> str:
    """Return the device's number, such as 253:16."""
    status = Path(path).stat()
    if not stat.S_ISBLK(status.st_mode):
        raise DeviceError(f"{path} is no block device")
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


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


def _is_held(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_EXCL))
    except OSError as error:
        return error.errno == errno.EBUSY
    return False
