# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab.decide import (
    ABSENT,
    PAUSED,
    STARTED,
    STATES,
    STOPPED,
    Action,
    Machine,
    decide,
)
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError, MachineSpec, Nic

SPEC = MachineSpec(lab="demo", name="lb1", kernel="/k", image="/i", memory=384, nics=(Nic("lan"),))
BIGGER = replace(SPEC, memory=512)


def actions(now: str, state: str, spec: MachineSpec | None = None, *, force: bool = False) -> tuple[Action, ...]:
    machine = Machine(now, None if now == ABSENT else SPEC)
    return decide(machine, state, spec, force).actions


@pytest.mark.parametrize(
    ("now", "wanted", "expected"),
    [
        (STOPPED, STARTED, (Action.LAUNCH,)),
        (STARTED, STARTED, ()),
        (PAUSED, STARTED, (Action.RESUME,)),
        (STARTED, STOPPED, (Action.SHUT_DOWN,)),
        (PAUSED, STOPPED, (Action.RESUME, Action.SHUT_DOWN)),
        (STOPPED, STOPPED, ()),
        (STARTED, PAUSED, (Action.PAUSE,)),
        (PAUSED, PAUSED, ()),
        (ABSENT, ABSENT, ()),
        (STOPPED, ABSENT, (Action.DELETE,)),
        (STARTED, ABSENT, (Action.CUT_POWER, Action.DELETE)),
        (PAUSED, ABSENT, (Action.CUT_POWER, Action.DELETE)),
    ],
)
def test_steps_between_states(now: str, wanted: str, expected: tuple[Action, ...]) -> None:
    assert actions(now, wanted) == expected


@pytest.mark.parametrize("now", [STARTED, PAUSED])
def test_force_cuts_the_power(now: str) -> None:
    assert actions(now, STOPPED, force=True) == (Action.CUT_POWER,)


def test_force_leaves_a_stopped_machine_alone() -> None:
    assert actions(STOPPED, STOPPED, force=True) == ()


def test_a_new_machine_is_stored_first() -> None:
    assert actions(ABSENT, STARTED, SPEC) == (Action.STORE, Action.LAUNCH)


def test_a_half_made_machine_is_stored_again() -> None:
    plan = decide(Machine(STOPPED, None), STARTED, SPEC)
    assert plan.actions == (Action.STORE, Action.LAUNCH)


def test_an_unchanged_description_is_not_stored_again() -> None:
    assert actions(STOPPED, STARTED, SPEC) == (Action.LAUNCH,)


def test_a_stopped_machine_starts_with_a_new_description() -> None:
    assert actions(STOPPED, STARTED, BIGGER) == (Action.STORE, Action.LAUNCH)


@pytest.mark.parametrize("now", [STARTED, PAUSED])
def test_a_machine_that_is_up_cannot_be_changed(now: str) -> None:
    with pytest.raises(LabError, match="it is up with other values of memory than are asked for; stop it first"):
        actions(now, STARTED, BIGGER)


def test_a_machine_that_is_up_with_its_description_is_left_alone() -> None:
    assert actions(STARTED, STARTED, SPEC) == ()


def test_a_disk_belongs_to_its_image() -> None:
    with pytest.raises(LabError, match="its disk was written over the image /i and cannot go on with /other"):
        actions(STOPPED, STARTED, replace(SPEC, image="/other"))


def test_a_machine_that_nobody_described_cannot_start() -> None:
    with pytest.raises(LabError, match="there is no such machine yet, and to make one kernel, image and nics"):
        actions(ABSENT, STARTED)


def test_what_is_absent_cannot_stop() -> None:
    with pytest.raises(LabError, match="there is no such machine"):
        actions(ABSENT, STOPPED)


@pytest.mark.parametrize("now", [ABSENT, STOPPED])
def test_what_does_not_run_cannot_pause(now: str) -> None:
    with pytest.raises(LabError, match="it is not running, so it cannot be paused"):
        actions(now, PAUSED)


@pytest.mark.parametrize("now", STATES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("force", [False, True])
def test_every_plan_ends_where_it_should_and_needs_no_second_one(now: str, state: str, force: bool) -> None:
    machine = Machine(now, None if now == ABSENT else SPEC)
    try:
        plan = decide(machine, state, SPEC, force)
    except LabError:
        return
    assert plan.after.state == state
    assert decide(plan.after, state, SPEC, force).actions == ()


def test_a_diff_shows_state_and_description() -> None:
    assert Machine(STARTED, SPEC).to_dict()["state"] == STARTED
    assert Machine(STARTED, SPEC).to_dict()["memory"] == 384
    assert Machine(ABSENT).to_dict() == {"state": ABSENT}
