# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a running keepalived to write down its state, and read what it wrote."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Optional

POLL = 0.05
"""Seconds between two looks."""

Stamp = Optional[tuple[int, int, int]]
"""What tells one writing of a file from another; None as long as there is no file."""


def read_dumps(pid: int, names: Collection[str], timeout: float, folder: str = "tmp") -> Mapping[str, str]:
    """Return the texts of those files that the keepalived with this process id writes within `timeout` seconds.

    The folder is the one that this process sees: it may have a /tmp of its own. Raises OSError.
    """
    paths = {name: Path(f"/proc/{pid}/root") / folder / name for name in names}
    old = {name: _stamp(path) for name, path in paths.items()}
    seen: dict[str, Stamp] = {}
    texts: dict[str, str] = {}
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + timeout
    while len(texts) < len(paths) and time.monotonic() < deadline:
        time.sleep(POLL)
        for name, path in paths.items():
            now = _stamp(path)
            # The file appears empty and grows: it is whole when it is the same at two looks.
            if now not in (None, old[name]) and now == seen.get(name):
                texts.setdefault(name, path.read_text(encoding="utf-8", errors="replace"))
            seen[name] = now
    return texts


def _stamp(path: Path) -> Stamp:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    # Anyone can put a file there before keepalived does; it replaces it by one of root's.
    if not stat.S_ISREG(status.st_mode) or status.st_uid != 0 or not status.st_size:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
