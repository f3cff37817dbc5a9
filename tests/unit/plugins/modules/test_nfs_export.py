# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.modules import nfs_export

WWW = {"path": "/srv/www", "clients": ["192.0.2.21", "192.0.2.22"]}
LINE = "/srv/www 192.0.2.21(rw,root_squash,sync,no_subtree_check) 192.0.2.22(rw,root_squash,sync,no_subtree_check)\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: Any) -> Path:
    monkeypatch.setattr(nfs_export, "ETAB", tmp_path / "etab")
    return tmp_path / "exports.d" / "x.exports"


def make_live(*clients: str) -> None:
    options = "rw,sync,wdelay,hide,no_subtree_check,root_squash"
    nfs_export.ETAB.write_text("".join(f"/srv/www\t{client}({options})\n" for client in clients))


def test_present_needs_exports(run: Any, file: Path) -> None:
    assert "exports" in run(nfs_export, file=str(file))["msg"]


def test_all_wrong_entries_at_once(run: Any, file: Path, commands: Any) -> None:
    wrong = [{"path": "srv", "clients": ["*"]}, {"path": "/a", "clients": ["192.0.2.1", "192.0.2.1"]}]
    assert run(nfs_export, file=str(file), exports=wrong)["msg"].splitlines() == [
        "exports[0].clients: '*' has a wildcard or blank; write an address or network",
        "exports[0].path: 'srv' is no absolute path",
        "exports[1]: /a is exported to 192.0.2.1 twice; keep one",
    ]
    assert commands.run == []


def test_check_mode_changes_nothing(run: Any, file: Path, commands: Any) -> None:
    result = run(nfs_export, check=True, file=str(file), exports=[WWW])
    assert result["changed"]
    assert result["diff"]["after"].endswith(LINE)
    assert commands.run == []
    assert not file.exists()


def test_create(run: Any, file: Path, commands: Any) -> None:
    assert run(nfs_export, file=str(file), exports=[WWW])["changed"]
    assert file.read_text().endswith(LINE)
    assert commands.run == ["exportfs -ra"]


def test_second_run_changes_nothing(run: Any, file: Path, commands: Any) -> None:
    run(nfs_export, file=str(file), exports=[WWW])
    make_live("192.0.2.21", "192.0.2.22")
    commands.run.clear()
    assert not run(nfs_export, file=str(file), exports=[WWW])["changed"]
    assert commands.run == []


def test_an_export_withdrawn_by_hand_comes_back(run: Any, file: Path, commands: Any) -> None:
    run(nfs_export, file=str(file), exports=[WWW])
    make_live("192.0.2.21")
    commands.run.clear()
    assert run(nfs_export, file=str(file), exports=[WWW])["applied"]
    assert commands.run == ["exportfs -ra"]


def test_an_undeclared_client_goes_only_when_purged(run: Any, file: Path) -> None:
    run(nfs_export, file=str(file), exports=[WWW])
    less = {**WWW, "clients": ["192.0.2.21"]}
    assert run(nfs_export, file=str(file), exports=[less], purge=False)["kept"]
    assert "192.0.2.22" in file.read_text()
    assert not run(nfs_export, file=str(file), exports=[less])["kept"]
    assert "192.0.2.22" not in file.read_text()


def test_a_refused_file_is_put_back(run: Any, file: Path, commands: Any) -> None:
    run(nfs_export, file=str(file), exports=[WWW])
    before = file.read_text()
    commands.answers["exportfs"] = (1, "", "exportfs: /srv/none does not exist\n")
    message = run(nfs_export, file=str(file), exports=[{"path": "/srv/none", "clients": ["192.0.2.21"]}])["msg"]
    assert message.endswith("the old ones stay in force: exportfs: /srv/none does not exist")
    assert file.read_text() == before


def test_absent_removes_the_file(run: Any, file: Path, commands: Any) -> None:
    run(nfs_export, file=str(file), exports=[WWW])
    assert run(nfs_export, file=str(file), state="absent")["changed"]
    assert not file.exists()
    assert not run(nfs_export, file=str(file), state="absent")["changed"]
