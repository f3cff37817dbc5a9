# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import files


def test_a_missing_file_has_no_text(tmp_path: Path) -> None:
    assert files.read_text(tmp_path / "none") is None
    assert files.read_text(tmp_path / "none" / "below") is None


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    path = tmp_path / "odd"
    path.write_bytes(b"caf\xe9\n")
    files.write_atomically(path, files.read_text(path) or "")
    assert path.read_bytes() == b"caf\xe9\n"


def test_writing_makes_folders_and_sets_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.conf"
    files.write_atomically(path, "x\n", 0o600)
    assert path.read_text() == "x\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_no_text_at_all_is_written_as_it_is(tmp_path: Path) -> None:
    files.write_atomically(tmp_path / "key", bytes(range(256)), 0o400)
    assert (tmp_path / "key").read_bytes() == bytes(range(256))
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o400


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept"
    path.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        files.write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


def test_replacing_by_none_removes_and_may_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "x"
    files.replace_text(path, "text")
    files.replace_text(path, None)
    files.replace_text(path, None)
    assert not path.exists()


def test_state_is_remembered_privately_and_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    files.write_state("one", {"b": 1, "a": [2]}, folder)
    assert files.read_state("one", folder) == {"b": 1, "a": [2]}
    assert stat.S_IMODE((folder / "one.json").stat().st_mode) == 0o600
    files.write_state("one", {}, folder)
    assert files.read_state("one", folder) == {}
    assert not folder.exists()


def test_forgetting_one_state_keeps_the_others(tmp_path: Path) -> None:
    files.write_state("one", {"a": 1}, tmp_path)
    files.write_state("two", {"a": 2}, tmp_path)
    files.write_state("one", {}, tmp_path)
    assert files.read_state("two", tmp_path) == {"a": 2}


@pytest.mark.parametrize("text", ["", "{", "[1]", json.dumps("text")])
def test_state_that_is_no_object_counts_as_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.json").write_text(text)
    assert files.read_state("one", tmp_path) == {}
