# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ipvs_table` and `ipvs_sync_daemon` with `at_boot`: the kernel is simulated, the host's units are below a folder."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import at_boot, manage, module, netlink, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.owner import Owner, Owners
from ansible_collections.lvs.cluster.plugins.modules import ipvs_sync_daemon, ipvs_table
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.simulated_kernel import SimulatedKernel
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.simulated_host import SimulatedHost

SERVICES = [
    {
        "vip": "192.0.2.100",
        "port": 80,
        "servers": [{"address": "192.0.2.21", "upper_threshold": 20, "lower_threshold": 5}],
    },
    {"fwmark": 7, "family": "ipv6", "scheduler": "sh", "servers": [{"address": "2001:db8::21", "forwarding": "nat"}]},
]
UNIT = """\
# Managed by lvs.cluster.
[Unit]
Description=IPVS table of this LVS director
Wants=network-online.target
After=network-online.target
Before=keepalived.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=ipvsadm --restore
StandardInput=data
StandardInputText=-A -t 192.0.2.100:80 -s wlc
StandardInputText=-a -t 192.0.2.100:80 -r 192.0.2.21:80 -g -w 1 -x 20 -y 5
StandardInputText=-A -f 7 -6 -s sh
StandardInputText=-a -f 7 -6 -r [2001:db8::21]:0 -m -w 1

[Install]
WantedBy=multi-user.target
"""


class Director(SimulatedHost):
    """A host with IPVS and ipvsadm."""

    def __init__(self, root: Any, commands: Any) -> None:
        super().__init__(root, commands)
        self.kernel = SimulatedKernel()
        self.owners = Owners(None, None, None)
        self.ipvsadm: str | None = "/usr/sbin/ipvsadm"


@pytest.fixture
def director(host_root: Any, commands: Any, monkeypatch: pytest.MonkeyPatch) -> Director:
    found = Director(host_root, commands)
    monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: found.kernel)
    monkeypatch.setattr(table, "is_loaded", lambda: True)
    monkeypatch.setattr(module, "find_owners", lambda: found.owners)
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda *arguments, **more: found.ipvsadm)
    return found


def test_without_it_nothing_is_changed_for_the_boot(run: Any, director: Director) -> None:
    assert set(run(ipvs_table, services=SERVICES)["diff"]["after"]) == {"tcp 192.0.2.100:80", "fwmark 7 ipv6"}
    assert director.changes() == []


def test_check_mode_says_what_the_run_does(run: Any, director: Director) -> None:
    expected = run(ipvs_table, check=True, services=SERVICES, at_boot=True)
    assert director.changes() == []
    assert expected["diff"]["after"]["boot"] == {str(at_boot.UNIT.path): UNIT}
    assert expected["diff"]["after"]["enabled_at_boot"]
    result = run(ipvs_table, services=SERVICES, at_boot=True)
    assert result == expected
    assert director.unit_text(at_boot.UNIT) == UNIT
    # It is not started: its table is there already.
    assert director.changes() == ["systemctl daemon-reload", "systemctl enable lvs-ipvs.service"]


def test_the_second_run_changes_nothing(run: Any, director: Director) -> None:
    run(ipvs_table, services=SERVICES, at_boot=True)
    director.enable(at_boot.UNIT)
    director.commands.run.clear()
    result = run(ipvs_table, services=SERVICES, at_boot=True)
    assert not result["changed"]
    assert result["diff"] == {"before": {}, "after": {}}
    assert director.changes() == []


def test_a_unit_alone_that_differs_is_put_right(run: Any, director: Director) -> None:
    run(ipvs_table, services=SERVICES, at_boot=True)
    result = run(ipvs_table, services=SERVICES, at_boot=True)
    assert result["changed"]
    assert result["diff"]["before"] == {"boot": {str(at_boot.UNIT.path): UNIT}, "enabled_at_boot": False}
    assert result["changes"]["services"] == {"add": 0, "update": 0, "delete": 0}


def test_it_goes_with_the_table(run: Any, director: Director) -> None:
    run(ipvs_table, services=SERVICES, at_boot=True)
    director.enable(at_boot.UNIT)
    director.commands.run.clear()
    result = run(ipvs_table, services=[], purge="all", at_boot=False)
    assert result["diff"]["after"] == {"boot": {str(at_boot.UNIT.path): None}, "enabled_at_boot": False}
    assert director.changes() == ["systemctl disable --now lvs-ipvs.service", "systemctl daemon-reload"]
    assert not at_boot.UNIT.path.exists()
    assert not director.kernel.services
    director.disable(at_boot.UNIT)
    assert not run(ipvs_table, services=[], purge="all", at_boot=False)["changed"]


def test_a_table_of_another_owner_is_not_restored_either(run: Any, director: Director) -> None:
    run(ipvs_table, services=SERVICES)
    director.owners = Owners(Owner("ldirectord", 702), None, None)
    result = run(ipvs_table, services=SERVICES, at_boot=True)
    assert result["failed"]
    assert "held by ldirectord (pid 702)" in result["msg"]
    assert director.changes() == []


def test_it_does_not_go_with_a_namespace(run: Any, director: Director) -> None:
    result = run(ipvs_table, services=SERVICES, at_boot=True, netns="/proc/self/ns/net")
    assert result["failed"]
    assert "leave out at_boot or netns" in result["msg"]


def test_ipvsadm_is_needed(run: Any, director: Director) -> None:
    director.ipvsadm = None
    result = run(ipvs_table, services=SERVICES, at_boot=True)
    assert result["failed"]
    assert "ipvsadm, which the unit runs, is not installed" in result["msg"]
    assert not director.kernel.services


def test_systemd_has_the_last_word(run: Any, director: Director) -> None:
    director.commands.answers["systemctl enable"] = (1, "", "Failed to enable unit: Read-only file system\n")
    result = run(ipvs_table, services=SERVICES, at_boot=True)
    assert result["failed"]
    assert "'systemctl enable lvs-ipvs.service' failed: Failed to enable unit: Read-only file system" in result["msg"]


def test_a_sync_daemon_that_starts_at_boot(run: Any, director: Director, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manage.socket, "if_nametoindex", lambda _name: 2)
    unit = at_boot.sync_unit("backup")
    wanted = {"role": "backup", "interface": "eth0", "sync_id": 88, "ttl": 2, "at_boot": True}
    expected = run(ipvs_sync_daemon, check=True, **wanted)
    assert director.changes() == []
    result = run(ipvs_sync_daemon, **wanted)
    assert result["diff"] == expected["diff"]
    assert result["sync_daemon"]["sync_id"] == 88
    command = "ExecStart=-ipvsadm --start-daemon backup --mcast-interface eth0 --syncid 88 --mcast-ttl 2"
    assert command in (director.unit_text(unit) or "").splitlines()
    assert director.changes() == ["systemctl daemon-reload", "systemctl enable lvs-sync-backup.service"]
    director.enable(unit)
    assert not run(ipvs_sync_daemon, **wanted)["changed"]
    director.commands.run.clear()
    assert run(ipvs_sync_daemon, role="backup", state="absent", at_boot=False)["changed"]
    assert director.kernel.daemons == {}
    assert director.changes() == ["systemctl disable --now lvs-sync-backup.service", "systemctl daemon-reload"]
