# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a declaration: collected all at once, told in one message.

Every problem says where it is, what is wrong there and what to write instead.
Nothing in the pure core raises for bad input; it adds a problem and goes on.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_SHOWN = 50
"""More problems than this are counted and not listed: nobody reads further."""

MOST_NAMES = 4
"""Of a longer list of hosts only the first ones are named."""


@dataclass(frozen=True)
class Problem:
    """One mistake. `where` is a path such as `lvs_services[0].scheduler`."""

    where: str
    what: str
    fix: str
    hosts: tuple[str, ...] = ()
    """The hosts on which a variable is wrong; empty for what a whole cluster shares."""

    def __str__(self) -> str:
        where = f"{self.where} ({names(self.hosts)})" if self.hosts else self.where
        return f"{where}: {self.what}; {self.fix}" if self.fix else f"{where}: {self.what}"


class Problems:
    """Collects problems. The same mistake made on many hosts is one problem."""

    def __init__(self) -> None:
        self._hosts: dict[tuple[str, str, str], list[str]] = {}

    def add(self, where: str, what: str, fix: str, hosts: Iterable[str] = ()) -> None:
        """Note a mistake; `hosts` are added to those that made the same one."""
        self._hosts.setdefault((_one_line(where), _one_line(what), _one_line(fix)), []).extend(hosts)

    def add_all(self, others: Problems, prefix: str = "", hosts: Iterable[str] = ()) -> None:
        """Take over `others`, their paths behind `prefix`, made by `hosts`."""
        hosts = tuple(hosts)
        for problem in others:
            self.add(f"{prefix}{problem.where}", problem.what, problem.fix, hosts or problem.hosts)

    def __iter__(self) -> Iterator[Problem]:
        for (where, what, fix), hosts in self._hosts.items():
            yield Problem(where, what, fix, tuple(dict.fromkeys(hosts)))

    def __len__(self) -> int:
        return len(self._hosts)

    def report(self) -> str:
        """All problems as the text that the user sees when the plan fails."""
        lines = [f"  - {problem}" for problem in self]
        if len(lines) > MOST_SHOWN:
            lines[MOST_SHOWN:] = [f"  - and {len(lines) - MOST_SHOWN} more"]
        count = "1 problem" if len(self) == 1 else f"{len(self)} problems"
        return "\n".join([f"The declaration (lvs_* variables and groups) has {count}. Nothing was changed.", *lines])


def _one_line(text: str) -> str:
    """Names and keys that a user writes may have line breaks and worse."""
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def names(hosts: Iterable[str], most: int = MOST_NAMES) -> str:
    """`a, b, c` or, of more than `most` and one, `a, b, c, d and 16 more`."""
    listed = list(hosts)
    if len(listed) <= most + 1:
        return ", ".join(listed)
    return f"{', '.join(listed[:most])} and {len(listed) - most} more"


def did_you_mean(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that `word` most likely stands for, if one is alike enough (1 is the same word)."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)
    return close[0] if close else None


def show(value: object) -> str:
    """A YAML value as a message names it: short, and in YAML's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
