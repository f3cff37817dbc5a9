# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import device as reading
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.device import Device, DeviceError, Wanted, judge
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.superblock import Superblock
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.superblock import read as read_superblock
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.cluster_fs.superblocks import gfs2, ocfs2

DEVICE = "/dev/common"
GFS2, OCFS2 = Wanted("gfs2", "lvs", "www"), Wanted("ocfs2", "lvs", "www")
MOUNT = Mount("/mnt", DEVICE, "ext4", "8:1", frozenset(), frozenset())
OURS = Superblock("gfs2", "lock_dlm", "lvs", "www", "", None)


def found(**more: Any) -> Device:
    return Device(DEVICE, **more)


def refusal(device: Device, wanted: Wanted = GFS2) -> str:
    with pytest.raises(DeviceError) as caught:
        judge(device, wanted)
    return str(caught.value).partition(". Nothing was changed")[0]


def test_a_blank_device() -> None:
    assert judge(found(), GFS2) == "blank"


def test_ours() -> None:
    assert judge(found(superblock=read_superblock(gfs2()), used_at=65536), GFS2) == "ours"
    assert judge(found(superblock=read_superblock(ocfs2()), used_at=2048), OCFS2) == "ours"


def test_ours_that_is_mounted() -> None:
    mount = Mount("/srv/www", DEVICE, "gfs2", "8:1", frozenset(), frozenset())
    assert judge(found(superblock=OURS, in_use=True, mounts=(mount,)), GFS2) == "ours"


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"mounts": (MOUNT,), "in_use": True}, "is mounted at /mnt (ext4)"),
        ({"holders": ("dm-0", "md1")}, "is part of dm-0, md1 (LVM, RAID, multipath or the like)"),
        (
            {"signature": {"TYPE": "ext4", "LABEL": "home"}, "used_at": 1080},
            "holds data of type ext4 (label or UUID: home)",
        ),
        ({"signature": {"TYPE": "LVM2_member", "UUID": "a-b"}}, "holds data of type LVM2_member (label or UUID: a-b)"),
        ({"signature": {"TYPE": "swap"}}, "holds data of type swap (label or UUID: none)"),
        ({"signature": {"PTTYPE": "gpt", "PTUUID": "x"}, "used_at": 446}, "has a partition table (gpt)"),
        ({"in_use": True}, "is in use by something on this host"),
        ({"used_at": 512}, "holds data of an unknown kind (byte 512 is not zero)"),
        (
            {"superblock": Superblock("gfs2", "lock_dlm", "other", "www", "", None)},
            "holds the gfs2 file system 'other:www', which locks by lock_dlm: it is another one than ours",
        ),
        (
            {"superblock": Superblock("gfs2", "lock_nolock", "lvs", "www", "", None)},
            "holds the gfs2 file system 'lvs:www', which locks by lock_nolock: it is another one than ours",
        ),
        (
            {"superblock": Superblock("ocfs2", "o2cb", "", "www", "", 4)},
            "holds the ocfs2 file system 'www', which locks by o2cb: it is another one than ours",
        ),
    ],
)
def test_what_is_in_the_way_is_named(more: Mapping[str, Any], what: str) -> None:
    assert refusal(found(**more)) == f"{DEVICE} {what}"


def test_the_other_kind_of_file_system_of_the_same_name_is_foreign() -> None:
    assert "another one than ours" in refusal(found(superblock=OURS), OCFS2)


def test_the_message_says_what_to_do() -> None:
    with pytest.raises(
        DeviceError, match=r"Nothing was changed. Name another device; or, if nobody needs what is on it"
    ):
        judge(found(used_at=0), GFS2)


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(DeviceError, match="/dev/nowhere does not exist on this host"):
        reading.look("/dev/nowhere", lambda _command: (2, "", ""))


def test_a_file_is_no_device(tmp_path: Any) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DeviceError, match="is no block device"):
        reading.look(str(file), lambda _command: (2, "", ""))


@pytest.mark.parametrize(
    ("head", "tail", "used"), [(b"", b"", None), (b"\0x", b"", 1), (b"", b"x", (4 << 20) - 1), (b"y", b"x", 0)]
)
def test_both_ends_are_read(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, head: bytes, tail: bytes, used: int | None
) -> None:
    file = tmp_path / "disk"
    file.write_bytes(head.ljust((4 << 20) - len(tail), b"\0") + tail)
    monkeypatch.setattr(reading, "_number", lambda _path: "999:1")
    device = reading.look(str(file), lambda _command: (0, "DEVNAME=/dev/x\nTYPE=ext4\nLABEL=a\\ b\n", ""))
    assert device.used_at == used
    assert device.signature == {"DEVNAME": "/dev/x", "TYPE": "ext4", "LABEL": "a b"}
