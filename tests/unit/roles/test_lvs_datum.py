# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role data_gate thinks of a datum: mounts, copies and folders."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "roles" / "data_gate" / "files"))
import lvs_datum
from lvs_datum import Datum, Mount, age_problem, examine, mount_problem, parse_mountinfo, same_source, visible_mount

NFS = "192.0.2.31:/srv/www"
MOUNTINFO = r"""20 1 98:0 / / rw,relatime shared:1 - ext4 /dev/root rw
22 20 0:18 / /proc rw,nosuid shared:5 - proc proc rw
40 20 0:40 / /srv/www rw,relatime shared:30 master:2 - nfs4 192.0.2.31:/srv/www rw,vers=4.2
41 20 0:41 / /srv/my\040own\134x rw - tmpfs my\011source rw
"""


def www(**others: object) -> Datum:
    wanted = {"name": "www", "path": "/srv/www", "kind": "mount", "fstype": "nfs4", "source": NFS}
    return Datum(**{**wanted, **others})  # type: ignore[arg-type]


def mount(number: int, parent: int, point: str, fstype: str = "nfs4", source: str = NFS) -> Mount:
    return Mount(number, parent, point, fstype, source)


ROOT = mount(20, 1, "/", "ext4", "/dev/root")


def test_mountinfo() -> None:
    assert parse_mountinfo(MOUNTINFO) == [
        ROOT,
        mount(22, 20, "/proc", "proc", "proc"),
        mount(40, 20, "/srv/www"),
        mount(41, 20, "/srv/my own\\x", "tmpfs", "my\tsource"),
    ]
    assert parse_mountinfo("what is this\n\n40 20 - nfs4\n") == []


def test_the_running_kernel_s_mountinfo_has_a_root() -> None:
    mounts = parse_mountinfo(lvs_datum.MOUNTINFO.read_text(encoding="utf-8"))
    assert visible_mount(mounts, "/proc") is not None
    assert visible_mount(mounts, "/") is not None


def test_what_is_mounted_nowhere() -> None:
    assert visible_mount([ROOT, mount(40, 20, "/srv/www")], "/srv") is None
    assert visible_mount([ROOT, mount(40, 20, "/srv/www")], "/srv/www/folder") is None
    assert visible_mount([], "/srv/www") is None


def test_the_last_one_of_several_mounts_counts() -> None:
    first, last = mount(40, 20, "/srv/www"), mount(41, 40, "/srv/www", "tmpfs", "none")
    assert visible_mount([ROOT, first, last], "/srv/www") == last
    assert visible_mount([ROOT, last, first], "/srv/www/") == last


def test_a_mount_below_another_one_that_came_later_is_hidden() -> None:
    hidden, hides = mount(40, 20, "/srv/www"), mount(41, 20, "/srv", "tmpfs", "none")
    assert visible_mount([ROOT, hidden, hides], "/srv/www") is None
    seen = mount(42, 41, "/srv/www", source="192.0.2.32:/srv/www")
    assert visible_mount([ROOT, hidden, hides, seen], "/srv/www") == seen
    other_root = mount(50, 20, "/", "tmpfs", "none")
    assert visible_mount([ROOT, hidden, other_root], "/srv/www") is None
    assert visible_mount([ROOT, other_root], "/") == other_root


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        (NFS, NFS, True),
        (NFS + "/", NFS, True),
        (NFS, "192.0.2.32:/srv/www", False),
        (NFS, "192.0.2.31:/srv/www2", False),
        ("[2001:DB8::0:31]:/srv", "[2001:db8::31]:/srv", True),
        ("Store1:/srv", "store1:/srv", True),
        ("store1:/", "store1:/", True),
        ("/dev/null", "/dev/../dev/null", True),
        ("/dev/null", "/dev/zero", False),
        ("none", "none", True),
    ],
)
def test_sources(wanted: str, found: str, same: bool) -> None:
    assert same_source(wanted, found) is same


