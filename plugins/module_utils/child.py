# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in child processes that are given up after a time.

A process that touches a mount whose server is away waits in the kernel, where at times not even a signal reaches it. So
it must not be the one that has to answer to Ansible, and nobody may wait for its end.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """How a command ended; `code` is None if it was given up."""

    code: int | None
    out: str
    error: str


def run_bounded(command: Sequence[str], seconds: float) -> Outcome:
    """Run a command for at most so long. One that does not even end when it is killed is left behind."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        return Outcome(127, "", f"{command[0]}: {error.strerror}")
    try:
        out, complaints = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=1)
        return Outcome(None, "", f"no end after {seconds:g} s")
    return Outcome(process.returncode, out, complaints)


class Child:
    """A function that runs in a child process from now on; what it returns has to fit into JSON."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._end, theirs = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            # Nothing of the parent's may run here, not even its clean-up at exit.
            try:
                os.setsid()
                os.close(self._end)
                with os.fdopen(theirs, "w") as pipe:
                    json.dump(function(), pipe)
            except Exception:
                os._exit(1)
            os._exit(0)
        os.close(theirs)

    def result(self, deadline: float, otherwise: Any = None) -> Any:
        """Return what the function returns, or `otherwise` if it fails or is not ready at this monotonic time."""
        data = b""
        while True:
            ready, _writable, _failed = select.select([self._end], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._end, 65536) if ready else b""
            data += chunk
            if not chunk:
                break
        os.close(self._end)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._reap()
        try:
            return json.loads(data) if ready else otherwise
        except ValueError:
            return otherwise

    def _reap(self) -> None:
        """Let the kernel forget the child, if it has ended by now; init does so later for one that has not."""
        for _attempt in range(10):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(self._pid, os.WNOHANG)[0] == 0:
                    time.sleep(0.02)
                    continue
            return


def call_bounded(function: Callable[[], object], seconds: float, otherwise: Any = None) -> Any:
    """Return what the function returns, or `otherwise` if it fails or needs longer."""
    return Child(function).result(time.monotonic() + seconds, otherwise)
