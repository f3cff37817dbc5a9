# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import copies
from ansible_collections.lvs.cluster.plugins.modules import rsync_copy_info

COPY = {
    "path": "/srv/www", "direction": "pull", "transport": "ssh", "address": "192.0.2.31", "interval": 60, "max_age": 300,
    "delete": True, "exclude": [], "owner": "root", "group": "root", "mode": "0755",
}  # fmt: skip


@pytest.fixture(autouse=True)
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIGURATION", "STATE", "COMPLETE"):
        monkeypatch.setattr(copies, name, tmp_path / name)
    (tmp_path / "CONFIGURATION/copies").mkdir(parents=True)
    for name in ("a", "b"):
        (tmp_path / f"CONFIGURATION/copies/{name}.json").write_text(json.dumps({**COPY, "name": name}))
    copies.note_complete("b", copies.Marker("g1\n", 1))


def test_all_copies(run: Any) -> None:
    result = run(rsync_copy_info)
    assert not result["changed"]
    assert [(each["name"], each["fresh"], each["generation"]) for each in result["copies"]] == [
        ("a", False, ""),
        ("b", True, "g1"),
    ]
    assert result["copies"][0]["age"] is None
    assert result["pushes"] == []


def test_one_copy(run: Any) -> None:
    assert [each["name"] for each in run(rsync_copy_info, name="b")["copies"]] == ["b"]
    assert run(rsync_copy_info, name="c")["msg"] == "name: there is no copy c on this host"


def test_generations_of_sources(run: Any, tmp_path: Path) -> None:
    for name, marker in (("done", "g2\n"), ("busy", "changing g3\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / copies.MARKER).write_text(marker)
    paths = [str(tmp_path / name) for name in ("done", "busy", "absent")]
    assert run(rsync_copy_info, sources=paths)["sources"] == [
        {"path": paths[0], "generation": "g2", "changing": False},
        {"path": paths[1], "generation": "g3", "changing": True},
        {"path": paths[2], "generation": None, "changing": False},
    ]
    assert run(rsync_copy_info)["sources"] == []
