# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.storage import block_device, mountinfo
from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import (
    EDGE,
    BlockDevice,
    DeviceError,
    Signature,
    first_used,
    look,
    parse_signatures,
)
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount
from hypothesis import given
from hypothesis import strategies as st

SIZE = 4 << 20
EXT4 = {"type": "ext4", "usage": "filesystem", "label": "data", "uuid": "a-b"}
GPT = {"type": "gpt", "usage": "partition-table", "label": None, "uuid": None}
MOUNT = Mount("/mnt", "/dev/vdb", "ext4", "254:16", frozenset(), frozenset())


def answer(*signatures: dict[str, Any], code: int = 0, error: str = "") -> Callable[[Any], tuple[int, str, str]]:
    def run(command: Any) -> tuple[int, str, str]:
        assert command[:3] == ["wipefs", "--json", "--no-act"]
        return code, json.dumps({"signatures": signatures}), error

    return run


def test_signatures() -> None:
    # A GPT stands at both ends, and with it a table for those who do not know it.
    text = json.dumps({"signatures": [EXT4, GPT, GPT, {**GPT, "type": "PMBR"}]})
    ext4, gpt = parse_signatures(text)
    assert (ext4, ext4.is_table) == (Signature("ext4", "filesystem", "data", "a-b"), False)
    assert (gpt, gpt.is_table) == (Signature("gpt", "partition-table"), True)


@pytest.mark.parametrize("text", ["", '{"signatures": []}'])
def test_no_signatures(text: str) -> None:
    assert parse_signatures(text) == ()


@pytest.mark.parametrize(
    ("found", "is_blank"),
    [
        ({}, True),
        ({"head": bytes(EDGE)}, True),
        ({"used_at": 0}, False),
        ({"signatures": (Signature("ext4"),)}, False),
        ({"mounts": (MOUNT,)}, False),
        ({"holders": ("dm-0",)}, False),
        ({"partitions": ("vdb1",)}, False),
        ({"is_held": True}, False),
    ],
)
def test_what_is_blank(found: dict[str, Any], is_blank: bool) -> None:
    assert BlockDevice("/dev/vdb", **found).is_blank is is_blank


@pytest.mark.parametrize(
    ("head", "tail", "size", "offset"),
    [
        (b"", b"", 0, None),
        (bytes(8), bytes(8), 100, None),
        (b"\0\0x\0", b"x", 100, 2),
        (bytes(4), b"\0x", 100, 99),
        (b"xy", b"xy", 2, 0),
    ],
)
def test_first_used(head: bytes, tail: bytes, size: int, offset: int | None) -> None:
    assert first_used(head, tail, size) == offset


@given(st.binary(max_size=40), st.integers(1, 40))
def test_first_used_of_any_device(data: bytes, edge: int) -> None:
    at_ends = [at for at, byte in enumerate(data) if byte and (at < edge or at >= len(data) - edge)]
    assert first_used(data[:edge], data[-edge:], len(data)) == (at_ends[0] if at_ends else None)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that passes for a block device, with nothing on it and nobody who uses it."""
    file = tmp_path / "disk"
    file.write_bytes(bytes(SIZE))
    monkeypatch.setattr(block_device, "_number", lambda _path: "254:16")
    monkeypatch.setattr(block_device, "SYSFS", tmp_path / "sys")
    monkeypatch.setattr(mountinfo, "FILE", tmp_path / "mountinfo")
    return file


def test_a_blank_device(disk: Path) -> None:
    found = look(str(disk), answer())
    assert found == BlockDevice(str(disk), head=bytes(EDGE))
    assert found.is_blank


@pytest.mark.parametrize(
    ("head", "tail", "used"),
    [(b"\0x", b"", 1), (b"", b"x", SIZE - 1), (b"y", b"x", 0), (b"", b"z" + bytes(EDGE), None)],
)
def test_both_ends_are_read(disk: Path, head: bytes, tail: bytes, used: int | None) -> None:
    disk.write_bytes(head.ljust(SIZE - len(tail), b"\0") + tail)
    found = look(str(disk), answer(EXT4))
    assert (found.used_at, found.signatures) == (used, (Signature("ext4", "filesystem", "data", "a-b"),))
    assert found.head.startswith(head)


def test_a_small_device(disk: Path) -> None:
    disk.write_bytes(bytes(511) + b"x")
    found = look(str(disk), answer())
    assert (len(found.head), found.used_at) == (512, 511)


def test_who_uses_it(disk: Path, tmp_path: Path) -> None:
    for folder in ("holders/md1", "holders/dm-0", "vdb1", "queue"):
        (tmp_path / "sys/254:16" / folder).mkdir(parents=True)
    (tmp_path / "sys/254:16/vdb1/partition").touch()
    lines = ["22 1 98:0 / / rw - ext4 /dev/vda rw", "30 22 254:16 / /mnt\\040x rw - ext4 /dev/vdb rw"]
    (tmp_path / "mountinfo").write_text("\n".join(lines))
    found = look(str(disk), answer())
    assert [mount.path for mount in found.mounts] == ["/mnt x"]
    assert (found.holders, found.partitions) == (("dm-0", "md1"), ("vdb1",))


@pytest.mark.parametrize(("error", "is_held"), [(16, True), (13, False)])
def test_what_the_kernel_holds(disk: Path, monkeypatch: pytest.MonkeyPatch, error: int, is_held: bool) -> None:
    def refuse(_path: str, flags: int) -> int:
        assert flags & os.O_EXCL
        raise OSError(error, "refused")

    monkeypatch.setattr(block_device.os, "open", refuse)
    assert look(str(disk), answer()).is_held is is_held


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(DeviceError, match=r"^/dev/nowhere does not exist on this host; the device has to be there"):
        look("/dev/nowhere", answer())


def test_a_file_is_no_device(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match=r"/file is no block device$"):
        look(str(tmp_path / "file"), answer())


def test_a_device_that_cannot_be_read(disk: Path) -> None:
    disk.unlink()
    disk.mkdir()
    with pytest.raises(DeviceError, match=r"/disk cannot be read: Is a directory$"):
        look(str(disk), answer())


def test_without_wipefs_nothing_is_blank(disk: Path) -> None:
    with pytest.raises(DeviceError, match=r"^wipefs cannot read /.*/disk: No such file or directory: 'wipefs'$"):
        look(str(disk), answer(code=127, error="No such file or directory: 'wipefs'\n"))
