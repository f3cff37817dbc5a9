# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.superblock import Superblock, read
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.cluster_fs.superblocks import UUID, gfs2, ocfs2


def test_gfs2() -> None:
    assert read(gfs2()) == Superblock("gfs2", "lock_dlm", "lvs", "www", UUID, None)
    assert read(gfs2("other:data", "lock_nolock")) == Superblock("gfs2", "lock_nolock", "other", "data", UUID, None)


@pytest.mark.parametrize("block_size", [512, 1024, 2048, 4096])
def test_ocfs2(block_size: int) -> None:
    assert read(ocfs2(block_size=block_size)) == Superblock("ocfs2", "pcmk", "lvs", "www", UUID, 5)


def test_ocfs2_with_a_stack_of_its_own_belongs_to_no_cluster() -> None:
    found = read(ocfs2(stack=""))
    assert found is not None
    assert (found.locking, found.cluster) == ("o2cb", "")


def test_table() -> None:
    found = read(gfs2())
    assert found is not None
    assert found.table == "lvs:www"


@pytest.mark.parametrize("head", [b"", bytes(128 << 10), b"x" * (128 << 10), gfs2()[: 64 << 10]])
def test_nothing(head: bytes) -> None:
    assert read(head) is None
