# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change, HostReport
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import Line, count

TONES = {"+": "comes", "-": "goes", "~": "changes", "": "changes"}
MOST_HOSTS = 20
"""With more hosts the last line counts them."""


def render(hosts: Sequence[HostReport]) -> Iterator[Line]:
    """Lay out what would change: a block for each host with a change or a problem, then one line about all."""
    for host in hosts:
        if host.changes or host.problem:
            yield Line("")
            yield Line(f"{host.name} ({', '.join(host.tiers)})" if host.tiers else host.name, "title")
            if host.problem:
                first, *rest = host.problem.strip().splitlines() or [""]
                yield Line(f"  ! {first}", "wrong")
                yield from (Line(f"    {line}", "wrong") for line in rest)
            for change in host.changes:
                yield from _render_change(change)
    yield Line("")
    yield Line(summary(hosts))


def _render_change(change: Change) -> Iterator[Line]:
    tone = TONES[change.mark]
    yield Line(f"  {change.mark or '>'} {change.text}", tone)
    yield from (Line(f"      {line}", "plain") for line in change.lines)


def summary(hosts: Sequence[HostReport]) -> str:
    """Return the last line."""
    stopped = [host for host in hosts if host.problem]
    changing = [host for host in hosts if host.changes]
    if not stopped and not changing:
        return f"Plan: no change on {count(len(hosts), 'host')}. Nothing was touched."
    if len(hosts) <= MOST_HOSTS:
        text = ", ".join(f"{host.name} {_outcome(host)}" for host in hosts)
    else:
        total = sum(len(host.changes) for host in hosts)
        text = f"{count(total, 'change')} on {len(changing)} of {len(hosts)} hosts"
        text += f", {count(len(stopped), 'host')} with a problem" if stopped else ""
    more = " The run would stop, so there can be more to change." if any(host.stops for host in hosts) else ""
    return f"Plan: {text}.{more} Nothing was touched."


def _outcome(host: HostReport) -> str:
    if host.problem and not host.changes:
        return "not known"
    return count(len(host.changes), "change") if host.changes else "none"
