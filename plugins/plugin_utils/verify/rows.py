# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of verify's screen are made of."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import Finding

NOTHING = "-"
"""A cell that has nothing to say."""


@dataclass(frozen=True)
class Row:
    """A line with columns, and its mark: well, wrong or open."""

    tone: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A titled table, with sentences below it; `numbers` are the columns that are aligned to the right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    last: tuple[Row, ...] = ()
    numbers: tuple[int, ...] = ()


def tone_of(finding: Finding) -> str:
    """Return the mark of something that was looked at."""
    return "wrong" if finding.problems else "well"
