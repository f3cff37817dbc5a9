# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import mounts
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.mounts import (
    flags_differ,
    mount_unit,
    service_unit,
    where,
)
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount


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
    assert flags_differ(Mount("/", "/dev/a", "gfs2", "1:1", frozenset(live), frozenset(("rw",))), wanted) == differ
