# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind the module `verify_report`: one screen about all clusters of the play."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.lvs.cluster.plugins.plugin_utils.report_action import ReportAction, show
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import count
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import ClusterReport
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import InputError
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.report import make_reports
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.screen import render, symbols_for


class ActionModule(ReportAction):
    """Reports once for all hosts of the play."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, options = self.validate_argument_spec(
            argument_spec={
                "results": {"type": "dict"},
                "variable": {"type": "str", "default": "verify_seen"},
                "fail_on_problems": {"type": "bool", "default": True},
            },
            mutually_exclusive=[("results", "variable")],
        )
        hosts = variables["ansible_play_hosts_all"]
        results = options["results"]
        if results is None:
            results = collect(variables["hostvars"], hosts, options["variable"])
        try:
            reports = make_reports(results, hosts)
        except InputError as error:
            raise AnsibleActionFail(f"{error}. See 'ansible-doc lvs.cluster.verify_report' for the form.") from None
        if not reports:
            raise AnsibleActionFail(
                "Nothing to report: no host of this play belongs to a cluster and could be asked."
                " Give the play the hosts of lvs_directors, lvs_real_servers, lvs_storage and lvs_clients."
            )
        # Ansible's workers have a stand-in as sys.stdout; what they display goes to the one that they were born with.
        symbols = symbols_for(getattr(sys.__stdout__, "encoding", None))
        for report in reports:
            show(render(report, symbols))
        return {**result, "changed": False, **outcome(reports, options["fail_on_problems"])}


def collect(hostvars: Mapping[str, Any], hosts: Sequence[str], variable: str) -> dict[str, Any]:
    """Return the variable of each host that has it; a host that could not be asked does not."""
    return {host: hostvars[host][variable] for host in hosts if variable in hostvars[host]}


def as_data(report: ClusterReport) -> dict[str, Any]:
    """Return a report in lists and dicts only, as variables are."""
    data: dict[str, Any] = json.loads(json.dumps(asdict(report)))
    return data


def outcome(reports: Sequence[ClusterReport], fail_on_problems: bool) -> dict[str, Any]:
    """Return the task's result. A failed task's is printed, so it holds only what is wrong."""
    problems = [{"cluster": report.name, **asdict(problem)} for report in reports for problem in report.problems]
    if not problems or not fail_on_problems:
        return {"clusters": [as_data(report) for report in reports], "problems": problems}
    what = "; ".join(problem["what"] for problem in problems[:3]) + ("; ..." if len(problems) > 3 else "")
    return {
        "failed": True,
        "problems": problems,
        "msg": f"{count(len(problems), 'problem')}, see the screen above for what to do: {what}",
    }
