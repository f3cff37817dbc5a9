# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read rsyncd.conf as rsync does, and change parts of ours in it: pure, no I/O.

What belongs to us stands between two comments that name its owner, so that all else stays as it is, byte for byte:

    # BEGIN lvs.cluster OWNER [www]
    [www]
    path = /srv/www
    # END lvs.cluster OWNER [www]

Global parameters of ours stand the same way, with `globals` for `[www]`, after all others and before the first section.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

BLANK = " \t\r\f\v"
GLOBALS = "globals"
GLOBAL_SECTION = "global"
"""A section of this name goes on with the global parameters."""

_DIRECTIVE = re.compile(r"(?P<name>&[^\s=]*)\s*=?(?P<value>.*)", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_REGION = re.compile(
    r"^# BEGIN lvs\.cluster (?P<owner>[\w.-]+) (?P<what>globals|\[[^\]\n]+\])\n(?P<body>.*?)"
    r"^# END lvs\.cluster (?P=owner) (?P=what)(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Entry:
    """A logical line: `text` is how it is written, over several lines if a backslash ends one.

    `kind` is blank, comment, section, parameter, directive (&include, &merge) or junk, which rsync ignores; `name` and
    `value` are what rsync makes of it.
    """

    text: str
    kind: str
    name: str = ""
    value: str = ""


@dataclass(frozen=True)
class Section:
    """What rsync reads under one header, or before the first one (`name` is empty)."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()
    """Names in small letters and without blanks, as `readonly`, since rsync ignores both."""

    @property
    def key(self) -> str:
        """What rsync tells sections apart by."""
        return squeeze(self.name)


@dataclass(frozen=True)
class Part:
    """A piece of the file: text of others (`owner` is empty), or a section or globals of ours without the comments."""

    text: str
    owner: str = ""
    name: str = ""
    """Name of the section, or empty for globals."""


@dataclass(frozen=True)
class Wanted:
    """What an owner wants in the file: sections by name, and global lines, both as text without the comments."""

    owner: str
    sections: Mapping[str, str]
    globals: str = ""


def squeeze(name: str) -> str:
    """Return a name as rsync compares it: the case and all blanks count for nothing."""
    return "".join(name.split()).lower()


def entries(text: str) -> Iterator[Entry]:
    """Yield all logical lines of a file; their texts make up the file."""
    lines = iter(_LINE.findall(text))
    for line in lines:
        bare = line.strip(BLANK + "\n").lstrip("\\" + BLANK)
        if not bare:
            yield Entry(line, "blank")
        elif bare[0] in "#;":
            yield Entry(line, "comment")
        elif bare[0] == "[":
            yield _section(line, lines)
        else:
            yield _parameter(line, lines)


def _section(line: str, lines: Iterator[str]) -> Entry:
    # What follows the bracket on its line is ignored, also a backslash.
    while "]" not in line and _continues(line):
        following = next(lines, None)
        if following is None:
            break
        line += following
    name, bracket, _rest = _joined(line).lstrip("\\" + BLANK)[1:].partition("]")
    return Entry(line, "section" if bracket else "junk", " ".join(name.split()))


def _parameter(line: str, lines: Iterator[str]) -> Entry:
    while _continues(line):
        following = next(lines, None)
        if following is None:
            break
        line += following
    content = _joined(line).lstrip("\\" + BLANK)
    if directive := _DIRECTIVE.match(content):
        return Entry(line, "directive", directive["name"].lower(), directive["value"].strip())
    name, equals, value = content.partition("=")
    if not equals or not name.strip():
        return Entry(line, "junk", name.strip())
    return Entry(line, "parameter", squeeze(name), value.strip(BLANK).replace("\r", ""))


def _continues(line: str) -> bool:
    return line.endswith("\n") and line.rstrip(BLANK + "\n").endswith("\\")


def _joined(text: str) -> str:
    """Return a logical line as one line."""
    lines = text.split("\n")
    ends = [line.rstrip(BLANK) for line in lines[:-1]]
    return "".join(end[:-1] if end.endswith("\\") else end for end in ends) + lines[-1]


def sections(text: str) -> list[Section]:
    """Return the sections as rsync reads them, in their order; one that is there twice stands twice."""
    name, found = "", []
    parameters: list[tuple[str, str]] = []
    for entry in entries(text):
        if entry.kind == "section":
            found.append(Section(name, tuple(parameters)))
            name, parameters = entry.name, []
        elif entry.kind == "parameter":
            parameters.append((entry.name, entry.value))
    return [*found, Section(name, tuple(parameters))]


def directives(text: str) -> list[str]:
    """Return the directives that read other files, which are not looked into."""
    return [f"{entry.name} {entry.value}" for entry in entries(text) if entry.kind == "directive"]


def parse(text: str) -> list[Part]:
    """Take a file apart into what is ours and what is not."""
    parts, end = [], 0
    for region in _REGION.finditer(text):
        name = "" if region["what"] == GLOBALS else region["what"][1:-1]
        parts += [Part(text[end : region.start()]), Part(region["body"], region["owner"], name)]
        end = region.end()
    return [part for part in [*parts, Part(text[end:])] if part.text or part.owner]


def render(parts: Iterable[Part]) -> str:
    """Return the text of a file."""
    return "".join(_region(part) if part.owner else part.text for part in parts)


def _region(part: Part) -> str:
    what = f"[{part.name}]" if part.name else GLOBALS
    return f"# BEGIN lvs.cluster {part.owner} {what}\n{part.text}# END lvs.cluster {part.owner} {what}\n"


def edit(text: str, wanted: Wanted, purge: bool = True) -> str:
    """Return the file with what the owner wants in it; without `purge` with the owner's other parts, too."""
    left = dict(wanted.sections)
    parts = []
    for part in parse(text):
        if part.owner != wanted.owner:
            parts.append(part)
        elif part.name in left:
            parts.append(Part(left.pop(part.name), wanted.owner, part.name))
        elif not purge and (part.name or not wanted.globals):
            parts.append(part)
    parts = _merged(parts)
    if wanted.globals:
        parts = _with_globals(parts, Part(wanted.globals, wanted.owner))
    new = [Part(body, wanted.owner, name) for name, body in left.items()]
    return render(_ended(parts) + new if new else parts)


def _merged(parts: Iterable[Part]) -> list[Part]:
    """Return the parts with what others wrote in as few as possible."""
    merged: list[Part] = []
    for part in parts:
        if merged and not part.owner and not merged[-1].owner:
            merged[-1] = Part(merged[-1].text + part.text)
        else:
            merged.append(part)
    return merged


def _with_globals(parts: Sequence[Part], ours: Part) -> list[Part]:
    """Put global lines after the last global parameter, since the last one of a name counts."""
    for index, part in enumerate(parts):
        if part.owner and not part.name:
            continue
        if part.owner:
            return [*_ended(parts[:index]), ours, *parts[index:]]
        before, after, has_section = _split_globals(part.text)
        if has_section or index == len(parts) - 1:
            head = [*parts[:index], *([Part(before)] if before else [])]
            return [*_ended(head), ours, *([Part(after)] if after else []), *parts[index + 1 :]]
    return [*parts, ours]


def _split_globals(text: str) -> tuple[str, str, bool]:
    """Split before the first section, and before the comments that lead to it; tell whether there is a section."""
    before, pending = "", ""
    for entry in entries(text):
        if entry.kind == "section":
            return before, text[len(before) :], True
        pending += entry.text
        if entry.kind not in ("blank", "comment"):
            before += pending
            pending = ""
    return text, "", False


def _ended(parts: Sequence[Part]) -> list[Part]:
    """Return the parts with an end to the last line, so that a line can follow."""
    if not parts or parts[-1].owner or not parts[-1].text:
        return list(parts)
    text = parts[-1].text
    if not text.endswith("\n"):
        text += "\n"
    # A backslash at the very end would take our first line along.
    last = text[text.rfind("\n", 0, -1) + 1 :]
    if _continues(last) and list(entries(text))[-1].kind in ("parameter", "directive", "junk", "section"):
        text += "\n"
    return [*parts[:-1], Part(text)]


def owners(text: str) -> dict[str, str]:
    """Return the owner of each section of ours, by the section's key."""
    return {squeeze(part.name): part.owner for part in parse(text) if part.owner and part.name}


def foreign_sections(text: str) -> set[str]:
    """Return the keys of the sections that others wrote."""
    return {section.key for part in parse(text) if not part.owner for section in sections(part.text)} - {""}
