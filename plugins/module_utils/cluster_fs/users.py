# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who keeps a mounted file system busy."""

from __future__ import annotations

import contextlib
from pathlib import Path

MOST = 5


def explain(path: str, proc: Path = Path("/proc")) -> str:
    """Return the programs with a file or folder below `path` open, in words; nobody may be known."""
    found = sorted({_name(process) for process in proc.iterdir() if process.name.isdigit() and _uses(process, path)})
    if not found:
        return "it is busy; no program with an open file was found"
    return f"in use by {', '.join(found[:MOST])}{' and others' if len(found) > MOST else ''}"


def _uses(process: Path, path: str) -> bool:
    links = [process / "cwd", process / "root"]
    with contextlib.suppress(OSError):  # it has just ended
        links += (process / "fd").iterdir()
    for link in links:
        with contextlib.suppress(OSError):
            target = str(link.readlink())
            if target == path or target.startswith(f"{path}/"):
                return True
    return False


def _name(process: Path) -> str:
    with contextlib.suppress(OSError):
        return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return f"process {process.name}"
