# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand after a keyword: one word (`Argument`), and all of them together (`Shape`). Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

UINT = 2**32 - 1
"""The greatest number that keepalived keeps for most counts."""


@dataclass(frozen=True)
class Argument:
    """One word: `wanted` describes it in a message, `accepts` tells whether a word fits."""

    wanted: str
    accepts: Callable[[str], bool]


def _try(convert: Callable[[str], object], word: str) -> bool:
    try:
        convert(word)
    except ValueError:
        return False
    return True


def integer(low: int, high: int) -> Argument:
    """A whole number."""
    return Argument(
        f"a whole number from {low} to {high}",
        lambda word: re.fullmatch(r"[+-]?\d+", word) is not None and low <= int(word) <= high,
    )


def seconds(low: float, high: float = UINT) -> Argument:
    """A time in seconds, with decimals."""
    return Argument(
        f"a number of seconds from {low:g} to {high:.10g}",
        lambda word: re.fullmatch(r"\d+\.?\d*|\.\d+", word) is not None and low <= float(word) <= high,
    )


def choice(*values: str) -> Argument:
    """One of some words, in this case of letters."""
    return Argument(" or ".join(values) if len(values) < 3 else f"one of {', '.join(values)}", values.__contains__)


def any_case(*values: str) -> Argument:
    """One of some words, in whatever case of letters."""
    return Argument(choice(*values).wanted, lambda word: word.upper() in values)


def pattern(wanted: str, expression: str) -> Argument:
    """A word that an expression matches as a whole."""
    return Argument(wanted, lambda word: re.fullmatch(expression, word) is not None)


TEXT = Argument("a word", lambda word: True)
BOOLEAN = choice("on", "off", "true", "false", "yes", "no")
INTERFACE = pattern("the name of an interface (1 to 15 characters)", r"[^\s/]{1,15}")
ADDRESS = Argument("an IPv4 or IPv6 address", lambda word: _try(ip_address, word))
NETWORK = Argument(
    "an IPv4 or IPv6 address, with or without a prefix length",
    lambda word: _try(lambda each: ip_network(each, False), word),
)
RANGE = Argument(
    "an IPv4 or IPv6 address, a range of them such as 192.0.2.1-9, or a network",
    lambda word: NETWORK.accepts(word) or ("-" in word and ADDRESS.accepts(word.partition("-")[0])),
)
PORT = integer(0, 65535)
HEX = pattern("hexadecimal digits", r"[0-9A-Fa-fxX_.:*?-]+")


@dataclass(frozen=True)
class Shape:
    """The words after a keyword, or those of one entry of a list.

    `words` stand one after the other; the last `optional` of them may be left out, and with `many` the last one may be
    repeated. `options` follow in any order, each with words of its own. `since` is the first version that reads them.
    """

    words: tuple[Argument, ...] = ()
    optional: int = 0
    many: bool = False
    options: Mapping[str, tuple[Argument, ...]] = field(default_factory=dict)
    since: str = ""

    def fault(self, given: Sequence[str]) -> tuple[int, str]:
        """Return how many of the given words fit, and what is wrong with the next one (empty if nothing is)."""
        for position, (word, argument) in enumerate(zip(given, self.words)):
            if not argument.accepts(word):
                return position, f"'{word}' is not {argument.wanted}"
        if len(given) < len(self.words) - self.optional:
            return len(given), f"it needs {self.words[len(given)].wanted}"
        return self._fault_of_rest(given, len(self.words))

    def _fault_of_rest(self, given: Sequence[str], position: int) -> tuple[int, str]:
        if self.many:
            last = self.words[-1]
            bad = next((word for word in given[position:] if not last.accepts(word)), None)
            return len(given), "" if bad is None else f"'{bad}' is not {last.wanted}"
        if self.options:
            return self._fault_of_options(given, position)
        if position < len(given):
            return position, f"keepalived ignores '{' '.join(given[position:])}' after it"
        return position, ""

    def _fault_of_options(self, given: Sequence[str], position: int) -> tuple[int, str]:
        while position < len(given):
            option = given[position]
            if option not in self.options:
                return position, f"'{option}' is not {choice(*self.options).wanted}"
            wanted = self.options[option]
            progress, fault = Shape(wanted).fault(given[position + 1 : position + 1 + len(wanted)])
            if fault:
                return position + progress, f"{option}: {fault}"
            position += 1 + len(wanted)
        return position, ""


def fault_of(shapes: Sequence[Shape], given: Sequence[str]) -> str:
    """Return what is wrong with words that may have one of some shapes: nothing, or the fault of the nearest shape.

    Words with a variable are not judged: only keepalived knows what it holds.
    """
    if any("$" in word for word in given):
        return ""
    faults = [shape.fault(given) for shape in shapes]
    if any(not fault for _progress, fault in faults):
        return ""
    return max(faults, key=lambda fault: fault[0])[1]
