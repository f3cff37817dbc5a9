# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words in which the schema is written.

A spec reads one YAML value: `read` gives the typed value, or notes problems
and gives INVALID; it never raises, whatever the value is. `describe` says for
the documentation what may be written.

A `Record` reads a mapping into a frozen dataclass whose fields are
`Annotated[type, spec, description]`. So types, limits, defaults and
descriptions stand once, at the field.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import posixpath
import re
import typing
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, show


class _Invalid:
    """The type of INVALID, which stands for a value that has been reported."""


INVALID: typing.Final = _Invalid()

TRUE_WORDS = frozenset({"true", "yes", "on"})
FALSE_WORDS = frozenset({"false", "no", "off"})


class Spec(ABC):
    """What one value may be."""

    @abstractmethod
    def read(self, value: object, where: str, problems: Problems) -> object:
        """The typed value of `value`, or INVALID after `problems` has been told why."""

    @abstractmethod
    def describe(self) -> str:
        """What may be written, for the documentation."""


@dataclass(frozen=True)
class Text(Spec):
    """A string that is a `noun`, as `pattern` (of the whole string) says."""

    noun: str
    pattern: str = r".+"
    rule: str = "write some text"

    def read(self, value: object, where: str, problems: Problems) -> object:
        if isinstance(value, str) and re.fullmatch(self.pattern, value):
            return value
        if isinstance(value, (bool, int, float)):
            problems.add(where, f"{show(value)} is not text, as YAML reads it", f'put it in quotes: "{value}"')
        else:
            problems.add(where, f"{show(value)} is not {self.noun}", self.rule)
        return INVALID

    def describe(self) -> str:
        return self.noun


