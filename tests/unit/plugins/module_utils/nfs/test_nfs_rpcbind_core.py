# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import rpcbind as core

RPCINFO = """   program vers proto   port  service
    100000    4   tcp    111  portmapper
    100003    3   tcp   2049  nfs
    100005    3   udp  20048  mountd
    100024    1   udp    662  status
"""


def test_what_of_nfs_itself_is_registered_does_not_count() -> None:
    assert core.foreign_programs(RPCINFO, "nfs_server") == []
    assert core.foreign_programs("", "nfs_server") == []


def test_a_client_leaves_a_server_its_rpcbind() -> None:
    assert core.foreign_programs(RPCINFO, "nfs_client") == ["mountd", "nfs"]


def test_others_need_it() -> None:
    assert core.foreign_programs(
        f"{RPCINFO}    100004    2   tcp    834  ypserv\n    400001    1   tcp    834\n", "nfs_server"
    ) == ["400001", "ypserv"]


@pytest.mark.parametrize(
    ("fstype", "options", "needed"),
    [
        ("nfs", ["rw", "vers=3"], True),
        ("nfs", ["nfsvers=3"], True),
        ("nfs", ["vers=4.2"], False),
        ("nfs4", ["vers=4.2"], False),
        ("nfs", ["rw"], False),
    ],
)
def test_mounts_that_need_statd(fstype: str, options: list[str], needed: bool) -> None:
    assert core.needs_statd(fstype, options) is needed


def test_who_wants_it_masked() -> None:
    assert core.claims_after({}, "nfs_server", "masked") == ["nfs_server"]
    both = {"roles": ["nfs_client", "nfs_server"]}
    assert core.claims_after(both, "nfs_server", "masked") == ["nfs_client", "nfs_server"]
    assert core.claims_after(both, "nfs_server", "absent") == ["nfs_client"]
    assert core.claims_after(both, "nfs_server", "needed") == []
