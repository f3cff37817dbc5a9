# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host was declared to do with shared data, and what was seen of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Dict = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """A declared storage pair and the names of its two hosts."""

    name: str
    path: str
    addresses: tuple[str, ...]
    nodes: tuple[str, ...]
    replication_port: int


@dataclass(frozen=True)
class Source:
    """A folder that a storage host gives away by rsync."""

    name: str
    path: str


@dataclass(frozen=True)
class Copy:
    """A declared copy of a folder of the host `server`; `max_age` in seconds."""

    name: str
    path: str
    server: str
    direction: str
    max_age: int


@dataclass(frozen=True)
class Export:
    """A declared NFS export; `access` is that of each client, by its address."""

    path: str
    access: Mapping[str, str]
    wanted: Dict
    """What all clients have in common, as nfs_export_info names it."""


@dataclass(frozen=True)
class Nodes:
    """The declared cluster below cluster file systems; `ids` are the nodes' numbers by their names."""

    ids: Mapping[str, int]
    filesystems: Mapping[str, str]
    """Name -> path."""
    fence_agent: str | None
    without_fencing: bool


@dataclass(frozen=True)
class HostData:
    """The shared data of one host."""

    pair: Pair | None = None
    sources: tuple[Source, ...] = ()
    copies: tuple[Copy, ...] = ()
    nodes: Nodes | None = None
    exports: tuple[Export, ...] = ()
    seen: Mapping[str, Dict] = field(default_factory=dict)
    """`pair`, `copies`, `cluster_fs`, `exports`: the result of an info module, or why there is none (`msg`)."""

    def looked_at(self, what: str) -> Dict | None:
        """Return what was seen of a part, None if nobody looked."""
        return self.seen.get(what)


def read_data(plan: Dict, seen: Mapping[str, Dict]) -> HostData:
    """Read the parts of a host's plan that concern shared data, and what was seen of them."""
    pair, nodes = plan.get("storage_pair"), plan.get("cluster_fs")
    source, copies = plan.get("rsync_server") or {}, plan.get("rsync_client") or {}
    return HostData(
        pair=_read_pair(pair) if pair else None,
        sources=tuple(
            Source(each["name"], each["path"]) for each in (*source.get("modules", ()), *source.get("pushes", ()))
        ),
        copies=tuple(
            Copy(each["name"], each["path"], each["server"], each["direction"], each["max_age"])
            for each in copies.get("copies", ())
        ),
        nodes=_read_nodes(nodes) if nodes else None,
        exports=tuple(map(_read_export, (plan.get("nfs_server") or {}).get("exports", ()))),
        # A task that was skipped says so and nothing else.
        seen={what: result for what, result in seen.items() if result and not result.get("skipped")},
    )


def _read_pair(pair: Dict) -> Pair:
    return Pair(
        name=pair["name"],
        path=pair["path"],
        addresses=tuple(pair["addresses"]),
        nodes=tuple(node["name"] for node in pair["nodes"]),
        replication_port=pair["replication_port"],
    )


def _read_nodes(cluster: Dict) -> Nodes:
    return Nodes(
        ids={node["name"]: node["id"] for node in cluster["nodes"]},
        filesystems={each["name"]: each["path"] for each in cluster["filesystems"]},
        fence_agent=cluster["fence_agent"],
        without_fencing=cluster["without_fencing"],
    )


def _read_export(export: Dict) -> Export:
    # What the declaration leaves to the NFS server is free.
    wanted = {name: export[name] for name in ("squash", "anonuid", "anongid", "fsid") if export[name] is not None}
    return Export(
        path=export["path"],
        access={client["address"]: client["access"] for client in export["clients"]},
        wanted={**wanted, "security": list(export["security"])},
    )
