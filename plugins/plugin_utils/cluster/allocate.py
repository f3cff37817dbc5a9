# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that hosts have to agree on: VRIDs, sync ids, priorities.

Nothing is remembered between runs, so a number follows from names alone and
does not change when services, hosts or other clusters come and go. That is why
two names that derive the same number are an error with a proposal and not a
silent move to the next one: a VRID that changes under a running cluster makes
both directors active for a while.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems

IDS = range(1, 256)
"""VRIDs. Sync ids are the same but for 0, with which a backup would accept every cluster's connections."""

PRIORITIES = (*range(150, 50, -10), *range(50, 0, -1))
"""Of the directors, in order. Steps of ten keep the backups' timers well apart; after ten directors small ones do."""


@dataclass(frozen=True)
class Claim:
    """A claim of a cluster, or of a part of it. `where` is the path of the variable that sets `wanted`.

    Messages call its holder by `kind` and by `called`, or else by its name.
    """

    name: str
    where: str
    wanted: int | None
    reserved: Collection[int] = ()
    kind: str = "cluster"
    called: str | None = None

    @property
    def holder(self) -> str:
        """What messages call it."""
        return f"{self.kind} {self.called or self.name}"


def derived_id(name: str, unusable: Collection[int] = ()) -> int | None:
    """The number of `name`: the first one from where its hash points to that is usable; None if none is."""
    start = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % len(IDS)
    return next((number for number in (*IDS[start:], *IDS[:start]) if number not in unusable), None)


def allocate_ids(claims: Sequence[Claim], noun: str, problems: Problems) -> Mapping[str, int]:
    """A number for each claim, by its name. `noun` is what messages call the number."""
    given: dict[str, int] = {}
    holders: dict[int, Claim] = {}
    clashes: list[Claim] = []
    for claim in claims:
        number = derived_id(claim.name, claim.reserved) if claim.wanted is None else claim.wanted
        if number is None:
            problems.add(claim.where, f"every {noun} is reserved", "shorten lvs_reserved_vrids")
            continue
        if number in claim.reserved:
            problems.add(
                claim.where, f"{noun} {number} is in lvs_reserved_vrids", "take another one, or shorten that list"
            )
        given[claim.name] = number
        if holders.setdefault(number, claim) is not claim:
            clashes.append(claim)
    used = set(holders)
    for claim in clashes:
        what = f"{noun} {given[claim.name]} is that of {holders[given[claim.name]].holder} too"
        free = derived_id(claim.name, {*used, *claim.reserved})
        problems.add(
            claim.where, what, f"give the newer one another number; {free} is free" if free else "none is free"
        )
        used |= {free} if free else set()
    return given


def allocate_priorities(directors: Sequence[str], wanted: Mapping[str, int], problems: Problems) -> Mapping[str, int]:
    """A VRRP priority for each director, all distinct; `wanted` has those that were declared."""
    holders: dict[int, str] = {}
    for name, priority in wanted.items():
        holder = holders.setdefault(priority, name)
        if holder != name:
            problems.add("lvs_priority", f"{priority} is the priority of {holder} too", "give it another one", [name])
    rest = [name for name in directors if name not in wanted]
    free = [priority for priority in PRIORITIES if priority not in holders]
    for name in rest[len(free) :]:
        problems.add("lvs_priority", f"there are more than {len(PRIORITIES)} directors", "set it for this one", [name])
    return {**wanted, **dict(zip(rest, free))}
