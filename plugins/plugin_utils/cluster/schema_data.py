# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory API, the shared-data tier: what schema.py says of variables holds here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import (
    AbsolutePath,
    Address,
    Choice,
    FileMode,
    Flag,
    Integer,
    Parameters,
    Text,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import ListOf, OneOrMany, Record, TextOrList
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.vocabulary import GROUP, HOST, NAME, PORT, USER

METHODS = ("nfs", "rsync", "gfs2", "ocfs2")

CLUSTER_FILE_SYSTEMS = ("gfs2", "ocfs2")

HOSTS = TextOrList(GROUP, ListOf(HOST, minimum=1))

ANONYMOUS = Integer(0, 2**32 - 2)

DEVICE = Text("a block device", r"/dev/[A-Za-z0-9._/+:@=-]+", "write its path, best one of those in /dev/disk/by-id")


@dataclass(frozen=True, kw_only=True)
class Rsync:
    """How copies of a folder get to those who read it."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {"mode": "direction", "excludes": "exclude", "period": "interval"}

    direction: Annotated[
        str,
        Choice("a direction", ("pull", "push")),
        "`pull`: readers fetch what is new by a timer. `push`: lsyncd on the storage host sends each change within "
        "seconds.",
    ] = "pull"
    transport: Annotated[
        str,
        Choice("a transport", ("daemon", "ssh")),
        "`daemon`: rsync's own protocol, with a secret that the hosts make themselves; what it carries can be read on "
        "the way. `ssh` (with `pull`): encrypted, by a key that can do nothing else.",
    ] = "daemon"
    interval: Annotated[
        int,
        Integer(10, 86400, "seconds"),
        "`pull`: time from one copy to the next. `push`: how often the storage host says that it is alive.",
    ] = 60
    max_age: Annotated[
        int | None,
        Integer(20, 30 * 86400, "seconds"),
        "A copy that is older raises an alarm, and is not ready for the services that name it. Default: five times the "
        "interval.",
    ] = None
    delete: Annotated[bool, Flag(), "Whether what is gone on the storage host goes in the copies, too."] = True
    exclude: Annotated[
        tuple[str, ...],
        ListOf(Text("a pattern of rsync", r"[^\n\r]+", "write it in one line, such as '*.tmp'")),
        "What is not copied, as patterns of rsync.",
    ] = ()


@dataclass(frozen=True, kw_only=True)
class SharedData:
    """A folder that real servers share."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {
        "user": "owner",
        "server": "host",
        "mount_options": "options",
        "src": "path",
        "dest": "path",
        "hosts": "readers",
        "clients": "readers",
        "sec": "security",
        "disk": "device",
    }

    name: Annotated[str, NAME, "What the data is called in reports; no two entries of a cluster share a name."]
    path: Annotated[str, AbsolutePath(), "The folder, which has this path on all hosts."]
    method: Annotated[
        str,
        Choice("a method of sharing data", METHODS),
        "`nfs`: one storage host has it, real servers mount it. `rsync`: one storage host has it, real servers have "
        "copies. `gfs2`, `ocfs2`: real servers mount a block device that all of them reach, by a cluster file system.",
    ] = "nfs"
    host: Annotated[
        str | None, HOST, "`nfs`, `rsync`: the storage host that has the folder. Default: the only one, or the pair."
    ] = None
    readers: Annotated[
        str | tuple[str, ...] | None,
        HOSTS,
        "The real servers that have the data: a group, or a list of hosts. Default: all of the cluster.",
    ] = None
    writers: Annotated[
        str | tuple[str, ...] | None,
        HOSTS,
        "`nfs`: the real servers that may write; the others mount it read-only. Default: all, if `access` is `rw`.",
    ] = None
    owner: Annotated[str, USER, "The user who owns the folder."] = "root"
    group: Annotated[str, USER, "The group of the folder."] = "root"
    mode: Annotated[str, FileMode(), "The permissions of the folder."] = "0755"
    access: Annotated[
        str,
        Choice("an access", ("rw", "ro")),
        "`nfs`: whether real servers may write. The folder's owner and mode still hold.",
    ] = "rw"
    squash: Annotated[
        str | None,
        Choice("a squash", ("root_squash", "no_root_squash", "all_squash")),
        "`nfs`: which users of a real server become the anonymous one. Default: `root_squash`.",
    ] = None
    anonuid: Annotated[int | None, ANONYMOUS, "`nfs`: the anonymous user's id. Default: the server's (65534)."] = None
    anongid: Annotated[int | None, ANONYMOUS, "`nfs`: the anonymous group's id. Default: the server's (65534)."] = None
    security: Annotated[
        tuple[str, ...] | None,
        OneOrMany(Choice("a security flavour", ("sys", "krb5", "krb5i", "krb5p"))),
        "`nfs`: how users prove who they are, the first one is used by mounts. Kerberos is yours to set up. Default: "
        "`sys`.",
    ] = None
    automount: Annotated[
        bool | None,
        Flag(),
        "`nfs`: whether it is mounted at its first use and not at boot. A server that is away then makes the first "
        "user wait and not the boot. Default: false.",
    ] = None
    options: Annotated[
        tuple[str, ...],
        ListOf(Text("a mount option", r"[A-Za-z0-9_.:=/%+-]+", "write an option such as actimeo=5")),
        "More mount options; each takes the place of the collection's own one that it contradicts.",
    ] = ()
    device: Annotated[
        str | None,
        DEVICE,
        "`gfs2`, `ocfs2`: the block device, by a path that is the same on all readers. Required. It is made a file "
        "system only if it is blank.",
    ] = None
    rsync: Annotated[Rsync | None, Record(Rsync), "`rsync`: how copies get to the readers. Default: by pull."] = None
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class StorageHA:
    """Two storage hosts that stand in for each other: a volume replicated by DRBD, and an address that moves."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {"vip": "address", "vrid": "virtual_router_id", "disk": "device"}

    address: Annotated[
        tuple[str, ...],
        OneOrMany(Address("192.0.2.30")),
        "The address by which real servers mount; it is on the active host. One for each family.",
    ]
    device: Annotated[
        str, DEVICE, "The block device on both hosts that is replicated. It is used only if it is blank, or ours."
    ]
    path: Annotated[str, AbsolutePath(), "Where the volume is mounted; all folders shared by nfs lie in it."] = "/srv"
    virtual_router_id: Annotated[
        int | None, Integer(1, 255), "The VRID of the address. Default: derived from the cluster's name."
    ] = None
    replication_port: Annotated[int, PORT, "The TCP port of DRBD."] = 7789


@dataclass(frozen=True, kw_only=True)
class Fencing:
    """How a node that does not answer is kept from the shared disk: by the fence agent that can switch it off."""

    agent: Annotated[
        str,
        Text("a fence agent", r"(/[A-Za-z0-9._/-]+|fence_[a-z0-9_]+)", "write its name, such as fence_ipmilan"),
        "The agent, from the distribution's package fence-agents or one of yours.",
    ]
    options: Annotated[
        tuple[tuple[str, str], ...],
        Parameters(),
        "What the agent needs for all nodes, such as `ip` and `password`. What differs is in the nodes' `lvs_fencing`.",
    ] = ()


@dataclass(frozen=True, kw_only=True)
class ClusterFS:
    """The cluster of nodes (corosync, DLM) below cluster file systems."""

    fencing: Annotated[
        Fencing | None, Record(Fencing), "How a node that does not answer is kept from the shared disk. Required."
    ] = None
    without_fencing: Annotated[
        bool,
        Flag(),
        "Goes on without fencing. A node that hangs and comes back can then destroy the file system: for trials only.",
    ] = False
