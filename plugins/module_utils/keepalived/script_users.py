# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration that `keepalived -t` of 2.2.7 can test although its scripts have users of their own: pure, no I/O.

That version (Debian 12) kills itself in a test as soon as a script has a user other than root (keepalived issue 2587).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .parse import has_braces, parse
from .tree import Block, Keyword, Node

_USERS = ("script_user", "user")


def with_scripts_of_root(text: str) -> str:
    """Return the configuration with root as the user of its scripts, line by line as it was.

    Users that stand behind a command, or on a line with braces, stay.
    """
    lines = text.split("\n")
    for keyword in _users(parse(text).children):
        if not has_braces(lines[keyword.line - 1]):
            lines[keyword.line - 1] = f"{keyword.name} root"
    return "\n".join(lines)


def _users(nodes: Sequence[Node]) -> Iterator[Keyword]:
    for node in nodes:
        if isinstance(node, Block):
            yield from _users(node.children)
        elif isinstance(node, Keyword) and node.name in _USERS:
            yield node
