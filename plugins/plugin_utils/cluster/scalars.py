# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The specs of single values: texts, numbers, choices, addresses, paths."""

from __future__ import annotations

import ipaddress
import posixpath
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import did_you_mean, show
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import MistakeError, Scalar

IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

TRUE_WORDS = frozenset({"true", "yes", "on"})
FALSE_WORDS = frozenset({"false", "no", "off"})
BROADCAST = ipaddress.ip_address("255.255.255.255")


@dataclass(frozen=True)
class Text(Scalar):
    """A string that is a `noun`: `pattern` matches the whole of it, and `rule` says in words what to write."""

    noun: str
    pattern: str
    rule: str

    def _convert(self, value: object) -> object:
        if isinstance(value, (bool, int, float)):
            raise MistakeError(f"{show(value)} is not text, as YAML reads it", f'put it in quotes: "{show(value)}"')
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise MistakeError(f"{show(value)} is not {self.noun}", self.rule)
        return value

    def _description(self) -> str:
        return self.noun


@dataclass(frozen=True)
class Lines(Scalar):
    """A text of several lines, read as a tuple of them, without blank ones and the indentation that they share."""

    def _convert(self, value: object) -> object:
        if not isinstance(value, str):
            raise MistakeError(f"{show(value)} is not text", "write the lines under a '|'")
        return tuple(line.rstrip() for line in textwrap.dedent(value).splitlines() if line.strip())

    def _description(self) -> str:
        return "text of several lines"


@dataclass(frozen=True)
class Integer(Scalar):
    """A whole number from `minimum` to `maximum`. A string of digits counts: `-e` gives such."""

    minimum: int
    maximum: int
    unit: str = ""

    def _convert(self, value: object) -> object:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value) else value
        if isinstance(number, bool) or not isinstance(number, int):
            raise MistakeError(f"{show(value)} is not a whole number", f"write a number from {self.describe()}")
        if not self.minimum <= number <= self.maximum:
            raise MistakeError(f"{show(number)} is out of range", f"write a number from {self.describe()}")
        return number

    def _description(self) -> str:
        return f"{self.minimum} to {self.maximum}{f' {self.unit}' if self.unit else ''}"


