# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to a lab, from the module's options to its result."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .decide import ABSENT, STARTED, Action
from .machine import Lab
from .model import LabError


@dataclass(frozen=True)
class Request:
    """What the user asked for. ``name`` is None for the whole lab; ``boot_timeout`` is in seconds."""

    cache: Path
    lab: str
    name: str | None
    state: str
    force: bool
    options: Mapping[str, Any]
    boot_timeout: int


def run(request: Request, check_mode: bool) -> dict[str, Any]:
    """Carry a request out, or in check mode only say what it would do; return the module's result."""
    if os.geteuid() != 0 and not check_mode:
        raise LabError("a lab needs root, for its network; run ansible-playbook as root")
    lab = Lab(request.cache, request.lab)
    result = _whole_lab(lab, check_mode) if request.name is None else _one_machine(lab, request, request.name, check_mode)
    return {**result, "ssh_config": str(lab.files.ssh_config), "namespace": lab.files.namespace}


def _one_machine(lab: Lab, request: Request, name: str, check_mode: bool) -> dict[str, Any]:
    with lab.lock():
        before, plan = lab.plan(name, request.state, request.options, request.force)
        if not check_mode:
            lab.carry_out(name, plan)
            if request.state == ABSENT:
                lab.remove_if_empty()
    if not check_mode and Action.SHUT_DOWN in plan.actions:
        lab.wait_until_down(name)
    if not check_mode and request.state == STARTED and request.boot_timeout:
        lab.wait_until_up(name, request.boot_timeout)
    return {
        "changed": bool(plan.actions),
        "machine": plan.after.to_dict(),
        "console": str(lab.files.machine(name).console),
        "diff": {"before": before.to_dict(), "after": plan.after.to_dict()},
    }


def _whole_lab(lab: Lab, check_mode: bool) -> dict[str, Any]:
    with lab.lock():
        names = lab.names()
        changed = lab.remains()
        if not check_mode:
            for name in names:
                _, plan = lab.plan(name, ABSENT, {}, force=False)
                lab.carry_out(name, plan)
            lab.remove_if_empty()
    return {"changed": changed, "diff": {"before": {"machines": names}, "after": {"machines": []}}}
