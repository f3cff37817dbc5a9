# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify found of the shared-data tier, as frozen value objects."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import Finding


@dataclass(frozen=True)
class StoreFinding(Finding):
    """A host of a storage pair; `state` is in words, the rest in DRBD's own ones, None where DRBD was not seen.

    `is_sound` is None if nobody asked. It is False, too, where a problem of the pair shows on this host.
    """

    host: str
    state: str
    addresses: tuple[str, ...]
    role: str | None = None
    disk: str | None = None
    connection: str | None = None
    peer_disk: str | None = None
    is_sound: bool | None = None


@dataclass(frozen=True)
class StateFinding(Finding):
    """How something is, in words."""

    state: str


@dataclass(frozen=True)
class PairFinding:
    """A storage pair with its floating `addresses`: who serves, and whether the two hosts have the same data.

    `replication` is None if that cannot be told.
    """

    addresses: tuple[str, ...]
    path: str
    serving: StateFinding
    replication: StateFinding | None
    stores: tuple[StoreFinding, ...]


@dataclass(frozen=True)
class SourceFinding(Finding):
    """A folder that a storage host gives away by rsync; `generation` is None where it could not be read."""

    host: str
    data: str
    generation: str | None
    is_changing: bool = False


@dataclass(frozen=True)
class CopyFinding(Finding):
    """A copy of a real server; ages in seconds, `age` None if there is none. `generation` says in words which it is.

    `is_behind`: the source has another generation, which may well be on its way.
    """

    host: str
    data: str
    age: int | None
    max_age: int
    generation: str
    is_behind: bool = False


@dataclass(frozen=True)
class NodeFinding(Finding):
    """A node below cluster file systems; `state` and `quorum` are in words.

    `missing` are the declared folders that are not mounted; as problems they stand with the real server's mounts.
    """

    host: str
    state: str
    quorum: str
    mounted: tuple[str, ...]
    missing: tuple[str, ...]
    is_asked: bool = True


@dataclass(frozen=True)
class ClusterFsFinding(Finding):
    """The cluster below cluster file systems; `fence_agent` is None where fencing was waived."""

    filesystems: tuple[str, ...]
    fence_agent: str | None
    nodes: tuple[NodeFinding, ...]


@dataclass(frozen=True)
class ExportFinding(Finding):
    """A folder that a storage host exports by NFS; `state` says in words to whom, or what differs."""

    host: str
    path: str
    state: str


@dataclass(frozen=True)
class SharedDataFinding:
    """The shared-data tier of a cluster; what the cluster does not have is None or empty."""

    pair: PairFinding | None
    sources: tuple[SourceFinding, ...]
    copies: tuple[CopyFinding, ...]
    cluster_fs: ClusterFsFinding | None
    exports: tuple[ExportFinding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that may have problems."""
        pair: tuple[Finding, ...] = ()
        if self.pair:
            pair = (self.pair.serving, *([self.pair.replication] if self.pair.replication else []), *self.pair.stores)
        nodes = (self.cluster_fs, *self.cluster_fs.nodes) if self.cluster_fs else ()
        return (*pair, *self.exports, *self.sources, *self.copies, *nodes)
