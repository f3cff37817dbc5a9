# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses a mount, as /proc tells without touching it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


def users_of(path: str, proc: Path = PROC) -> list[str]:
    """Return the processes that have a file or folder of a mount open, such as `nginx (12)`."""
    users = []
    for folder in sorted(proc.glob("[0-9]*"), key=lambda each: int(each.name)):
        if any(_is_inside(used, path) for used in _used(folder)):
            name = ""
            with contextlib.suppress(OSError):
                name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
            users.append(f"{name or 'a process'} ({folder.name})")
    return users


def _used(folder: Path) -> Iterator[str]:
    """Yield the paths that a process has open, works in, runs or has mapped; it may end meanwhile."""
    links = [folder / "cwd", folder / "root", folder / "exe"]
    with contextlib.suppress(OSError):
        links += (folder / "fd").iterdir()
    for link in links:
        with contextlib.suppress(OSError):
            yield os.readlink(link)  # noqa: PTH115
    with contextlib.suppress(OSError):
        for line in (folder / "maps").read_text(encoding="utf-8", errors="replace").splitlines():
            yield line.partition("/")[1] + line.partition("/")[2]


def _is_inside(used: str, path: str) -> bool:
    return used == path or used.startswith(f"{path}/")
