# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to a lab, from the module's options to its result."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .decide import ABSENT, STARTED, STOPPED
from .machine import Lab
from .model import LabError


@dataclass(frozen=True)
class Request:
    """What the user asked for, of one machine or of ``all_machines``; ``boot_timeout`` is in seconds."""

    cache: Path
    lab: str
    name: str | None
    all_machines: bool
    state: str
    force: bool
    options: Mapping[str, Any]
    boot_timeout: int


def run(request: Request, check_mode: bool) -> dict[str, Any]:
    """Carry a request out, or in check mode only say what it would do; return the module's result."""
    if os.geteuid() != 0 and not check_mode:
        raise LabError("a lab needs root, for its network; run ansible-playbook as root")
    if request.all_machines and (request.name or request.state != ABSENT):
        raise LabError("all_machines goes with state: absent and without a name")
    if not request.all_machines and not request.name:
        raise LabError("name says which machine is meant; it is missing")
    lab = Lab(request.cache, request.lab)
    with contextlib.nullcontext() if check_mode else lab.lock():
        result = _change(lab, request, request.name, check_mode) if request.name else _remove_lab(lab, check_mode)
    if request.name and not check_mode:
        _wait(lab, request, request.name)
    return {**result, "ssh_config": str(lab.files.ssh_config), "namespace": lab.files.namespace}


def _change(lab: Lab, request: Request, name: str, check_mode: bool) -> dict[str, Any]:
    before, plan = lab.plan(name, request.state, request.options, request.force)
    if not check_mode:
        lab.carry_out(name, plan)
        if request.state == ABSENT:
            lab.remove_if_empty()
    return {
        "changed": bool(plan.actions),
        "machine": plan.after.to_dict(),
        "console": str(lab.files.machine(name).console),
        "diff": {"before": before.to_dict(), "after": plan.after.to_dict()},
    }


def _wait(lab: Lab, request: Request, name: str) -> None:
    """Wait for what takes its time, now that the lock is free for others."""
    if request.state == STOPPED:
        lab.wait_until_down(name)
    elif request.state == STARTED and request.boot_timeout:
        lab.wait_until_up(name, request.boot_timeout)


def _remove_lab(lab: Lab, check_mode: bool) -> dict[str, Any]:
    names = lab.names()
    changed = lab.remains()
    if not check_mode:
        for name in names:
            _before, plan = lab.plan(name, ABSENT, {}, force=False)
            lab.carry_out(name, plan)
        lab.kill_strays()
        lab.remove_if_empty()
    return {"changed": changed, "diff": {"before": {"machines": names}, "after": {"machines": []}}}
