# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed values out of what a user wrote. Every mistake is noted with its path, and reading goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, ip_address
from typing import Any

from .model import Address

MOST_SHOWN = 50
"""More mistakes than this are counted and not listed: nobody reads further."""

TRUE_WORDS = frozenset({"true", "yes", "on", "y", "1"})
FALSE_WORDS = frozenset({"false", "no", "off", "n", "0"})
BROADCAST = IPv4Address("255.255.255.255")


class Mistakes:
    """Collects what is wrong, as lines of the form `path: what is wrong; what to write instead`."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: str, what: str, fix: str) -> None:
        """Note a mistake."""
        self.lines.append(f"{path}: {what}; {fix}")

    def report(self) -> str:
        """Return all mistakes as one message."""
        if len(self.lines) == 1:
            return self.lines[0]
        shown = [f"- {line}" for line in self.lines[:MOST_SHOWN]]
        more = [f"- and {len(self.lines) - MOST_SHOWN} more"] if len(self.lines) > MOST_SHOWN else []
        return "\n".join([f"{len(self.lines)} mistakes, so nothing was done:", *shown, *more])


class Reader:
    """One mapping that a user wrote. What is null counts as not given.

    A value that cannot be read is noted, and its default returned in its place: ask `fine` before using what was read.
    `prefix` is the path of the mapping with a dot behind it, or empty.
    """

    def __init__(self, given: object, prefix: str, known: Collection[str], mistakes: Mistakes) -> None:
        self._prefix = prefix
        self._mistakes = mistakes
        self._mistakes_before = len(mistakes.lines)
        self._given: Mapping[str, Any] = {}
        if not isinstance(given, Mapping):
            mistakes.add(prefix.rstrip("."), f"{show(given)} is not a mapping", f"write a mapping of {_row(known)}")
            return
        self._given = given
        for name in given.keys() - known:
            self.wrong(str(name), "there is no such option", f"known are {_row(known)}")

    @property
    def fine(self) -> bool:
        """Whether nothing was wrong since reading of this mapping began."""
        return len(self._mistakes.lines) == self._mistakes_before

    def wrong(self, name: str, what: str, fix: str) -> None:
        """Note a mistake in the option `name`."""
        self._mistakes.add(self.path(name), what, fix)

    def path(self, name: str) -> str:
        """Return the path of an option."""
        return f"{self._prefix}{name}"

    def has(self, name: str) -> bool:
        """Tell whether the option is given."""
        return self._given.get(name) is not None

    def raw(self, name: str) -> Any:
        """Return the value as it was written, None if not given."""
        return self._given.get(name)

    def integer(self, name: str, low: int, high: int, default: int, why: str = "") -> int:
        """Read a whole number from `low` to `high`; `why` explains the range. A string of digits counts too."""
        value = self._given.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        if value is None:
            return default
        if isinstance(value, str) and value.isdecimal() and low <= int(value[:20]) <= high:
            return int(value)
        self.wrong(name, f"{show(value)} is out of range", f"write a whole number from {low} to {high}{why}")
        return default

    def boolean(self, name: str, default: bool) -> bool:
        """Read true or false, or one of the words that Ansible takes for them."""
        value = self._given.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word not in TRUE_WORDS | FALSE_WORDS:
            self.wrong(name, f"{show(value)} is neither true nor false", "write true or false")
        return word in TRUE_WORDS

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """Read one of `choices`."""
        value = self._given.get(name)
        if value is None:
            return default
        if not isinstance(value, str) or value not in choices:
            self.wrong(name, f"{show(value)} is not known", f"write one of {_row(choices)}")
            return default
        return value

    def address(self, name: str, required: bool = True) -> Address | None:
        """Read a literal IP address without prefix length or zone."""
        value = self._given.get(name)
        if value is None:
            if required:
                self.wrong(name, "it is missing", "write an address such as 192.0.2.21")
            return None
        address = parse_address(value) if isinstance(value, str) else None
        if address is None:
            self.wrong(name, f"{show(value)} is not an IP address", "write a literal one such as 192.0.2.21")
        return address

    def items(self, name: str) -> list[Any]:
        """Read a list, empty if not given."""
        value = self._given.get(name)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self.wrong(name, f"{show(value)} is not a list", "write a list")
            return []
        return list(value)


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Return the address that a text spells, or None; cached, for the same servers stand behind many services."""
    if "%" in text:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def is_unicast(address: Address) -> bool:
    """Tell whether one machine can have the address."""
    return not (address.is_multicast or address.is_unspecified or address == BROADCAST)


def show(value: object) -> str:
    """Name a value in a message: short, in YAML's words, and on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    text = ascii(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _row(words: Collection[str]) -> str:
    return ", ".join(sorted(words) if isinstance(words, (set, frozenset)) else words)
