# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Append numbered records to a file that is there and that other nodes write too, each one safe on the disk before the next.

    writer.py FILE NAME INTERVAL

It prints the number of each record and when it was safe, in seconds of this machine's clock.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time


def main() -> None:
    """Write until somebody ends the program."""
    path, name, interval = sys.argv[1], sys.argv[2], float(sys.argv[3])
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    number = 0
    while True:
        number += 1
        # The end of the file is where another node has moved it, which to append does not look for on OCFS2.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.lseek(descriptor, 0, os.SEEK_END)
        os.write(descriptor, f"{name} {number}\n".encode())
        os.fsync(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        print(number, f"{time.time():.3f}", flush=True)
        time.sleep(interval)


main()
