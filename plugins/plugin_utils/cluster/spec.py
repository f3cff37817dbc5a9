# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The language in which the schema is written: lists, records, and what a spec is.

A spec reads one YAML value: `read` gives the typed value, or notes problems and
gives INVALID; it never raises, whatever the value is. `describe` says for the
documentation what may be written.

A `Record` reads a mapping into a frozen dataclass whose fields are
`Annotated[type, spec, description]`. So types, limits, defaults and
descriptions stand once, at the field.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, show


class _Invalid:
    """The type of INVALID, which stands for a value that has been reported."""


INVALID: typing.Final = _Invalid()


class Spec(ABC):
    """What one value may be."""

    @abstractmethod
    def read(self, value: object, where: str, problems: Problems) -> object:
        """The typed value of `value`, or INVALID after `problems` has been told what is wrong at `where`."""

    def describe(self) -> str:
        """What may be written, for messages and the documentation."""
        return self._description()

    @abstractmethod
    def _description(self) -> str:
        """What `describe` gives."""


class MistakeError(Exception):
    """What is wrong with a scalar, and what to write."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what, fix)
        self.what = what
        self.fix = fix


class Scalar(Spec):
    """A value without parts."""

    def read(self, value: object, where: str, problems: Problems) -> object:
        """The converted value, or INVALID."""
        try:
            return self._convert(value)
        except MistakeError as mistake:
            problems.add(where, mistake.what, mistake.fix)
            return INVALID

    @abstractmethod
    def _convert(self, value: object) -> object:
        """The typed value of `value`; raises a MistakeError."""


@dataclass(frozen=True)
class ListOf(Spec):
    """A list, read as a tuple. With `keep_valid` the valid items are given even if others are not."""

    item: Spec
    minimum: int = 0
    keep_valid: bool = False

    def read(self, value: object, where: str, problems: Problems) -> object:
        """The items as a tuple, or INVALID."""
        if not isinstance(value, (list, tuple)):
            problems.add(where, f"{show(value)} is not a list", f"write a {self.describe()}")
            return INVALID
        if len(value) < self.minimum:
            problems.add(where, "the list is empty", f"write at least one: {self.item.describe()}")
            return INVALID
        items = [self.item.read(item, f"{where}[{index}]", problems) for index, item in enumerate(value)]
        valid = tuple(item for item in items if item is not INVALID)
        return valid if self.keep_valid or len(valid) == len(items) else INVALID

    def _description(self) -> str:
        return f"list, each item {self.item.describe()}"


@dataclass(frozen=True)
class OneOrMany(Spec):
    """One value or a list of them without repetition, read as a tuple."""

    item: Spec

    def read(self, value: object, where: str, problems: Problems) -> object:
        """The values as a tuple of at least one, or INVALID."""
        if not isinstance(value, (list, tuple)):
            one = self.item.read(value, where, problems)
            return one if one is INVALID else (one,)
        many = ListOf(self.item, minimum=1).read(value, where, problems)
        if isinstance(many, tuple) and len(set(many)) < len(many):
            twice = next(item for item in many if many.count(item) > 1)
            problems.add(where, f"{show(twice)} stands in the list twice", "write each once")
            return INVALID
        return many

    def _description(self) -> str:
        return f"{self.item.describe()}, or a list of such"


@dataclass(frozen=True)
class TextOrList(Spec):
    """A string read by `text`, or a list read by `many`."""

    text: Spec
    many: Spec

    def read(self, value: object, where: str, problems: Problems) -> object:
        """What the spec for this kind of value gives."""
        return (self.many if isinstance(value, (list, tuple)) else self.text).read(value, where, problems)

    def _description(self) -> str:
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

    def read(self, value: object, where: str, problems: Problems) -> object:
        """An instance of `cls`, or INVALID."""
        short = getattr(self.cls, "SHORT", None)
        if short is not None and isinstance(value, str):
            value = {short: value}
        if not isinstance(value, Mapping):
            problems.add(where, f"{show(value)} is not a mapping", f"write some of these keys: {', '.join(self._keys)}")
            return INVALID
        known = [self._is_known(key, where, problems) for key in value]
        read = {name: option.read(value.get(name), f"{where}.{name}", problems) for name, option in self._keys.items()}
        if not all(known) or any(item is INVALID for item in read.values()):
            return INVALID
        if any(field.name == "where" for field in dataclasses.fields(self.cls)):
            read["where"] = where
        return self.cls(**read)

    def _is_known(self, key: object, where: str, problems: Problems) -> bool:
        if key in self._keys:
            return True
        if key in getattr(self.cls, "NOT_YET", ()):
            problems.add(f"{where}.{key}", "this key is not supported yet", "leave it out")
            return False
        meant = getattr(self.cls, "OTHER_NAMES", {}).get(key) or did_you_mean(str(key), self._keys)
        fix = f"did you mean '{meant}'?" if meant else f"known keys: {', '.join(self._keys)}"
        problems.add(f"{where}.{key}", "there is no such key", fix)
        return False

    @property
    def _keys(self) -> Mapping[str, Option]:
        return options(self.cls)

    def _description(self) -> str:
        short = getattr(self.cls, "SHORT", None)
        return f"a {record_title(self.cls)}, which is a mapping{f' or just its {short}' if short else ''}"


def record_title(cls: type) -> str:
    """`HealthCheck` as `health check`: what messages and the documentation call a record."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", cls.__name__)
    return " ".join(word if word.isupper() else word.lower() for word in words)


@dataclass(frozen=True)
class Option:
    """One key of a record: its spec, description and default."""

    name: str
    spec: Spec
    description: str
    required: bool
    default: object

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
        annotation = getattr(hints[item.name], "__metadata__", None)
        if annotation is not None:
            spec, description = annotation
            required = item.default is dataclasses.MISSING
            found[item.name] = Option(item.name, spec, description, required, None if required else item.default)
    return found
