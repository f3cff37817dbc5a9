# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The live mounts of /proc/self/mountinfo (proc_pid_mountinfo(5)). All but `read` is pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text

FILE = Path("/proc/self/mountinfo")
NFS = ("nfs", "nfs4")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """One mount; `flags` are its own, `options` those of its file system, as the kernel spells them."""

    path: str
    source: str
    fstype: str
    device: str
    """Number of the device, such as 253:16; one without a device has a number too."""
    flags: frozenset[str]
    options: frozenset[str]

    @property
    def is_nfs(self) -> bool:
        """Tell whether this is an NFS mount."""
        return self.fstype in NFS

    @property
    def access(self) -> str:
        """Return what one can do: a mount may be read-only, and so may its file system."""
        return "ro" if "ro" in self.flags | self.options else "rw"

    def describe(self) -> str:
        """Return one line for diffs."""
        flags = ",".join(sorted(self.flags))
        return f"{self.source} on {self.path} type {self.fstype} ({flags}; {','.join(sorted(self.options))})"


def read() -> list[Mount]:
    """Return the mounts of this host. To read them touches none."""
    return parse(read_text(FILE) or "")


def parse(text: str) -> list[Mount]:
    """Return all mounts; of those on one path the last one is on top."""
    mounts = []
    # Not splitlines(): the kernel leaves all other characters as they are that Python takes for the end of a line.
    for line in text.split("\n"):
        left, separator, right = line.partition(" - ")
        words, more = left.split(" "), right.split(" ")
        if separator and len(words) > 5 and len(more) > 2:
            flags, options = frozenset(words[5].split(",")), frozenset(more[2].split(","))
            mounts.append(Mount(unescape(words[4]), unescape(more[1]), more[0], words[2], flags, options))
    return mounts


def stack(mounts: Iterable[Mount], path: str) -> list[Mount]:
    """Return what is mounted on a path, the visible one last, without the trap by which systemd mounts on access."""
    return [each for each in mounts if each.path == path and each.fstype != "autofs"]


def top(mounts: Iterable[Mount], path: str) -> Mount | None:
    """Return the visible mount on a path, which may be such a trap, or None."""
    return next((each for each in reversed(list(mounts)) if each.path == path), None)


def has_trap(mounts: Iterable[Mount], path: str) -> bool:
    """Tell whether systemd mounts this path when somebody touches it."""
    return any(each.path == path and each.fstype == "autofs" for each in mounts)


def below(mounts: Iterable[Mount], path: str) -> list[str]:
    """Return the paths of mounts inside of this one."""
    return [each.path for each in mounts if each.path.startswith(f"{path}/")]


def unescape(word: str) -> str:
    """Return a word in which blanks and the like stood as octal numbers."""
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), word)
