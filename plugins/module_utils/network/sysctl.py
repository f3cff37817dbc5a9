# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings below /proc/sys, by keys with slashes, which stay unambiguous for interface names with dots."""

from __future__ import annotations

from pathlib import Path

_PROC_SYS = Path("/proc/sys")


def exists(key: str) -> bool:
    """Tell whether the running kernel has this setting."""
    return (_PROC_SYS / key).exists()


def read(key: str) -> int:
    """Return the current value, a number."""
    return int(read_text(key))


def read_text(key: str) -> str:
    """Return the current value as the kernel writes it."""
    return (_PROC_SYS / key).read_text(encoding="ascii")


def write(key: str, value: int | str) -> None:
    """Set the value in the running kernel."""
    (_PROC_SYS / key).write_text(str(value), encoding="ascii")
