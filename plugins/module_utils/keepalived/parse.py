# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a keepalived.conf into a tree. It never fails: what is wrong with the text is for `check` to say. Pure, no I/O.

The rules are keepalived's own: `#` and `!` begin a comment unless in double quotes or after a backslash, braces may
stand anywhere on a line and only double quotes protect them, and `@id` makes one line conditional. Comments above a
line stay with it; those behind a line and at the end of a block are lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .tree import Block, Configuration, Directive, Keyword, Node

_PIECE = re.compile(r'[^"\\#!{}$]+|\$\{[^}]*\}|"(?:\\.|[^"\\])*"|\\.|.')
_WORD = re.compile(r"""(?:\$\{[^}]*\}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|\S)+""")
_DEFINITION = re.compile(r"\$[A-Za-z_]\w*[ \t]*=")
_STANDS_WHOLE = re.compile(rf"{_DEFINITION.pattern}|~|include[rmwba]?\s")


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
        if self._definition:
            if comment is None:
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
        # What follows a brace is to keepalived a line of its own.
        while line and not _is_directive(line):
            condition = ""
            if line.startswith("@"):
                condition, line = line.split(None, 1)
            part, line = split_at_brace(line)
            if part == "{":
                self._begin(number)
            elif part == "}":
                self._close(number)
            elif part.startswith("$"):
                self._add(Directive((part,), self._take_comment(), number))
            else:
                self._add(Keyword(tuple(_WORD.findall(part)), self._take_comment(), condition, number))
        if line:
            self._read_directive(number, line)

    def _begin(self, number: int) -> None:
        siblings = self._open[-1].children
        last = siblings[-1] if siblings else None
        if isinstance(last, Keyword) and not isinstance(last, Block):
            siblings.pop()
            self._open.append(_Open(last))
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
    if "#" not in line and "!" not in line:
        return line.strip(), None
    code = ""
    for match in _PIECE.finditer(line):
        if match.group() in ("#", "!"):
            break
        code += match.group()
    code = code.strip()
    return code, None if code or not line.strip() else line.strip().lstrip("#!").strip()


def split_at_brace(line: str) -> tuple[str, str]:
    """Return what stands before the first brace of a line, or that brace if nothing does, and the rest of the line."""
    for match in _PIECE.finditer(line) if "{" in line or "}" in line else ():
        if match.group() in ("{", "}"):
            cut = match.start() or match.end()
            return line[:cut].strip(), line[cut:].strip()
    return line, ""


def has_braces(line: str) -> bool:
    """Tell whether a line opens or closes a block."""
    return any(match.group() in ("{", "}") for match in _PIECE.finditer(line))


def _is_directive(line: str) -> bool:
    """Tell whether a line is nothing but a matter of keepalived's own: all of it stays as it is."""
    if line.startswith("@"):
        _condition, *rest = line.split(None, 1)
        return not rest or has_braces(rest[0]) or rest[0].startswith(("@", "$")) or _is_directive(rest[0])
    return line.startswith(("$", "~", "include")) and _STANDS_WHOLE.match(line) is not None
