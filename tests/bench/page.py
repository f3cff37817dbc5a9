# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/benchmarks.md, of which each benchmark writes a section of its own."""

from __future__ import annotations

from pathlib import Path


def replace_section(page: Path, command: str, text: str) -> None:
    """Replace what the benchmark `command` wrote before; the page marks where that begins and ends."""
    begin, end = f"<!-- {command}: begin -->\n", f"<!-- {command}: end -->\n"
    before, _mark, rest = page.read_text(encoding="utf-8").partition(begin)
    _old, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"{page} does not have the marks of {command}")
    page.write_text(f"{before}{begin}\n{text.strip()}\n\n{end}{after}", encoding="utf-8")
