# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import files
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import manage, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import PermissionDeniedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import KernelInfo, Table, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.owner import Owner, Owners
from ansible_collections.lvs.cluster.plugins.modules import ipvs_info

EMPTY = Table(KernelInfo("1.2.1", 4096, "6.12.57"), Timeouts(900, 120, 300), (), ())
KEEPALIVED = Owners(Owner("keepalived's checker process", 702), Owner("keepalived", 700), None)


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine with an empty table, held by keepalived."""
    monkeypatch.setattr(table, "is_loaded", lambda: True)
    monkeypatch.setattr(table, "read_table", lambda: EMPTY)
    monkeypatch.setattr(manage, "find_owners", lambda: KEEPALIVED)


@pytest.mark.parametrize("check", [False, True])
def test_without_ip_vs_nothing_is_asked_and_nothing_found(monkeypatch, run, check):
    monkeypatch.setattr(table, "is_loaded", lambda: False)
    monkeypatch.setattr(table, "read_table", lambda: pytest.fail("would load the module"))
    result = run(ipvs_info, check=check, connections={})
    assert not result["failed"]
    assert not result["changed"]
    assert result["loaded"] is False
    assert (result["services"], result["statistics"], result["sync_daemons"]) == ([], [], [])
    assert (result["timeouts"], result["kernel"], result["connections"]) == (None, None, [])


@pytest.mark.parametrize("check", [False, True])
def test_an_empty_table(run, check):
    result = run(ipvs_info, check=check)
    assert not result["changed"]
    assert result["loaded"] is True
    assert result["timeouts"] == {"tcp": 900, "tcp_fin": 120, "udp": 300}
    assert result["kernel"] == {"ip_vs_version": "1.2.1", "connection_table_size": 4096, "release": "6.12.57"}
    assert "connections" not in result


def test_who_holds_what(run):
    assert run(ipvs_info)["owner"] == {
        "services": {"name": "keepalived's checker process", "pid": 702},
        "sync_daemons": {"name": "keepalived", "pid": 700},
        "timeouts": None,
    }


def test_connections_when_asked(monkeypatch, run):
    asked = []
    monkeypatch.setattr(manage, "read_connections", lambda given: asked.append(given) or ["one"])
    assert run(ipvs_info, connections={"port": 80})["connections"] == ["one"]
    assert asked[0]["port"] == 80
    assert asked[0]["limit"] == 10000


def test_an_error_is_told_as_it_is(monkeypatch, run):
    def refuse():
        raise PermissionDeniedError

    monkeypatch.setattr(table, "read_table", refuse)
    result = run(ipvs_info)
    assert result["failed"]
    assert result["msg"] == str(PermissionDeniedError())


def test_a_network_namespace_that_does_not_exist(run):
    assert run(ipvs_info, netns="lvs-no-such")["msg"] == (
        "netns: lvs-no-such cannot be entered: /run/netns/lvs-no-such: No such file or directory;"
        " 'ip netns list' shows those that exist"
    )


def test_an_unknown_option_is_refused(run):
    assert "Unsupported parameters" in run(ipvs_info, netnss="x")["msg"]


def test_checkers_that_were_set_up(run, host_root):
    assert run(ipvs_info)["checkers"] == []
    files.write_state("ldirectord", {"followed": "0"})
    assert run(ipvs_info)["checkers"] == ["ldirectord"]
