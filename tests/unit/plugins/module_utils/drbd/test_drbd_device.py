# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.device import (
    Found,
    Verdict,
    ext_label,
    judge,
    read_signatures,
    refusal,
    users_of,
)

UUID = "49547d3bc3735308"


def signatures(*entries: dict[str, Any]) -> str:
    return json.dumps({"signatures": [{"uuid": None, "label": None, **entry} for entry in entries]})


def test_signatures() -> None:
    assert read_signatures(signatures({"type": "ext4", "label": "data"}, {"type": "gpt"}, {"type": "gpt"})) == (
        [("ext4", "data"), ("gpt", "")],
        None,
    )
    assert read_signatures(signatures({"type": "drbd", "uuid": UUID.upper()})) == ([], UUID)
    assert read_signatures("") == ([], None)
    assert read_signatures('{"signatures": []}') == ([], None)


def test_ext_label() -> None:
    superblock = bytearray(512)
    assert ext_label(bytes(superblock)) is None
    superblock[0x38:0x3A] = b"\x53\xef"
    assert ext_label(bytes(superblock)) == ""
    superblock[0x78:0x7F] = b"lvs-lvs"
    assert ext_label(bytes(superblock)) == "lvs-lvs"
    assert ext_label(b"") is None


@pytest.mark.parametrize(
    ("found", "known", "verdict"),
    [
        (Found(), None, Verdict("blank")),
        (Found(drbd_uuid=UUID), UUID, Verdict("ours")),
        (Found(drbd_uuid=UUID, label="lvs-lvs"), None, Verdict("ours")),
        (
            Found(drbd_uuid=UUID),
            None,
            Verdict("foreign", f"/dev/vdb has DRBD metadata of another resource (device-uuid {UUID})"),
        ),
        (
            Found(drbd_uuid=UUID, label="home"),
            "0" * 16,
            Verdict(
                "foreign",
                f"/dev/vdb has DRBD metadata of another resource (device-uuid {UUID}), with a file system labelled 'home'",
            ),
        ),
        # Without DRBD's metadata it is none of ours, whatever its label.
        (
            Found((("ext4", "lvs-lvs"),), label="lvs-lvs", is_zero=False),
            UUID,
            Verdict("foreign", "/dev/vdb has a file system (ext4) labelled 'lvs-lvs'"),
        ),
        (Found((("xfs", ""),)), None, Verdict("foreign", "/dev/vdb has a file system (xfs)")),
        (Found((("dos", ""),)), None, Verdict("foreign", "/dev/vdb has a partition table (dos)")),
        (Found((("PMBR", ""), ("gpt", ""))), None, Verdict("foreign", "/dev/vdb has a partition table (gpt)")),
        (Found((("LVM2_member", ""),)), None, Verdict("foreign", "/dev/vdb has a physical volume of LVM")),
        (Found((("crypto_LUKS", ""),)), None, Verdict("foreign", "/dev/vdb has an encrypted volume (LUKS)")),
        (
            Found(is_zero=False),
            None,
            Verdict(
                "foreign",
                "/dev/vdb has data of an unknown kind: no signature is known, but its first or last MiB is not empty",
            ),
        ),
        (
            Found(users=("mounted on /mnt",), drbd_uuid=UUID),
            UUID,
            Verdict("foreign", "/dev/vdb is in use: mounted on /mnt"),
        ),
    ],
)
def test_judgement(found: Found, known: str | None, verdict: Verdict) -> None:
    assert judge("/dev/vdb", found, "lvs-lvs", known) == verdict


def test_a_refusal_says_what_to_do() -> None:
    message = refusal("/dev/vdb", Verdict("foreign", "/dev/vdb has a file system (xfs)"))
    assert message.startswith("/dev/vdb has a file system (xfs). Nothing was changed")
    assert "wipefs --all /dev/vdb" in message


def test_users() -> None:
    mounts = "22 1 98:0 / / rw - ext4 /dev/vda rw\n30 22 254:16 / /mnt rw - ext4 /dev/vdb rw\n"
    swaps = "Filename Type Size Used Priority\n/dev/vdb partition 1 0 -2\n"
    assert users_of(mounts, "", "254:16", "vdb", [], []) == ["mounted on /mnt"]
    assert users_of(mounts, swaps, "254:17", "vdb", ["dm-0"], ["vdb1"]) == [
        "it is swap space (/dev/vdb)",
        "dm-0 is built on it",
        "it has the partition vdb1",
    ]
    assert users_of(mounts, swaps, "254:17", "vdc", [], []) == []
