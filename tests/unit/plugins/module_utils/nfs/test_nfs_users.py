# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.nfs.users import users_of


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
    process(
        tmp_path,
        14,
        "mapped",
        maps="7f00-7f01 r-xp 00000000 00:24 12 /srv/www/lib.so\n7f02-7f03 rw-p 00000000 00:00 0\n",
    )
    process(tmp_path, 15, "other", cwd="/srv/www2", maps="7f00-7f01 r-xp 00000000 00:24 12 /usr/lib/libc.so\n")
    (tmp_path / "16").mkdir()
    (tmp_path / "meminfo").touch()
    assert users_of("/srv/www", tmp_path) == ["sh (7)", "nginx (12)", "run (13)", "mapped (14)"]
