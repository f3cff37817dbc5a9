# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of values in lvs.cf, each as Piranha's lvsconfig.c reads it.

What stands behind the equals sign has been split into words. Numbers are read as by strtol with base 0, so that a
leading zero makes one octal; addresses as by inet_aton, which reads a part with a leading zero as octal, too.
"""

from __future__ import annotations

import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import MistakeError
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import port_number

NUMBER = re.compile(
    r"(?P<sign>[+-]?)(0x(?P<hexadecimal>[0-9a-f]{1,15})|0(?P<octal>[0-7]{0,20})|(?P<decimal>[1-9][0-9]{0,18}))"
)


class Kind(ABC):
    """What a keyword takes: `words` says how many words, None any number."""

    words: int | None = 1

    @abstractmethod
    def read(self, words: Sequence[str]) -> object:
        """The typed value. Raises MistakeError."""


class Text(Kind):
    """One word, or a text in quotation marks."""

    def read(self, words: Sequence[str]) -> object:
        """The text."""
        return words[0]


class Number(Kind):
    """A whole number, decimal, octal (077) or hexadecimal (0xff)."""

    def read(self, words: Sequence[str]) -> object:
        """The number."""
        return read_number(words[0])


class Flag(Kind):
    """0 or 1."""

    def read(self, words: Sequence[str]) -> object:
        """True for 1."""
        if read_number(words[0]) not in (0, 1):
            raise MistakeError(f"'{words[0]}' is neither 0 nor 1", "write 0 or 1")
        return read_number(words[0]) == 1


class Port(Kind):
    """A port by number or name."""

    def read(self, words: Sequence[str]) -> object:
        """The number."""
        text = words[0]
        return port_number(str(read_number(text)) if text[:1].isdigit() else text)


@dataclass(frozen=True)
class Choice(Kind):
    """One of `values`."""

    values: tuple[str, ...]

    def read(self, words: Sequence[str]) -> object:
        """The word."""
        if words[0] not in self.values:
            raise MistakeError(f"'{words[0]}' is none of them", f"write one of {', '.join(self.values)}")
        return words[0]


class Host(Kind):
    """An IPv4 address or a name."""

    def read(self, words: Sequence[str]) -> object:
        """The address in canonical form, or the name."""
        return _host(words[0])


class Address(Kind):
    """An IPv4 address or netmask."""

    def read(self, words: Sequence[str]) -> object:
        """The address in canonical form."""
        address = _address(words[0])
        if address is None:
            raise MistakeError(f"'{words[0]}' is not an IPv4 address", "write one such as 192.0.2.9")
        return address


@dataclass(frozen=True)
class Alias:
    """An address, or name, on an interface such as eth0:1."""

    host: str
    device: str


class AliasAddress(Kind):
    """An address and its interface."""

    words = 2

    def read(self, words: Sequence[str]) -> object:
        """Both."""
        return Alias(_host(words[0]), words[1])


class List(Kind):
    """Words in brackets, with blanks around each."""

    words = None

    def read(self, words: Sequence[str]) -> object:
        """The words."""
        if len(words) < 2 or words[0] != "[" or words[-1] != "]":
            raise MistakeError("this is not a list", "write [ ONE TWO ], with blanks inside the brackets")
        return tuple(words[1:-1])


def read_number(text: str) -> int:
    """A number as strtol reads it with base 0. Raises MistakeError."""
    found = NUMBER.fullmatch(text.lower())
    if found is None:
        hint = "; a leading zero makes a number octal" if re.fullmatch(r"0[0-9]+", text) else ""
        raise MistakeError(f"'{text}' is not a number", f"write one such as 80{hint}")
    value = int(found["hexadecimal"] or "0", 16) or int(found["octal"] or "0", 8) or int(found["decimal"] or "0")
    return -value if found["sign"] == "-" else value


def _host(text: str) -> str:
    """An address, or a name as it is."""
    address = _address(text)
    if address is None and not re.fullmatch(r"[0-9.]*[A-Za-z_-][0-9A-Za-z._-]*", text):
        raise MistakeError(f"'{text}' is neither an IPv4 address nor a name", "write one such as 192.0.2.9")
    return address or text


def _address(text: str) -> str | None:
    """The address that inet_aton reads, else None. It would take the number 80 for 0.0.0.80."""
    try:
        return socket.inet_ntoa(socket.inet_aton(text)) if "." in text else None
    except OSError:
        return None
