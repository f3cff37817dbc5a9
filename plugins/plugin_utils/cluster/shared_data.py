# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From declared shared data to exports, mounts, copies, cluster file systems, and to who needs what.

What is declared has been checked (`preflight_data`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model_data import (
    ClusterFileSystems,
    ClusterNode,
    DataGate,
    Export,
    ExportClient,
    FileSystem,
    GateDatum,
    GatedService,
    Mount,
    NfsClient,
    NfsServer,
    RsyncClient,
    RsyncCopy,
    RsyncModule,
    RsyncPush,
    RsyncServer,
    RsyncTarget,
    StorageNode,
    StoragePair,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import ClusterVariables
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_data import (
    CLUSTER_FILE_SYSTEMS,
    ClusterFS,
    Rsync,
    SharedData,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Service

MOUNT_OPTIONS = (
    # The newest version that all supported systems have; pinned, so that a
    # server without it is an error and not an unnoticed older protocol.
    "vers=4.2",
    # I/O waits for a server that is away. With `soft` a write fails or is lost
    # when the server takes longer than a timeout, and the application may not see it.
    "hard",
    # The mount is tried again in the background until the server is there. So
    # machines that boot in any order after a power cut end with it mounted
    # (systemd.mount(5): `bg` of nfs acts as retry=10000 without a time limit),
    # and Ansible does not hang at a dead server.
    "bg",
    # systemd orders it after the network at boot and before its end at shutdown.
    "_netdev",
    # The boot goes on without it: one can still log in, and health checks keep
    # a real server without its data out of rotation.
    "nofail",
    # Shared data has no business to bring devices or to give privileges.
    "nodev",
    "nosuid",
)

OPPOSITES = {
    "ro": "rw",
    "rw": "ro",
    "soft": "hard",
    "softerr": "hard",
    "hard": "soft",
    "fg": "bg",
    "fail": "nofail",
    "dev": "nodev",
    "suid": "nosuid",
}
"""Option -> the one that it takes the place of; options with `=` take the place of those with the same name."""

AGES = 5
"""A copy may miss some of its times before it counts as too old."""

NAMESPACE = uuid.UUID("1f2b0b57-9c53-5d0e-9b0c-3f6a0f1d7c11")
"""What the file system ids of exports are derived in; any UUID does, as long as it stays."""

WITNESSES = 3
"""So many hosts beside the pair are asked by a storage host that has lost the other one."""


@dataclass(frozen=True)
class StorageNumbers:
    """The numbers that storage hosts and nodes agree on."""

    virtual_router_id: int | None
    node_ids: Mapping[str, int]


class DataResolver:
    """Resolves the shared data of the cluster `name`. `address_of` gives the address of a host for its data."""

    def __init__(
        self,
        name: str,
        variables: ClusterVariables,
        real_servers: Sequence[str],
        storage: Sequence[str],
        groups: Mapping[str, Sequence[str]],
        address_of: Callable[[str], str],
        numbers: StorageNumbers,
    ) -> None:
        self._name = name
        self._variables = variables
        self._real_servers = real_servers
        self._storage = storage
        self._address_of = address_of
        self._numbers = numbers
        self._readers = {data.name: readers_of(data, groups, real_servers) for data in variables.shared_data}
        self._writers = {data.name: writers_of(data, groups, real_servers) for data in variables.shared_data}
        self._reader_sets = {data: frozenset(hosts) for data, hosts in self._readers.items()}
        self._filesystems = tuple(map(_file_system, self._by(*CLUSTER_FILE_SYSTEMS)))
        self._nodes = self._cluster_nodes()

    def _by(self, *methods: str) -> list[SharedData]:
        return [data for data in self._variables.shared_data if data.method in methods]

    def _holders(self, data: SharedData) -> tuple[str, ...]:
        """The storage hosts that have the folder of `data`: both of a pair."""
        if data.method == "nfs" and self._variables.storage_ha:
            return tuple(self._storage)
        return (data.host or self._storage[0],)

    # NFS

    def nfs_server(self, host: str) -> NfsServer:
        """What the storage host exports: to its readers and to nobody else."""
        exports = tuple(self._export(data) for data in self._by("nfs") if host in self._holders(data))
        return NfsServer(exports, self._variables.nfs_versions)

    def _export(self, data: SharedData) -> Export:
        writers = self._writers[data.name]
        holders = self._holders(data)
        clients = tuple(
            ExportClient(self._address_of(name), "rw" if name in writers else "ro")
            for name in self._readers[data.name]
            if name not in holders
        )
        return Export(
            name=data.name,
            path=data.path,
            owner=data.owner,
            group=data.group,
            mode=data.mode,
            clients=clients,
            squash=data.squash or "root_squash",
            anonuid=data.anonuid,
            anongid=data.anongid,
            security=data.security or ("sys",),
            fsid=str(uuid.uuid5(NAMESPACE, f"{self._name}/{data.name}")) if self._variables.storage_ha else None,
        )

    def nfs_client(self, host: str) -> NfsClient:
        """What a real server mounts. One that is a storage host too has its own folders in place already."""
        return NfsClient(
            tuple(
                self._mount(data, host)
                for data in self._by("nfs")
                if host in self._reader_sets[data.name] and host not in self._holders(data)
            )
        )

    def _mount(self, data: SharedData, host: str) -> Mount:
        access = "rw" if host in self._writers[data.name] else "ro"
        return Mount(data.name, data.path, self._source(data), access, mount_options(data, access))

    def _source(self, data: SharedData) -> str:
        """What is mounted: `address:path`."""
        own = self._address_of(self._holders(data)[0])
        pair = self._variables.storage_ha
        address = next(each for each in pair.address if family(each) == family(own)) if pair else own
        return f"{f'[{address}]' if family(address) == 6 else address}:{data.path}"

    def storage_pair(self, host: str, interface: str | None) -> StoragePair | None:
        """The pair that a storage host belongs to, if storage hosts are one."""
        pair, vrid = self._variables.storage_ha, self._numbers.virtual_router_id
        if pair is None or vrid is None or host not in self._storage:
            return None
        return StoragePair(
            name=self._name,
            device=pair.device,
            path=pair.path,
            addresses=pair.address,
            nodes=tuple(
                StorageNode(name, self._address_of(name), index, 150 - 50 * index)
                for index, name in enumerate(self._storage)
            ),
            virtual_router_id=vrid,
            replication_port=pair.replication_port,
            interface=interface,
            witnesses=tuple(map(self._address_of, self._real_servers[:WITNESSES])),
        )

    # rsync

    def rsync_server(self, host: str) -> RsyncServer | None:
        """What a storage host gives away, if it gives anything."""
        own = [data for data in self._by("rsync") if host in self._holders(data)]
        modules = tuple(self._rsync_module(data) for data in own if _how(data).direction == "pull")
        pushes = tuple(self._push(data) for data in own if _how(data).direction == "push")
        return RsyncServer(modules, pushes) if own else None

    def _rsync_module(self, data: SharedData) -> RsyncModule:
        clients = tuple(self._address_of(name) for name in self._copiers(data))
        return RsyncModule(data.name, data.path, data.owner, data.group, data.mode, clients, _how(data).transport)

    def _push(self, data: SharedData) -> RsyncPush:
        how = _how(data)
        return RsyncPush(
            name=data.name,
            path=data.path,
            owner=data.owner,
            group=data.group,
            mode=data.mode,
            targets=tuple(RsyncTarget(name, self._address_of(name)) for name in self._copiers(data)),
            exclude=how.exclude,
            delete=how.delete,
            interval=how.interval,
        )

    def _copiers(self, data: SharedData) -> list[str]:
        """Readers that need a copy: all but the host that has the folder."""
        return [name for name in self._readers[data.name] if name not in self._holders(data)]

    def rsync_client(self, host: str) -> RsyncClient | None:
        """The copies that a real server has, if it has any."""
        copies = tuple(
            self._copy(data)
            for data in self._by("rsync")
            if host in self._reader_sets[data.name] and host not in self._holders(data)
        )
        return RsyncClient(copies) if copies else None

    def _copy(self, data: SharedData) -> RsyncCopy:
        how, server = _how(data), self._holders(data)[0]
        return RsyncCopy(
            name=data.name,
            path=data.path,
            server=server,
            source_address=self._address_of(server),
            direction=how.direction,
            transport=how.transport,
            interval=how.interval,
            max_age=max_age_of(how),
            delete=how.delete,
            exclude=how.exclude,
            owner=data.owner,
            group=data.group,
            mode=data.mode,
        )

    # cluster file systems

    def cluster_fs(self, host: str) -> ClusterFileSystems | None:
        """The cluster that a real server is a node of, if it is one."""
        if not any(node.name == host for node in self._nodes):
            return None
        below = self._variables.cluster_fs or ClusterFS()
        agent = below.fencing.agent if below.fencing else None
        return ClusterFileSystems(self._name, self._nodes, self._filesystems, agent, below.without_fencing)

    def _cluster_nodes(self) -> tuple[ClusterNode, ...]:
        ids = self._numbers.node_ids
        members = cluster_fs_nodes(self._variables.shared_data, self._readers)
        return tuple(ClusterNode(name, ids[name], self._address_of(name)) for name in members)

    # Who needs what

    def data_gate(
        self, host: str, services: Iterable[Service], hosts_of: Callable[[Service], Sequence[str]]
    ) -> DataGate | None:
        """What a real server says of its data, if a service of its own needs any. `hosts_of` gives real servers."""
        gated = tuple(
            self._gated(service, host, hosts_of(service))
            for service in services
            if service.data and host in hosts_of(service)
        )
        return DataGate(self._variables.data_gate_port, gated) if gated else None

    def _gated(self, service: Service, host: str, hosts: Sequence[str]) -> GatedService:
        declared = {data.name: data for data in self._variables.shared_data}
        return GatedService(
            name=service.name,
            when_gone=service.when_data_is_gone or "serve",
            peers=tuple(self._address_of(name) for name in hosts if name != host),
            data=tuple(self._needed(declared[name], host) for name in service.data),
        )

    def _needed(self, data: SharedData, host: str) -> GateDatum:
        if data.method in CLUSTER_FILE_SYSTEMS:
            return GateDatum(data.name, data.path, "mount", data.method, data.device)
        if host in self._holders(data):
            return GateDatum(data.name, data.path, "folder")
        if data.method == "rsync":
            return GateDatum(data.name, data.path, "copy", max_age=max_age_of(_how(data)))
        return GateDatum(data.name, data.path, "mount", "nfs4", self._source(data))


def readers_of(data: SharedData, groups: Mapping[str, Sequence[str]], real_servers: Sequence[str]) -> tuple[str, ...]:
    """The real servers that have the data, also those that are named as writers only."""
    read = _named(data.readers, groups, real_servers)
    return tuple(dict.fromkeys([*read, *(_named(data.writers, groups, real_servers) if data.writers else ())]))


def writers_of(data: SharedData, groups: Mapping[str, Sequence[str]], real_servers: Sequence[str]) -> Collection[str]:
    """The real servers that may write."""
    if data.access == "ro":
        return ()
    return frozenset(
        _named(data.writers, groups, real_servers) if data.writers else readers_of(data, groups, real_servers)
    )


def _named(
    hosts: str | tuple[str, ...] | None, groups: Mapping[str, Sequence[str]], real_servers: Sequence[str]
) -> Sequence[str]:
    """The real servers of the cluster that a declaration means; None means all."""
    if hosts is None:
        return real_servers
    if isinstance(hosts, tuple):
        return hosts
    ours = frozenset(real_servers)
    return [name for name in groups.get(hosts, ()) if name in ours]


def cluster_fs_nodes(entries: Iterable[SharedData], readers: Mapping[str, Sequence[str]]) -> list[str]:
    """The hosts that mount cluster file systems: `readers` of them, by the name of the data."""
    own = (readers[data.name] for data in entries if data.method in CLUSTER_FILE_SYSTEMS)
    return list(dict.fromkeys(name for hosts in own for name in hosts))


def max_age_of(how: Rsync) -> int:
    """The age in seconds from which on a copy is too old."""
    return how.max_age or AGES * how.interval


def _how(data: SharedData) -> Rsync:
    return data.rsync or Rsync()


def _file_system(data: SharedData) -> FileSystem:
    return FileSystem(
        data.name, data.path, data.method, data.device or "", data.owner, data.group, data.mode, data.options
    )


def mount_options(data: SharedData, access: str) -> tuple[str, ...]:
    """Access, our options, and the user's in the place of those that they contradict."""
    contradicted = {OPPOSITES.get(_keyword(option)) for option in data.options}
    given = {_keyword(option) for option in data.options}
    security = [f"sec={data.security[0]}"] if data.security else []
    automount = ["x-systemd.automount"] if data.automount else []
    ours = [access, *MOUNT_OPTIONS, *security, *automount]
    kept = [option for option in ours if option not in contradicted and _keyword(option) not in given]
    return tuple(dict.fromkeys([*kept, *data.options]))


def _keyword(option: str) -> str:
    """`vers` for `vers=4.2`, under whichever of its names the option is given."""
    keyword = option.partition("=")[0]
    return "vers" if keyword == "nfsvers" else keyword
