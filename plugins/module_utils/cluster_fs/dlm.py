# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock manager: its configuration, and what its tools say of the running cluster. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

CONFIGURATION = "/etc/dlm/dlm.conf"
SERVICE = "dlm.service"

RELOADABLE = frozenset(
    (
        "daemon_debug",
        "log_debug",
        "plock_debug",
        "plock_rate_limit",
        "drop_resources_time",
        "drop_resources_count",
        "drop_resources_age",
        "post_join_delay",
        "enable_quorum_fencing",
        "enable_quorum_lockspace",
        "repeat_failed_fencing",
    )
)
"""dlm.conf(5): what `dlm_tool reload_config` takes over."""

_NODE = re.compile(r"^node (\d+) (\w) add \d+ rem \d+ fail (\d+) fence (\d+) at (\d+) \d+", re.MULTILINE)
_FENCING = re.compile(r"^fence (\d+) ", re.MULTILINE)
_LOCKSPACE = re.compile(r"^name\s+(\S+)\n(.*?)(?=^name\s|\Z)", re.MULTILINE | re.DOTALL)
_MEMBERS = re.compile(r"^members\s+(.*)$", re.MULTILINE)
_WAITS = re.compile(r"^new status\s+wait (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Member:
    """A node as the lock manager sees it; times are seconds of this host's uptime, 0 for never."""

    id: int
    member: bool
    failed_at: int
    fenced_at: int
    fenced_by: int


@dataclass(frozen=True)
class Lockspace:
    """The locks of one mounted file system. `waits_for` is why it stands still, empty when it does not."""

    name: str
    members: tuple[int, ...]
    waits_for: str


@dataclass(frozen=True)
class Status:
    """The state of the daemon. `fencing` are the nodes that have failed and are not fenced yet."""

    members: tuple[Member, ...]
    fencing: tuple[int, ...]


def status(text: str) -> Status:
    """Read what `dlm_tool status` prints."""
    members = tuple(
        Member(int(number), letter == "M", int(failed), int(fenced), int(actor))
        for number, letter, failed, fenced, actor in _NODE.findall(text)
    )
    return Status(members, tuple(map(int, _FENCING.findall(text))))


def lockspaces(text: str) -> list[Lockspace]:
    """Read what `dlm_tool ls` prints."""
    found = []
    for name, body in _LOCKSPACE.findall(text):
        members, waits = _MEMBERS.search(body), _WAITS.search(body)
        numbers = tuple(int(word) for word in members.group(1).split()) if members else ()
        found.append(Lockspace(name, numbers, waits.group(1) if waits else ""))
    return found


def needs_restart(before: str, after: str) -> str:
    """Return why the running daemon cannot take dlm.conf over by a reload; empty when it can.

    It reads how a node is fenced when it sees that node for the first time, and never again (dlm 4.3, add_node_daemon).
    So what is new for a node that the old file does not have needs no restart.
    """
    old, new = _settings(before), _settings(after)
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)} - RELOADABLE
    if changed:
        return f"{', '.join(sorted(changed))}: read only at the start"
    nodes = _connected(before)
    if nodes and _devices(before) != _devices(after):
        return "the fence device has changed"
    for node, line in _connected(after).items():
        if node in nodes and nodes[node] != line:
            return f"how node {node} is fenced has changed"
    return ""


def _settings(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in _lines(text) if not line.startswith(("device ", "connect ", "unfence ")))
    return {key.strip(): value.strip() for key, _equals, value in pairs}


def _devices(text: str) -> list[str]:
    return [line for line in _lines(text) if line.startswith(("device ", "unfence "))]


def _connected(text: str) -> dict[str, str]:
    found = {}
    for line in _lines(text):
        node = re.match(r"connect\s.*\bnode=(\d+)", line)
        if node:
            found[node.group(1)] = line
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
