# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.lvs.cluster.plugins.action import plan_report
from ansible_collections.lvs.cluster.plugins.plugin_utils import report_action
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.dry_run import DryRunError

OVERVIEW = {"name": "lvs", "directors": ["lb1"], "real_servers": [], "storage": [], "clients": []}
TASKS = [
    {"task": {"name": "Plan"}, "hosts": {"lb1": {"action": "lvs.cluster.cluster_plan", "clusters": [OVERVIEW]}}},
    {
        "task": {"name": "Do it"},
        "hosts": {"lb1": {"action": "ansible.builtin.command", "changed": True, "cmd": "true"}},
    },
]
RESULTS = {"plays": [{"tasks": TASKS}], "stderr": "careful\n"}


class Terminal:
    """Stands in for Ansible's Display."""

    def __init__(self):
        self.lines = []

    def display(self, text, color=None, stderr=False):
        self.lines.append(text)


@pytest.fixture
def terminal(monkeypatch):
    stand_in = Terminal()
    for module in (plan_report, report_action):
        monkeypatch.setattr(module, "display", stand_in)
    return stand_in


def run(**options):
    task = SimpleNamespace(args=options, async_val=0, check_mode=False, diff=False, action="lvs.cluster.plan_report")
    play = SimpleNamespace(check_mode=False, diff=False, password="", become_pass="pw")
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/nowhere"))
    vault = SimpleNamespace(secrets=[("default", SimpleNamespace(bytes=b"vault"))])
    return plan_report.ActionModule(task, connection, play, SimpleNamespace(_vault=vault), None, None).run(task_vars={})


def test_a_report_on_given_results(terminal):
    result = run(results=RESULTS)
    assert terminal.lines == [
        "careful",
        "",
        "lb1 (director)",
        "  > run true",
        "",
        "Plan: lb1 1 change. Nothing was touched.",
    ]
    assert result["changed"] is False
    assert result["summary"] == terminal.lines[-1]
    assert json.loads(json.dumps(result["hosts"])) == [
        {
            "name": "lb1",
            "tiers": ["director"],
            "changes": [{"mark": "", "text": "run true", "lines": []}],
            "problem": "",
            "stops": False,
        }
    ]


def test_a_wrong_declaration_fails(terminal):
    wrong = {"task": {"name": "Plan"}, "hosts": {"lb1": {"action": "x", "failed": True, "msg": "lvs_services: no"}}}
    with pytest.raises(AnsibleActionFail, match="Plan: lvs_services: no"):
        run(results={"plays": [{"tasks": [wrong]}]})
    assert terminal.lines == []


def test_the_run_gets_the_secrets(terminal, monkeypatch):
    asked = []
    monkeypatch.setattr(plan_report, "run_dry", lambda *arguments: asked.append(arguments) or RESULTS)
    run()
    ((playbook, _options, secrets),) = asked
    assert playbook == "lvs.cluster.site"
    assert secrets == {"--become-password-file": [b"pw"], "--vault-password-file": [b"vault"]}


def test_a_run_that_did_not_begin(terminal, monkeypatch):
    def fail(*_arguments):
        raise DryRunError("ERROR! no hosts")

    monkeypatch.setattr(plan_report, "run_dry", fail)
    with pytest.raises(AnsibleActionFail, match="did not begin: ERROR! no hosts"):
        run()
