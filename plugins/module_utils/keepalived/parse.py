# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a keepalived.conf into a tree. It never fails: what is wrong with the text is for `check` to say. Pure, no I/O.

The rules are keepalived's own: `#` and `!` begin a comment unless in double quotes or after a backslash, braces may stand
anywhere on a line and only double quotes protect them, and `@id` makes one line conditional. Comments above a line stay
with it; those behind a line and at the end of a block are lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .tree import Block, Configuration, Directive, Keyword, Node

_PIECE = re.compile(r'\$\{[^}]*\}|"(?:\\.|[^"\\])*"|\\.|.')
_WORD = re.compile(r"""(?:\$\{[^}]*\}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|\S)+""")
_DEFINITION = re.compile(r"\$[A-Za-z_]\w*[ \t]*=")
_INCLUDE = re.compile(r"include[rmwba]?\s")


@dataclass
class _Open:
    """A block whose closing brace has not come yet; the outermost one stands for the file."""

    keyword: Keyword
    children: list[Node] = field(default_factory=list)

    def closed(self) -> Block:
        """Return the block as it is now."""
        of = self.keyword
        return Block(of.words, of.comment, of.condition, of.line, tuple(self.children))


class _Reader:
    """Builds the tree line by line."""

    def __init__(self) -> None:
        self._open = [_Open(Keyword(()))]
        self._comment: list[str] = []
        self._definition: list[str] = []

    def read(self, number: int, written: str) -> None:
        """Take one line of the text."""
        line, comment = split_comment(written)
        if self._definition and comment is not None:
            return
        if self._definition or _is_directive(line):
            self._read_directive(number, line)
        elif line:
            self._read_code(number, line)
        elif comment is not None:
            self._comment.append(comment)

    def finish(self) -> Configuration:
        """Close what is open and return the tree."""
        if self._definition:
            self._read_directive(0, "")
        unclosed = tuple(block.keyword.line for block in self._open[1:])
        while len(self._open) > 1:
            self._close(0)
        return Configuration(tuple(self._open[0].children), unclosed)

    def _read_directive(self, number: int, line: str) -> None:
        self._definition.append(line)
        if line.endswith("\\") and _DEFINITION.match(self._definition[0]):
            return
        lines, self._definition = tuple(self._definition), []
        self._add(Directive(lines, self._take_comment(), number - len(lines) + 1))

    def _read_code(self, number: int, line: str) -> None:
        condition = ""
        if line.startswith("@"):
            condition, line = line.split(None, 1)
        for part in split_braces(line):
            if part == "{":
                self._begin(number)
            elif part == "}":
                self._close(number)
            else:
                self._add(Keyword(tuple(_WORD.findall(part)), self._take_comment(), condition, number))

    def _begin(self, number: int) -> None:
        siblings = self._open[-1].children
        if siblings and type(siblings[-1]) is Keyword:
            self._open.append(_Open(siblings.pop()))
        else:
            self._open.append(_Open(Keyword((), self._take_comment(), "", number)))

    def _close(self, number: int) -> None:
        self._comment = []
        if len(self._open) > 1:
            self._add(self._open.pop().closed())
        else:
            self._add(Directive(("}",), (), number))

    def _add(self, node: Node) -> None:
        self._open[-1].children.append(node)

    def _take_comment(self) -> tuple[str, ...]:
        comment = tuple(self._comment)
        self._comment = []
        return comment


def parse(text: str) -> Configuration:
    """Read a whole file."""
    reader = _Reader()
    for number, line in enumerate(re.split(r"\r?\n", text), start=1):
        reader.read(number, line)
    return reader.finish()


def split_comment(line: str) -> tuple[str, str | None]:
    """Return what is left of a line without its comment, and the text of the comment if the line holds nothing else."""
    code = ""
    for match in _PIECE.finditer(line):
        if match.group() in ("#", "!"):
            break
        code += match.group()
    code = code.strip()
    return code, None if code or not line.strip() else line.strip().lstrip("#!").strip()


def split_braces(line: str) -> Iterator[str]:
    """Yield the braces of a line, and what stands between them."""
    between = ""
    for match in _PIECE.finditer(line):
        if match.group() in ("{", "}"):
            if between.strip():
                yield between.strip()
            yield match.group()
            between = ""
        else:
            between += match.group()
    if between.strip():
        yield between.strip()


def has_braces(line: str) -> bool:
    """Tell whether a line opens or closes a block."""
    return any(part in ("{", "}") for part in split_braces(line))


def _is_directive(line: str) -> bool:
    if line.startswith("@"):
        _condition, _blank, rest = line.replace("\t", " ").partition(" ")
        return not rest.strip() or has_braces(rest) or _is_directive(rest.strip())
    return line.startswith(("$", "~")) or _INCLUDE.match(line) is not None
