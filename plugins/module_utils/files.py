# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read small text files and replace them atomically; the state folder of the collection."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

STATE_FOLDER = Path("/var/lib/lvs-cluster")
"""Where the collection keeps, on each host, what must survive a run, such as values from before our first change."""


def read_text(path: Path) -> str | None:
    """Return the file's text, or None when there is no such file. Bytes that are not UTF-8 survive a round trip."""
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_atomically(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Replace `path` by `content` in one step: a reader, or a power cut, sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".lvs-cluster-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def replace_text(path: Path, text: str | None, mode: int = 0o644) -> None:
    """Give the file this text; None removes it, and one that is gone already is fine."""
    if text is not None:
        write_atomically(path, text, mode)
        return
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def read_state(name: str, folder: Path = STATE_FOLDER) -> dict[str, Any]:
    """Return what was remembered under `name`, or an empty dict; so too for a file that is no JSON object."""
    try:
        state = json.loads(read_text(folder / f"{name}.json") or "{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def write_state(name: str, state: dict[str, Any], folder: Path = STATE_FOLDER) -> None:
    """Remember `state` under `name`; an empty one is forgotten, and with the last one the folder goes too."""
    text = json.dumps(state, indent=2, sort_keys=True) + "\n"
    replace_text(folder / f"{name}.json", text if state else None, 0o600)
    if not state:
        # Fails while other things are remembered there.
        with contextlib.suppress(OSError):
            folder.rmdir()
