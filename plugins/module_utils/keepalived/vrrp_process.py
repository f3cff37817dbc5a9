# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process of keepalived that holds the VIPs: how they leave before the services do.

keepalived ends its processes all at once. Where the checker is quicker its services are gone while the VIPs are still
here, and clients that connect in that moment are refused. Where the VRRP process ends first, it tells the other
directors, and a packet that still comes here is not answered: the client sends it again, to the new director.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..ipvs.owner import RUN, parent_of, pids_in_files

PID_FILES = ("vrrp*.pid", "*_vrrp.pid", "keepalived/vrrp*.pid", "keepalived/*_vrrp.pid")

PATIENCE = 3.0
"""Seconds in which it has to end; what keepalived does then is what it does anyway."""


def find(main_pid: int, run: Path = RUN) -> int | None:
    """Return the pid of the VRRP process of a keepalived, by that of its parent; None if it does no VRRP."""
    return next((pid for pid in pids_in_files(PID_FILES, run) if parent_of(pid) == main_pid), None)


def end(pid: int, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
    """Have the VRRP process give its VIPs away, and wait for that.

    keepalived would start it again in a while, as a backup: the caller stops keepalived now.
    """
    parent = parent_of(pid)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    start = clock()
    while parent_of(pid) == parent and clock() - start < PATIENCE:
        sleep(0.05)
