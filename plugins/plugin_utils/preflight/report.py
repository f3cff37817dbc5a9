# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the facts of all hosts to one report: the errors, the warnings, and who was not looked at. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ids import HOSTS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.check_cluster import check_cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.check_host import check_host
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.check_network import check_network
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.cluster import Cluster, Finding, Host
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import Line, count


@dataclass(frozen=True)
class Entry:
    """One finding, with all hosts on which it is the same."""

    check: str
    hosts: tuple[str, ...]
    what: str
    fix: str

    @property
    def error(self) -> bool:
        """Whether it stops the run."""
        return HOSTS[self.check].error

    @property
    def why(self) -> str:
        """Why it matters."""
        return HOSTS[self.check].why


@dataclass(frozen=True)
class Report:
    """What is wrong with one cluster."""

    name: str
    looked_at: tuple[str, ...]
    not_looked_at: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def errors(self) -> tuple[Entry, ...]:
        """What stops the run."""
        return tuple(entry for entry in self.entries if entry.error)


def make_reports(plans: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Report]:
    """One report for each cluster of the hosts in `plans`; a host without `facts` was not looked at."""
    clusters: dict[str, list[str]] = {}
    for name, plan in plans.items():
        if plan["cluster"]:
            clusters.setdefault(plan["cluster"]["name"], []).append(name)
    return [_report(name, hosts, plans, facts) for name, hosts in clusters.items()]


def _report(name: str, hosts: Sequence[str], plans: Mapping[str, Any], facts: Mapping[str, Any]) -> Report:
    overview = plans[hosts[0]]["cluster"]
    members = dict.fromkeys(host for tier in sorted(overview) if tier != "name" for host in overview[tier])
    seen = tuple(Host(host, plans[host], facts[host]) for host in hosts if host in facts)
    cluster = Cluster(name, tuple(overview["directors"]), seen)
    ignored = frozenset(plans[hosts[0]]["preflight_ignore"])
    findings = [finding for finding in _findings(cluster) if finding.check not in ignored]
    looked_at = tuple(host.name for host in seen)
    return Report(name, looked_at, tuple(host for host in members if host not in looked_at), tuple(_merged(findings)))


def _findings(cluster: Cluster) -> Iterator[Finding]:
    for host in cluster.hosts:
        yield from check_host(host)
        yield from check_network(host, cluster)
    yield from check_cluster(cluster)


def _merged(findings: Iterable[Finding]) -> Iterator[Entry]:
    """Findings that are the same on several hosts as one, the errors first."""
    hosts: dict[tuple[str, str, str], dict[str, None]] = {}
    for finding in sorted(findings, key=lambda each: not HOSTS[each.check].error):
        hosts.setdefault((finding.check, finding.what, finding.fix), {})[finding.host] = None
    for (check, what, fix), same in hosts.items():
        yield Entry(check, tuple(same), what, fix)


def render(report: Report) -> Iterator[Line]:
    """The screen of one cluster."""
    yield Line(f"Preflight of the LVS cluster {report.name}", "title")
    for entry in report.entries:
        kind, tone = ("error", "wrong") if entry.error else ("warning", "open")
        yield Line(f"  {kind} [{entry.check}] {names(entry.hosts)}: {entry.what}", tone)
        yield Line(f"      why: {entry.why}")
        yield Line(f"      fix: {entry.fix}")
    if report.not_looked_at:
        yield Line(f"  Not looked at, so not checked: {names(report.not_looked_at)}", "open")
    if not report.entries:
        yield Line(f"  Nothing stands in the way on {count(len(report.looked_at), 'host')}.", "well")


def summary(reports: Iterable[Report]) -> str:
    """One sentence for the message of a task that fails."""
    errors = [entry for report in reports for entry in report.errors]
    what = "; ".join(f"[{entry.check}] {names(entry.hosts)}: {entry.what}" for entry in errors[:3])
    more = "; ..." if len(errors) > 3 else "."
    return (
        f"{count(len(errors), 'error')}, see the screen above for what to do: {what}{more}"
        " Nothing was changed. lvs_preflight_ignore silences single checks by their ids"
    )