@dataclass(frozen=True)
class Statuses(Scalar):
    """A status of HTTP, or a range of them."""

    def _convert(self, value: object) -> object:
        text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        found = re.fullmatch(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?", text)
        if not found or (found[2] and found[1] > found[2]):
            raise MistakeError(f"{show(value)} is not a status of HTTP", "write one such as 200, or a range: '200-299'")
        return text if found[2] else int(text)

    def _description(self) -> str:
        return "100 to 599, or a range such as 200-299"


@dataclass(frozen=True)
class Seconds(Scalar):
    """A time from `minimum` to `maximum` seconds, in hundredths. A string of digits counts: `-e` gives such."""

    minimum: float
    maximum: float

    def _convert(self, value: object) -> object:
        number = float(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", value) else value
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise MistakeError(f"{show(value)} is not a number of seconds", f"write one from {self.describe()}")
        if not self.minimum <= number <= self.maximum:
            raise MistakeError(f"{show(value)} is out of range", f"write a number from {self.describe()}")
        if round(number, 2) != number:
            raise MistakeError(f"{show(value)} is finer than hundredths of a second", f"write {round(number, 2):g}")
        return int(number) if number == int(number) else number

    def _description(self) -> str:
        return f"{self.minimum:g} to {self.maximum:g} seconds"


@dataclass(frozen=True)
class Port(Integer):
    """One port."""

    minimum: int = 1
    maximum: int = 65535


@dataclass(frozen=True)
class Flag(Scalar):
    """true or false. The words that YAML 1.1 knows count: `-e` gives strings."""

    def _convert(self, value: object) -> object:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in TRUE_WORDS | FALSE_WORDS:
            return value.lower() in TRUE_WORDS
        raise MistakeError(f"{show(value)} is neither true nor false", "write true or false")

    def _description(self) -> str:
        return "`true` or `false`"


@dataclass(frozen=True)
class Choice(Scalar):
    """One of `values`. What is planned (`not_yet`) is told apart from what is mistyped."""

    noun: str
    values: tuple[str, ...]
    not_yet: tuple[str, ...] = ()

    def _convert(self, value: object) -> object:
        known = ", ".join(self.values)
        if not isinstance(value, str):
            raise MistakeError(f"{show(value)} is not {self.noun}", f"write one of {known}")
        if value in self.not_yet:
            raise MistakeError(f"{show(value)} is not supported yet", f"supported now: {known}")
        if value not in self.values:
            meant = did_you_mean(value, self.values + self.not_yet)
            fix = f"did you mean '{meant}'? Known: {known}" if meant else f"write one of {known}"
            raise MistakeError(f"{show(value)} is not {self.noun}", fix)
        return value

    def _description(self) -> str:
        return " or ".join(f"`{value}`" for value in self.values)


def family(address: str) -> int:
    """The IP version of an address that has been read: 4 or 6."""
    return 6 if ":" in address else 4


def parse_address(value: object) -> IPAddress | None:
    """The address that a string spells, else None. Numbers are none, though `ipaddress` would take 80 for 0.0.0.80."""
    if not isinstance(value, str) or "%" in value:
        return None
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


@dataclass(frozen=True)
class Address(Scalar):
    """A literal address of one machine, without prefix length; read as a string in canonical form."""

    example: str

    def _convert(self, value: object) -> object:
        address = parse_address(value)
        if address is None:
            without_prefix = value.partition("/")[0] if isinstance(value, str) else ""
            if parse_address(without_prefix):
                raise MistakeError(f"{show(value)} has a prefix length", f"write {without_prefix}")
            raise MistakeError(
                f"{show(value)} is not an IP address", f"write a literal address, such as {self.example}"
            )
        if not _is_unicast(address):
            what = f"{address} cannot be a machine's address in a network"
            raise MistakeError(what, f"write a unicast address, such as {self.example}")
        return str(address)

    def _description(self) -> str:
        return "an IP address"


def _is_unicast(address: IPAddress) -> bool:
    special = address.is_multicast or address.is_unspecified or address.is_loopback or address.is_link_local
    return not special and address != BROADCAST


@dataclass(frozen=True)
class Network(Scalar):
    """A network in CIDR form; read as a string in canonical form."""

    def _convert(self, value: object) -> object:
        try:
            if isinstance(value, str) and "/" in value and "%" not in value:
                return str(ipaddress.ip_network(value))
        except ValueError:
            pass
        raise MistakeError(f"{show(value)} is not a network", "write it as 192.0.2.0/24, with zeros behind the prefix")

    def _description(self) -> str:
        return "a network such as 192.0.2.0/24"


@dataclass(frozen=True)
class Netmask(Scalar):
    """An IPv4 netmask in dotted form."""

    def _convert(self, value: object) -> object:
        try:
            if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", value):
                network = ipaddress.ip_network(f"0.0.0.0/{value}")
                # ipaddress also takes a wildcard mask, such as 0.0.0.255.
                if network.prefixlen and str(network.netmask) == value:
                    return value
        except ValueError:
            pass
        raise MistakeError(f"{show(value)} is not an IPv4 netmask", "write one such as 255.255.255.0")

    def _description(self) -> str:
        return "an IPv4 netmask such as 255.255.255.0"


@dataclass(frozen=True)
class AbsolutePath(Scalar):
    """The absolute path of a folder, not the root one, free of what exports(5) and fstab(5) would want quoted."""

    def _convert(self, value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(r"/[A-Za-z0-9._/+@=~-]+", value):
            what = f"{show(value)} is not the path of a folder"
            raise MistakeError(what, "write an absolute path of letters, digits and ._+@=~-, such as /srv/www")
        shortest = "/" + posixpath.normpath(value).lstrip("/")
        if shortest == "/":
            raise MistakeError(f"{show(value)} is the root folder", "share a folder below it, such as /srv/www")
        if shortest != value:
            raise MistakeError(f"{show(value)} is not the shortest form", f"write {shortest}")
        return value

    def _description(self) -> str:
        return "an absolute path"


@dataclass(frozen=True)
class Parameters(Scalar):
    """A mapping of names to texts or numbers, read as a tuple of pairs. Its values may be secret: none is shown."""

    def _convert(self, value: object) -> object:
        if not isinstance(value, Mapping):
            raise MistakeError(f"{show(value)} is not a mapping", "write names and values, such as {port: 3}")
        for name, item in value.items():
            if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", name):
                raise MistakeError(f"{show(name)} is not the name of a parameter", "write one such as port")
            if isinstance(item, bool) or not isinstance(item, (str, int)) or not str(item).isprintable():
                raise MistakeError(
                    f"the value of {name} is neither text in one line nor a number", "write it in quotes"
                )
        return tuple((name, str(item)) for name, item in value.items())

    def _description(self) -> str:
        return "a mapping of names to texts or numbers"


@dataclass(frozen=True)
class FileMode(Scalar):
    """File permissions as octal digits in a string; a number is refused, since YAML reads 0755 as 493."""

    def _convert(self, value: object) -> object:
        if isinstance(value, str) and re.fullmatch(r"[0-7]{3,4}", value):
            return value.rjust(4, "0")
        raise MistakeError(f"{show(value)} is not a file mode", "write octal digits in quotes, such as '0755'")

    def _description(self) -> str:
        return "octal digits in quotes"
