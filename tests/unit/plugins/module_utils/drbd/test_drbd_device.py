# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.device import (
    ext_label,
    judge,
    refuse_unless_blank,
    uuid_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import (
    BlockDevice,
    DeviceError,
    Signature,
)
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount

UUID = "49547d3bc3735308"
DRBD = Signature("drbd", "raid", uuid=UUID.upper())
MOUNT = Mount("/mnt", "/dev/vdb", "ext4", "254:16", frozenset(), frozenset())
SWAP = Signature("swap", "other")
UNKNOWN = "has data of an unknown kind: no signature is known, but its first or last MiB is not empty"


def device(*signatures: Signature, **found: Any) -> BlockDevice:
    return BlockDevice("/dev/vdb", signatures=signatures, **found)


def ext(label: str = "") -> bytes:
    """The beginning of a device with an ext file system."""
    superblock = bytearray(512)
    superblock[0x38:0x3A] = b"\x53\xef"
    superblock[0x78 : 0x78 + len(label)] = label.encode()
    return bytes(1024) + bytes(superblock)


def test_uuid_of_metadata() -> None:
    assert uuid_of([Signature("ext4", uuid="a-b"), DRBD]) == UUID
    assert uuid_of([Signature("ext4", uuid="a-b")]) is None


@pytest.mark.parametrize(
    ("superblock", "label"),
    [(bytes(512), None), (ext()[1024:], ""), (ext("lvs-lvs")[1024:], "lvs-lvs"), (b"", None)],
)
def test_ext_label(superblock: bytes, label: str | None) -> None:
    assert ext_label(superblock) == label


def test_a_blank_device() -> None:
    assert judge(device(), "lvs-lvs", None) == "blank"
    refuse_unless_blank(device())


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (device(DRBD, used_at=0), UUID),
        (device(DRBD, head=ext("lvs-lvs")), None),
        # DRBD is up, by another name of the device.
        (device(DRBD, is_held=True), UUID),
    ],
)
def test_ours(found: BlockDevice, known: str | None) -> None:
    assert judge(found, "lvs-lvs", known) == "ours"
    with pytest.raises(DeviceError):
        refuse_unless_blank(found)


@pytest.mark.parametrize(
    ("found", "known", "what"),
    [
        (device(DRBD), None, f"has DRBD metadata of another resource (device-uuid {UUID})"),
        (
            device(DRBD, head=ext("home")),
            "0" * 16,
            f"has DRBD metadata of another resource (device-uuid {UUID}), with a file system labelled 'home'",
        ),
        # Without DRBD's metadata it is none of ours, whatever its label.
        (
            device(Signature("ext4", label="lvs-lvs"), head=ext("lvs-lvs"), used_at=1080),
            UUID,
            "has a file system (ext4) labelled 'lvs-lvs'",
        ),
        (device(Signature("xfs")), None, "has a file system (xfs)"),
        (device(Signature("dos", "partition-table")), None, "has a partition table (dos)"),
        (
            device(Signature("gpt", "partition-table"), Signature("xfs"), Signature("xfs", uuid="a-b")),
            None,
            "has a partition table (gpt) and a file system (xfs)",
        ),
        (device(Signature("LVM2_member", "raid")), None, "has a physical volume of LVM"),
        (device(Signature("crypto_LUKS", "crypto")), None, "has an encrypted volume (LUKS)"),
        (device(used_at=0), None, UNKNOWN),
        (device(DRBD, mounts=(MOUNT,)), UUID, "is in use: mounted on /mnt"),
        (
            device(holders=("dm-0",), partitions=("vdb1",), is_held=True),
            None,
            "is in use: dm-0 is built on it, it has the partition vdb1",
        ),
        (device(SWAP, is_held=True), None, "is in use: it is swap space (/dev/vdb)"),
        (device(SWAP), None, "has swap space"),
        (device(is_held=True), None, "is in use: something in the kernel has it"),
    ],
)
def test_foreign_devices(found: BlockDevice, known: str | None, what: str) -> None:
    with pytest.raises(DeviceError) as caught:
        judge(found, "lvs-lvs", known)
    assert str(caught.value) == (
        f"/dev/vdb {what}. Nothing was changed: a volume is only made on a blank device. If nothing there is needed any"
        " more, empty it by hand (wipefs --all /dev/vdb; blkdiscard --zeroout /dev/vdb), or name another device"
    )
