# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a host about DRBD and its devices; nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.drbd.device import EXT_SUPERBLOCK, ext_label
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.status import Status, parse
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text

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


def read_label(path: str) -> str | None:
    """Return the label of the ext file system on a device, which may be in use by DRBD."""
    try:
        with Path(path).open("rb", buffering=0) as file:
            file.seek(EXT_SUPERBLOCK)
            return ext_label(file.read(512))
    except OSError:
        return None
