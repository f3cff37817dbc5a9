# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""corosync: its configuration, and what its tools say of the running cluster. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

CONFIGURATION = "/etc/corosync/corosync.conf"
KEY = "/etc/corosync/authkey"
SERVICE = "corosync.service"

Section = dict[str, object]
"""Keys with their values; a section within it is a list of sections, one for each time that it stands there."""

_STATUS = re.compile(r"^runtime\.members\.(\d+)\.status \(str\) = joined$", re.MULTILINE)
_NODE = re.compile(r"^nodelist\.node\.(\d+)\.(\w+) \(\w+\) = (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Node:
    """A node of the cluster, and whether it is there."""

    id: int
    name: str
    address: str
    joined: bool


@dataclass(frozen=True)
class Quorum:
    """The votes that are there, that are needed, and that all nodes together have."""

    own_id: int
    quorate: bool
    votes: int
    needed: int
    expected: int


def parse(text: str) -> Section:
    """Read corosync.conf; every brace is on a line of its own, together with the section's name."""
    top: Section = {}
    stack = [top]
    for line in text.splitlines():
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        if words == "}":
            if len(stack) > 1:
                stack.pop()
        elif words.endswith("{"):
            inner: Section = {}
            sections = stack[-1].setdefault(words[:-1].strip(), [])
            if isinstance(sections, list):
                sections.append(inner)
            stack.append(inner)
        else:
            key, _colon, value = words.partition(":")
            stack[-1][key.strip()] = value.strip()
    return top


def needs_restart(before: str, after: str, own_id: int | None) -> str:
    """Return why the running corosync cannot take a configuration over by a reload; empty when it can."""
    old, new = _totem(parse(before)), _totem(parse(after))
    for key in ("cluster_name", "transport", "version", "ip_version"):
        if old.get(key) != new.get(key):
            return f"totem.{key} is read only at the start"
    addresses = [_addresses(parse(text)).get(str(own_id)) for text in (before, after)]
    if addresses[0] != addresses[1]:
        return "the host's own address is read only at the start"
    return ""


def _totem(configuration: Section) -> Mapping[str, object]:
    found = configuration.get("totem")
    return found[0] if isinstance(found, list) and found else {}


def _nodes(configuration: Section) -> list[Section]:
    found = configuration.get("nodelist")
    nodes = found[0].get("node") if isinstance(found, list) and found else []
    return nodes if isinstance(nodes, list) else []


def _addresses(configuration: Section) -> dict[str, str]:
    return {str(node.get("nodeid")): str(node.get("ring0_addr")) for node in _nodes(configuration)}


def nodes(cmap: str) -> list[Node]:
    """Read the nodes from what `corosync-cmapctl` prints."""
    joined = set(_STATUS.findall(cmap))
    found: dict[str, dict[str, str]] = {}
    for index, key, value in _NODE.findall(cmap):
        found.setdefault(index, {})[key] = value
    return [
        Node(int(node["nodeid"]), node.get("name", ""), node.get("ring0_addr", ""), node["nodeid"] in joined)
        for node in found.values()
        if "nodeid" in node
    ]


def quorum(text: str) -> Quorum | None:
    """Read what `corosync-quorumtool -s` prints; None when corosync does not answer."""
    values = {key.strip(): value.strip() for key, _colon, value in (line.partition(":") for line in text.splitlines())}
    if "Quorate" not in values:
        return None
    return Quorum(
        own_id=_number(values.get("Node ID")),
        quorate=values["Quorate"] == "Yes",
        votes=_number(values.get("Total votes")),
        needed=_number(values.get("Quorum")),
        expected=_number(values.get("Expected votes")),
    )


def _number(text: str | None) -> int:
    digits = re.match(r"\d+", text or "")
    return int(digits.group()) if digits else 0
