# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of the shared-data tier: what model.py says of its value objects holds here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportClient:
    """Who may mount an export, and whether to write (rw) or only to read (ro)."""

    address: str
    access: str


@dataclass(frozen=True)
class Export:
    """A folder that a storage host exports by NFS to `clients` and to nobody else."""

    name: str
    path: str
    owner: str
    group: str
    mode: str
    clients: tuple[ExportClient, ...]
    squash: str
    anonuid: int | None
    anongid: int | None
    security: tuple[str, ...]
    fsid: str | None
    """What makes up a file's handle beside the file; given where two hosts have to agree on it."""


@dataclass(frozen=True)
class NfsServer:
    """What a storage host exports by NFS."""

    exports: tuple[Export, ...]
    versions: tuple[int, ...]


@dataclass(frozen=True)
class Mount:
    """A folder that a real server mounts from a storage host; `source` is `address:path`."""

    name: str
    path: str
    source: str
    access: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class NfsClient:
    """What a real server mounts by NFS."""

    mounts: tuple[Mount, ...]


@dataclass(frozen=True)
class StorageNode:
    """One of the two hosts of a storage pair."""

    name: str
    address: str
    node_id: int
    priority: int


@dataclass(frozen=True)
class StoragePair:
    """The pair that a storage host belongs to."""

    name: str
    device: str
    path: str
    addresses: tuple[str, ...]
    nodes: tuple[StorageNode, ...]
    virtual_router_id: int
    replication_port: int
    interface: str | None
    witnesses: tuple[str, ...]
    """Hosts beside the pair: who reaches none of them is cut off."""


@dataclass(frozen=True)
class RsyncModule:
    """A folder that readers fetch from a storage host."""

    name: str
    path: str
    owner: str
    group: str
    mode: str
    clients: tuple[str, ...]
    transport: str


@dataclass(frozen=True)
class RsyncTarget:
    """A host that a folder is sent to."""

    host: str
    address: str


@dataclass(frozen=True)
class RsyncPush:
    """A folder that a storage host sends to `targets`; times are seconds."""

    name: str
    path: str
    owner: str
    group: str
    mode: str
    targets: tuple[RsyncTarget, ...]
    exclude: tuple[str, ...]
    delete: bool
    interval: int


@dataclass(frozen=True)
class RsyncServer:
    """What a storage host gives away by rsync."""

    modules: tuple[RsyncModule, ...]
    pushes: tuple[RsyncPush, ...]


@dataclass(frozen=True)
class RsyncCopy:
    """A copy of a folder of the storage host `server`; times are seconds."""

    name: str
    path: str
    server: str
    source_address: str
    direction: str
    transport: str
    interval: int
    max_age: int
    delete: bool
    exclude: tuple[str, ...]
    owner: str
    group: str
    mode: str


@dataclass(frozen=True)
class RsyncClient:
    """The copies that a real server has."""

    copies: tuple[RsyncCopy, ...]


@dataclass(frozen=True)
class ClusterNode:
    """A node of the cluster below cluster file systems."""

    name: str
    id: int
    address: str


@dataclass(frozen=True)
class FileSystem:
    """A cluster file system that all nodes mount; `type` is gfs2 or ocfs2."""

    name: str
    path: str
    type: str
    device: str
    owner: str
    group: str
    mode: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class ClusterFileSystems:
    """The cluster that a real server is a node of. What the fence agent needs is secret, and not in the plan."""

    name: str
    nodes: tuple[ClusterNode, ...]
    filesystems: tuple[FileSystem, ...]
    fence_agent: str | None
    without_fencing: bool


@dataclass(frozen=True)
class GateDatum:
    """Data that a service needs on a real server: a mount, a copy not older than `max_age` seconds, or a folder."""

    name: str
    path: str
    kind: str
    fstype: str | None = None
    source: str | None = None
    max_age: int | None = None


@dataclass(frozen=True)
class GatedService:
    """A service that needs data; `peers` are the addresses of its other real servers."""

    name: str
    when_gone: str
    peers: tuple[str, ...]
    data: tuple[GateDatum, ...]


@dataclass(frozen=True)
class DataGate:
    """Where a real server says whether it has the data of its services."""

    port: int
    services: tuple[GatedService, ...]


@dataclass(frozen=True)
class Readiness:
    """Where the director asks a real server whether it has its data."""

    port: int
    path: str
