# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mounted file systems, and the systemd units that mount ours. Reading apart, pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MARK = "# Managed by lvs.cluster."
SERVICE = "lvs-cluster-fs@.service"

_FLAGS = frozenset(("ro", "noatime", "nodiratime", "nosuid", "nodev", "noexec", "sync", "dirsync"))
"""Options that the kernel shows exactly when they are set."""

_ESCAPED = re.compile(r"\\([0-7]{3})")
_PLAIN = re.compile(r"[A-Za-z0-9:_.]")


@dataclass(frozen=True)
class Mount:
    """A mounted file system. `device` is its number, such as 253:16; `options` are those of the file system too."""

    path: str
    type: str
    source: str
    device: str
    options: frozenset[str]


def read_mounts(file: Path = Path("/proc/self/mountinfo")) -> list[Mount]:
    """Return all mounts of this host."""
    return parse_mounts(file.read_text(encoding="utf-8", errors="surrogateescape"))


def parse_mounts(text: str) -> list[Mount]:
    """Read lines of mountinfo, as in proc_pid_mountinfo(5)."""
    mounts = []
    for line in text.splitlines():
        before, _dash, after = line.partition(" - ")
        fields, rest = before.split(), after.split()
        options = frozenset(fields[5].split(",") + (rest[2].split(",") if len(rest) > 2 else []))
        mounts.append(Mount(_plain(fields[4]), rest[0], _plain(rest[1]), fields[2], options))
    return mounts


def mounted_at(path: str, mounts: Sequence[Mount]) -> Mount | None:
    """Return what is mounted at a path; the last mount covers those before."""
    return next((mount for mount in reversed(mounts) if mount.path == path), None)


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 8)), text)


def unit_name(path: str) -> str:
    """Return a mount point as it stands in names of units, as `systemd-escape --path` does."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return "-"
    text = "-".join("".join(map(_escape, part)) for part in parts)
    return f"\\x2e{text[1:]}" if text.startswith(".") else text


def _escape(character: str) -> str:
    if _PLAIN.fullmatch(character):
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def mount_unit(path: str, device: str, fstype: str, options: Sequence[str]) -> str:
    """Return the text of the unit that mounts a file system.

    It is not started at boot but by its service, which waits for a quorum first: without one, mounting would hang in
    the
    kernel where nothing can stop it. Stopping the lock manager stops the mount before.
    """
    return f"""{MARK}
[Unit]
Description=Cluster file system at {_specifiers(path)}
Requires=dlm.service
After=dlm.service

[Mount]
What={_specifiers(device)}
Where={_specifiers(path)}
Type={fstype}
Options={_specifiers(",".join(["_netdev", *options]))}
TimeoutSec=300
"""


def service_unit() -> str:
    """Return the text of the service that mounts one file system as soon as it can be, and tries again until then.

    The boot does not wait for it, since the other nodes may take long. In the unit's own words, because `systemctl
    start`
    inside a start job would be part of the boot.
    """
    command = 'until corosync-quorumtool -s >/dev/null 2>&1; do sleep 1; done; exec systemctl start "$$0"'
    return f"""{MARK}
[Unit]
Description=Mount /%I when the cluster has a quorum
Wants=dlm.service
After=dlm.service
StartLimitIntervalSec=0

[Service]
Type=exec
RemainAfterExit=yes
ExecStart=/bin/sh -c '{command}' %i.mount
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
"""


def _specifiers(text: str) -> str:
    """Keep systemd from reading a percent sign as the beginning of a specifier."""
    return text.replace("%", "%%")


def where(unit: str) -> str | None:
    """Return the mount point in the text of a unit of ours, or None for the unit of somebody else."""
    if not unit.startswith(MARK):
        return None
    found = re.search(r"^Where=(.*)$", unit, re.MULTILINE)
    return found.group(1).replace("%%", "%") if found else None


def flags_differ(mount: Mount, options: Sequence[str]) -> bool:
    """Tell whether a mount has other flags than the wanted ones; options of the file system itself are not compared."""
    return mount.options & _FLAGS != frozenset(options) & _FLAGS
