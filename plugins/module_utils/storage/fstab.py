# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of ours in fstab(5): pure, no I/O. All other lines stay exactly as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import unescape

MARK = "x-lvs-cluster"
"""By this option a line is known to be ours. mount(8) and systemd ignore options that begin with `x-`."""


@dataclass(frozen=True)
class Entry:
    """What one line mounts."""

    source: str
    path: str
    fstype: str
    options: tuple[str, ...]

    @property
    def is_ours(self) -> bool:
        """Tell whether the collection has written it."""
        return MARK in self.options

    def render(self) -> str:
        """Return the line. Nothing of NFS is dumped or checked at boot."""
        words = (self.source, self.path, self.fstype, ",".join(self.options))
        return f"{' '.join(map(escape, words))} 0 0"


def parse_line(line: str) -> Entry | None:
    """Return what a line mounts, None for one that mounts nothing."""
    words = re.split(r"[ \t]+", line.strip(" \t"))
    if len(words) < 3 or words[0].startswith("#"):
        return None
    options = unescape(words[3]).split(",") if len(words) > 3 else ["defaults"]
    path = unescape(words[1])
    return Entry(unescape(words[0]), path.rstrip("/") or path, words[2], tuple(options))


def entries(text: str) -> list[Entry]:
    """Return what all lines mount."""
    return [entry for entry in map(parse_line, _lines(text)) if entry]


def replace(text: str, wanted: Mapping[str, Entry | None]) -> str:
    """Return the text with these entries by path; None takes our line for a path away.

    A line for the same path is replaced where it stands, further ones for it go, new ones come last.
    """
    lines = []
    placed: set[str] = set()
    for line in _lines(text):
        entry = parse_line(line)
        if entry is None or entry.path not in wanted:
            lines.append(line)
            continue
        new = wanted[entry.path]
        if new is None:
            if not entry.is_ours:
                lines.append(line)
        elif entry.path not in placed:
            lines.append(line if entry == new else new.render())
            placed.add(entry.path)
    lines += [entry.render() for path, entry in wanted.items() if entry is not None and path not in placed]
    return "".join(f"{line}\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Return the lines; not by splitlines(), for which a line also ends at a form feed and the like."""
    return text.removesuffix("\n").split("\n") if text else []


def escape(word: str) -> str:
    """Return a word in which blanks and the like stand as octal numbers."""
    return re.sub(r"[ \t\n\\#]", lambda match: f"\\{ord(match.group()):03o}", word)
