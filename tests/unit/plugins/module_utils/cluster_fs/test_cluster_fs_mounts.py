# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import mounts, users
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.mounts import (
    Mount,
    flags_differ,
    mount_unit,
    mounted_at,
    parse_mounts,
    service_unit,
    unit_name,
    where,
)

MOUNTINFO = r"""
22 1 98:0 / / rw,relatime shared:1 - ext4 /dev/root rw
78 20 98:16 / /srv/www rw,noatime shared:115 - gfs2 /dev/ubdb rw,rgrplvb
79 20 98:32 / /srv/with\040space rw master:1 - ocfs2 /dev/ubdc rw,acl
80 78 98:48 / /srv/www rw - tmpfs none
""".strip()


def test_mountinfo() -> None:
    found = parse_mounts(MOUNTINFO)
    assert found[1] == Mount("/srv/www", "gfs2", "/dev/ubdb", "98:16", frozenset(("rw", "noatime", "rgrplvb")))
    assert found[2].path == "/srv/with space"


def test_the_last_mount_covers_those_before() -> None:
    found = parse_mounts(MOUNTINFO)
    covering = mounted_at("/srv/www", found)
    assert covering is not None
    assert covering.type == "tmpfs"
    assert mounted_at("/srv", found) is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/www", "srv-www"),
        ("/srv//www/", "srv-www"),
        ("/", "-"),
        ("/srv/my-data", "srv-my\\x2ddata"),
        ("/srv/ä b", "srv-\\xc3\\xa4\\x20b"),
        ("/.hidden", "\\x2ehidden"),
        ("/srv/.hidden", "srv-.hidden"),
    ],
)
def test_names_of_units_are_those_of_systemd_escape(path: str, name: str) -> None:
    assert unit_name(path) == name


def test_the_mount_goes_before_the_lock_manager() -> None:
    lines = mount_unit("/srv/www", "/dev/ubdb", "gfs2", ["noatime"]).splitlines()
    for line in ("Requires=dlm.service", "After=dlm.service", "Where=/srv/www", "Options=_netdev,noatime"):
        assert line in lines


def test_percent_signs_are_no_specifiers() -> None:
    unit = mount_unit("/srv/100%i", "/dev/a", "gfs2", [])
    assert "Where=/srv/100%%i" in unit
    assert where(unit) == "/srv/100%i"


def test_units_of_others_are_not_ours() -> None:
    assert where("[Mount]\nWhere=/srv/www\n") is None
    assert where(f"{mounts.MARK}\n[Service]\n") is None


def test_the_service_tries_until_it_is_mounted() -> None:
    lines = service_unit().splitlines()
    for line in ("Restart=on-failure", "StartLimitIntervalSec=0", "Type=exec", "WantedBy=multi-user.target"):
        assert line in lines


@pytest.mark.parametrize(
    ("live", "wanted", "differ"),
    [
        ({"rw", "noatime"}, ["noatime"], False),
        ({"rw", "relatime"}, ["noatime"], True),
        ({"rw", "noatime"}, [], True),
        ({"ro", "noatime"}, ["noatime"], True),
        ({"rw", "acl", "data=ordered"}, ["quota=off"], False),
    ],
)
def test_flags(live: set[str], wanted: list[str], differ: bool) -> None:
    assert flags_differ(Mount("/", "gfs2", "/dev/a", "1:1", frozenset(live)), wanted) == differ


def process(proc: Path, number: str, name: str, **links: str) -> None:
    folder = proc / number
    (folder / "fd").mkdir(parents=True)
    (folder / "comm").write_text(f"{name}\n")
    for link, target in links.items():
        (folder / ("fd" if link.startswith("fd") else ".") / link).symlink_to(target)


def test_who_keeps_it_busy(tmp_path: Path) -> None:
    process(tmp_path, "10", "nginx", fd3="/srv/www/index.html")
    process(tmp_path, "11", "bash", cwd="/srv/www")
    process(tmp_path, "12", "other", cwd="/srv/www2", fd1="/dev/null")
    assert users.explain("/srv/www", tmp_path) == "in use by bash (process 11), nginx (process 10)"
    assert users.explain("/elsewhere", tmp_path) == "it is busy; no program with an open file was found"


def test_not_all_are_named(tmp_path: Path) -> None:
    for number in range(10, 20):
        process(tmp_path, str(number), "php", cwd="/srv/www")
    assert users.explain("/srv/www", tmp_path).endswith(" and others")
