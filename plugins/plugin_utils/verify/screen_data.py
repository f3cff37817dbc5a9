# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of verify's screen that shows shared data."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model_data import (
    ClusterFsFinding,
    CopyFinding,
    ExportFinding,
    NodeFinding,
    PairFinding,
    SharedDataFinding,
    SourceFinding,
    StoreFinding,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.rows import NOTHING, Block, Row, tone_of

TITLE = "Shared data"
WARNING = "Without fencing a node that hangs and comes back can destroy the data (lvs_cluster_fs.without_fencing)."


def blocks(found: SharedDataFinding) -> Iterator[Block]:
    """Yield a block for each way in which data is shared."""
    if found.pair:
        yield _pair(found.pair)
    if found.exports:
        yield Block(f"{TITLE}: NFS exports", (), tuple(map(_export, found.exports)))
    if found.sources or found.copies:
        yield _copies(found.sources, found.copies)
    if found.cluster_fs:
        yield _cluster_fs(found.cluster_fs)


def _pair(pair: PairFinding) -> Block:
    columns = ("host", "state", "address", "DRBD role", "disk", "connection", "disk of the peer")
    states = [each for each in (pair.serving, pair.replication) if each]
    unknown = all(store.is_sound is None for store in pair.stores)
    last = tuple(Row("open" if unknown else tone_of(each), (each.state,)) for each in states)
    title = f"{TITLE}: storage pair, {names(pair.addresses)}"
    return Block(title, columns, tuple(map(_store, pair.stores)), last)


def _store(store: StoreFinding) -> Row:
    seen = (store.role, store.disk, store.connection, store.peer_disk)
    cells = (store.host, store.state, names(store.addresses) or NOTHING, *(each or NOTHING for each in seen))
    tone = tone_of(store)
    if store.is_sound is not True and tone == "well":
        tone = "wrong" if store.is_sound is False else "open"
    return Row(tone, cells)


def _export(export: ExportFinding) -> Row:
    return Row(tone_of(export), (export.host, export.path, export.state))


def _copies(sources: tuple[SourceFinding, ...], copies: tuple[CopyFinding, ...]) -> Block:
    """Each source comes before its copies."""
    columns = ("data", "host", "age", "at most", "generation")
    rows = []
    for data in dict.fromkeys([*(each.data for each in sources), *(each.data for each in copies)]):
        rows += [_source(each) for each in sources if each.data == data]
        rows += [_copy(each) for each in copies if each.data == data]
    return Block(f"{TITLE}: copies by rsync", columns, tuple(rows), numbers=(2, 3))


def _source(source: SourceFinding) -> Row:
    generation = source.generation or "unknown"
    state = f"being changed to {generation}" if source.is_changing else generation
    return Row(tone_of(source), (source.data, source.host, "source", NOTHING, state))


def _copy(copy: CopyFinding) -> Row:
    age = NOTHING if copy.age is None else f"{copy.age} s"
    tone = "open" if copy.is_behind and not copy.problems else tone_of(copy)
    return Row(tone, (copy.data, copy.host, age, f"{copy.max_age} s", copy.generation))


def _cluster_fs(cluster: ClusterFsFinding) -> Block:
    fencing = f"fencing by {cluster.fence_agent}" if cluster.fence_agent else "WITHOUT FENCING"
    failed = [Row("wrong", (problem.what,)) for problem in cluster.problems]
    return Block(
        f"{TITLE}: cluster file systems {names(cluster.filesystems)}, {fencing}",
        ("node", "state", "quorum", "mounted"),
        tuple(map(_node, cluster.nodes)),
        (*failed, *([] if cluster.fence_agent else [Row("open", (WARNING,))])),
    )


def _node(node: NodeFinding) -> Row:
    mounted = [*node.mounted, *(f"NOT {path}" for path in node.missing)]
    tone = "wrong" if node.missing or node.problems else "well" if node.is_asked else "open"
    return Row(tone, (node.host, node.state, node.quorum, names(mounted) or NOTHING))
