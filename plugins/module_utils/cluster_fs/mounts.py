# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd units that mount cluster file systems of ours: pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import literal
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount

MARK = "# Managed by lvs.cluster."
SERVICE = "lvs-cluster-fs@.service"

_FLAGS = frozenset(("ro", "noatime", "nodiratime", "nosuid", "nodev", "noexec", "sync", "dirsync"))
"""Options that the kernel shows exactly when they are set."""


def mount_unit(path: str, device: str, fstype: str, options: Sequence[str]) -> str:
    """Return the text of the unit that mounts a file system.

    It is not started at boot but by its service, which waits for a quorum first: without one, mounting would hang in
    the kernel where nothing can stop it. Stopping the lock manager stops the mount before.
    """
    return f"""{MARK}
[Unit]
Description=Cluster file system at {literal(path)}
Requires=dlm.service
After=dlm.service

[Mount]
What={literal(device)}
Where={literal(path)}
Type={fstype}
Options={literal(",".join(["_netdev", *options]))}
TimeoutSec=300
"""


def service_unit() -> str:
    """Return the text of the service that mounts one file system as soon as it can be, and tries again until then.

    The boot does not wait for it, since the other nodes may take long. In the unit's own words, because `systemctl
    start` inside a start job would be part of the boot.
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


def where(unit: str) -> str | None:
    """Return the mount point in the text of a unit of ours, or None for the unit of somebody else."""
    if not unit.startswith(MARK):
        return None
    found = re.search(r"^Where=(.*)$", unit, re.MULTILINE)
    return found.group(1).replace("%%", "%") if found else None


def flags_differ(mount: Mount, options: Sequence[str]) -> bool:
    """Tell whether a mount has other flags than the wanted ones; options of the file system itself are not compared."""
    return (mount.flags | mount.options) & _FLAGS != frozenset(options) & _FLAGS
