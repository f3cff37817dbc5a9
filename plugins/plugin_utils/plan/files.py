# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The difference of two texts, as few words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import count

MOST_LINES = 12
"""Of a longer difference only the number of lines is shown."""


def file_change(name: str, before: str | None, after: str | None) -> Iterator[Change]:
    """Describe how a text file would change; nothing if it would not."""
    before, after = before or "", after or ""
    lines = tuple(_changed_lines(before, after))
    if not lines:
        return
    mark = "~" if before and after else "+" if after else "-"
    yield Change(mark, f"{name}: {count(len(lines), 'line')}", some_lines(mark, lines))


def service_action(program: str, diff: Mapping[str, Any]) -> Iterator[Change]:
    """Describe what the module of a health checker would do to its service."""
    # The callback puts the name of the task's action where the module's own `action` was.
    action = re.search(r"\(service: (\w+)\)", diff.get("after_header", ""))
    if action and action[1] != "none":
        yield Change("", f"{action[1]} {program}")


def some_lines(mark: str, lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines to show: those of something that changes, unless there are many."""
    return tuple(lines) if mark == "~" and len(lines) <= MOST_LINES else ()


def _changed_lines(before: str, after: str) -> Iterator[str]:
    difference = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    for number, line in enumerate(difference):
        if number > 1 and line.startswith(("+", "-")) and line[1:].strip():
            yield f"{line[0]} {line[1:].strip()}"
