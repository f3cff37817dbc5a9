# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import corosync, dlm
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.corosync import Node, Quorum
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.dlm import Lockspace, Member

CONF = """
# a comment
totem {
    version: 2
    cluster_name: lvs
    transport: knet
    token: 3000
}
nodelist {
    node {
        nodeid: 1
        ring0_addr: 192.0.2.21
    }
    node {
        nodeid: 2
        ring0_addr: 2001:db8::22
    }
}
"""
CMAP = """
nodelist.local_node_pos (u32) = 0
nodelist.node.0.name (str) = web1
nodelist.node.0.nodeid (u32) = 1
nodelist.node.0.ring0_addr (str) = 192.0.2.21
nodelist.node.1.name (str) = web2
nodelist.node.1.nodeid (u32) = 2
nodelist.node.1.ring0_addr (str) = 192.0.2.22
runtime.members.1.status (str) = joined
runtime.members.2.status (str) = left
"""
QUORUM = """
Quorum information
------------------
Nodes:            2
Node ID:          3
Quorate:          {quorate}

Votequorum information
----------------------
Expected votes:   3
Highest expected: 3
Total votes:      1
Quorum:           2 Activity blocked
Flags:            WaitForAll
"""


def test_configuration() -> None:
    found = corosync.parse(CONF)
    assert found["totem"] == [{"version": "2", "cluster_name": "lvs", "transport": "knet", "token": "3000"}]
    assert found["nodelist"] == [
        {"node": [{"nodeid": "1", "ring0_addr": "192.0.2.21"}, {"nodeid": "2", "ring0_addr": "2001:db8::22"}]}
    ]


@pytest.mark.parametrize("text", ["", "}", "totem {", "word", "nodelist: x"])
def test_a_broken_configuration_is_no_trouble(text: str) -> None:
    assert corosync.needs_restart(text, text, 1) == ""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("token: 3000", "token: 5000", ""),
        ("192.0.2.21", "192.0.2.99", "the host's own address is read only at the start"),
        ("2001:db8::22", "2001:db8::99", ""),
        ("transport: knet", "transport: udpu", "totem.transport is read only at the start"),
        ("cluster_name: lvs", "cluster_name: other", "totem.cluster_name is read only at the start"),
    ],
)
def test_what_corosync_takes_over_by_a_reload(old: str, new: str, reason: str) -> None:
    assert corosync.needs_restart(CONF, CONF.replace(old, new), 1) == reason


def test_a_node_more_is_no_restart() -> None:
    more = "    node {\n        nodeid: 3\n        ring0_addr: 192.0.2.23\n    }\n"
    assert corosync.needs_restart(CONF, CONF.rstrip()[:-1] + more + "}\n", 1) == ""


def test_nodes() -> None:
    assert corosync.nodes(CMAP) == [Node(1, "web1", "192.0.2.21", True), Node(2, "web2", "192.0.2.22", False)]
    assert corosync.nodes("") == []


def test_quorum() -> None:
    assert corosync.quorum(QUORUM.format(quorate="No")) == Quorum(3, False, 1, 2, 3)
    assert corosync.quorum(QUORUM.format(quorate="Yes")) == Quorum(3, True, 1, 2, 3)
    assert corosync.quorum("Cannot initialize CMAP service\n") is None


STATUS = """
cluster nodeid 1 quorate 1 ring seq 19 19
daemon now 800 fence_pid 0
fence 3 nodedown pid 0 actor 1 fail 1764270000 fence 0 now 1764270010
node 1 M add 198 rem 0 fail 0 fence 0 at 0 0
node 2 X add 198 rem 300 fail 300 fence 307 at 1 1764269000
node 3 X add 196 rem 790 fail 790 fence 0 at 0 0
"""
LS = """
dlm lockspaces
name          www
id            0x146969f6
flags         0x00000000
change        member 2 joined 1 remove 0 failed 0 seq 1,1
members       1 2

name          C1ECC259DD404F07B37EF18F25C71BE7
id            0x02bfb723
flags         0x00000004 kern_stop
change        member 2 joined 1 remove 0 failed 0 seq 2,2
members       1 2 3
new change    member 2 joined 0 remove 1 failed 1 seq 3,3
new status    wait fencing
new members   1 2

"""


def test_status() -> None:
    found = dlm.status(STATUS)
    assert found.members == (Member(1, True, 0, 0, 0), Member(2, False, 300, 307, 1), Member(3, False, 790, 0, 0))
    assert found.fencing == (3,)


def test_lockspaces() -> None:
    assert dlm.lockspaces(LS) == [
        Lockspace("www", (1, 2), ""),
        Lockspace("C1ECC259DD404F07B37EF18F25C71BE7", (1, 2, 3), "fencing"),
    ]
    assert dlm.lockspaces("") == []


DLM = """
protocol=tcp
post_join_delay=30
enable_fencing=1

device fence fence_x ip=192.0.2.254
connect fence node=1 port=a
connect fence node=2 port=b
"""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("post_join_delay=30", "post_join_delay=3", ""),
        ("protocol=tcp", "protocol=sctp", "protocol: read only at the start"),
        ("192.0.2.254", "192.0.2.253", "the fence device has changed"),
        ("port=b", "port=c", "how node 2 is fenced has changed"),
        ("connect fence node=2 port=b\n", "", ""),
        ("port=b\n", "port=b\nconnect fence node=3 port=c\n", ""),
    ],
)
def test_what_the_lock_manager_takes_over_by_a_reload(old: str, new: str, reason: str) -> None:
    assert dlm.needs_restart(DLM, DLM.replace(old, new)) == reason


def test_fencing_that_comes_and_goes_is_a_restart() -> None:
    without = "protocol=tcp\npost_join_delay=30\nenable_fencing=0\n"
    assert dlm.needs_restart(without, DLM) == "enable_fencing: read only at the start"
    assert dlm.needs_restart(DLM, without) == "enable_fencing: read only at the start"
