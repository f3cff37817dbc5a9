# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of an exports(5) file and of the live export table (etab): pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SQUASHES = ("root_squash", "no_root_squash", "all_squash")
PER_FLAVOR = frozenset({"rw", "ro", "secure", "insecure", "no_all_squash", *SQUASHES})
"""Options that hold for the security flavors before them."""

_ENTRY = re.compile(r"(?P<host>[^\s(]+)\((?P<options>[^)]*)\)")
_OCTAL = re.compile(r"\\([0-7]{3})")

Key = tuple[str, str]
"""Folder and client: what makes an export this one and no other."""


@dataclass(frozen=True)
class Export:
    """One folder exported to one client with these options."""

    path: str
    client: str
    options: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What makes it this export and no other."""
        return (self.path, self.client)


def render(exports: Iterable[Export]) -> str:
    """Return the text of an exports file, one line per folder, sorted."""
    return "\n".join(["# Managed by lvs.cluster.", *lines_of(exports), ""])


def lines_of(exports: Iterable[Export]) -> list[str]:
    """Return one line per folder, sorted."""
    folders: dict[str, list[str]] = {}
    for export in sorted(exports, key=lambda each: each.key):
        folders.setdefault(export.path, []).append(f"{export.client}({','.join(export.options)})")
    return [" ".join([_quote(path), *clients]) for path, clients in folders.items()]


def parse(text: str) -> list[Export]:
    """Parse lines such as those of /var/lib/nfs/etab: folder, blanks, client(options) once or more."""
    exports = []
    for line in text.splitlines():
        path, separator, rest = line.strip(" \t").partition("\t" if "\t" in line else " ")
        if separator and not path.startswith("#"):
            exports += [
                Export(_unquote(path), match["host"], tuple(match["options"].split(",")))
                for match in _ENTRY.finditer(rest)
            ]
    return exports


def table_of(exports: Iterable[Export]) -> dict[Key, tuple[str, ...]]:
    """Return the options by folder and client."""
    return {export.key: export.options for export in exports}


def concerned(wanted: Iterable[Export], existing: Iterable[Export]) -> set[str]:
    """Return the folders that are or were ours: of these the live table has to have exactly what is wanted."""
    return {export.path for export in (*wanted, *existing)}


def differing(
    live: Mapping[Key, tuple[str, ...]], wanted: Mapping[Key, tuple[str, ...]], folders: Iterable[str]
) -> list[Key]:
    """Return which exports of `folders` the live table lacks, has with other options, or has and nobody wants.

    `wanted` is what exportfs makes of the files, with all defaults spelled out as in the live table. The order of the
    options counts, since it says for which security flavor an option holds.
    """
    ours = set(folders)
    keys = [key for key in sorted({*live, *wanted}) if key[0] in ours]
    return [key for key in keys if live.get(key) != wanted.get(key)]


def is_at_least(live: Mapping[Key, tuple[str, ...]], wanted: Iterable[Export], folders: Iterable[str]) -> bool:
    """Tell whether the live table has the wanted clients of `folders`, with at least the wanted options.

    That is all that can be said of a client that is given by a name which only a name server knows.
    """
    options = {export.key: set(export.options) for export in wanted}
    ours = set(folders)
    keys = {key for key in live if key[0] in ours} | options.keys()
    return all(key in live and key in options and options[key] <= set(live[key]) for key in keys)


def typed(export: Export) -> dict[str, object]:
    """Return an entry of the live table field by field.

    With several security flavors, each may have an access and a squash of its own: those of the first are shown, and
    all of them in `by_security`.
    """
    common, sections = _sections(export.options)
    values = dict(option.split("=", 1) for option in common if "=" in option)
    by_security = [_section(flavors, options) for flavors, options in sections] or [_section(["sys"], common)]
    known = PER_FLAVOR - {"insecure"}
    names = {"anonuid", "anongid", "fsid"}
    return {
        "path": export.path,
        "client": export.client,
        "access": by_security[0]["access"],
        "squash": by_security[0]["squash"],
        "security": [flavor for flavors, _options in sections for flavor in flavors] or ["sys"],
        "anonuid": _number(values.get("anonuid")),
        "anongid": _number(values.get("anongid")),
        "fsid": values.get("fsid"),
        "options": [each for each in common if each not in known and each.partition("=")[0] not in names],
        "by_security": by_security,
    }


def _sections(options: tuple[str, ...]) -> tuple[list[str], list[tuple[list[str], list[str]]]]:
    """Return the options that hold for all flavors, and of each `sec=` its flavors and what follows it."""
    common: list[str] = []
    sections: list[tuple[list[str], list[str]]] = []
    for option in options:
        keyword, _equals, value = option.partition("=")
        if keyword == "sec":
            sections.append((value.split(":"), []))
        elif sections and option in PER_FLAVOR:
            sections[-1][1].append(option)
        else:
            common.append(option)
    return common, sections


def _section(flavors: list[str], options: list[str]) -> dict[str, object]:
    squash = next((each for each in ("all_squash", "no_root_squash") if each in options), "root_squash")
    return {"security": flavors, "access": "rw" if "rw" in options else "ro", "squash": squash}


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _quote(path: str) -> str:
    return re.sub(r"[ \t\r\n\"#\\()]", lambda match: f"\\{ord(match.group()):03o}", path)


def _unquote(path: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), path)
