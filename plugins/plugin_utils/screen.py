# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all screens are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A line; report_action.COLOURS has the tones."""

    text: str
    tone: str = "plain"


def count(number: int, what: str) -> str:
    """Return a number with its noun, such as `1 line` or `3 lines`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
