# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a host about DRBD and its devices; nothing is changed."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.drbd import device as core
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.status import Status, parse
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text

Run = Callable[[Sequence[str]], "tuple[int, str, str]"]
"""Runs a command; returns its exit code, output and complaints."""

ROOT = Path("/")
RUN_FOLDER = Path("run/lvs-storage")
SPLIT_BRAIN = Path("var/lib/lvs-cluster/storage-split-brain")


def read_status(minor: int) -> Status | None:
    """Return what DRBD says of a volume, None where it is not up."""
    return parse(read_text(ROOT / "proc/drbd") or "", minor)


def read_module_version() -> str | None:
    """Return the version of the kernel's DRBD, None while it is not loaded."""
    first = (read_text(ROOT / "proc/drbd") or "").partition("\n")[0].split()
    return first[1] if len(first) > 1 and first[0] == "version:" else None


def has_split_brain() -> bool:
    """Tell whether DRBD has found changes on both sides that the other one has not."""
    return (ROOT / SPLIT_BRAIN).exists()


def read_vote() -> dict[str, Any]:
    """Return what our program on the host has found last: `vote`, `reason`, `phase`. Empty where it does not run."""
    try:
        found = json.loads(read_text(ROOT / RUN_FOLDER / "state.json") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def inspect(path: str, run: Run) -> core.Found:
    """Look what a block device has. Raises OSError, or ValueError with a message for people."""
    real = Path(path).resolve()
    information = real.stat()
    if not stat.S_ISBLK(information.st_mode):
        raise ValueError(f"{path} is no block device")
    number = f"{os.major(information.st_rdev)}:{os.minor(information.st_rdev)}"
    sysfs = ROOT / "sys/dev/block" / number
    code, out, error = run(["wipefs", "--json", "--no-act", str(real)])
    if code:
        raise ValueError(f"wipefs cannot read {path}: {error.strip()}")
    signatures, uuid = core.read_signatures(out)
    with real.open("rb", buffering=0) as file:
        first = file.read(core.EDGE)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - core.EDGE))
        last = file.read(core.EDGE)
    return core.Found(
        signatures=tuple(signatures),
        drbd_uuid=uuid,
        label=core.ext_label(first[core.EXT_SUPERBLOCK :]),
        is_zero=not any(first) and not any(last),
        users=tuple(
            core.users_of(
                read_text(ROOT / "proc/self/mountinfo") or "",
                read_text(ROOT / "proc/swaps") or "",
                number,
                real.name,
                sorted(entry.name for entry in (sysfs / "holders").glob("*")),
                sorted(entry.parent.name for entry in sysfs.glob("*/partition")),
            )
        ),
        size=size,
    )


def read_label(path: str) -> str | None:
    """Return the label of the ext file system on a device, which may be in use by DRBD."""
    try:
        with Path(path).open("rb", buffering=0) as file:
            file.seek(core.EXT_SUPERBLOCK)
            return core.ext_label(file.read(512))
    except OSError:
        return None
