# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd import host as host_module
from ansible_collections.lvs.cluster.plugins.modules import drbd_info

HEAD = "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: X\n"
ACTIVE = " 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n    ns:0 oos:0\n"
STANDBY = ACTIVE.replace("Primary/Secondary", "Secondary/Primary")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(host_module, "ROOT", tmp_path)
    for folder in ("proc", "run/lvs-storage", "var/lib/lvs-cluster"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def watched(root: Path, phase: str, reason: str) -> None:
    (root / "run/lvs-storage/state.json").write_text(json.dumps({"vote": 0, "phase": phase, "reason": reason}))


def test_nothing_is_there(root: Path, run: Any) -> None:
    result = run(drbd_info)
    assert (result["active"], result["standby"], result["split_brain"]) == (False, False, False)
    assert (result["drbd"], result["reason"]) == (None, "DRBD is not up")


def test_the_active_host(root: Path, run: Any) -> None:
    (root / "proc/drbd").write_text(HEAD + ACTIVE)
    watched(root, "serving", "it serves the volume")
    result = run(drbd_info)
    assert (result["changed"], result["active"], result["standby"]) == (False, True, False)
    assert result["reason"] == "it serves the volume"
    assert result["drbd"] == {
        "connection": "Connected",
        "role": "Primary",
        "peer_role": "Secondary",
        "disk": "UpToDate",
        "peer_disk": "UpToDate",
        "frozen": False,
        "out_of_sync": 0,
        "synced": None,
    }


def test_a_host_that_begins_is_not_active_yet(root: Path, run: Any) -> None:
    (root / "proc/drbd").write_text(HEAD + ACTIVE)
    watched(root, "taking", "it takes the volume")
    assert run(drbd_info)["active"] is False


def test_the_standby_host(root: Path, run: Any) -> None:
    (root / "proc/drbd").write_text(HEAD + STANDBY)
    watched(root, "idle", "it could take the volume")
    result = run(drbd_info)
    assert (result["active"], result["standby"]) == (False, True)


def test_a_split_brain(root: Path, run: Any) -> None:
    (root / "proc/drbd").write_text(HEAD + " 0: cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----\n")
    (root / "var/lib/lvs-cluster/storage-split-brain").touch()
    result = run(drbd_info)
    assert (result["split_brain"], result["standby"], result["drbd"]["connection"]) == (True, False, "StandAlone")


def test_nobody_watches(root: Path, run: Any) -> None:
    (root / "proc/drbd").write_text(HEAD + STANDBY)
    (root / "run/lvs-storage/state.json").write_text("{broken")
    assert run(drbd_info)["reason"] == "nobody watches the volume on this host"
