# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of site.yml would change, as frozen value objects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One thing that would change.

    `mark` is + (comes), ~ (changes), - (goes) or empty for something that would be done; `lines` are those that differ.
    """

    mark: str
    text: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class HostReport:
    """What would change on a host, in the order of the run; `problem` says why that is not known, or where it stops."""

    name: str
    tiers: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    problem: str = ""
    stops: bool = False
    """Whether the problem ends the run there, and perhaps elsewhere, so that what comes after is not known."""
