# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.device import Wanted, judge
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.superblock import Superblock
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.superblock import read as read_superblock
from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import (
    BlockDevice,
    DeviceError,
    Signature,
)
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.cluster_fs.superblocks import gfs2, ocfs2

DEVICE = "/dev/common"
GFS2, OCFS2 = Wanted("gfs2", "lvs", "www"), Wanted("ocfs2", "lvs", "www")
TABLE = Signature("gpt", "partition-table")
OURS = Superblock("gfs2", "lock_dlm", "lvs", "www", "", None)


def mounted(path: str, fstype: str) -> tuple[Mount, ...]:
    return (Mount(path, DEVICE, fstype, "8:1", frozenset(), frozenset()),)


def found(**more: Any) -> BlockDevice:
    return BlockDevice(DEVICE, **more)


def refusal(device: BlockDevice, superblock: Superblock | None = None, wanted: Wanted = GFS2) -> str:
    with pytest.raises(DeviceError) as caught:
        judge(device, superblock, wanted)
    return str(caught.value).partition(". Nothing was changed")[0]


def test_a_blank_device() -> None:
    assert judge(found(), None, GFS2) == "blank"


def test_ours() -> None:
    signatures = (Signature("gfs2", label="lvs:www"),)
    assert judge(found(signatures=signatures, used_at=65536), read_superblock(gfs2()), GFS2) == "ours"
    assert judge(found(used_at=2048), read_superblock(ocfs2()), OCFS2) == "ours"


def test_ours_that_is_mounted() -> None:
    assert judge(found(is_held=True, mounts=mounted("/srv/www", "gfs2")), OURS, GFS2) == "ours"


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"mounts": mounted("/mnt", "ext4"), "is_held": True}, "is mounted at /mnt (ext4)"),
        ({"holders": ("dm-0", "md1")}, "is part of dm-0, md1 (LVM, RAID, multipath or the like)"),
        (
            {"signatures": (TABLE, Signature("ext4", label="home", uuid="a-b")), "used_at": 1080},
            "holds data of type ext4 (label or UUID: home)",
        ),
        (
            {"signatures": (Signature("LVM2_member", "raid", uuid="a-b"),)},
            "holds data of type LVM2_member (label or UUID: a-b)",
        ),
        (
            {"signatures": (Signature("swap", "other"),), "is_held": True},
            "holds data of type swap (label or UUID: none)",
        ),
        ({"signatures": (TABLE,), "partitions": ("sdb1",), "used_at": 446}, "has a partition table (gpt)"),
        # Wiped at both ends, but not forgotten by the kernel.
        ({"partitions": ("sdb1", "sdb2")}, "has the partitions sdb1, sdb2"),
        ({"is_held": True}, "is in use by something on this host"),
        ({"used_at": 512}, "holds data of an unknown kind (byte 512 is not zero)"),
    ],
)
def test_what_is_in_the_way_is_named(more: Mapping[str, Any], what: str) -> None:
    assert refusal(found(**more)) == f"{DEVICE} {what}"


@pytest.mark.parametrize(
    ("superblock", "whose"),
    [
        (
            Superblock("gfs2", "lock_dlm", "other", "www", "", None),
            "gfs2 file system 'other:www', which locks by lock_dlm",
        ),
        (
            Superblock("gfs2", "lock_nolock", "lvs", "www", "", None),
            "gfs2 file system 'lvs:www', which locks by lock_nolock",
        ),
        (Superblock("ocfs2", "o2cb", "", "www", "", 4), "ocfs2 file system 'www', which locks by o2cb"),
    ],
)
def test_file_systems_of_others(superblock: Superblock, whose: str) -> None:
    device = found(signatures=(Signature(superblock.type),))
    assert refusal(device, superblock) == f"{DEVICE} holds the {whose}: it is another one than ours"


def test_the_other_kind_of_file_system_of_the_same_name_is_foreign() -> None:
    assert "another one than ours" in refusal(found(), OURS, OCFS2)


def test_the_message_says_what_to_do() -> None:
    with pytest.raises(
        DeviceError, match=r"Nothing was changed. Name another device; or, if nobody needs what is on it"
    ):
        judge(found(used_at=0), None, GFS2)
