# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the systemd units of mount points (systemd.unit(5)): pure, no I/O."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9:_.]")


def escape_path(path: str) -> str:
    """Return a path as it stands in names of units, as `systemd-escape --path` does."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts:
        return "-"
    text = "-".join("".join(map(_escape, part)) for part in parts)
    return f"\\x2e{text[1:]}" if text.startswith(".") else text


def _escape(character: str) -> str:
    if _PLAIN.fullmatch(character):
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
