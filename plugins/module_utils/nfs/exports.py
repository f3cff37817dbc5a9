# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of an exports(5) file and of the live export table (etab): pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_ENTRY = re.compile(r"(?P<host>[^\s(]+)\((?P<options>[^)]*)\)")


@dataclass(frozen=True)
class Export:
    """One folder exported to one client with these options."""

    path: str
    client: str
    options: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        """What makes it this export and no other."""
        return (self.path, self.client)


def render(exports: Iterable[Export]) -> str:
    """Return the text of an exports file, one line per folder, sorted."""
    folders: dict[str, list[str]] = {}
    for export in sorted(exports, key=lambda each: each.key):
        folders.setdefault(export.path, []).append(f"{export.client}({','.join(export.options)})")
    lines = [" ".join([_quote(path), *clients]) for path, clients in folders.items()]
    return "\n".join(["# Managed by lvs.cluster.", *lines, ""])


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


def is_live(wanted: Iterable[Export], etab: Sequence[Export], folders: Iterable[str]) -> bool:
    """Tell whether the live table has exactly the wanted clients of `folders`, each with at least the wanted options.

    The live table spells out defaults, so it always has more options than a file.
    """
    live: Mapping[tuple[str, str], set[str]] = {export.key: set(export.options) for export in etab}
    wanted_options = {export.key: set(export.options) for export in wanted}
    concerned = {key for key in live if key[0] in set(folders)} | wanted_options.keys()
    return all(key in live and key in wanted_options and wanted_options[key] <= live[key] for key in concerned)


def _quote(path: str) -> str:
    return re.sub(r"[ \t\r\n\"#\\()]", lambda match: f"\\{ord(match.group()):03o}", path)


def _unquote(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), path)
