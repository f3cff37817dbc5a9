# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.storage import users
from ansible_collections.lvs.cluster.plugins.module_utils.storage.users import explain, users_of


def process(proc: Path, number: int, name: str, maps: str = "", **links: str) -> None:
    folder = proc / str(number)
    (folder / "fd").mkdir(parents=True)
    (folder / "comm").write_text(f"{name}\n", encoding="utf-8")
    (folder / "maps").write_text(maps, encoding="utf-8")
    for link, target in links.items():
        place = folder / "fd" / "3" if link == "open" else folder / link
        place.symlink_to(target)


def test_whoever_has_something_of_it(tmp_path: Path) -> None:
    process(tmp_path, 1, "init", cwd="/", root="/", exe="/usr/lib/systemd/systemd")
    process(tmp_path, 12, "nginx", open="/srv/www/index.html")
    process(tmp_path, 7, "sh", cwd="/srv/www")
    process(tmp_path, 13, "run", exe="/srv/www/bin/run")
    mapped = "7f00-7f01 r-xp 00000000 00:24 12 /srv/www/lib.so\n7f02-7f03 rw-p 00000000 00:00 0\n"
    process(tmp_path, 14, "mapped", maps=mapped)
    process(tmp_path, 15, "other", cwd="/srv/www2", maps="7f00-7f01 r-xp 00000000 00:24 12 /usr/lib/libc.so\n")
    (tmp_path / "16").mkdir()
    (tmp_path / "meminfo").touch()
    assert users_of("/srv/www", proc=tmp_path) == [
        "sh (process 7)",
        "nginx (process 12)",
        "run (process 13)",
        "mapped (process 14)",
    ]


def test_a_process_that_has_just_ended(tmp_path: Path) -> None:
    process(tmp_path, 12, "nginx", root="/srv/www")
    (tmp_path / "12/comm").unlink()
    assert users_of("/srv/www", proc=tmp_path) == ["process 12"]


def test_nobody_waits_for_a_process_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "_users_of", lambda _path, _proc: time.sleep(60))
    assert users_of("/srv/www", 0.1) == ["a process that does not answer"]


def test_in_words(tmp_path: Path) -> None:
    process(tmp_path, 10, "nginx", open="/srv/www/index.html")
    process(tmp_path, 11, "bash", cwd="/srv/www")
    assert explain("/srv/www", tmp_path) == "in use by nginx (process 10), bash (process 11)"
    assert explain("/elsewhere", tmp_path) == "it is busy; no program with an open file was found"


def test_not_all_are_named(tmp_path: Path) -> None:
    for number in range(10, 20):
        process(tmp_path, number, "php", cwd="/srv/www")
    assert explain("/srv/www", tmp_path).endswith(", php (process 14) and others")