@pytest.mark.parametrize(
    ("datum", "found", "problem"),
    [
        (www(), mount(40, 20, "/srv/www"), ""),
        (www(fstype="nfs"), mount(40, 20, "/srv/www"), ""),
        (www(fstype=None, source=None), mount(40, 20, "/srv/www", "gfs2", "/dev/vdb"), ""),
        (www(), None, "/srv/www is not mounted"),
        (www(), mount(40, 20, "/srv/www", "autofs", "systemd-1"), "/srv/www is not mounted"),
        (www(), mount(40, 20, "/srv/www", "nfs"), f"/srv/www is {NFS} of type nfs, not of type nfs4"),
        (
            www(),
            mount(40, 20, "/srv/www", source="192.0.2.32:/srv/www"),
            f"/srv/www is 192.0.2.32:/srv/www, not {NFS}",
        ),
    ],
)
def test_mounts(datum: Datum, found: Mount | None, problem: str) -> None:
    assert mount_problem(datum, found) == problem


def test_an_automount_is_triggered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "www"
    path.mkdir()
    before = f"20 1 98:0 / / rw - ext4 /dev/root rw\n30 20 0:30 / {path} rw - autofs systemd-1 rw\n"
    file = tmp_path / "mountinfo"
    file.write_text(before, encoding="utf-8")
    monkeypatch.setattr(lvs_datum, "MOUNTINFO", file)
    asked = []

    def statvfs(where: str) -> None:
        asked.append(str(where))
        file.write_text(before + f"31 30 0:31 / {path} rw - nfs4 {NFS} rw\n", encoding="utf-8")

    monkeypatch.setattr(os, "statvfs", statvfs)
    assert examine(www(path=str(path))) == ""
    assert asked[0] == str(path)


def test_a_mount_is_found_behind_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real" / "www").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    file = tmp_path / "mountinfo"
    file.write_text(
        f"20 1 98:0 / / rw - ext4 /dev/root rw\n31 20 0:31 / {tmp_path}/real/www rw - nfs4 {NFS} rw\n", encoding="utf-8"
    )
    monkeypatch.setattr(lvs_datum, "MOUNTINFO", file)
    assert examine(www(path=f"{tmp_path}/link/www")) == ""
    assert examine(www(path=f"{tmp_path}/link")) == f"{tmp_path}/link is not mounted"


def test_ages() -> None:
    datum = www(kind="copy", max_age=300)
    assert age_problem(datum, 300) == ""
    assert age_problem(datum, -5) == ""
    assert age_problem(datum, 301) == "/srv/www is a copy of 301 s ago, at most 300 s are allowed"
    assert age_problem(datum, -301) == "/srv/www is a copy that is dated 301 s ahead of this host's clock"


def test_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lvs_datum, "COPIES", tmp_path / "copies")
    datum = www(kind="copy", max_age=300, path=str(tmp_path))
    assert examine(datum) == f"{tmp_path} is a copy that was never complete"
    (tmp_path / "copies").mkdir()
    finished = tmp_path / "copies" / "www"
    finished.touch()
    assert examine(datum) == ""
    os.utime(finished, (0, time.time() - 500))
    assert examine(datum).startswith(f"{tmp_path} is a copy of 500 s ago")


def test_folders(tmp_path: Path) -> None:
    path = tmp_path / "www"
    datum = www(kind="folder", path=str(path))
    assert examine(datum) == f"{path}: No such file or directory"
    path.touch()
    assert examine(datum) == f"{path}: Not a directory"
    path.unlink()
    path.mkdir()
    assert examine(datum) == ""
    marked = www(kind="folder", path=str(path), marker="data/.here")
    assert examine(marked) == f"{path}: there is no data/.here in it"
    (path / "data").mkdir()
    (path / "data" / ".here").touch()
    assert examine(marked) == ""


def test_a_folder_that_may_not_be_listed_has_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert examine(www(kind="folder", path=str(tmp_path))) == ""


def test_what_is_no_datum() -> None:
    with pytest.raises(ValueError, match="www: kind 'disk' is none of mount, copy, folder"):
        www(kind="disk")
    for datum in ({"max_age": None}, {"max_age": 5, "name": "../www"}):
        with pytest.raises(ValueError, match="a copy has a max_age, and no / in its name"):
            www(kind="copy", **datum)
