# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user of the shared data: looks, writes and locks without a break until SIGTERM, then prints what it saw as JSON.

    python3 user.py FOLDER

As www-data, since the server takes root of a client for nobody.

Of each kind of operation it tells how often it was done, and the longest time between two that had ended. Records are
numbered; one counts as written when fsync has returned. `records` and `files` are how many of them that are: the folder
has to have at least those when it is looked at again.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

INTERVAL = 0.05


@dataclass
class Kind:
    """One kind of operation."""

    action: Callable[[int], None]
    count: int = 0
    gap: float = 0.0
    ended: float = field(default_factory=time.monotonic)
    problems: list[str] = field(default_factory=list)

    def run(self, until: threading.Event) -> None:
        """Repeat it."""
        self.ended = time.monotonic()
        while not until.is_set():
            try:
                self.action(self.count)
                self.count += 1
            except OSError as error:
                self.problems.append(f"{self.count}: {error}")
                if len(self.problems) > 10:
                    return
            now = time.monotonic()
            self.gap, self.ended = max(self.gap, now - self.ended), now
            time.sleep(INTERVAL)


class User:
    """The operations, in a folder of the user's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.records = (folder / "records").open("w", encoding="ascii")
        self.locked = (folder / "locked").open("w", encoding="ascii")
        fcntl.lockf(self.locked, fcntl.LOCK_EX)

    def look(self, _number: int) -> None:
        """Ask the server: statvfs is not answered from a cache."""
        os.statvfs(self.folder)

    def write(self, number: int) -> None:
        """Append a record to a file that stays open."""
        self.records.write(f"{number:08d}\n")
        self.records.flush()
        os.fsync(self.records.fileno())

    def make(self, number: int) -> None:
        """Make a new file: a server that has just started first lets clients reclaim what they had open."""
        with (self.folder / f"file-{number:08d}").open("w", encoding="ascii") as file:
            file.write(f"{number:08d}\n")
            file.flush()
            os.fsync(file.fileno())


def main() -> None:
    """Work until SIGTERM."""
    end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    account = pwd.getpwnam("www-data")
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    user = User(Path(sys.argv[1]))
    kinds = {name: Kind(getattr(user, name)) for name in ("look", "write", "make")}
    threads = [threading.Thread(target=kind.run, args=(end,)) for kind in kinds.values()]
    for thread in threads:
        thread.start()
    end.wait()
    for thread in threads:
        thread.join()
    result: dict[str, object] = {
        name: {"count": kind.count, "gap_ms": kind.gap * 1000, "problems": kind.problems}
        for name, kind in kinds.items()
    }
    # A lock that was lost by a switch of the server is an error of the next operation on the file.
    try:
        user.locked.write("still mine\n")
        user.locked.flush()
        os.fsync(user.locked.fileno())
        result["lock"] = ""
    except OSError as error:
        result["lock"] = str(error)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
