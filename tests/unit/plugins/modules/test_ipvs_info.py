# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import PermissionDeniedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import KernelInfo, Table, Timeouts
from ansible_collections.lvs.cluster.plugins.modules import ipvs_info

EMPTY = Table(KernelInfo("1.2.1", 4096), Timeouts(900, 120, 300), (), ())


@pytest.fixture
def loaded(monkeypatch):
    monkeypatch.setattr(ipvs_info, "is_loaded", lambda: True)


@pytest.mark.parametrize("check", [False, True])
def test_without_ip_vs_nothing_is_asked_and_nothing_found(monkeypatch, run, check):
    monkeypatch.setattr(ipvs_info, "is_loaded", lambda: False)
    monkeypatch.setattr(ipvs_info, "read_table", lambda: pytest.fail("would load the module"))
    result = run(ipvs_info, check=check)
    assert not result["failed"]
    assert not result["changed"]
    assert result["loaded"] is False
    assert (result["services"], result["statistics"], result["sync_daemons"]) == ([], [], [])
    assert (result["timeouts"], result["kernel"]) == (None, None)


@pytest.mark.parametrize("check", [False, True])
def test_an_empty_table(monkeypatch, run, loaded, check):
    monkeypatch.setattr(ipvs_info, "read_table", lambda: EMPTY)
    result = run(ipvs_info, check=check)
    assert not result["changed"]
    assert result["loaded"] is True
    assert result["timeouts"] == {"tcp": 900, "tcp_fin": 120, "udp": 300}


def test_an_error_is_told_as_it_is(monkeypatch, run, loaded):
    def refuse():
        raise PermissionDeniedError

    monkeypatch.setattr(ipvs_info, "read_table", refuse)
    result = run(ipvs_info)
    assert result["failed"]
    assert result["msg"] == str(PermissionDeniedError())


def test_an_unknown_option_is_refused(run):
    assert "Unsupported parameters" in run(ipvs_info, netnss="x")["msg"]
