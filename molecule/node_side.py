# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a machine of the lab: modules and commands, one after the other.

    python3 node_side.py COLLECTION < steps.json > results.json

COLLECTION is a folder with `ansible` and `ansible_collections` in it.

A step is {"module": ..., "parameters": {...}} or {"command": "..."}. Ansible starts a new Python for each module, which
takes a second here. This process imports once and forks for each step instead; the module itself does not notice.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import Any

sys.path.insert(0, sys.argv[1])
MODULES = "ansible_collections.lvs.cluster.plugins.modules"


def run_module(name: str, parameters: dict[str, Any]) -> None:
    """Do what Ansible's wrapper does after it has unpacked a module: hand over the parameters and run it as a script."""
    from ansible.module_utils import basic

    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": parameters}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    runpy.run_module(f"{MODULES}.{name}", run_name="__main__", alter_sys=True)


def in_child(action: Callable[[], None]) -> str:
    """Run an action in a child process; return what it wrote to standard output."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writer, 1)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), write_through=True)
        try:
            action()
        except SystemExit:
            pass
        except BaseException:
            traceback.print_exc(file=sys.stdout)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as output:
        text = output.read()
    os.waitpid(pid, 0)
    return text


def run_step(step: dict[str, Any]) -> Any:
    """Return a module's result, or what a command printed."""
    if "command" in step:
        return subprocess.run(step["command"], shell=True, capture_output=True, text=True, check=True).stdout
    text = in_child(lambda: run_module(step["module"], step["parameters"]))
    try:
        return json.loads(text)
    except ValueError:
        return {"failed": True, "msg": f"the module ended without a result: {text}"}


def main() -> None:
    """Run all steps; what modules import is imported before the first fork."""
    steps = json.load(sys.stdin)
    for name in {step["module"] for step in steps if "module" in step}:
        importlib.import_module(f"{MODULES}.{name}")
    json.dump([run_step(step) for step in steps], sys.stdout)


if __name__ == "__main__":
    main()
