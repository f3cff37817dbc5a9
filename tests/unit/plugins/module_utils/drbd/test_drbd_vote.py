# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.status import Status
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.vote import (
    ABLE,
    FREEZE_LIMIT,
    OUT,
    PENALTY,
    SERVING,
    UNSERVED_LIMIT,
    Question,
    Seen,
    majority,
    vote,
)

STANDBY = Status("Connected", "Secondary", "Primary", "UpToDate", "UpToDate", frozen=False, out_of_sync=0)
ACTIVE = replace(STANDBY, role="Primary", peer_role="Secondary")
ALONE = replace(STANDBY, connection="WFConnection", peer_role="Unknown", peer_disk="DUnknown")
FROZEN = replace(ALONE, role="Primary", frozen=True)


@pytest.mark.parametrize(
    ("seen", "value", "reason"),
    [
        (Seen(None, "idle"), OUT, "DRBD is not up"),
        (Seen(STANDBY, "idle"), ABLE, "it could take the volume"),
        (Seen(ALONE, "idle", witnesses=1), ABLE, "it could take the volume"),
        (Seen(ALONE, "idle"), OUT, "it sees neither its peer nor 1 of the witnesses"),
        (Seen(ALONE, "idle", witnesses=1, witnesses_needed=2), OUT, "it sees neither its peer nor 2 of the witnesses"),
        (Seen(ALONE, "taking"), ABLE, "it takes the volume"),
        (Seen(ACTIVE, "serving", serves=True), SERVING, "it serves the volume"),
        (Seen(ACTIVE, "serving", unserved_for=UNSERVED_LIMIT), SERVING, "it serves the volume"),
        (Seen(ACTIVE, "serving", unserved_for=UNSERVED_LIMIT + 1), OUT, "the NFS server does not run"),
        (
            Seen(FROZEN, "serving", frozen_for=FREEZE_LIMIT),
            ABLE,
            "reads and writes wait for the decision about the peer",
        ),
        (
            Seen(FROZEN, "serving", frozen_for=FREEZE_LIMIT + 1),
            OUT,
            "reads and writes wait, and neither the peer nor enough witnesses have answered",
        ),
        (Seen(ACTIVE, "releasing"), OUT, "it lets go of the volume"),
        (Seen(STANDBY, "idle", failed_ago=1), OUT, "it has just failed to serve the volume"),
        (Seen(STANDBY, "idle", failed_ago=PENALTY), ABLE, "it could take the volume"),
        (
            Seen(replace(ALONE, disk="Consistent"), "idle", witnesses=3),
            OUT,
            "its disk is Consistent: only the peer can tell whether it is the newest",
        ),
        (
            Seen(replace(STANDBY, disk="Inconsistent", synced=6.3), "idle"),
            OUT,
            "its disk is Inconsistent: 6.3 % of it are synchronised",
        ),
        (Seen(replace(ACTIVE, disk="Diskless"), "serving"), OUT, "its disk is Diskless"),
    ],
)
def test_votes(seen: Seen, value: int, reason: str) -> None:
    given = vote(seen)
    assert (given.value, given.reason) == (value, reason)


def test_no_host_without_the_newest_data_is_ever_able() -> None:
    disks = ["Diskless", "Attaching", "Failed", "Negotiating", "Inconsistent", "Outdated", "DUnknown", "Consistent"]
    for disk, phase, base in product(
        disks, ["idle", "taking", "serving", "releasing"], [STANDBY, ACTIVE, ALONE, FROZEN]
    ):
        assert vote(Seen(replace(base, disk=disk), phase, serves=True, witnesses=9)).value == OUT


def test_a_frozen_host_never_votes_for_itself() -> None:
    for phase, waited in product(["idle", "taking", "serving", "releasing"], [0.0, FREEZE_LIMIT, FREEZE_LIMIT + 1]):
        assert vote(Seen(FROZEN, phase, serves=True, frozen_for=waited, witnesses=9)).value < SERVING


@pytest.mark.parametrize(("count", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_majority(count: int, needed: int) -> None:
    assert majority(count) == needed


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        (Question(True, 2, 2, peer_answers=False, address_answers=False), None),
        (Question(False, 2, 2, peer_answers=False, address_answers=False), None),
        # It is up, but hands over or has gone down in good order.
        (Question(False, 2, 2, peer_answers=True, address_answers=False), None),
        (Question(True, 1, 2, peer_answers=False, address_answers=False), "only 1 witnesses answer, 2 have to"),
        (Question(False, 0, 1, peer_answers=False, address_answers=False), "only 0 witnesses answer, 1 have to"),
        (Question(True, 2, 2, peer_answers=True, address_answers=False), "the peer answers, but not its DRBD"),
        (
            Question(False, 2, 2, peer_answers=False, address_answers=True),
            "a floating address answers, so the peer serves still",
        ),
    ],
)
def test_questions(question: Question, refusal: str | None) -> None:
    assert question.refusal() == refusal


def test_never_are_both_allowed_while_they_see_each_other() -> None:
    """Whoever was active has the address, unless it has let go of it."""
    for witnesses in range(4):
        active = Question(True, witnesses, 2, peer_answers=True, address_answers=False)
        standby = Question(False, witnesses, 2, peer_answers=True, address_answers=True)
        assert active.refusal()
        assert standby.refusal()
