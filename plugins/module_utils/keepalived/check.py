# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold a keepalived.conf against the grammar, for one version of keepalived: pure, no I/O.

It says where a fault is and what to write instead, which `keepalived -t` does not, and it finds what `keepalived -t`
passes over in silence. Yet `keepalived -t` has the last word: what it accepts runs, so nothing here is reason enough to
refuse a configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .config import SECRETS
from .grammar.arguments import fault_of
from .grammar.root import NEWEST, ROOT
from .grammar.spec import Spec
from .parse import has_braces
from .tree import Block, Configuration, Keyword, Node, directives
from .version import is_older
from .virtual_servers import virtual_servers

_WITHOUT_WORDS = "it needs one value; put it in double quotes if there are blanks in it"
"""What is said of a secret: a message must not show it."""


@dataclass(frozen=True)
class Problem:
    """One fault: the number of its line, the blocks and the keyword that it is in, and what to do about it."""

    line: int
    path: str
    text: str
    too_new: bool = False
    """Whether it is that the version lacks the keyword."""

    def __str__(self) -> str:
        return f"line {self.line}, {self.path}: {self.text}" if self.path else f"line {self.line}: {self.text}"


def check(configuration: Configuration, version: str | None = None) -> tuple[Problem, ...]:
    """Return every problem, in the order of the lines. Without a version, no keyword is too new."""
    problems = [
        *_Checker(version).check(configuration.children, ROOT, ()),
        *_braces(configuration),
        *_repeated_services(configuration),
    ]
    return tuple(sorted(problems, key=lambda problem: problem.line))


def unresolved(configuration: Configuration) -> tuple[Problem, ...]:
    """Return what only keepalived itself can resolve: includes, variables and the like. It stays unchecked."""
    return tuple(
        Problem(
            each.line, "", f"'{each.lines[0]}' is for keepalived to resolve; what it stands for is not checked here"
        )
        for each in directives(configuration.children)
    )


@dataclass(frozen=True)
class _Checker:
    version: str | None

    def check(self, nodes: Sequence[Node], known: Mapping[str, Spec], path: tuple[str, ...]) -> Iterator[Problem]:
        """Check what stands in a block, or in the file."""
        keywords = [each for each in nodes if isinstance(each, Keyword) and each.name and "$" not in each.name]
        for node in keywords:
            if node.name in known:
                yield from self._check_keyword(node, known[node.name], path)
            elif not self._knows_more():
                yield _problem(node, path, _unknown(node.name, known))
        yield from _repeated(keywords, known, path)

    def _check_keyword(self, node: Keyword, spec: Spec, path: tuple[str, ...]) -> Iterator[Problem]:
        if self._lacks(spec.since):
            yield _problem(
                node,
                path,
                f"it needs keepalived {spec.since}, and {self.version} lacks it;"
                " remove it, or install a newer keepalived",
                too_new=True,
            )
        if spec.instead:
            yield _problem(node, path, f"keepalived no longer wants it; write {spec.instead}")
        if spec.has_braces != isinstance(node, Block):
            yield _problem(node, path, "braces have to follow it" if spec.has_braces else "no braces may follow it")
            return
        shapes = [shape for shape in spec.shapes if not self._lacks(shape.since)]
        if fault := fault_of(shapes, node.arguments):
            yield _problem(node, path, _WITHOUT_WORDS if node.name in SECRETS else fault)
        if isinstance(node, Block):
            inside = (*path, _title(node))
            if spec.entries is not None:
                yield from _check_entries(node, spec, inside)
            else:
                yield from self.check(node.children, spec.keywords or {}, inside)

    def _knows_more(self) -> bool:
        """Whether this keepalived is newer than the grammar."""
        return bool(self.version and is_older(NEWEST, self.version))

    def _lacks(self, since: str) -> bool:
        return bool(self.version and since and is_older(self.version, since))


def _repeated(keywords: Iterable[Keyword], known: Mapping[str, Spec], path: tuple[str, ...]) -> Iterator[Problem]:
    """Keywords of which keepalived follows only one. Those with a condition may exclude each other."""
    seen: dict[str, int] = {}
    for node in keywords:
        spec = known.get(node.name)
        if spec and not spec.repeats and not spec.has_braces and not node.condition:
            if node.name in seen:
                yield _problem(node, path, f"line {seen[node.name]} says it already; keep one of the two")
            seen[node.name] = node.line


def _check_entries(block: Block, spec: Spec, path: tuple[str, ...]) -> Iterator[Problem]:
    for node in block.children:
        if isinstance(node, Block):
            yield _problem(node, path, "no braces may follow it")
        elif isinstance(node, Keyword) and (fault := fault_of(spec.entries or (), (node.name, *node.arguments))):
            yield _problem(node, path, fault)


def _braces(configuration: Configuration) -> Iterator[Problem]:
    found = tuple(directives(configuration.children))
    stray = [each for each in found if each.lines == ("}",)]
    if any(has_braces(line) for each in found if each not in stray for line in each.lines):
        return  # These hold braces of their own: who belongs to whom is only known to keepalived.
    for each in stray:
        yield Problem(each.line, "", "'}' closes no block; remove it")
    for line in configuration.unclosed:
        yield Problem(line, "", "the block that begins here has no '}'")
    yield from (Problem(line, "", "'{' stands without a keyword; remove it") for line in _bare(configuration.children))


def _bare(nodes: Iterable[Node]) -> Iterator[int]:
    for node in nodes:
        if isinstance(node, Block):
            if not node.words:
                yield node.line
            yield from _bare(node.children)


def _repeated_services(configuration: Configuration) -> Iterator[Problem]:
    """Services that stand twice: keepalived accepts them, and their checkers then undo each other's work."""
    seen: dict[str, int] = {}
    for service in virtual_servers(configuration):
        identity = str(service.key)
        if identity in seen:
            text = f"line {seen[identity]} has the same service; put its real servers into one block"
            yield Problem(service.line, f"virtual_server {identity}", text)
        seen.setdefault(identity, service.line)


def _problem(node: Keyword, path: tuple[str, ...], text: str, too_new: bool = False) -> Problem:
    return Problem(node.line, " / ".join((*path, node.name)), text, too_new)


def _title(block: Block) -> str:
    """Name a block by what tells it from others; there may be many of its kind."""
    return " ".join((block.name, *block.arguments))


def _unknown(name: str, known: Mapping[str, Spec]) -> str:
    # Only a mistake needs it, and it takes a while to import.
    from difflib import get_close_matches

    if homes := sorted(set(_homes(name, ROOT, "outside of all braces"))):
        return f"it does not belong here, but {' or '.join(homes)}"
    if nearest := get_close_matches(name, known, n=1, cutoff=0.75):
        return f"there is no such keyword; did you mean {nearest[0]}?"
    return "there is no such keyword; remove it"


def _homes(name: str, known: Mapping[str, Spec], home: str) -> Iterator[str]:
    for spec in known.values():
        if spec.name == name:
            yield home
        if spec.keywords:
            yield from _homes(name, spec.keywords, f"into {spec.name}")
