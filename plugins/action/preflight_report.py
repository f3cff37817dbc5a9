# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind the module `preflight_report`: judges what preflight_info saw on all hosts of the play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.report import (
    Entry,
    Report,
    make_reports,
    render,
    summary,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.report_action import ReportAction, show


class ActionModule(ReportAction):
    """Reports once for all hosts of the play."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, options = self.validate_argument_spec(
            argument_spec={
                "plan": {"type": "str", "default": "lvs_host"},
                "facts": {"type": "str", "default": "preflight_seen"},
                "fail_on_errors": {"type": "bool", "default": True},
            },
        )
        hosts, hostvars = variables["ansible_play_hosts_all"], variables["hostvars"]
        plans = collect(hostvars, hosts, options["plan"], "tiers")
        reports = make_reports(plans, collect(hostvars, hosts, options["facts"], "interfaces"))
        for report in reports:
            show(render(report))
        return {**result, "changed": False, **outcome(reports, options["fail_on_errors"])}


def collect(hostvars: Mapping[str, Any], hosts: Sequence[str], variable: str, key: str) -> dict[str, Any]:
    """Return the variable of each host that has it. Of a host that could not be asked it lacks `key`, or is absent."""
    return {host: hostvars[host][variable] for host in hosts if key in hostvars[host].get(variable, {})}


def outcome(reports: Sequence[Report], fail_on_errors: bool) -> dict[str, Any]:
    """Return the task's result. A failed task's is printed, so it leaves out what stands on the screen."""
    if fail_on_errors and any(report.errors for report in reports):
        return {"failed": True, "msg": summary(reports)}
    return {
        "findings": [as_data(report, entry) for report in reports for entry in report.entries],
        "not_looked_at": [host for report in reports for host in report.not_looked_at],
    }


def as_data(report: Report, entry: Entry) -> dict[str, Any]:
    """Return a finding as plain data."""
    own = {**asdict(entry), "hosts": list(entry.hosts)}
    return {"cluster": report.name, **own, "why": entry.why, "error": entry.error}
