# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import live
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import Export

ERROR = """exportfs: Failed to resolve web9
exportfs: Failed to resolve web9
exportfs: /etc/exports.d/x.exports:1: unknown keyword "bogus"

exportfs: Failed to stat /srv/none: No such file or directory
"""


def test_complaints_and_names_are_told_apart() -> None:
    complaints, unknown = live.sort_complaints(ERROR)
    assert unknown == ["web9"]
    assert complaints == [
        'exportfs: /etc/exports.d/x.exports:1: unknown keyword "bogus"',
        "exportfs: Failed to stat /srv/none: No such file or directory",
    ]
    assert live.without_missing(complaints) == complaints[:1]


class Host:
    """Stands in for unshare and exportfs: keeps what the files were, and answers what the test says."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers = list(answers)
        self.namespaces: list[list[str]] = []
        self.files: dict[str, str] = {}

    def __call__(self, command: Sequence[str]) -> tuple[int, str, str]:
        self.namespaces.append([word for word in command if word in ("--mount", "--net")])
        for pair in command[command.index("/usr/sbin/exportfs") + 1 :]:
            source, _bar, target = pair.partition("|")
            if target == str(live.STATE):
                Path(source, "etab").write_text("/a\t192.0.2.1(rw)\n", encoding="utf-8")
            for path in Path(source).iterdir() if Path(source).is_dir() else [Path(source)]:
                self.files[path.name] = path.read_text(encoding="utf-8")
        code, error = self.answers.pop(0)
        return code, "", error


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(live, "ETC", tmp_path)
    monkeypatch.setattr(live, "STATE", tmp_path / "state")
    (tmp_path / "state").mkdir()
    return tmp_path


def test_the_new_file_stands_beside_the_others(etc: Path) -> None:
    (etc / "exports.d").mkdir()
    (etc / "exports.d" / "other.exports").write_text("other", encoding="utf-8")
    (etc / "exports.d" / "ours.exports").write_text("old", encoding="utf-8")
    host = Host((0, ""), (0, ""))
    trial = live.attempt(host, "/usr/sbin/exportfs", etc / "exports.d" / "ours.exports", "new")
    assert trial.exports == (Export("/a", "192.0.2.1", ("rw",)),)
    assert (host.files["other.exports"], host.files["ours.exports"]) == ("other", "new")
    assert host.namespaces == [["--mount", "--net"]]
    host.files.clear()
    live.attempt(host, "/usr/sbin/exportfs", etc / "exports.d" / "ours.exports", None)
    assert "ours.exports" not in host.files
    assert (etc / "exports.d" / "ours.exports").read_text(encoding="utf-8") == "old"


def test_without_the_folder_it_stands_in_the_main_file(etc: Path) -> None:
    file = etc / "exports.d" / "ours.exports"
    assert not live.can_try(file)
    (etc / "exports").write_text("main", encoding="utf-8")
    assert live.can_try(file)
    host = Host((0, ""))
    live.attempt(host, "/usr/sbin/exportfs", file, "new")
    assert host.files["exports"] == "main\nnew"


def test_a_name_is_looked_up_where_there_is_a_network(etc: Path) -> None:
    host = Host((0, "exportfs: Failed to resolve web1\n"), (0, ""))
    (etc / "exports.d").mkdir()
    assert live.attempt(host, "/usr/sbin/exportfs", etc / "exports.d" / "x.exports", "x").unknown_names == ()
    assert host.namespaces == [["--mount", "--net"], ["--mount"]]


def test_complaints_count_only_if_exportfs_fails(etc: Path) -> None:
    file = etc / "exports.d" / "x.exports"
    file.parent.mkdir()
    assert live.attempt(Host((0, "exportfs: a warning\n")), "/usr/sbin/exportfs", file, "x").complaints == ()
    assert live.attempt(Host((1, "exportfs: wrong\n")), "/usr/sbin/exportfs", file, "x").complaints == (
        "exportfs: wrong",
    )
    trial = live.attempt(Host((live.CANNOT_TRY, "mount: permission denied\n")), "/usr/sbin/exportfs", file, "x")
    assert trial == live.Trial((), ("mount: permission denied",))
