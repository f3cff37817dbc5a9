# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of Piranha's lvs.cf -> its model, or all mistakes in it at once.

A line is a row of words with blanks between them; a word in quotation marks may have blanks. A number sign begins a
comment only as the first character of a line. Blocks are `virtual NAME {`, `failover NAME {` and, inside these,
`server NAME {`; the closing brace stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import MistakeError
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import (
    ConfigurationError,
    Repeated,
    keywords,
)

from .model import DEFAULT_PORT, Configuration, Server, Virtual
from .values import Kind

WORD = re.compile(r"""(?P<quote>["'])(?P<text>.*?)(?P=quote)(?=[ \t]|$)|(?P<bare>[^ \t]+)""")

BLOCKS: dict[type, dict[str, type]] = {
    Configuration: {"virtual": Virtual, "failover": Virtual},
    Virtual: {"server": Server},
    Server: {},
}
"""A block -> the blocks that may stand in it."""


def parse(text: str) -> Configuration:
    """Read a whole file. Raises ConfigurationError with all mistakes."""
    return _Reader().read(text)


class _Block:
    """What has been read of a block. One that nobody keeps is read for the mistakes in it."""

    def __init__(self, section: type, line: int, **identity: Any) -> None:
        self.section = section
        self.line = line
        self.values: dict[str, Any] = identity
        self.lines: dict[str, int] = {}
        self.inner: list[Any] = []
        self.texts: dict[str, str] = {}


class _Reader:
    def __init__(self) -> None:
        self._problems = Problems()
        self._blocks = [_Block(Configuration, 0)]
        self._repeated: list[Repeated] = []

    def read(self, text: str) -> Configuration:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                try:
                    self._read_line(list(_words(line.strip(" \t"))), number)
                except MistakeError as mistake:
                    self._problems.add(f"line {number}", mistake.what, mistake.fix)
        for block in self._blocks[1:]:
            self._problems.add(f"line {block.line}", "this block is not closed", "write } in a line after it")
        if len(self._problems):
            raise ConfigurationError(self._problems)
        whole = self._blocks[0]
        return Configuration(
            **whole.values, virtuals=tuple(whole.inner), lines=whole.lines, repeated=tuple(self._repeated)
        )

    def _read_line(self, words: Sequence[str], line: int) -> None:
        block = self._blocks[-1]
        if words[0] == "}":
            self._close(words)
        elif words[0] in BLOCKS[block.section] and words[1:2] != ["="]:
            self._open(words, line)
        else:
            self._read_keyword(block, words, line)

    def _open(self, words: Sequence[str], line: int) -> None:
        outer = self._blocks[-1]
        section = BLOCKS[outer.section][words[0]]
        block = _Block(section, line, name=words[1] if len(words) > 1 else "")
        if section is Server:
            # As lvsconfig.c does: what a later line of the virtual says comes too late.
            block.values["inherited_port"] = outer.values.get("port", DEFAULT_PORT)
        elif words[0] == "failover":
            block.values["failover"] = True
        self._blocks.append(block)
        if len(words) != 3 or words[2] != "{":
            raise MistakeError(f"the block {words[0]} does not begin as it has to", f"write {words[0]} NAME {{")

    def _close(self, words: Sequence[str]) -> None:
        if len(self._blocks) == 1:
            raise MistakeError("no block is open that this brace could close", "remove it")
        block = self._blocks.pop()
        inner = {"servers": tuple(block.inner)} if block.section is Virtual else {}
        self._blocks[-1].inner.append(block.section(**block.values, **inner, line=block.line, lines=block.lines))
        if len(words) > 1:
            raise MistakeError("something stands behind the closing brace", "write it in a line of its own")

    def _read_keyword(self, block: _Block, words: Sequence[str], line: int) -> None:
        keyword = words[0]
        kind = _kind(block.section, keyword)
        if words[1:2] != ["="]:
            raise MistakeError(f"{keyword} is not followed by an equals sign", f"write {keyword} = VALUE, with blanks")
        value = _read_value(kind, keyword, words[2:])
        if keyword in block.values:
            self._repeated.append(Repeated(block.lines[keyword], keyword, block.texts[keyword]))
        block.values[keyword] = value
        block.lines[keyword] = line
        block.texts[keyword] = " ".join(words[2:])


def _words(line: str) -> Iterator[str]:
    position = 0
    while position < len(line):
        found = WORD.match(line, position)
        if found is None:
            position += 1  # a blank
            continue
        if found["bare"] and found["bare"][0] in "\"'":
            raise MistakeError(
                "a quotation mark is not closed", f"write {found['bare'][0]} at the end of the text, too"
            )
        yield found["bare"] if found["quote"] is None else found["text"]
        position = found.end()


def _kind(section: type, keyword: str) -> Kind:
    known: dict[str, Kind] = dict(keywords(section))
    if keyword in known:
        return known[keyword]
    others = [other for other in BLOCKS if keyword in keywords(other)]
    if others:
        raise MistakeError(f"{keyword} does not belong here", f"move it {_PLACES[others[0]]}")
    meant = did_you_mean(keyword, [*known, *BLOCKS[section]])
    raise MistakeError(f"there is no keyword {keyword}", f"did you mean {meant}?" if meant else "see lvs.cf(5)")


_PLACES = {
    Configuration: "out of the blocks",
    Virtual: "into a block virtual",
    Server: "into a block server",
}


def _read_value(kind: Kind, keyword: str, words: Sequence[str]) -> object:
    if kind.words is not None and len(words) != kind.words:
        number = "two values" if kind.words == 2 else "one value"
        raise MistakeError(
            f"{keyword} has {len(words)} values",
            f"write {number}; a comment needs a line of its own, blanks need quotes",
        )
    try:
        return kind.read(words)
    except MistakeError as mistake:
        raise MistakeError(f"{keyword}: {mistake.what}", mistake.fix) from None
