# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that finds mistakes in the variables of role cluster_fs before anything is changed."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

DOCUMENTATION = r"""
name: cluster_fs_problems
version_added: 0.1.0
short_description: Mistakes in the variables of role cluster_fs
description:
  - Checks nodes, file systems and fencing of role P(lvs.cluster.cluster_fs#role) by themselves and together.
author: lvs.cluster contributors (@lvs-cluster)
options:
  _input:
    description: >-
      The variables of the role: C(name), C(nodes), C(own), C(filesystems), C(fencing) and C(without_fencing).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ declared | lvs.cluster.cluster_fs_problems }}"
  vars:
    declared: {name: lvs, nodes: [], own: web1, filesystems: [], fencing: {}, without_fencing: false}
"""

RETURN = r"""
_value:
  description: One sentence per mistake; empty if all is well.
  type: list
  elements: str
"""

_CLUSTER = {"gfs2": re.compile(r"[A-Za-z0-9_.-]{1,32}"), "ocfs2": re.compile(r"[A-Za-z0-9]{1,16}")}
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,30}")
_WORD = re.compile(r"[^\s\"'=]\S*|")
_MOST_NODES = 32

_WITHOUT = (
    "cluster_fs_fencing is missing: without fencing a node that hangs, or that the others only cannot see, goes on"
    " writing with locks that have been given to others, and that destroys the file system. Say how a node is powered"
    " off (agent, options, and hosts with the options of each node), or set cluster_fs_without_fencing: true if you"
    " accept that"
)


def cluster_fs_problems(declared: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each mistake."""
    return [
        *_nodes(declared["nodes"], declared["own"]),
        *_filesystems(declared["name"], declared["filesystems"]),
        *_fencing(declared["fencing"], declared["nodes"], bool(declared["without_fencing"])),
    ]


def _nodes(nodes: list[Mapping[str, Any]], own: str) -> Iterator[str]:
    names = [node["name"] for node in nodes]
    if own not in names:
        yield f"{own} is none of cluster_fs_nodes ({', '.join(names) or 'which is empty'})"
    if len(nodes) > _MOST_NODES:
        yield f"cluster_fs_nodes: {len(nodes)} nodes are more than the {_MOST_NODES} that corosync is made for"
    yield from _twice("cluster_fs_nodes: two nodes are called", names)
    yield from _twice("cluster_fs_nodes: two nodes have id", (node["id"] for node in nodes))
    yield from _twice("cluster_fs_nodes: two nodes have address", (node["address"] for node in nodes))
    for node in nodes:
        if int(node["id"]) < 1:
            yield f"cluster_fs_nodes: node {node['name']} has id {node['id']}; ids begin with 1"
        try:
            ipaddress.ip_address(node["address"])
        except ValueError:
            yield f"cluster_fs_nodes: node {node['name']} has address '{node['address']}', which is no IP address"


def _filesystems(cluster: str, filesystems: list[Mapping[str, Any]]) -> Iterator[str]:
    for key in ("name", "path", "device"):
        yield from _twice(f"cluster_fs_filesystems: two have {key}", (each[key] for each in filesystems))
    for each in filesystems:
        if not _CLUSTER[each["type"]].fullmatch(cluster):
            yield f"cluster_fs_name: {each['type']} does not take '{cluster}'; write letters and digits, at most 16"
        if not _NAME.fullmatch(each["name"]):
            what = f"'{each['name']}' is no name; write 1 to 30 letters, digits, '_', '-' and '.'"
            yield f"cluster_fs_filesystems: {what}"
        for key in ("path", "device"):
            if not each[key].startswith("/") or re.search(r"\s", each[key]):
                what = f"{key} '{each[key]}' of {each['name']} is no absolute path without spaces"
                yield f"cluster_fs_filesystems: {what}"


def _fencing(fencing: Mapping[str, Any], nodes: list[Mapping[str, Any]], waived: bool) -> Iterator[str]:
    if not fencing:
        if not waived:
            yield _WITHOUT
        return
    if waived:
        yield "cluster_fs_without_fencing is true although there is cluster_fs_fencing: keep one of them"
    hosts = fencing.get("hosts") or {}
    missing = [node["name"] for node in nodes if node["name"] not in hosts]
    if missing:
        names = ", ".join(missing)
        yield f"cluster_fs_fencing.hosts does not say how {names} can be fenced; give each node its options"
    options = [("options", fencing.get("options") or {}), *((f"hosts.{name}", each) for name, each in hosts.items())]
    for where, pairs in options:
        for key, value in pairs.items():
            if not _WORD.fullmatch(str(value)) or re.search(r"\s", str(key)):
                yield f"cluster_fs_fencing.{where}.{key}: dlm.conf cannot carry spaces and quotes"


def _twice(what: str, values: Iterable[Any]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{what} {value}"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"cluster_fs_problems": cluster_fs_problems}
