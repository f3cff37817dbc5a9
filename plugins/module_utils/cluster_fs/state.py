# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running cluster as one host sees it, asked by the tools of corosync and dlm."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils import boot_unit
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import corosync, dlm, mounts
from ansible_collections.lvs.cluster.plugins.module_utils.commands import Run
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text


@dataclass(frozen=True)
class State:
    """What was found; `nodes` and `quorum` are empty without corosync, `daemon` is None without dlm_controld."""

    nodes: tuple[corosync.Node, ...]
    quorum: corosync.Quorum | None
    daemon: dlm.Status | None
    lockspaces: tuple[dlm.Lockspace, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "running": self.quorum is not None and self.daemon is not None,
            "quorate": bool(self.quorum and self.quorum.quorate),
            "own_id": self.quorum.own_id if self.quorum else None,
            "votes": asdict(self.quorum) if self.quorum else None,
            "nodes": [asdict(node) for node in self.nodes],
            "fencing": list(self.daemon.fencing) if self.daemon else [],
            "members": [asdict(member) for member in self.daemon.members] if self.daemon else [],
            "lockspaces": [asdict(lockspace) for lockspace in self.lockspaces],
        }


def look(run: Run) -> State:
    """Ask; nothing of it waits for the cluster."""
    quorum = corosync.quorum(run(["corosync-quorumtool", "-s"])[1])
    nodes = corosync.nodes(run(["corosync-cmapctl"])[1]) if quorum else []
    code, text, _error = run(["dlm_tool", "status"])
    spaces = dlm.lockspaces(run(["dlm_tool", "ls"])[1]) if code == 0 else []
    return State(tuple(nodes), quorum, dlm.status(text) if code == 0 else None, tuple(spaces))


def own_mount_points() -> list[str]:
    """Return where the mount units of ours mount."""
    found = (mounts.where(read_text(path) or "") for path in sorted(boot_unit.UNITS.glob("*.mount")))
    return [path for path in found if path]
