# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared-data tier: the storage pair, copies by rsync, cluster file systems, NFS exports."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.cluster_fs import look_at_cluster_fs
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.copies import look_at_copies, look_at_sources
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.exports import look_at_exports
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model_data import SharedDataFinding
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.storage_pair import look_at_pair


def look_at_shared_data(cluster: Cluster) -> SharedDataFinding:
    """Return how the shared data of a cluster is."""
    return SharedDataFinding(
        pair=look_at_pair(cluster),
        sources=look_at_sources(cluster),
        copies=look_at_copies(cluster),
        cluster_fs=look_at_cluster_fs(cluster),
        exports=look_at_exports(cluster),
    )
