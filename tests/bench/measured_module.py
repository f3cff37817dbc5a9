# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ipvs_table as Ansible runs it on a node, and tells where its time went.

    PYTHONPATH=collection.zip python3 measured_module.py PARAMETERS.json RESULT.json [--system-calls]

The archive has the module and what it imports, like the one inside the script that Ansible sends, and like Ansible
this sets the parameters and runs the module as a script. Writes {"seconds": {phase: ...}, "kernel": {phase: ...},
"peak_mib": ..., "result": ...}; `kernel` is the part of a phase that was spent in system calls of the netlink socket,
if that was asked for: to look at the clock is a system call itself on User Mode Linux.
"""

from __future__ import annotations

import io
import json
import resource
import runpy
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import manage, netlink, table

MODULE = "ansible_collections.lvs.cluster.plugins.modules.ipvs_table"


class Clock:
    """Adds up the seconds of phases."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.kernel: defaultdict[str, float] = defaultdict(float)
        self.phase = ""

    def watch(self, owner: Any, name: str, phase: str) -> None:
        """Count the time of a function for a phase."""
        function = getattr(owner, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            self.phase, start = phase, time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds[phase] += time.perf_counter() - start

        setattr(owner, name, timed)

    def watch_system_call(self, name: str) -> Callable[..., Any]:
        """Return a method of a socket that counts its time for the phase that runs."""
        method = getattr(socket.socket, name)

        def timed(*arguments: Any) -> Any:
            start = time.perf_counter()
            try:
                return method(*arguments)
            finally:
                self.kernel[self.phase] += time.perf_counter() - start

        return timed


def main() -> None:
    """Run the module with its phases watched."""
    parameters, target, *more = sys.argv[1:]
    clock = Clock()
    clock.watch(basic.AnsibleModule, "__init__", "arguments")
    clock.watch(manage, "read_table", "validation")
    clock.watch(table, "read_services", "reading")
    clock.watch(manage, "plan", "plan")
    clock.watch(table, "apply", "applying")
    clock.watch(basic.AnsibleModule, "exit_json", "output")
    if more == ["--system-calls"]:
        calls = {name: clock.watch_system_call(name) for name in ("send", "recvmsg", "recv", "recv_into")}
        netlink.socket = SimpleNamespace(**{**vars(socket), "socket": type("Socket", (socket.socket,), calls)})

    given = json.loads(Path(parameters).read_text(encoding="utf-8"))
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    del given
    output, start = io.StringIO(), time.perf_counter()
    with redirect_stdout(output), suppress(SystemExit):
        runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
    clock.seconds["module"] = time.perf_counter() - start
    answer = {
        "seconds": clock.seconds,
        "kernel": clock.kernel,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "result": {name: value for name, value in json.loads(output.getvalue()).items() if name != "invocation"},
    }
    Path(target).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
