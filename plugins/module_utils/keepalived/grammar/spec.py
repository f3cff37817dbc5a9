# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of which the grammar of keepalived.conf is made: pure, no I/O.

A row says what follows a keyword. `since` is the first version that has it (only said of what came after 2.0.0;
keepalived has taken out nothing since then). `instead` is what to write in place of a keyword that keepalived complains
of. What is read `at_start` alone keepalived cannot change when it reloads: it then goes on with all that it had before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .arguments import BOOLEAN, INTERFACE, TEXT, Argument, Shape, choice, integer


@dataclass(frozen=True)
class Spec:
    """A keyword. With braces, either `keywords` stand in them or entries that have one of the shapes of `entries`."""

    name: str
    shapes: tuple[Shape, ...] = (Shape(),)
    since: str = ""
    instead: str = ""
    repeats: bool = True
    keywords: Mapping[str, Spec] | None = None
    entries: tuple[Shape, ...] | None = None
    at_start: bool = False

    @property
    def has_braces(self) -> bool:
        """Whether braces follow it."""
        return self.keywords is not None or self.entries is not None


def flag(name: str, since: str = "", instead: str = "") -> Spec:
    """A keyword that stands alone."""
    return Spec(name, since=since, instead=instead)


def switch(name: str, since: str = "") -> Spec:
    """A keyword that stands alone, or with on or off."""
    return Spec(name, (Shape((BOOLEAN,), optional=1),), since, repeats=False)


def former_flag(name: str, switch_since: str) -> Spec:
    """A keyword that older versions read as switched on, whatever follows it."""
    return Spec(name, (Shape(), Shape((BOOLEAN,), since=switch_since)), repeats=False)


def value(
    name: str,
    *words: Argument,
    optional: int = 0,
    many: bool = False,
    since: str = "",
    instead: str = "",
    repeats: bool = False,
) -> Spec:
    """A keyword with arguments; keepalived follows only one of them if it is repeated, unless `repeats`."""
    return Spec(name, (Shape(words, optional, many),), since, instead, repeats)


def options(name: str, **of: tuple[Argument, ...]) -> Spec:
    """A keyword with options in any order, each with arguments of its own."""
    return Spec(name, (Shape(options=of),))


def script(name: str, since: str = "") -> Spec:
    """A keyword with a command, and the user and group that run it."""
    return value(name, TEXT, many=True, since=since)


def block(name: str, *words: Argument, holds: Iterable[Spec], optional: int = 0, since: str = "") -> Spec:
    """A keyword with arguments, and keywords in braces."""
    return Spec(name, (Shape(words, optional),), since, keywords=by_name(holds))


def entries(name: str, *shapes: Shape, since: str = "") -> Spec:
    """A keyword with a list in braces, one entry to a line."""
    return Spec(name, since=since, entries=shapes)


def at_start(spec: Spec) -> Spec:
    """A keyword of which a change needs a restart (reload_config in keepalived's main.c)."""
    return replace(spec, at_start=True)


def by_name(specs: Iterable[Spec]) -> Mapping[str, Spec]:
    """Return rows under their names."""
    return {spec.name: spec for spec in specs}


NAMES = Shape((TEXT,), many=True)
"""An entry of any words."""


def tracked(of: Argument = TEXT) -> Shape:
    """An entry of track_interface and its like: what is tracked, and by how much it changes the priority."""
    return Shape((of, choice("weight"), integer(-254, 254), choice("reverse", "noreverse")), optional=3)


TRACKERS = (
    entries("track_interface", tracked(INTERFACE)),
    entries("track_script", tracked()),
    entries("track_file", tracked()),
    entries("track_process", tracked(), since="2.0.11"),
    entries("track_bfd", tracked()),
)
"""What a vrrp_instance and a vrrp_sync_group watch."""
