# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three nodes with a cluster file system, as its tests see them: members, writers, fencing."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from typing import Any, Self

from lab import PROJECT, Lab, wait_until
from testinfra.host import Host

NODES = ("web1", "web2", "web3")
DATA = "/srv/www"
WRITER = "/usr/local/lib/writer.py"
FENCING = {"segment": "lan", "address": "192.0.2.254/24"}
PROGRAM = PROJECT / "roles" / "lab" / "files" / "fence-server"
ROLE = str(PROJECT / "molecule" / "cluster_fs" / "role.yml")
# How long a node that writes may have written nothing, in seconds: it waits for its turn.
SILENCE = 5
# The boot of a machine, and then the time until its file system is mounted.
BACK = 120


def info(lab: Lab, node: str) -> dict[str, Any]:
    return lab.module(node, "lvs.cluster.cluster_fs_info")


def is_mounted(host: Host) -> bool:
    # Not by a look at the folder, which would hang while the file system stands still.
    return f" {DATA} " in host.check_output("cat /proc/self/mountinfo")


def lockspace_members(host: Host) -> list[str]:
    """The numbers of the nodes that have the file system mounted, empty while that changes."""
    shown = host.run("timeout 5 dlm_tool ls").stdout
    if "new change" in shown:
        return []
    return next((line.split()[1:] for line in shown.splitlines() if line.startswith("members")), [])


def is_whole(lab: Lab, nodes: Iterable[str] = NODES) -> bool:
    """Tell whether all these nodes, and no others, have it mounted."""
    wanted = [name[-1] for name in nodes]
    return all(lockspace_members(lab.host(name)) == wanted for name in nodes)


def wait_until_whole(lab: Lab, nodes: Iterable[str] = NODES, seconds: float = BACK) -> float:
    return wait_until(lambda: is_whole(lab, nodes), seconds, f"{DATA} mounted on {', '.join(nodes)}")


def fencing(lab: Lab, state: str) -> None:
    """Start or end the lab's fence server."""
    options = {**FENCING, "program": str(PROGRAM)} if state == "started" else {}
    lab.module("web1", "lvs.cluster.lab_fencing", "--connection=local", lab=lab.name, state=state, **options)


def fenced(lab: Lab) -> list[str]:
    """Requests that the lab's fence server has carried out since it was started."""
    log = lab.ssh_config.with_name("fencing.log").read_text()
    return [line for line in log.splitlines() if "reboot" in line and line.endswith(": ok")]


class Writers:
    """A program on each of some nodes that appends records to one file, so that each record needs a lock of the cluster.

    A record counts once it is safe on the disk and has been told to this host; `times` has when that was, by node, in
    seconds of the node's clock.
    """

    def __init__(self, lab: Lab, file: str, nodes: Iterable[str], interval: float = 0.05) -> None:
        self.times: dict[str, list[float]] = {}
        self.ended = 0.0
        self.file = file
        self._lab = lab
        self._nodes = tuple(nodes)
        self._interval = interval
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        # On OCFS2 one of two nodes that make the same file at the same time may be told that it exists.
        self._lab.host(self._nodes[0]).check_output(f"touch {self.file}")
        for node in self._nodes:
            command = f"exec python3 {WRITER} {self.file} {node} {self._interval}"
            ssh = [
                "ssh",
                "-F",
                str(self._lab.ssh_config),
                "-o",
                "ControlPath=none",
                "-o",
                "ServerAliveInterval=5",
                node,
                command,
            ]
            self._processes[node] = subprocess.Popen(ssh, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = time.time()
        for process in self._processes.values():
            process.terminate()
        for node, process in self._processes.items():
            lines = process.communicate()[0].splitlines()
            # The last line may have been cut off.
            records = [line.split() for line in lines if line.count(" ") == 1 and line.endswith(tuple("0123456789"))]
            self.times[node] = [float(at) for _number, at in records]

    def lost(self, node: str, reader: Host) -> set[str]:
        """Records of a node that were safe, and that another one does not find."""
        safe = {f"{node} {number}" for number in range(1, len(self.times[node]) + 1)}
        return safe - set(reader.check_output(f"cat {self.file}").splitlines())

    def pause(self, *nodes: str) -> float:
        """The longest time between two records on any of these nodes, all of which have written until the end."""
        for node in nodes:
            silence = self.ended - max(self.times[node], default=0)
            assert silence < SILENCE, f"{node} wrote its last record {silence:.1f} s before the end"
        return max(later - sooner for node in nodes for sooner, later in zip(self.times[node], self.times[node][1:]))
