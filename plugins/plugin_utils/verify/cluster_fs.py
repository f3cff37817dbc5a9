# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cluster file systems: which nodes are members, whether they may go on, what they have mounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model_data import ClusterFsFinding, NodeFinding
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import Cluster, Dict, Host
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observed_data import Nodes
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.rows import NOTHING


def look_at_cluster_fs(cluster: Cluster) -> ClusterFsFinding | None:
    """Return how the cluster below cluster file systems is, if there is one."""
    nodes = next((host.data.nodes for host in cluster.hosts.values() if host.data.nodes), None)
    if nodes is None:
        return None
    seen = {
        name: cluster.hosts[name].data.seen["cluster_fs"]
        for name in nodes.ids
        if name in cluster.hosts and "running" in cluster.hosts[name].data.seen.get("cluster_fs", {})
    }
    return ClusterFsFinding(
        filesystems=tuple(nodes.filesystems),
        fence_agent=None if nodes.without_fencing else nodes.fence_agent,
        nodes=tuple(_look_at_node(name, cluster.hosts.get(name), nodes, seen) for name in nodes.ids),
        problems=tuple(_problems_of_fencing(nodes, seen)),
    )


def _problems_of_fencing(nodes: Nodes, seen: Mapping[str, Dict]) -> Iterator[Problem]:
    """Until a node that has failed is fenced, all others wait."""
    of_ids = {number: name for name, number in nodes.ids.items()}
    waiting = {number: host for host, found in seen.items() for number in found["fencing"]}
    for number, host in waiting.items():
        name = of_ids.get(number, f"node {number}")
        yield Problem(
            f"{name} has failed and is not fenced yet, so the cluster file systems stand still on all nodes",
            f"see by 'journalctl -u dlm' on {host} why it cannot be switched off; once you have done that yourself, run"
            f" 'dlm_tool fence_ack {number}' there",
        )


def _look_at_node(name: str, host: Host | None, nodes: Nodes, seen: Mapping[str, Dict]) -> NodeFinding:
    missed_by = [other for other, found in seen.items() if other != name and _misses(found, nodes.ids[name])]
    result = host.data.looked_at("cluster_fs") if host else None
    if result is None:
        state, problems = ("NOT A MEMBER", [_not_a_member(name, missed_by)]) if missed_by else ("not asked", [])
        return NodeFinding(name, state, NOTHING, (), (), is_asked=False, problems=tuple(problems))
    found = seen.get(name)
    if found is None:
        problem = Problem(
            f"{name}: the state of its cluster could not be read: {result['msg']}", "put that right on the host"
        )
        return NodeFinding(name, "not read", NOTHING, (), (), problems=(problem,))
    mounted = tuple(path for path in nodes.filesystems.values() if path in found["mounted"])
    missing = tuple(path for path in nodes.filesystems.values() if path not in mounted)
    if not found["running"]:
        what = f"{name}: corosync or the lock manager does not run, so it has no cluster file system"
        problem = Problem(what, f"see 'systemctl status corosync dlm' on {name}; lvs.cluster.site starts them")
        return NodeFinding(name, "NOT RUNNING", NOTHING, mounted, missing, problems=(problem,))
    problems = [_not_a_member(name, missed_by)] if missed_by and found["quorate"] else []
    problems += _problems_of_node(name, found)
    state = "NOT A MEMBER" if missed_by else "member"
    quorum = "quorate" if found["quorate"] else "NO QUORUM"
    return NodeFinding(name, state, quorum, mounted, missing, problems=tuple(problems))


def _misses(found: Dict, number: int) -> bool:
    """Tell whether a node with a quorum does not see another one. Without a quorum it is itself who is away."""
    return bool(found["quorate"]) and number not in [node["id"] for node in found["nodes"] if node["joined"]]


def _not_a_member(name: str, missed_by: list[str]) -> Problem:
    return Problem(
        f"{name}: it is no member of the cluster of {names(missed_by)}",
        f"see 'systemctl status corosync' on {name}, and that UDP port 5405 passes between the nodes",
    )


def _problems_of_node(name: str, found: Dict) -> Iterator[Problem]:
    if not found["quorate"]:
        votes = found["votes"]
        yield Problem(
            f"{name}: it sees {votes['votes']} of the {votes['needed']} nodes that a quorum needs, so its cluster file"
            " systems stand still",
            "start the nodes that are missing; after a start of all, all of them have to be there once",
        )
        return
    if found["fencing"]:
        return  # for which all lockspaces wait
    for lockspace in found["lockspaces"]:
        if lockspace["waits_for"]:
            what = f"{name}: locks of {lockspace['name']} wait for {lockspace['waits_for']}"
            yield Problem(what, f"it takes seconds; if it stays so, see 'dlm_tool ls' on {name}")
