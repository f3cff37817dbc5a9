# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses a mount, as /proc tells without touching it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.child import call_bounded

PROC = Path("/proc")
SECONDS = 10
MOST = 5


def users_of(path: str, seconds: float = SECONDS, proc: Path = PROC) -> list[str]:
    """Return the processes that have a file or folder of a mount open, such as `nginx (process 12)`.

    The memory of a process that waits for a file system may be locked, so this is given up after that time.
    """
    found: list[str] = call_bounded(lambda: _users_of(path, proc), seconds, ["a process that does not answer"])
    return found


def explain(path: str, proc: Path = PROC) -> str:
    """Return who keeps a mount busy, in words; nobody may be known."""
    found = users_of(path, proc=proc)
    if not found:
        return "it is busy; no program with an open file was found"
    return f"in use by {', '.join(found[:MOST])}{' and others' if len(found) > MOST else ''}"


def _users_of(path: str, proc: Path) -> list[str]:
    return [
        _name(folder)
        for folder in sorted(proc.glob("[0-9]*"), key=lambda each: int(each.name))
        if any(used == path or used.startswith(f"{path}/") for used in _used(folder))
    ]


def _used(folder: Path) -> Iterator[str]:
    """Yield the paths that a process has open, works in, runs or has mapped; it may end meanwhile."""
    links = [folder / "cwd", folder / "root", folder / "exe"]
    with contextlib.suppress(OSError):
        links += (folder / "fd").iterdir()
    for link in links:
        with contextlib.suppress(OSError):
            yield str(link.readlink())
    with contextlib.suppress(OSError):
        for line in (folder / "maps").read_text(encoding="utf-8", errors="replace").splitlines():
            yield line.partition("/")[1] + line.partition("/")[2]


def _name(folder: Path) -> str:
    with contextlib.suppress(OSError):
        name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
        return f"{name} (process {folder.name})"
    return f"process {folder.name}"
