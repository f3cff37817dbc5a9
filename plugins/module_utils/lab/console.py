# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine says on its console about its boot."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .model import LabError

# Written by /usr/local/sbin/lab-report in the image.
_REPORT = re.compile(r"lvs-lab-boot: (\w+) ?(.*)")
# Terminal control: CSI sequences (colours, resets), OSC sequences (titles, palettes), single characters.
_CONTROL = re.compile(r"\x1b\[[0-9;:?!]*[A-Za-z]|\x1b\][^\x07\x1b\n]*(\x07|\x1b\\)?|\x1b.|[\r\x00\x07]")
# Printed by the kernel when the machine reboots by itself.
_REBOOT = "reboot: Restarting system"
_POLL_INTERVAL = 0.25  # seconds
_TAIL_LINES = 20


@dataclass(frozen=True)
class BootReport:
    """systemd's state after the boot (``running``, ``degraded``, ...) and the units that failed."""

    state: str
    failed_units: tuple[str, ...] = ()


def last_report(text: str) -> BootReport | None:
    """Return the report of the latest boot in a console log, or None while that boot goes on."""
    found = _REPORT.findall(text.rpartition(_REBOOT)[2])
    if not found:
        return None
    state, units = found[-1]
    return BootReport(state, tuple(units.split()))


def tail(text: str, lines: int = _TAIL_LINES) -> str:
    """Return the last lines, without blank ones and terminal control sequences."""
    plain = _CONTROL.sub("", text)
    kept = [line.rstrip() for line in plain.splitlines() if line.strip()]
    return "\n".join(kept[-lines:])


def wait_for_boot(console: Path, is_alive: Callable[[], bool], timeout: float) -> None:
    """Return when the machine is up and systemd says running; raise LabError if that does not happen.

    ``timeout`` is in seconds. A machine that has reported already returns at once.
    """
    deadline = time.monotonic() + timeout
    while True:
        alive = is_alive()  # asked first: a report may come just before the end
        text = console.read_text(errors="replace") if console.exists() else ""
        report = last_report(text)
        if report:
            return _check(report, console)
        if not alive:
            raise LabError(_explain("it stopped while it was booting", text, console))
        if time.monotonic() > deadline:
            raise LabError(_explain(f"it did not come up within {timeout:g} s", text, console))
        time.sleep(_POLL_INTERVAL)


def _check(report: BootReport, console: Path) -> None:
    if report.state == "running":
        return
    units = ", ".join(report.failed_units) or "none named"
    raise LabError(
        f"it is up, but systemd says {report.state}; failed units: {units}. Log in and look at "
        f"'systemctl status {' '.join(report.failed_units)}'; its console log is {console}"
    )


def _explain(what: str, text: str, console: Path) -> str:
    end = tail(text)
    last = f" The last lines:\n{end}" if end else " It is empty."
    return f"{what}. Its console log is {console}.{last}"
