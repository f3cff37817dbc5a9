# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who of a pair of storage hosts may be active: pure, and used by the program on these hosts.

A vote is what keepalived adds to the VRRP priority of a host; -254 takes it out of the election. A host that serves
votes for itself, so that it stays active whatever the declared priorities are, also when both have heard nothing of
each other for a while. One whose volume is frozen loses that vote at once: the other may have taken over meanwhile. One
that lets go of the volume is out until it has: the other one takes it, also when a person has stopped the unit here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ansible_collections.lvs.cluster.plugins.module_utils.drbd.status import Status

OUT, ABLE, SERVING = -254, 0, 100

FREEZE_LIMIT = 8.0
"""Seconds that a volume may wait for the decision about its peer. The decision itself takes less, see `Question`."""
UNSERVED_LIMIT = 20.0
"""Seconds that the NFS server of the active host may be down, as it is when its package is upgraded."""
PENALTY = 60.0
"""Seconds after a failure in which a host leaves the volume to the other one."""

ASK_LIMIT_ACTIVE, ASK_LIMIT_STANDBY = 6.0, 1.0
"""Seconds for which hosts are asked before the answer is no."""


@dataclass(frozen=True)
class Seen:
    """What a host sees of itself and its surroundings. Times are in seconds."""

    drbd: Status | None
    phase: str
    """`idle`, `taking`, `serving` or `releasing`: what our program does with the volume."""
    serves: bool = False
    """Whether the volume is mounted and the NFS server runs."""
    frozen_for: float = 0.0
    unserved_for: float = 0.0
    failed_ago: float | None = None
    witnesses: int = 0
    """How many of them answer; asked only of a host that sees no peer."""
    witnesses_needed: int = 1


@dataclass(frozen=True)
class Vote:
    """A vote and the reason for it."""

    value: int
    reason: str


def majority(count: int) -> int:
    """Return how many of `count` witnesses have to answer."""
    return count // 2 + 1


def vote(seen: Seen) -> Vote:
    """Return the vote of a host."""
    drbd, active = seen.drbd, seen.phase in ("taking", "serving")
    if drbd is None:
        return Vote(OUT, "DRBD is not up")
    if seen.failed_ago is not None and seen.failed_ago < PENALTY:
        return Vote(OUT, "it has just failed to serve the volume")
    if not drbd.is_ready:
        return Vote(OUT, _unready(drbd))
    if drbd.frozen and seen.frozen_for > FREEZE_LIMIT:
        return Vote(OUT, "reads and writes wait, and neither the peer nor enough witnesses have answered")
    if seen.phase == "releasing":
        return Vote(OUT, "it lets go of the volume")
    if seen.phase == "serving":
        if drbd.frozen:
            return Vote(ABLE, "reads and writes wait for the decision about the peer")
        if seen.unserved_for > UNSERVED_LIMIT:
            return Vote(OUT, "the NFS server does not run")
        return Vote(SERVING, "it serves the volume")
    if not active and not drbd.is_connected and seen.witnesses < seen.witnesses_needed:
        return Vote(OUT, f"it sees neither its peer nor {seen.witnesses_needed} of the witnesses")
    return Vote(ABLE, "it takes the volume" if active else "it could take the volume")


def _unready(drbd: Status) -> str:
    """Say why a disk is not to be served."""
    if drbd.synced is not None:
        return f"its disk is {drbd.disk}: {drbd.synced:g} % of it are synchronised"
    if drbd.disk == "Consistent":
        return "its disk is Consistent: only the peer can tell whether it is the newest"
    return f"its disk is {drbd.disk}"


@dataclass(frozen=True)
class Question:
    """What is asked when the peer cannot be reached: may this host go on, or begin, alone?"""

    was_active: bool
    witnesses: int
    """How many of them answer."""
    needed: int
    peer_answers: bool
    address_answers: bool
    """Whether another host has a floating address."""

    def refusal(self) -> str | None:
        """Return why not, or None for yes."""
        if self.witnesses < self.needed:
            return f"only {self.witnesses} witnesses answer, {self.needed} have to"
        if self.was_active and self.peer_answers:
            # It lives, so DRBD has to reach it again; perhaps it is active already.
            return "the peer answers, but not its DRBD"
        if not self.was_active and self.address_answers:
            return "a floating address answers, so the peer serves still"
        return None
