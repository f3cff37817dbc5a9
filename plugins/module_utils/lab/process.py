# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of a machine: find, start, freeze, kill."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .model import LabError

_POLL_INTERVAL = 0.1  # seconds
_KILL_TIMEOUT = 10.0  # seconds; freeing a machine's memory takes a moment


@dataclass(frozen=True)
class Process:
    """The main process of a machine; it leads the group of all of its processes."""

    pid: int
    paused: bool


def find(mark: str) -> Process | None:
    """Return the main process that has an argument which begins with ``mark``, or None."""
    found = find_all(mark)
    if not found:
        # A program that is just starting (a machine that reboots, too) has no command line for an instant.
        time.sleep(_POLL_INTERVAL)
        found = find_all(mark)
    return found[0] if found else None


def find_all(mark: str) -> list[Process]:
    """Return all such main processes.

    The kernel is asked anew each time: there is no pid file that could be stale and
    name somebody else's process. Children have the same command line, but only
    the main process leads its session.
    """
    return [found for pid in _pids() if (found := _look_at(pid, mark))]


class Watch:
    """Tells again and again, at little cost, whether a machine is running."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._last: Process | None = None

    def is_alive(self) -> bool:
        """Look at the process that was found last time, and only if that has gone at all of them."""
        self._last = self._last and _look_at(self._last.pid, self._mark)
        if not self._last:
            self._last = find(self._mark)
        return self._last is not None


def _look_at(pid: int, mark: str) -> Process | None:
    with contextlib.suppress(OSError):  # it has just ended
        arguments = _read(pid, "cmdline").split(b"\0")
        if any(argument.startswith(mark.encode()) for argument in arguments) and os.getsid(pid) == pid:
            return Process(pid, paused=_state(pid) == "T")
    return None


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    return Path(f"/proc/{pid}/{name}").read_bytes()


def _state(pid: int) -> str:
    """Return the state letter of a process, like S (sleeping) or T (stopped by a signal)."""
    # The program's name is in brackets and may itself contain brackets and spaces.
    return _read(pid, "stat").rpartition(b")")[2].split()[0].decode()


def launch(command: Sequence[str], namespace: str, console: Path) -> None:
    """Start a machine in a network namespace, in a session of its own, its output to a new console log."""
    with console.open("wb") as output:
        # run_command would wait for the machine to end.
        machine = subprocess.Popen(  # pylint: disable=ansible-bad-function
            ["nsenter", f"--net=/run/netns/{namespace}", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
    # Linux gives sessions equal shares of a processor, and heeds a niceness only inside of one (sched(7), autogroup).
    with contextlib.suppress(OSError):  # a kernel without that, or a machine that has ended at once
        Path(f"/proc/{machine.pid}/autogroup").write_text(str(os.nice(0)), encoding="ascii")


def pause(process: Process) -> None:
    """Freeze all processes of the machine."""
    os.killpg(process.pid, signal.SIGSTOP)


def resume(process: Process) -> None:
    """Let a frozen machine go on."""
    os.killpg(process.pid, signal.SIGCONT)


def kill(process: Process) -> None:
    """End all processes of the machine at once, as a power cut would; return when they are gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + _KILL_TIMEOUT
    while _group_exists(process.pid):
        if time.monotonic() > deadline:
            raise LabError(f"its processes (group {process.pid}) do not end although they were killed")
        time.sleep(_POLL_INTERVAL)


def wait_until_gone(mark: str, timeout: float) -> bool:
    """Wait until the machine has ended by itself; return False if it has not after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    watch = Watch(mark)
    while watch.is_alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_INTERVAL)
    return True


def _group_exists(group: int) -> bool:
    """Tell whether a process of the group is left that is more than a zombie."""
    for pid in _pids():
        with contextlib.suppress(OSError):
            if os.getpgid(pid) == group and _state(pid) != "Z":
                return True
    return False
