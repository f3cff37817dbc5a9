# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration with every keyword of the grammar, and what a version of keepalived has of it.

Run as a program with a version it prints the latter: scenarios give that to a real keepalived.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.grammar.root import ROOT
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.render import render
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import Block, Configuration, Keyword
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.version import is_older

EVERY_KEYWORD = Path(__file__).with_name("every_keyword.conf").read_text()

# It depends on the host or on how keepalived was built whether it has them; the last one writes a file.
OF_THE_HOST = {"net_namespace", "net_namespace_ipvs", "vrf", "vrrp_iptables", "vrrp_ipsets", "config_save_dir"}


def rows(known):
    """Every row of the grammar."""
    for spec in known.values():
        yield spec
        yield from rows(spec.keywords or {})


def used(nodes, known):
    """The rows that these nodes use."""
    for node in nodes:
        if isinstance(node, Keyword) and node.name in known:
            spec = known[node.name]
            yield spec
            if isinstance(node, Block):
                yield from used(node.children, spec.keywords or {})


def fitting(nodes, known, version):
    """The nodes that this version has and every host accepts."""
    for node in nodes:
        spec = known.get(node.name)
        if spec is None:
            yield node
        elif not (spec.since and is_older(version, spec.since)) and node.name not in OF_THE_HOST:
            if isinstance(node, Block) and spec.keywords:
                node = replace(node, children=tuple(fitting(node.children, spec.keywords, version)))
            yield node


def of_version(version):
    """The text with every keyword that this version has and every host accepts."""
    return render(Configuration(tuple(fitting(parse(EVERY_KEYWORD).children, ROOT, version))))


if __name__ == "__main__":
    print(of_version(sys.argv[1]), end="")
