# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who needs rpcbind and its like, and which of our roles wants them away: pure, no I/O.

NFSv4 needs neither, but the packages of NFS bring and start them. They are masked, since that alone keeps nfs-server
and mount from starting them again (nfs.systemd(7)).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

UNITS = ("rpcbind.socket", "rpcbind.service", "rpc-statd.service")
"""In an order in which they can be stopped: the socket would start the service again."""

PORTMAPPER, NFS, MOUNTD, LOCKD, STATD, NFS_ACL = 100000, 100003, 100005, 100021, 100024, 100227
PROGRAMS = {
    "nfs_server": frozenset({PORTMAPPER, NFS, MOUNTD, LOCKD, STATD, NFS_ACL}),
    "nfs_client": frozenset({PORTMAPPER, LOCKD, STATD}),
}
"""Role -> the RPC programs (/etc/rpc) that are there because of what it replaces. Others mean that rpcbind is used."""

_PROGRAM = re.compile(r"^\s*(\d+)\s+\d+\s+\S+\s+\d+\s*(\S*)", re.MULTILINE)


def foreign_programs(rpcinfo: str, role: str) -> list[str]:
    """Return the names of the programs, in the output of `rpcinfo -p`, that need rpcbind whatever this role does."""
    found = {int(number): name or number for number, name in _PROGRAM.findall(rpcinfo)}
    return sorted({name for number, name in found.items() if number not in PROGRAMS[role]})


def needs_statd(mount_type: str, options: Collection[str]) -> bool:
    """Tell whether a mount is one of NFSv2 or 3, whose locks need statd, and statd needs rpcbind."""
    words = {option.replace("nfsvers=", "vers=") for option in options}
    return mount_type == "nfs" and any(word == "vers=3" or word.startswith(("vers=3.", "vers=2")) for word in words)


def claims_after(state: Mapping[str, Any], role: str, wanted: str) -> list[str]:
    """Return which roles want the units masked after a run with this state for one of them."""
    claims = [name for name in state.get("roles", ()) if name != role]
    if wanted == "needed":
        return []
    return sorted([*claims, role]) if wanted == "masked" else claims
