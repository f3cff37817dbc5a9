# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a node: what is written, whose it is, and what the running daemons have last read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import boot_unit
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import corosync, dlm, merge
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.mounts import MARK
from ansible_collections.lvs.cluster.plugins.module_utils.commands import Run
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text

COROSYNC = Path(corosync.CONFIGURATION)
DLM = Path(dlm.CONFIGURATION)
READ = Path("/run/lvs-cluster")
"""Copies of the two files as their daemons have read them; drop-ins of the units make them at each start."""

MODULES = ("ocfs2", "ocfs2_stack_user")

# When corosync has ended, or the nodes have met again after each was alone and one of them has sent this one away,
# dlm_controld ends too. What is mounted then cannot go on before a boot, and the others wait until this node is fenced;
# without a majority they cannot even do that. So it boots at once, without a sync that would hang.
_ALONE = (
    'ExecStopPost=/bin/sh -c \'test "$$SERVICE_RESULT" = timeout || test "$$(systemctl is-system-running)" = stopping'
    " || ! ls -d /sys/kernel/dlm/*/ >/dev/null 2>&1 || echo b >/proc/sysrq-trigger'\n"
)

# A node can also be sent away before it has mounted anything, as when it joins while others still look for each other.
# dlm_controld then ends cleanly, and with it corosync, which starting it starts as well.
_AGAIN = "Restart=always\nRestartSec=5\n"


def read_copy(file: Path) -> Path:
    """Return where the copy of a configuration is."""
    return READ / file.name


def unit_files(ocfs2: bool) -> Mapping[Path, str]:
    """Return the drop-ins of the two units, and what ends a wait of theirs, by their paths."""
    copy = "ExecStartPre=/usr/bin/install -D -m 0600 {0} {1}\n"
    texts = {
        corosync.SERVICE: copy.format(COROSYNC, read_copy(COROSYNC)),
        dlm.SERVICE: copy.format(DLM, read_copy(DLM)) + _ALONE + _AGAIN,
    }
    if ocfs2:
        # Its tools ask for the modules of its own stack too, and the stack has to be chosen before the first mount.
        texts[dlm.SERVICE] += (
            f"ExecStartPre=/sbin/modprobe --all {' '.join(MODULES)}\n"
            "ExecStartPre=/bin/sh -c 'echo pcmk > /sys/fs/ocfs2/cluster_stack'\n"
        )
    texts[dlm.SERVICE] += f"\n[Unit]\nWants={merge.SERVICE}\n"
    drop_ins = {drop_in(unit): f"{MARK}\n[Service]\n{text}" for unit, text in texts.items()}
    return {**drop_ins, **merge.files()}


def drop_in(unit: str) -> Path:
    """Return the path of our drop-in of a unit."""
    return boot_unit.UNITS / f"{unit}.d" / "lvs-cluster.conf"


def foreign(run: Run) -> str:
    """Return why the cluster of this host seems to be somebody else's; empty when it does not."""
    text = read_text(COROSYNC)
    if text is not None and not text.startswith(MARK) and not _is_packaged(text, run):
        return f"{COROSYNC} was not written by this collection"
    if run(["systemctl", "is-enabled", "--quiet", "pacemaker.service"])[0] == 0:
        return "pacemaker is enabled, and would manage the same corosync"
    return ""


def _is_packaged(text: str, run: Run) -> bool:
    """Tell whether a file is as its package brought it."""
    digest = hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    return f"{COROSYNC} {digest}" in run(["dpkg-query", "--show", "--showformat=${Conffiles}", "corosync"])[1]
