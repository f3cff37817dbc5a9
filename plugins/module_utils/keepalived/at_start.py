# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived takes from its configuration only when it starts: pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .grammar.root import ROOT
from .grammar.spec import Spec
from .parse import parse
from .tree import Block, Keyword, Node


def at_start(content: str) -> dict[str, str]:
    """Return the keywords of a configuration that a reload cannot change, each with what follows it."""
    found: dict[str, str] = {}
    for keyword in _keywords(parse(content).children, ROOT):
        value = " ".join((*filter(None, [keyword.condition]), *keyword.arguments))
        found[keyword.name] = f"{found[keyword.name]}; {value}" if keyword.name in found else value
    return found


def _keywords(nodes: Sequence[Node], known: Mapping[str, Spec]) -> Iterator[Keyword]:
    for node in nodes:
        spec = known.get(node.name) if isinstance(node, Keyword) else None
        if isinstance(node, Keyword) and spec and spec.at_start:
            yield node
        elif isinstance(node, Block) and spec and spec.keywords:
            yield from _keywords(node.children, spec.keywords)