@dataclass(frozen=True)
class Integer(Spec):
    """A whole number from `minimum` to `maximum`; a string of digits, as `-e` gives it, counts."""

    minimum: int
    maximum: int
    unit: str = ""

    def read(self, value: object, where: str, problems: Problems) -> object:
        number = value
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
            number = int(value)
        if isinstance(number, bool) or not isinstance(number, int):
            problems.add(where, f"{show(value)} is not a whole number", f"write {self._range()}")
        elif not self.minimum <= number <= self.maximum:
            problems.add(where, f"{show(number)} is out of range", f"write {self._range()}")
        else:
            return number
        return INVALID

    def _range(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"a number from {self.minimum} to {self.maximum}{unit}"

    def describe(self) -> str:
        return f"{self.minimum} to {self.maximum}{f' {self.unit}' if self.unit else ''}"


@dataclass(frozen=True)
class Flag(Spec):
    """true or false; the words that YAML 1.1 knows count too, since `-e` gives strings."""

    def read(self, value: object, where: str, problems: Problems) -> object:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in TRUE_WORDS | FALSE_WORDS:
            return value.lower() in TRUE_WORDS
        problems.add(where, f"{show(value)} is neither true nor false", "write true or false")
        return INVALID

    def describe(self) -> str:
        return "true or false"


@dataclass(frozen=True)
class Choice(Spec):
    """One of `values`. What is planned (`not_yet`) is told apart from what is mistyped."""

    noun: str
    values: tuple[str, ...]
    not_yet: tuple[str, ...] = ()

    def read(self, value: object, where: str, problems: Problems) -> object:
        if isinstance(value, str) and value in self.values:
            return value
        known = ", ".join(self.values)
        if isinstance(value, str) and value in self.not_yet:
            problems.add(where, f"'{value}' is not supported yet", f"supported now: {known}")
            return INVALID
        meant = did_you_mean(value, self.values + self.not_yet) if isinstance(value, str) else None
        fix = f"did you mean '{meant}'? Known: {known}" if meant else f"write one of {known}"
        problems.add(where, f"{show(value)} is not {self.noun}", fix)
        return INVALID

    def describe(self) -> str:
        words = " or ".join([", ".join(f"`{value}`" for value in self.values[:-1]), f"`{self.values[-1]}`"]) if len(self.values) > 1 else f"`{self.values[0]}`"
        return f"{words} (not supported yet: {', '.join(self.not_yet)})" if self.not_yet else words


@dataclass(frozen=True)
class Address(Spec):
    """A literal IPv4 or IPv6 address of one machine, without a prefix length; read in its canonical form."""

    example: str = "192.0.2.100"

    def read(self, value: object, where: str, problems: Problems) -> object:
        address = parse_address(value)
        if address is None:
            fix = f"write a literal address, such as {self.example}"
            if isinstance(value, str) and parse_address(value.partition("/")[0]) is not None:
                fix = f"leave out the prefix length: {value.partition('/')[0]}"
            problems.add(where, f"{show(value)} is not an IP address", fix)
        elif address.is_multicast or address.is_unspecified or address.is_loopback or address.is_link_local or address == _BROADCAST:
            problems.add(where, f"{address} cannot be the address of one machine in a network", f"write a unicast address, such as {self.example}")
        else:
            return str(address)
        return INVALID

    def describe(self) -> str:
        return "an IP address"


_BROADCAST = ipaddress.ip_address("255.255.255.255")


def parse_address(value: object) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a string spells, else None. Numbers are none: `ipaddress` would take 80 for 0.0.0.80."""
    if not isinstance(value, str) or "%" in value:
        return None
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


@dataclass(frozen=True)
class Network(Spec):
    """A network in CIDR form, read in its canonical form."""

    def read(self, value: object, where: str, problems: Problems) -> object:
        if isinstance(value, str) and "/" in value and "%" not in value:
            try:
                return str(ipaddress.ip_network(value))
            except ValueError:
                pass
        problems.add(where, f"{show(value)} is not a network", "write it with its prefix length and no host bits, such as 192.0.2.0/24")
        return INVALID

    def describe(self) -> str:
        return "a network (CIDR)"


@dataclass(frozen=True)
class AbsolutePath(Spec):
    """The absolute path of a folder, other than the root folder."""

    def read(self, value: object, where: str, problems: Problems) -> object:
        if not isinstance(value, str) or not re.fullmatch(r"/[^\s\0\"'\\#,:]+", value):
            problems.add(where, f"{show(value)} is not the path of a folder", "write an absolute path without blanks, such as /srv/www")
        elif posixpath.normpath(value) != value:
            problems.add(where, f"'{value}' can be written shorter", f"write {posixpath.normpath(value)}")
        else:
            return value
        return INVALID

    def describe(self) -> str:
        return "an absolute path"


@dataclass(frozen=True)
class FileMode(Spec):
    """File permissions as a string of octal digits; a number is refused, since YAML reads 0755 as 493."""

    def read(self, value: object, where: str, problems: Problems) -> object:
        if isinstance(value, str) and re.fullmatch(r"[0-7]{3,4}", value):
            return value.rjust(4, "0")
        problems.add(where, f"{show(value)} is not a file mode", "write octal digits in quotes, such as '0755'")
        return INVALID

    def describe(self) -> str:
        return "octal digits in quotes"


@dataclass(frozen=True)
class ListOf(Spec):
    """A list, read as a tuple. With `keep_valid` the valid items are given even if others are not."""

    item: Spec
    minimum: int = 0
    keep_valid: bool = False

    def read(self, value: object, where: str, problems: Problems) -> object:
        if not isinstance(value, (list, tuple)):
            problems.add(where, f"{show(value)} is not a list", f"write a list: {self.describe()}")
            return INVALID
        if len(value) < self.minimum:
            problems.add(where, "the list is empty", f"write at least one: {self.item.describe()}")
            return INVALID
        items = [self.item.read(item, f"{where}[{index}]", problems) for index, item in enumerate(value)]
        valid = tuple(item for item in items if item is not INVALID)
        return valid if self.keep_valid or len(valid) == len(items) else INVALID

    def describe(self) -> str:
        return f"list of {self.item.describe()}"


@dataclass(frozen=True)
class OneOrMany(Spec):
    """One value or a list of them without repetition, read as a tuple."""

    item: Spec

    def read(self, value: object, where: str, problems: Problems) -> object:
        if not isinstance(value, (list, tuple)):
            one = self.item.read(value, where, problems)
            return one if one is INVALID else (one,)
        many = ListOf(self.item, minimum=1).read(value, where, problems)
        if isinstance(many, tuple) and len(set(many)) < len(many):
            twice = next(item for item in many if many.count(item) > 1)
            problems.add(where, f"{show(twice)} stands in the list twice", "write each once")
            return INVALID
        return many

    def describe(self) -> str:
        return f"{self.item.describe()}, or a list of them"


@dataclass(frozen=True)
class TextOrList(Spec):
    """A string read by `text`, or a list read by `many`."""

    text: Spec
    many: Spec

    def read(self, value: object, where: str, problems: Problems) -> object:
        return (self.many if isinstance(value, (list, tuple)) else self.text).read(value, where, problems)

    def describe(self) -> str:
        return f"{self.text.describe()}, or a {self.many.describe()}"


@dataclass(frozen=True)
class Record(Spec):
    """A mapping, read into the frozen dataclass `cls`.

    `cls` may have three class variables: `NOT_YET` (keys that a later version
    will have), `OTHER_NAMES` (what users may write for a key) and `SHORT` (the
    key that is meant when a plain string stands in the place of the mapping).
    A field named `where` is not read: it is given the record's path.
    """

    cls: type
    article: str = "a"

    def read(self, value: object, where: str, problems: Problems) -> object:
        short = getattr(self.cls, "SHORT", None)
        if short is not None and isinstance(value, str):
            value = {short: value}
        if not isinstance(value, Mapping):
            problems.add(where, f"{show(value)} is not a mapping", f"write keys and values: {', '.join(self._fields)}")
            return INVALID
        self._report_unknown(value, where, problems)
        read = {option.name: option.read(value.get(option.name), f"{where}.{option.name}", problems) for option in self._fields.values()}
        if any(item is INVALID for item in read.values()) or any(key not in self._fields for key in value):
            return INVALID
        if "where" in {item.name for item in dataclasses.fields(self.cls)}:
            read["where"] = where
        return self.cls(**read)

    def _report_unknown(self, value: Mapping[object, object], where: str, problems: Problems) -> None:
        for key in value:
            if key in self._fields:
                continue
            if key in getattr(self.cls, "NOT_YET", ()):
                problems.add(f"{where}.{key}", f"'{key}' is not supported yet", "leave it out")
                continue
            other_names = getattr(self.cls, "OTHER_NAMES", {})
            meant = other_names.get(key) or did_you_mean(str(key), self._fields)
            fix = f"did you mean '{meant}'?" if meant else f"known keys: {', '.join(self._fields)}"
            problems.add(f"{where}.{key}", f"{show(key)} is not a key here", fix)

    @property
    def _fields(self) -> Mapping[str, Option]:
        return options(self.cls)

    def describe(self) -> str:
        return f"{self.article} [{spaced(self.cls.__name__)}](#{spaced(self.cls.__name__).replace(' ', '-')})"


def spaced(class_name: str) -> str:
    """`HealthCheck` as `health check`: what the documentation calls a record."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name).lower()


@dataclass(frozen=True)
class Option:
    """One key of a record: its spec, description and default."""

    name: str
    spec: Spec
    description: str
    required: bool
    default: object = field(default=None)

    def read(self, value: object, where: str, problems: Problems) -> object:
        """The typed value, or INVALID. An empty value is as good as none."""
        if value is not None:
            return self.spec.read(value, where, problems)
        if self.required:
            problems.add(where, "is missing", f"write {self.spec.describe()}")
            return INVALID
        return self.default


@functools.cache
def options(cls: type) -> Mapping[str, Option]:
    """The keys of a record's dataclass, by name, in the order in which they are declared."""
    hints = typing.get_type_hints(cls, include_extras=True)
    found = {}
    for item in dataclasses.fields(cls):
        metadata = getattr(hints[item.name], "__metadata__", None)
        if metadata is not None:
            required = item.default is dataclasses.MISSING
            found[item.name] = Option(item.name, metadata[0], metadata[1], required, None if required else item.default)
    return found
