# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented examples, run by Ansible as users run them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import yaml
from lab import PROJECT
from node import CLEAR, SAVE, Node, command

# Tasks that bring about what a plugin's examples expect, in the order in which the examples run
BEFORE: dict[str, list[dict[str, Any]]] = {
    "modules/ipvs_info": [],
    "modules/ipvs_service": [],
    "modules/ipvs_server": [
        {"lvs.cluster.ipvs_service": {"vip": "192.0.2.100", "port": 80}},
        {"lvs.cluster.ipvs_service": {"fwmark": 7, "family": "ipv6"}},
    ],
    "modules/ipvs_drain": [
        {"lvs.cluster.ipvs_server": {"service": {"vip": "192.0.2.100", "port": 80}, "address": address}}
        for address in ("192.0.2.21", "192.0.2.22")
    ],
    "modules/ipvs_table": [],
    "modules/ipvs_timeouts": [],
    "modules/ipvs_sync_daemon": [],
    "filter/to_ipvsadm": [],
    "filter/from_ipvsadm": [],
}


def examples(plugin: str) -> list[dict[str, Any]]:
    """Return the tasks of a plugin's EXAMPLES."""
    tree = ast.parse((PROJECT / f"plugins/{plugin}.py").read_text(encoding="utf-8"))
    values = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    tasks: list[dict[str, Any]] = yaml.safe_load(ast.literal_eval(values["EXAMPLES"]))
    return tasks


def tasks_of(plugin: str) -> list[dict[str, Any]]:
    """Return the examples with what they need; the table module's last one compares with what its first one made."""
    tasks = examples(plugin)
    if plugin == "modules/ipvs_table":
        save = [{"lvs.cluster.ipvs_info": {}, "register": "saved"}]
        tasks = [*tasks[:-1], *save, tasks[-1]]
    return [*BEFORE[plugin], *tasks]


def test_all_plugins_are_here() -> None:
    folder = PROJECT / "plugins"
    modules = {f"modules/{file.stem}" for file in folder.glob("modules/ipvs_*.py")}
    filters = {f"filter/{file.stem}" for file in folder.glob("filter/*ipvsadm.py")}
    assert set(BEFORE) == modules | filters


def test_examples_run(node: Node, tmp_path: Path) -> None:
    node.run(command("ip link add eth1 type dummy; ip address add 198.51.100.11/24 dev eth1; ip link set eth1 up"))
    playbook = tmp_path / "examples.yml"
    plays = [{"hosts": node.name, "gather_facts": False, "tasks": tasks_of(plugin)} for plugin in BEFORE]
    playbook.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    try:
        run = node.lab.playbook(str(playbook))
        assert run.code == 0, run.output
        saved, rules, timeouts, daemons = node.run(
            SAVE,
            command("cat /etc/ipvsadm.rules"),
            command("ipvsadm --list --timeout"),
            command("ipvsadm --list --daemon"),
        )
    finally:
        node.run(
            CLEAR,
            command("ipvsadm --stop-daemon master || true; ip link delete eth1"),
            command("ipvsadm --set 900 120 300; rm -f /etc/ipvsadm.rules"),
            command("systemctl disable lvs-ipvs.service || true; rm -f /etc/systemd/system/lvs-ipvs.service"),
        )
    assert "-r 192.0.2.22:80 -g -w 20 -x 2000 -y 1500" in rules
    assert sorted(saved.splitlines()) == sorted(rules.replace(" -x 2000 -y 1500", "").splitlines())
    assert timeouts.split()[-1] == "60"
    assert "mcast=eth1, syncid=51" in daemons
