# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.action import preflight_report
from ansible_collections.lvs.cluster.plugins.modules import preflight_report as documentation
from ansible_collections.lvs.cluster.plugins.plugin_utils import report_action
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import inventory
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.preflight.test_preflight_report import (
    eth0,
    facts_of,
    plans_of,
)


@pytest.fixture
def shown(monkeypatch):
    lines = []
    stand_in = SimpleNamespace(display=lambda text, color=None: lines.append(text))
    monkeypatch.setattr(report_action, "display", stand_in)
    return lines


def run(change, **options):
    """Run the action on the demo cluster after `change` of what was seen on its hosts."""
    plans = plans_of(inventory())
    seen = facts_of(plans)
    change(seen)
    task = SimpleNamespace(args=options, async_val=0, check_mode=False, diff=False, action="preflight_report")
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/nowhere"))
    play = SimpleNamespace(check_mode=False, diff=False)
    action = preflight_report.ActionModule(task, connection, play, None, None, None)
    hostvars = {
        host: {"lvs_host": plan, **({"preflight_seen": seen[host]} if host in seen else {})}
        for host, plan in plans.items()
    }
    return action.run(task_vars={"hostvars": hostvars, "ansible_play_hosts_all": list(plans)})


def is_owned(seen):
    seen["lb1"]["ipvs_owner"] = "ldirectord"


def differs(seen):
    eth0(seen, "web1")["mtu"] = 9000


def test_all_is_well(shown):
    result = run(lambda seen: None)
    assert not result.get("failed")
    assert result["changed"] is False
    assert result["findings"] == result["not_looked_at"] == []
    assert shown[-1] == "  Nothing stands in the way on 7 hosts."


def test_a_warning_stops_nothing(shown):
    result = run(differs)
    assert not result.get("failed")
    (finding,) = result["findings"]
    assert (finding["check"], finding["hosts"], finding["error"]) == ("mtu-differs", ["web1"], False)
    described = yaml.safe_load(documentation.RETURN)["findings"]["contains"]
    assert finding.keys() == described.keys()


def test_an_error_fails_after_the_screen(shown):
    result = run(is_owned)
    assert result["failed"] is True
    assert "[ipvs-owner] lb1: ldirectord holds the IPVS table" in result["msg"]
    assert "findings" not in result
    assert any("error [ipvs-owner]" in line for line in shown)


def test_errors_may_be_left_to_the_caller(shown):
    result = run(is_owned, fail_on_errors=False)
    assert not result.get("failed")
    assert [finding["error"] for finding in result["findings"]] == [True]


def test_a_host_whose_task_failed_was_not_looked_at(shown):
    def failed(seen):
        seen["web1"] = {"failed": True, "msg": "no Python"}
        del seen["web2"]

    assert run(failed)["not_looked_at"] == ["web1", "web2"]
