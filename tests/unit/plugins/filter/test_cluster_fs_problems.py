# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.filter.cluster_fs_problems import FilterModule

NODES = [
    {"name": "web1", "id": 1, "address": "192.0.2.21"},
    {"name": "web2", "id": 2, "address": "2001:db8::22"},
]
FILESYSTEM = {"name": "www", "path": "/srv/www", "type": "gfs2", "device": "/dev/a"}
FENCING = {"agent": "fence_x", "options": {"ip": "192.0.2.254"}, "hosts": {"web1": {"port": 1}, "web2": {"port": 2}}}


def problems(**more: Any) -> list[str]:
    declared = {
        "name": "lvs",
        "nodes": NODES,
        "own": "web1",
        "filesystems": [FILESYSTEM],
        "fencing": FENCING,
        "without_fencing": False,
    }
    result: list[str] = FilterModule().filters()["cluster_fs_problems"]({**declared, **more})
    return result


def test_all_is_well() -> None:
    assert problems() == []
    assert problems(fencing={}, without_fencing=True) == []


def test_fencing_is_required() -> None:
    (problem,) = problems(fencing={})
    assert problem.startswith("cluster_fs_fencing is missing: without fencing a node that hangs")
    assert "cluster_fs_without_fencing: true" in problem


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"own": "web9"}, "web9 is none of cluster_fs_nodes (web1, web2)"),
        ({"nodes": [{**NODES[0], "id": 2}, NODES[1]]}, "cluster_fs_nodes: two nodes have id 2"),
        ({"nodes": [{**NODES[0], "id": 0}, NODES[1]]}, "cluster_fs_nodes: node web1 has id 0; ids begin with 1"),
        (
            {"nodes": [NODES[0], {**NODES[1], "address": "192.0.2.21"}]},
            "cluster_fs_nodes: two nodes have address 192.0.2.21",
        ),
        (
            {"nodes": [NODES[0], {**NODES[1], "address": "web2"}]},
            "cluster_fs_nodes: node web2 has address 'web2', which is no IP address",
        ),
        (
            {"name": "my_cluster", "filesystems": [{**FILESYSTEM, "type": "ocfs2"}]},
            "cluster_fs_name: ocfs2 does not take 'my_cluster'; write letters and digits, at most 16",
        ),
        (
            {"filesystems": [FILESYSTEM, {**FILESYSTEM, "path": "/b", "device": "/dev/b"}]},
            "cluster_fs_filesystems: two have name www",
        ),
        (
            {"filesystems": [{**FILESYSTEM, "name": "a:b"}]},
            "cluster_fs_filesystems: 'a:b' is no name; write 1 to 30 letters, digits, '_', '-' and '.'",
        ),
        (
            {"filesystems": [{**FILESYSTEM, "path": "srv"}]},
            "cluster_fs_filesystems: path 'srv' of www is no absolute path without spaces",
        ),
        (
            {"fencing": {**FENCING, "hosts": {"web1": {"port": 1}}}},
            "cluster_fs_fencing.hosts does not say how web2 can be fenced; give each node its options",
        ),
        (
            {"fencing": {**FENCING, "options": {"passwd": "a b"}}},
            "cluster_fs_fencing.options.passwd: dlm.conf cannot carry spaces and quotes",
        ),
        (
            {"without_fencing": True},
            "cluster_fs_without_fencing is true although there is cluster_fs_fencing: keep one of them",
        ),
    ],
)
def test_a_mistake_is_one_sentence(more: dict[str, Any], problem: str) -> None:
    assert problems(**more) == [problem]


def test_too_many_nodes() -> None:
    nodes = [{"name": f"n{i}", "id": i, "address": f"192.0.2.{i}"} for i in range(1, 34)]
    assert "33 nodes are more than the 32" in problems(nodes=nodes, own="n1", fencing={}, without_fencing=True)[0]
