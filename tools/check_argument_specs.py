# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that each role's documentation of its variables agrees with the variables.

Of a role, `meta/argument_specs.yml` (entry point `main`) and `defaults/main.yml` are in step when

- every option with a `default` stands in defaults/main.yml with the same value, and the other way round;
- an option without a `default` is not in defaults/main.yml, unless its value there is a template: that has no
  fixed value which the specification could name.

Prints one line per disagreement and ends with status 1 if there was one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECS = "meta/argument_specs.yml"
DEFAULTS = "defaults/main.yml"


def load(path: Path) -> dict[str, Any]:
    """Return the mapping of a YAML file; an empty one if the file is missing or empty."""
    if not path.exists():
        return {}
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def is_template(value: object) -> bool:
    """Say whether Ansible would evaluate the value (or a part of it) instead of taking it as it stands."""
    return "{{" in str(value) or "{%" in str(value)


def disagreements(options: dict[str, Any], defaults: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong between a role's options and its defaults, as sentences without a subject line."""
    for name in sorted(defaults.keys() - options.keys()):
        yield f"{name} is in {DEFAULTS} but no option in {SPECS}: add it there"
    for name, option in sorted(options.items()):
        if "default" not in option:
            if name in defaults and not is_template(defaults[name]):
                yield f"{name} is {defaults[name]!r} in {DEFAULTS} but has no default in {SPECS}: add it there"
        elif is_template(option["default"]):
            yield f"{name} has a template as default in {SPECS}: say it in the description instead"
        elif name not in defaults:
            yield f"{name} has a default in {SPECS} but is not in {DEFAULTS}: add it there"
        elif defaults[name] != option["default"] or type(defaults[name]) is not type(option["default"]):
            yield f"{name}: {DEFAULTS} has {defaults[name]!r}, {SPECS} says {option['default']!r}: make them equal"


def check_role(role: Path) -> Iterator[str]:
    """Yield what is wrong with one role."""
    entry_points = load(role / SPECS).get("argument_specs", {})
    if "main" not in entry_points:
        yield f"{SPECS} has no entry point main: add one, with the role's variables as its options"
        return
    yield from disagreements(entry_points["main"].get("options", {}), load(role / DEFAULTS))


def main() -> int:
    """Check the roles of the collection in the current folder."""
    found = [f"{role}: {problem}" for role in sorted(Path("roles").glob("*/")) for problem in check_role(role)]
    print("\n".join(found) or "all roles agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
