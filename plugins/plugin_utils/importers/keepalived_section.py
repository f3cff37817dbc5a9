# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A block of keepalived.conf that is read keyword by keyword: what nobody asks for is lost, and noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.config import SECRETS
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import Block, Directive, Keyword, Node
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import MASK

from .model import Loss

NO_LIKE = "the declaration has nothing like it"
RESOLVED_BY_KEEPALIVED = "only keepalived itself can resolve it: import a file without it"
CONDITIONAL = "it holds on some directors only, and the declaration is that of all"
OFF = (("off",), ("no",), ("false",))
"""Arguments that switch a keyword off."""

AGAIN = "the keyword is there again, and only one of them counts"


class Section:
    """The keywords of one block. `reasons` say why some are not carried over; the rest has no like."""

    def __init__(self, nodes: Sequence[Node], losses: list[Loss], reasons: Mapping[str, str]) -> None:
        self._losses = losses
        self._reasons = reasons
        self._left: list[Keyword] = []
        for node in nodes:
            if isinstance(node, Directive):
                keyword, _blank, rest = " ".join(node.lines).partition(" ")
                losses.append(Loss(node.line, keyword, rest, RESOLVED_BY_KEEPALIVED))
            elif node.condition:
                self._lose(node, CONDITIONAL)
            elif node.name:
                self._left.append(node)
        self.lines = {node.name: node.line for node in self._left}

    def take(self, *names: str) -> tuple[str, ...] | None:
        """The arguments of the keyword, by whichever of its names; None if it is not there. The last one counts."""
        found = [node for node in self._left if node.name in names and not isinstance(node, Block)]
        self._left = [node for node in self._left if node not in found]
        for node in found[:-1]:
            self._lose(node, AGAIN)
        return found[-1].arguments if found else None

    def word(self, *names: str) -> str | None:
        """The first argument of the keyword."""
        return next(iter(self.take(*names) or ()), None)

    def number(self, name: str, default: int) -> int:
        """The first argument of the keyword, which is a whole number."""
        text = self.word(name)
        if text is None or text.isdecimal():
            return default if text is None else int(text)
        self.note(name, text, f"it is no whole number: it is {default} now")
        return default

    def flag(self, name: str) -> bool:
        """Whether the keyword is there, and is not switched off."""
        arguments = self.take(name)
        return arguments is not None and arguments[:1] not in OFF

    def blocks(self, *names: str) -> Iterator[Block]:
        """All blocks of these names."""
        found = [node for node in self._left if isinstance(node, Block) and node.name in names]
        self._left = [node for node in self._left if node not in found]
        yield from found

    def entries(self, name: str) -> Iterator[Keyword]:
        """The lines of the lists of this name."""
        for block in self.blocks(name):
            for node in block.children:
                if isinstance(node, Keyword) and node.name:
                    yield node
                elif isinstance(node, Directive):
                    self._losses.append(Loss(node.line, name, " ".join(node.lines), RESOLVED_BY_KEEPALIVED))

    def note(self, keyword: str, value: object, reason: str) -> None:
        """Note what is lost of a keyword that was taken."""
        self._losses.append(Loss(self.lines.get(keyword), keyword, MASK if keyword in SECRETS else str(value), reason))

    def finish(self) -> None:
        """Note what nobody has asked for."""
        for node in self._left:
            self._lose(node, self._reasons.get(node.name, NO_LIKE))
        self._left = []

    def _lose(self, node: Keyword, reason: str) -> None:
        secret = node.name in SECRETS
        text = MASK if secret else " ".join(node.arguments)
        if isinstance(node, Block):
            text = f"{text} {{...}}".strip()
        self._losses.append(Loss(node.line, node.name, text, reason))
