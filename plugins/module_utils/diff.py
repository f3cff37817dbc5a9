# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules show in diff mode."""

from __future__ import annotations

from collections.abc import Iterable


def changed_parts(parts: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    """Return those parts, each a title and its text before and after, that differ."""
    return [
        {"before_header": title, "after_header": title, "before": before, "after": after}
        for title, before, after in parts
        if before != after
    ]
