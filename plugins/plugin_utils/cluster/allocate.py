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
"""Of the directors, in order. Steps of ten tell the backups' timers well apart; with more than ten directors small ones have to do."""


@dataclass(frozen=True)
class Claim:
    """One cluster's claim to a number. `where` is the path of the variable that sets `wanted`."""

    name: str
    where: str
    wanted: int | None
    reserved: Collection[int] = ()


def derived_id(name: str, reserved: Collection[int] = ()) -> int | None:
    """The number of `name`: the first one from where its hash points to that is not reserved; None if all are."""
    start = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % len(IDS)
    return next((number for number in (*IDS[start:], *IDS[:start]) if number not in reserved), None)


def allocate_ids(claims: Sequence[Claim], noun: str, problems: Problems) -> Mapping[str, int]:
    """A number for each claim, by its name. `noun` is what messages call the number."""
    given: dict[str, int] = {}
    holders: dict[int, str] = {}
    clashes = []
    for claim in claims:
        number = claim.wanted if claim.wanted is not None else derived_id(claim.name, claim.reserved)
        if number is None:
            problems.add(claim.where, f"all {noun}s are reserved", "shorten lvs_reserved_vrids")
            continue
        if claim.wanted in claim.reserved:
            problems.add(claim.where, f"{noun} {number} is in lvs_reserved_vrids", "choose another one, or take it off that list")
        given[claim.name] = number
        if number in holders:
            clashes.append((claim, holders[number], number))
        holders.setdefault(number, claim.name)
    for claim, other, number in clashes:
        free = derived_id(claim.name, {*holders, *claim.reserved})
        proposal = f"set it to {free}, which is free, for the newer of the two" if free is not None else "put them into different inventories"
        problems.add(claim.where, f"{noun} {number} is that of cluster {other} too", proposal)
        if free is not None:
            holders[free] = claim.name
    return given


def allocate_priorities(directors: Sequence[str], wanted: Mapping[str, int], problems: Problems) -> Mapping[str, int]:
    """A VRRP priority for each director, all distinct; `wanted` has those that were declared."""
    holders: dict[int, str] = {}
    for name, priority in wanted.items():
        if priority in holders:
            problems.add("lvs_priority", f"{priority} is the priority of {holders[priority]} too", "give each director another one", [name])
        holders.setdefault(priority, name)
    free = iter(priority for priority in PRIORITIES if priority not in holders)
    given = {}
    for name in directors:
        priority = wanted.get(name, next(free, None) if name not in wanted else None)
        if priority is None:
            problems.add("lvs_priority", f"more than {len(PRIORITIES)} directors", "set it for the further ones", [name])
            continue
        given[name] = priority
    return given
