# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible_collections.lvs.cluster.plugins.action import verify_report
from ansible_collections.lvs.cluster.plugins.plugin_utils import report_action
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.verify.healthy import cluster


class Terminal:
    """Stands in for Ansible's Display."""

    def __init__(self):
        self.lines = []

    def display(self, text, color=None):
        self.lines.append((text, color))


@pytest.fixture
def terminal(monkeypatch):
    stand_in = Terminal()
    monkeypatch.setattr(report_action, "display", stand_in)
    return stand_in


@pytest.fixture
def results():
    return cluster()


def run(kept, hosts=None, kept_in="verify_seen", **options):
    """Run the action in a play of the hosts that have results, or of `hosts`."""
    hosts = list(kept) if hosts is None else hosts
    task = SimpleNamespace(args=options, async_val=0, check_mode=False, diff=False, action="lvs.cluster.verify_report")
    play = SimpleNamespace(check_mode=False, diff=False)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/nowhere"))
    action = verify_report.ActionModule(task, connection, play, None, None, None)
    hostvars = {host: {kept_in: kept[host]} if host in kept else {} for host in hosts}
    return action.run(task_vars={"hostvars": hostvars, "ansible_play_hosts_all": hosts})


def test_a_healthy_cluster(results, terminal):
    result = run(results)
    assert not result.get("failed")
    assert result["changed"] is False
    assert result["problems"] == []
    assert result["clusters"][0]["services"][0]["servers"][0]["connections"] == 20
    assert ("Directors", report_action.COLOURS["title"]) in terminal.lines
    assert terminal.lines[-1][0].endswith("Everything is as declared.")


def test_what_is_returned_is_plain_data(results, terminal):
    result = run(results)
    assert json.loads(json.dumps(result["clusters"])) == result["clusters"]


def test_problems_fail_the_task_after_the_screen(results, terminal):
    results["web1"]["mounts"] = []
    result = run(results)
    assert result["failed"] is True
    assert result["msg"] == "1 problem, see the screen above for what to do: web1: /srv/www is not mounted"
    assert result["problems"] == [
        {
            "cluster": "lvs",
            "what": "web1: /srv/www is not mounted",
            "remedy": "run lvs.cluster.site; if it stays so, try 'mount /srv/www' on web1",
        }
    ]
    assert "clusters" not in result
    assert any("1. web1: /srv/www is not mounted" in text for text, _colour in terminal.lines)


def test_many_problems_make_no_long_message(results, terminal):
    for name in ("web1", "web2"):
        results[name]["mounts"] = []
        results[name]["vips"]["vips"] = []
    result = run(results)
    assert result["msg"].startswith("4 problems, see the screen above for what to do: ")
    assert result["msg"].endswith("; ...")
    assert result["msg"].count(";") == 3


def test_problems_may_be_left_to_the_caller(results, terminal):
    results["web1"]["mounts"] = []
    result = run(results, fail_on_problems=False)
    assert not result.get("failed")
    assert [problem["what"] for problem in result["problems"]] == ["web1: /srv/www is not mounted"]
    assert result["clusters"][0]["real_servers"][0]["mounts"][0]["state"] == "not mounted"


def test_a_host_of_the_play_without_the_variable_could_not_be_asked(results, terminal):
    hosts = list(results)
    del results["web2"]
    assert [problem["what"] for problem in run(results, hosts)["problems"]] == ["web2 could not be asked"]


def test_a_host_that_is_not_in_the_play_was_left_out(results, terminal):
    del results["web2"]
    result = run(results)
    assert result["problems"] == []
    assert result["clusters"][0]["not_checked"] == ["Not in this run: web2."]


def test_another_variable(results, terminal):
    assert run(results, kept_in="seen", variable="seen")["problems"] == []


def test_results_as_an_option(results, terminal):
    assert run({}, hosts=list(results), results=results)["problems"] == []


def test_two_clusters_get_a_screen_each(results, terminal):
    other = {f"o-{name}": result for name, result in cluster().items()}
    for result in other.values():
        members = {
            tier: [f"o-{name}" for name in names] for tier, names in result["plan"]["cluster"].items() if tier != "name"
        }
        result["plan"]["cluster"] = {"name": "other", **members}
    run({**results, **other}, fail_on_problems=False)
    assert [text for text, _colour in terminal.lines if text.startswith("LVS cluster")] == [
        "LVS cluster lvs",
        "LVS cluster other",
    ]


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", "✔"), ("ascii", "+")])
def test_marks_follow_the_terminal(results, terminal, monkeypatch, encoding, mark):
    monkeypatch.setattr(verify_report.sys, "__stdout__", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    run(results)
    assert any(text.startswith(f"  {mark} lb1") for text, _colour in terminal.lines)


def test_nothing_to_report(terminal):
    with pytest.raises(AnsibleActionFail, match="Nothing to report: no host of this play belongs to a cluster"):
        run({}, hosts=["web9"])


def test_input_of_another_form(terminal):
    with pytest.raises(AnsibleActionFail, match="there is no 'plan' in what was collected") as caught:
        run({"lb1": {"addresses": []}})
    assert "See 'ansible-doc lvs.cluster.verify_report' for the form." in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resultz": {}}, "Unsupported parameters"),
        ({"results": [1]}, "dict"),
        ({"results": {}, "variable": "x"}, "mutually exclusive"),
    ],
)
def test_wrong_options(results, terminal, options, message):
    with pytest.raises(AnsibleError, match=message):
        run(results, **options)
    assert terminal.lines == []
