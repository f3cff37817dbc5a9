# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.lvs.cluster.plugins.action import cluster_plan, host_plan

DEMO = """
all:
  vars:
    lvs_services: [{name: web, vip: 192.0.2.100, port: 80}]
  children:
    lvs_directors: {hosts: {lb1: {ansible_host: 192.0.2.11}, lb2: {ansible_host: 192.0.2.12}}}
    lvs_real_servers: {hosts: {web1: {ansible_host: 192.0.2.21}, web2: {ansible_host: 192.0.2.22}}}
"""


class Terminal:
    """Stands in for Ansible's Display."""

    def __init__(self):
        self.warnings = []

    def warning(self, text):
        self.warnings.append(text)


class Run:
    """A run of ansible-playbook on an inventory: its actions, its temporary folder, its terminal."""

    def __init__(self, path, folder, monkeypatch):
        self.folder = folder
        self._loader = DataLoader()
        inventory = InventoryManager(loader=self._loader, sources=[str(path)])
        manager = VariableManager(loader=self._loader, inventory=inventory)
        hostvars = HostVars(inventory=inventory, variable_manager=manager, loader=self._loader)
        self._hosts = list(inventory.hosts)
        self._common = {"hostvars": hostvars, "groups": inventory.get_groups_dict()}
        self._raw = hostvars.raw_get
        self.terminal = Terminal()
        monkeypatch.setattr(cluster_plan, "display", self.terminal)
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(folder))

    def _action(self, module, args, check):
        task = SimpleNamespace(args=args or {}, async_val=0, check_mode=check, action=module.__name__, diff=False)
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
        return module.ActionModule(task, connection, None, self._loader, Templar(loader=self._loader), None)

    def cluster_plan(self, hosts=None, args=None, check=False, **play_variables):
        hosts = self._hosts if hosts is None else hosts
        variables = {
            **self._raw(hosts[0]),
            **self._common,
            "inventory_hostname": hosts[0],
            "ansible_play_hosts": hosts,
            **play_variables,
        }
        return self._action(cluster_plan, args, check).run(task_vars=variables)

    def host_plan(self, host, args=None, check=False):
        return self._action(host_plan, args, check).run(task_vars={**self._common, "inventory_hostname": host})


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Start a run on the text of an inventory."""

    def start(text=DEMO):
        path, folder = tmp_path / "inventory.yml", tmp_path / "run"
        path.write_text(text, encoding="utf-8")
        folder.mkdir()
        return Run(path, folder, monkeypatch)

    return start


def test_the_plan_is_made_and_each_host_gets_its_slice(run):
    a_run = run()
    assert a_run.cluster_plan() == {
        "changed": False,
        "clusters": [
            {
                "name": "lvs",
                "directors": ["lb1", "lb2"],
                "real_servers": ["web1", "web2"],
                "storage": [],
                "clients": [],
            }
        ],
        "out_of_step": [],
    }
    assert a_run.terminal.warnings == []
    for host, tier in (("lb1", "directors"), ("web2", "real_servers")):
        slice_ = a_run.host_plan(host)
        assert slice_["changed"] is False
        assert slice_["tiers"] == [tier]
    assert a_run.host_plan("lb2")["director"]["address"] == "192.0.2.12"


def test_check_mode_makes_the_same_plan(run):
    a_run = run()
    assert a_run.cluster_plan(check=True) == a_run.cluster_plan()
    assert a_run.host_plan("web1", check=True) == a_run.host_plan("web1")


def test_it_runs_once_for_the_whole_play_and_connects_to_nobody():
    assert cluster_plan.ActionModule.BYPASS_HOST_LOOP
    assert not host_plan.ActionModule.BYPASS_HOST_LOOP
    for module in (cluster_plan, host_plan):
        assert not module.ActionModule._requires_connection
        assert not module.ActionModule.TRANSFERS_FILES
        assert module.ActionModule._supports_check_mode


def test_the_whole_cluster_is_planned_under_a_limit(run):
    a_run = run()
    result = a_run.cluster_plan(hosts=["web1"])
    assert result["out_of_step"] == ["lb1", "lb2", "web2"]
    assert result["clusters"][0]["directors"] == ["lb1", "lb2"]
    assert a_run.host_plan("web1")["real_server"]["vips"] == ["192.0.2.100"]
    assert a_run.terminal.warnings == [
        "Not in this run, and left as they are: lb1, lb2, web2. "
        "They can be out of step with the rest of their cluster until a run has all of it."
    ]


def test_mistakes_are_one_failure_with_a_report(run):
    a_run = run(DEMO.replace("port: 80", "port: 80000").replace("vars:", "vars:\n    lvs_servics: []"))
    with pytest.raises(AnsibleActionFail) as failure:
        a_run.cluster_plan()
    assert str(failure.value).splitlines() == [
        "The declaration (lvs_* variables and groups) has 2 problems. Nothing was changed.",
        "  - lvs_servics (lb1, lb2, web1, web2): there is no such variable; did you mean 'lvs_services'? "
        "Else add it to lvs_ignore_variables if it is your own",
        "  - lvs_services[0].port: 80000 is out of range; write a number from 1 to 65535",
    ]
    assert list(a_run.folder.iterdir()) == []


def test_after_a_failure_the_plan_before_still_stands(run, monkeypatch):
    a_run = run()
    a_run.cluster_plan()
    with pytest.raises(AnsibleActionFail):
        a_run.cluster_plan(lvs_services=[])
    assert a_run.host_plan("lb1")["director"]["services"]


def test_a_variable_that_the_play_sets_is_refused(run):
    with pytest.raises(AnsibleActionFail, match="lvs_network: it is set in the play or by a role"):
        run().cluster_plan(lvs_network="192.0.2.0/24")


def test_what_our_playbooks_register_is_no_mistake(run):
    assert run().cluster_plan(lvs_plan={}, lvs_host={})["out_of_step"] == []


def test_an_option_is_refused(run):
    with pytest.raises(AnsibleActionFail, match="cluster_plan has no options, but was given name, state"):
        run().cluster_plan(args={"name": "x", "state": "present"})


def test_without_a_plan_there_is_no_slice(run):
    with pytest.raises(AnsibleActionFail) as failure:
        run().host_plan("lb1")
    assert str(failure.value) == (
        "No plan for lb1: none was made; run lvs.cluster.cluster_plan before, in the same ansible-playbook run."
    )


def test_a_host_that_joined_later_is_told_to_plan_again(run):
    a_run = run()
    a_run.cluster_plan()
    with pytest.raises(AnsibleActionFail) as failure:
        a_run.host_plan("web9")
    assert str(failure.value) == (
        "No plan for web9: it was made without this host; run lvs.cluster.cluster_plan after changing the inventory."
    )
