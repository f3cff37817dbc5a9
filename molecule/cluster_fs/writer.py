# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Append numbered records to a file of its own, each one safe on the disk before the next; print them as they are.

    writer.py FILE INTERVAL

A line is the record's number and when it was safe, in seconds of this machine's clock.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    """Write until somebody ends the program."""
    path, interval = sys.argv[1], float(sys.argv[2])
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    number = 0
    while True:
        number += 1
        os.write(descriptor, f"{number}\n".encode())
        os.fsync(descriptor)
        print(number, f"{time.time():.3f}", flush=True)
        time.sleep(interval)


main()
