# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done to bring a machine into a wanted state. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from .model import LabError, MachineSpec

ABSENT = "absent"
STOPPED = "stopped"
STARTED = "started"
PAUSED = "paused"
STATES = (STARTED, STOPPED, PAUSED, ABSENT)


class Action(Enum):
    """One step; the order in a plan is the order of execution."""

    STORE = "store the machine's description and make its disks"
    LAUNCH = "start its kernel"
    RESUME = "let a paused machine go on"
    PAUSE = "freeze it"
    SHUT_DOWN = "ask it to shut down, and wait"
    CUT_POWER = "kill it"
    DELETE = "remove its files and network interfaces"


@dataclass(frozen=True)
class Machine:
    """A machine as it is: its state and, unless absent, what it was last started with."""

    state: str
    spec: MachineSpec | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for a diff."""
        return {"state": self.state, **(self.spec.to_dict() if self.spec else {})}


@dataclass(frozen=True)
class Plan:
    """The steps and what the machine is after them."""

    actions: tuple[Action, ...]
    after: Machine


def decide(now: Machine, state: str, spec: MachineSpec | None, force: bool = False) -> Plan:
    """Return the plan; raise LabError if there is no way.

    ``spec`` is None where the caller did not describe the machine: then what is
    stored holds. ``force`` makes ``stopped`` a power cut.
    """
    if state == ABSENT:
        return _absent(now)
    if state == STARTED:
        return _started(now, spec)
    if state == STOPPED:
        return _stopped(now, force)
    return _paused(now)


def _absent(now: Machine) -> Plan:
    after = Machine(ABSENT)
    if now.state == ABSENT:
        return Plan((), after)
    cut = (Action.CUT_POWER,) if now.state in (STARTED, PAUSED) else ()
    return Plan((*cut, Action.DELETE), after)


def _started(now: Machine, spec: MachineSpec | None) -> Plan:
    wanted = spec or now.spec
    if wanted is None:
        raise LabError(
            "there is no such machine yet, and to make one kernel, image and nics are needed; run playbook lab_up, "
            "or give these options"
        )
    after = Machine(STARTED, wanted)
    if now.state in (STARTED, PAUSED):
        _refuse_change(now, wanted)
        return Plan((Action.RESUME,) if now.state == PAUSED else (), after)
    if now.spec and now.spec.image != wanted.image:
        raise LabError(
            f"its disk was written over the image {now.spec.image} and cannot go on with {wanted.image}; "
            "remove the machine first (state: absent)"
        )
    store = () if now.spec == wanted else (Action.STORE,)
    return Plan((*store, Action.LAUNCH), after)


def _refuse_change(now: Machine, wanted: MachineSpec) -> None:
    changed = _differing_fields(now.spec, wanted)
    if changed:
        raise LabError(
            f"it is up with other values of {', '.join(changed)} than are asked for; stop it first (state: stopped), "
            "or remove the lab with playbook lab_down to start afresh"
        )


def _differing_fields(old: MachineSpec | None, new: MachineSpec) -> list[str]:
    before = old.to_dict() if old else {}
    return [name for name, value in new.to_dict().items() if before.get(name) != value]


def _stopped(now: Machine, force: bool) -> Plan:
    if now.state == ABSENT:
        raise LabError("there is no such machine")
    after = replace(now, state=STOPPED)
    if now.state == STOPPED:
        return Plan((), after)
    if force:
        return Plan((Action.CUT_POWER,), after)
    resume = (Action.RESUME,) if now.state == PAUSED else ()
    return Plan((*resume, Action.SHUT_DOWN), after)


def _paused(now: Machine) -> Plan:
    if now.state in (ABSENT, STOPPED):
        raise LabError("it is not running, so it cannot be paused; start it first (state: started)")
    actions = () if now.state == PAUSED else (Action.PAUSE,)
    return Plan(actions, replace(now, state=PAUSED))
