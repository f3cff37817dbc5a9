# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.rsync.copies import MARKER
from ansible_collections.lvs.cluster.plugins.modules import rsync_sources


class Host:
    """A host with folders of the test."""

    def __init__(self, root: Path, run: Any) -> None:
        self.root = root
        self._run = run

    def source(self, name: str = "www", folder: str = "", **more: Any) -> dict[str, Any]:
        return {"name": name, "path": str(self.root / "srv" / (folder or name)), **more}

    def bring(self, *wanted: dict[str, Any], check: bool = False, **more: Any) -> dict[str, Any]:
        result: dict[str, Any] = self._run(rsync_sources, check=check, **{"sources": list(wanted), **more})
        return result

    def files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.root)): path.read_text()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any) -> Host:
    monkeypatch.setattr(rsync_sources, "NOTES", tmp_path / "notes")
    return Host(tmp_path, run)


def test_a_folder_gets_its_marker_once(host: Host) -> None:
    planned = host.bring(host.source(mode="0750"), check=True)
    assert (planned["changed"], host.files()) == (True, {})
    result = host.bring(host.source(mode="0750"))
    assert result["diff"] == planned["diff"]
    assert [Path(part["after_header"]).name for part in result["diff"]] == ["www", MARKER, "www"]
    assert host.files() == {f"srv/www/{MARKER}": "first\n", "notes/www": f"{host.root}/srv/www\n"}
    assert (host.root / "srv" / "www").stat().st_mode & 0o7777 == 0o750
    again = host.bring(host.source(mode="0750"))
    assert (again["changed"], again["diff"], again["kept"]) == (False, [], False)


def test_what_was_published_stays(host: Host) -> None:
    marker = host.root / "srv" / "www" / MARKER
    marker.parent.mkdir(parents=True, mode=0o700)
    marker.write_text("changing third\n")
    host.bring(host.source())
    assert marker.read_text() == "changing third\n"
    assert marker.parent.stat().st_mode & 0o7777 == 0o700


@pytest.mark.parametrize("check", [False, True])
def test_a_marker_that_is_lost_is_not_made_again(host: Host, check: bool) -> None:
    host.bring(host.source())
    (host.root / "srv" / "www" / MARKER).unlink()
    before = host.files()
    result = host.bring(host.source("docs"), host.source(), check=check)
    assert f"sources[1].path: {host.root}/srv/www has lost its marker {MARKER}. If its volume" in result["msg"]
    assert host.files() == before


def test_what_is_not_listed_is_copied_no_more(host: Host) -> None:
    host.bring(host.source(), host.source("docs"))
    page = host.root / "srv" / "docs" / "page"
    page.write_text("page")
    kept = host.bring(host.source(), purge=False)
    assert (kept["changed"], kept["kept"]) == (False, True)
    result = host.bring(host.source())
    assert (result["changed"], result["kept"]) == (True, False)
    assert sorted(host.files()) == ["notes/www", "srv/docs/page", f"srv/www/{MARKER}"]


def test_another_name_for_the_same_folder(host: Host) -> None:
    host.bring(host.source())
    host.bring(host.source("pages", folder="www"))
    assert host.files() == {"notes/pages": f"{host.root}/srv/www\n", f"srv/www/{MARKER}": "first\n"}


def test_another_folder_for_the_same_name(host: Host) -> None:
    host.bring(host.source())
    host.bring(host.source(folder="other"), purge=False)
    assert host.files() == {"notes/www": f"{host.root}/srv/other\n", f"srv/other/{MARKER}": "first\n"}


def test_absent_leaves_the_data(host: Host) -> None:
    host.bring(host.source())
    (host.root / "srv" / "www" / "page").write_text("page")
    assert host.bring(sources=None, state="absent", check=True)["changed"]
    assert host.bring(sources=None, state="absent")["changed"]
    assert host.files() == {"srv/www/page": "page"}
    assert not (host.root / "notes").exists()
    assert not host.bring(sources=None, state="absent")["changed"]


def test_bad_names_are_told_together(host: Host) -> None:
    result = host.bring(host.source("../a"), host.source(), host.source())
    assert result["msg"].splitlines() == [
        "sources[0].name: '../a' is no name; write letters, digits and . _ -",
        "sources[2].name: there is another source www; give each a name of its own",
    ]
    assert host.files() == {}
