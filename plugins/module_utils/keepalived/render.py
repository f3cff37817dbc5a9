# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a tree as a keepalived.conf: the same tree always gives the same text. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .tree import Block, Configuration, Directive, Keyword, Node

INDENT = "    "
_NEEDS_QUOTES = re.compile(r"[\s#!{}'\\]|^[@$~]|^$")


def render(configuration: Configuration) -> str:
    """Return the text of a whole file."""
    return "".join(f"{line}\n" for line in _lines(configuration.children, 0))


def quoted(value: str) -> str:
    """Return a value as a word of a tree. keepalived has no way to write a double quote within most values."""
    return f'"{value}"' if _NEEDS_QUOTES.search(value) else value


def _lines(nodes: Sequence[Node], depth: int) -> Iterator[str]:
    indent = INDENT * depth
    before: Node | None = None
    for node in nodes:
        if before is not None and _stands_apart(before, node, depth):
            yield ""
        for comment in node.comment:
            yield f"{indent}# {comment}".rstrip()
        if isinstance(node, Directive):
            yield from (f"{indent}{line}".rstrip() for line in node.lines)
        elif isinstance(node, Block):
            yield from (f"{indent}{line}" for line in _head(node))
            yield from _lines(node.children, depth + 1)
            yield f"{indent}}}"
        else:
            yield indent + _words(node)
        before = node


def _head(block: Block) -> Iterator[str]:
    if block.condition:
        # A condition rules the whole of its line, so the brace stands on the next one.
        yield _words(block)
        yield "{"
    else:
        yield f"{_words(block)} {{".lstrip()


def _words(node: Keyword) -> str:
    return " ".join(filter(None, (node.condition, *node.words)))


def _stands_apart(before: Node, node: Node, depth: int) -> bool:
    """Blocks of the file stand apart, and within them those that hold blocks, such as real servers."""
    if depth == 0:
        return isinstance(before, Block) or isinstance(node, Block)
    return depth == 1 and isinstance(node, Block) and any(isinstance(child, Block) for child in node.children)
