# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A keepalived.conf as a tree: what `parse` reads and `render` writes. Pure, no I/O.

Words are kept as they are written, with their quotes and backslashes: what those mean depends on the keyword (scripts
and regular expressions read them themselves), and a tree has to give back the text that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Union

_PLAIN = re.compile(r'"([^"]*)"?|([^\s"]+)')


@dataclass(frozen=True)
class Keyword:
    """One line: a keyword with its arguments, or an entry of a list such as virtual_ipaddress.

    `comment` holds the lines of the comment above it, `condition` is `@id` or `@^id` in front of it (or empty), `line`
    its number in the text, from 1, and no part of its identity.
    """

    words: tuple[str, ...]
    comment: tuple[str, ...] = ()
    condition: str = ""
    line: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """The first word; empty for braces that stand alone."""
        return self.words[0] if self.words else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The other words as keepalived splits them, without quotes."""
        return plain(self.words[1:])


@dataclass(frozen=True)
class Block(Keyword):
    """A keyword with braces, and what stands in them."""

    children: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Directive:
    """Lines that only keepalived itself can resolve, as they are written.

    These are includes, definitions of variables, lines that begin with a variable or `~SEQ`, conditional lines with
    braces, and closing braces that are left over, perhaps since one of the others has their partner.
    """

    lines: tuple[str, ...]
    comment: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


Node = Union[Keyword, Block, Directive]


@dataclass(frozen=True)
class Configuration:
    """A whole file. `unclosed` are the numbers of the lines whose opening brace has no partner, outermost first."""

    children: tuple[Node, ...] = ()
    unclosed: tuple[int, ...] = field(default=(), compare=False)


def plain(words: Sequence[str]) -> tuple[str, ...]:
    """Return words as keepalived reads them after most keywords: a double quote ends a word, a single one does not."""
    text = " ".join(words)
    if '"' not in text and "\\" not in text:
        return tuple(text.split())
    values = (quoted or bare for quoted, bare in _PLAIN.findall(text))
    return tuple(re.sub(r"\\([#!])", r"\1", value) for value in values)


def blocks(nodes: Sequence[Node], name: str) -> Iterator[Block]:
    """Yield the blocks of this name."""
    return (node for node in nodes if isinstance(node, Block) and node.name == name)


def first(nodes: Sequence[Node], name: str) -> tuple[str, ...]:
    """Return the arguments of the first keyword of this name, or none."""
    return next((node.arguments for node in nodes if isinstance(node, Keyword) and node.name == name), ())


def directives(nodes: Sequence[Node]) -> Iterator[Directive]:
    """Yield every directive, in the order of the text."""
    for node in nodes:
        if isinstance(node, Directive):
            yield node
        elif isinstance(node, Block):
            yield from directives(node.children)
