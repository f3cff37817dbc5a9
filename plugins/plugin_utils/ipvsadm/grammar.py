# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ipvsadm's rules, and how a line is split into them.

As ipvsadm 1.31 reads them: short options may be bundled and have their value glued on (`-gw5`), long ones may have it
after `=`. Only `-p` has a value that may be left out, so whatever follows it and is no option is that value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


class RuleError(Exception):
    """What is wrong with one line, and what to write instead."""


@dataclass(frozen=True)
class Option:
    """One option; `value` says what it takes: no, yes or optional."""

    name: str
    short: str = ""
    value: str = "no"


COMMANDS = (Option("add-service", "A"), Option("add-server", "a"))
SERVICE_NAMES = (
    Option("tcp-service", "t", "yes"),
    Option("udp-service", "u", "yes"),
    Option("sctp-service", "", "yes"),
    Option("fwmark-service", "f", "yes"),
)
SERVICE_OPTIONS = (
    Option("scheduler", "s", "yes"),
    Option("persistent", "p", "optional"),
    Option("netmask", "M", "yes"),
    Option("pe", "", "yes"),
    Option("ops", "o"),
    Option("sched-flags", "b", "yes"),
)
FORWARDING = (Option("gatewaying", "g"), Option("ipip", "i"), Option("masquerading", "m"))
CHECKSUMS = (Option("tun-nocsum"), Option("tun-csum"), Option("tun-remcsum"))
TUNNEL_OPTIONS = (Option("tun-type", "", "yes"), Option("tun-port", "", "yes"), *CHECKSUMS)
SERVER_OPTIONS = (
    Option("real-server", "r", "yes"),
    *FORWARDING,
    Option("weight", "w", "yes"),
    Option("u-threshold", "x", "yes"),
    Option("l-threshold", "y", "yes"),
    *TUNNEL_OPTIONS,
)
IPV6 = Option("ipv6", "6")
ALL = (*COMMANDS, *SERVICE_NAMES, IPV6, *SERVICE_OPTIONS, *SERVER_OPTIONS)
EXCLUSIVE = (COMMANDS, SERVICE_NAMES, FORWARDING, CHECKSUMS)
BY_NAME = {f"--{option.name}": option for option in ALL}
BY_LETTER = {option.short: option for option in ALL if option.short}


def spelling(option: Option) -> str:
    """Return an option as ipvsadm --save writes it."""
    return f"-{option.short}" if option.short else f"--{option.name}"


@dataclass
class Rule:
    """The options of one line by their long names; those without a value have an empty one."""

    values: dict[str, str] = field(default_factory=dict)

    def add(self, option: Option, value: str) -> None:
        """Take an option; refuse it a second time, and beside another one that excludes it."""
        rivals = next((group for group in EXCLUSIVE if option in group), (option,))
        for rival in rivals:
            if rival.name in self.values:
                both = spelling(option) if rival == option else f"{spelling(rival)} and {spelling(option)}"
                raise RuleError(f"{both} {'is there twice' if rival == option else 'exclude each other'}: keep one")
        self.values[option.name] = value

    def one_of(self, options: tuple[Option, ...]) -> Option | None:
        """Return which of several options is there."""
        return next((option for option in options if option.name in self.values), None)

    def refuse(self, options: tuple[Option, ...], reason: str) -> None:
        """Raise RuleError with the reason if one of the options is there."""
        found = self.one_of(options)
        if found:
            raise RuleError(f"{spelling(found)} {reason}")


def split_rule(line: str) -> Rule:
    """Split a line into its options. Raises RuleError."""
    words = line.split()
    if words[:1] == ["ipvsadm"]:  # ipvsadm --restore skips it too, so that a script of commands can be restored
        del words[0]
    rule = Rule()
    while words:
        for option, value in _options(words):
            rule.add(option, value)
    return rule


def _options(words: list[str]) -> Iterator[tuple[Option, str]]:
    """Take the options of the first word, and their value from the next one, off `words`."""
    word = words.pop(0)
    if word.startswith("--"):
        name, separator, value = word.partition("=")
        option = _known(BY_NAME.get(name), name)
        if separator and option.value == "no":
            raise RuleError(f"{name} takes no value: leave out '={value}'")
        yield option, value if separator else _next_value(option, words)
        return
    if not word.startswith("-") or word == "-":
        raise RuleError(f"'{word}' is not an option: every rule is a row of options, as ipvsadm --save writes them")
    letters = word[1:]
    while letters:
        option, letters = _known(BY_LETTER.get(letters[0]), f"-{letters[0]}"), letters[1:]
        if option.value == "no":
            yield option, ""
        else:
            yield option, letters or _next_value(option, words)
            return


def _known(option: Option | None, name: str) -> Option:
    if option is None:
        raise RuleError(f"{name} is not an option of a rule: rules begin with -A or -a, as ipvsadm --save writes them")
    return option


def _next_value(option: Option, words: list[str]) -> str:
    if option.value == "no":
        return ""
    # Values begin with a hyphen only where a large mark is shown as a negative number.
    if words and (not words[0].startswith("-") or (words[0][1:].isdigit() and option.name == "fwmark-service")):
        return words.pop(0)
    if option.value == "optional":
        return ""
    raise RuleError(f"{spelling(option)} has no value: write one after it")
