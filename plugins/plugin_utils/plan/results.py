# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the results of a dry run, as the callback `ansible.posix.json` writes them, to a report on each host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.describe import describe
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change, HostReport

Dict = Mapping[str, Any]

TIERS = {"storage": "storage", "real_servers": "real server", "directors": "director"}
"""Tiers in the order of site.yml, with what one host of them is called."""
FRUITLESS = "it could not be reached"


class Result(NamedTuple):
    """What a task did on a host; of a loop one for each item."""

    host: str
    task: str
    action: str
    result: Dict


def make_report(run: Dict) -> tuple[HostReport, ...]:
    """Return a report on each host of a tier, in the order of site.yml; hosts without one only if they have a problem.

    `run` has `plays` with their `tasks`, and of each task the results of its `hosts`.
    """
    results = list(_results(run))
    slices = {each.host: each.result for each in results if each.action == "lvs.cluster.host_plan"}
    services = [service for own in slices.values() for service in (own.get("director") or {}).get("services", ())]
    changes: dict[str, dict[Change, None]] = {}
    problems: dict[str, str] = {}
    stopped = set()
    for each in results:
        if each.result.get("unreachable"):
            problems[each.host] = FRUITLESS
        elif each.result.get("failed"):
            stopped.add(each.host)
            problems.setdefault(each.host, f"{each.task.rsplit(' : ', 1)[-1]}: {each.result.get('msg', 'failed')}")
        elif each.result.get("changed"):
            found = describe(each.task, each.action, each.result, services)
            # Two phases can report the same change: the second one cannot know in check mode that the first made it.
            changes.setdefault(each.host, {}).update(dict.fromkeys(found))
    tiers = _tiers(results)
    names = dict.fromkeys([*tiers, *problems])
    return tuple(
        HostReport(
            name, tiers.get(name, ()), tuple(changes.get(name, ())), problems.get(name, ""), stops=name in stopped
        )
        for name in names
    )


def _results(run: Dict) -> Iterator[Result]:
    for play in run.get("plays", ()):
        for task in play["tasks"]:
            for host, result in task["hosts"].items():
                items = result.get("results")
                for item in items if isinstance(items, list) and items else [result]:
                    yield Result(host, task["task"]["name"], result.get("action", ""), item)


def _tiers(results: list[Result]) -> dict[str, tuple[str, ...]]:
    """Return the tiers of each host that took part, in words. The plan of the clusters says whom there could be."""
    part = {each.host for each in results}
    clusters = [
        cluster for each in results if each.action == "lvs.cluster.cluster_plan" for cluster in each.result["clusters"]
    ]
    tiers: dict[str, tuple[str, ...]] = {}
    for tier, word in TIERS.items():
        for cluster in clusters:
            for host in cluster.get(tier, ()):
                if host in part and word not in tiers.get(host, ()):
                    tiers[host] = (*tiers.get(host, ()), word)
    return tiers
