# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of the schema as the YAML that a user would write: defaults left out, lists of one item as the item."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ports import Ports, as_ranges
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import OneOrMany, Option, options

EXPLICIT = frozenset({"forwarding", "scheduler"})
"""What a service says although it is the default: whoever compares it with the old file looks for it."""


def dump(record: Any) -> dict[str, Any]:
    """The keys of a record that differ from their defaults."""
    cls: type = type(record)
    return {
        name: _value(option, getattr(record, name))
        for name, option in options(cls).items()
        if getattr(record, name) != option.default or (name in EXPLICIT and option.default is not None)
    }


def _value(option: Option, value: Any) -> Any:
    if isinstance(option.spec, Ports):
        return _one_or_many(_ports(value))
    if isinstance(option.spec, OneOrMany):
        return _one_or_many(list(value))
    if isinstance(value, tuple):
        return [_short(dump(item)) for item in value]
    return _short(dump(value)) if dataclasses.is_dataclass(value) else value


def _ports(ports: tuple[int, ...]) -> list[Any]:
    """Ports, neighbours as ranges, unless the order would be lost: of a fwmark service the first port is checked."""
    if list(ports) != sorted(ports):
        return list(ports)
    return [int(text) if text.isdigit() else text for text in as_ranges(ports)]


def _one_or_many(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _short(record: Mapping[str, Any]) -> Any:
    """A host of which only its name is to be said is its name."""
    return record["host"] if set(record) == {"host"} else dict(record)
