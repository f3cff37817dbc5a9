# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the shared data of one cluster, beyond what each value by itself can be checked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_hosts import (
    NO_REAL_SERVERS,
    NamedRealServers,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, names
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_data import (
    CLUSTER_FILE_SYSTEMS,
    ClusterFS,
    SharedData,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Service

KEYS_OF_METHODS: Mapping[str, tuple[str, ...]] = {
    "host": ("nfs", "rsync"),
    "writers": ("nfs",),
    "squash": ("nfs",),
    "anonuid": ("nfs",),
    "anongid": ("nfs",),
    "security": ("nfs",),
    "automount": ("nfs",),
    "options": ("nfs", *CLUSTER_FILE_SYSTEMS),
    "device": CLUSTER_FILE_SYSTEMS,
    "rsync": ("rsync",),
}
"""Key -> the methods that have it; all have the other ones."""

LONGEST_NAME = 30
"""GFS2 writes the names of a cluster and a file system, with a colon, into 64 bytes; OCFS2 has less for a cluster."""

LONGEST_CLUSTER_NAME = 16

PAIR = 2


class DataChecker:
    """Checks the shared data of `declaration`, and what services say of it."""

    def __init__(self, declaration: Declaration, real_servers: NamedRealServers, problems: Problems) -> None:
        self._declaration = declaration
        self._variables = declaration.variables
        self._entries = declaration.variables.shared_data
        self._storage = declaration.members.storage
        self._real_servers = real_servers
        self._problems = problems

    def check(self) -> None:
        """Check each entry, all of them together, what they stand on, and the services that need them."""
        holders: dict[str, str] = {}
        for data in self._entries:
            holder = holders.setdefault(data.name, data.where)
            if holder != data.where:
                self._add(f"{data.where}.name", f"'{data.name}' is the name of {holder} too", "give each another name")
            self._check_keys(data)
            self._check_host(data)
            self._check_hosts(data, "readers", data.readers)
            self._check_hosts(data, "writers", data.writers)
            self._check_method(data)
        check_paths(self._entries, self._problems)
        self._check_devices()
        self._check_pair()
        self._check_versions()
        self._check_cluster_fs()
        for service in self._declaration.services:
            self._check_service(service)

    def _add(self, where: str, what: str, fix: str) -> None:
        self._problems.add(where, what, fix)

    def _check_keys(self, data: SharedData) -> None:
        for key, methods in KEYS_OF_METHODS.items():
            if data.method not in methods and getattr(data, key) not in (None, ()):
                what = f"the method {data.method} has no {key}"
                self._add(f"{data.where}.{key}", what, f"leave it out, or write method: {' or '.join(methods)}")

    def _check_host(self, data: SharedData) -> None:
        """`nfs` and `rsync` have a storage host that is no riddle."""
        where, storage = f"{data.where}.host", self._storage
        if data.method in CLUSTER_FILE_SYSTEMS:
            return
        if not storage:
            fix = "put one into the inventory group lvs_storage, or name its group in lvs_storage_group"
            self._add(where, "the cluster has no storage host", fix)
        elif data.method == "nfs" and self._variables.storage_ha:
            if data.host is not None:
                self._add(where, "the storage hosts are a pair (lvs_storage_ha), and both have it", "leave it out")
        elif data.host is None and len(storage) > 1 and "storage_ha" not in self._declaration.unread:
            what = f"the cluster has several storage hosts ({names(storage)})"
            self._add(where, what, f"say which one has the folder, such as host: {storage[0]}")
        elif data.host is not None and data.host not in storage:
            meant = did_you_mean(data.host, storage)
            fix = f"did you mean '{meant}'?" if meant else f"write one of {names(storage)}"
            self._add(where, f"'{data.host}' is not a storage host of this cluster", fix)

    def _check_hosts(self, data: SharedData, key: str, named: str | tuple[str, ...] | None) -> None:
        """Readers and writers are real servers of the cluster."""
        where = f"{data.where}.{key}"
        if named is None:
            if key == "readers" and not self._real_servers:
                self._add(where, *NO_REAL_SERVERS)
            return
        if isinstance(named, str):
            mistake = self._real_servers.group_mistake(named)
            if mistake is not None:
                self._add(where, *mistake)
            return
        for index, host in enumerate(named):
            mistake = self._real_servers.host_mistake(host)
            if mistake is not None:
                self._add(f"{where}[{index}]", *mistake)

    def _check_method(self, data: SharedData) -> None:
        if data.method == "nfs":
            self._check_nfs(data)
        elif data.method == "rsync":
            self._check_rsync(data)
        elif data.device is None:
            self._add(f"{data.where}.device", "is missing", "write the block device that all readers reach")

    def _check_nfs(self, data: SharedData) -> None:
        if data.access == "ro" and data.writers:
            what = "the access is ro, so nobody writes"
            self._add(f"{data.where}.writers", what, "leave it out, or write access: rw")
        if data.squash == "no_root_squash" and int(data.mode, 8) & 0o002:
            what = f"the folder is open to everybody ({data.mode}), and root of each real server is root in it"
            self._add(f"{data.where}.squash", what, "leave it out, or close the folder, such as mode: '0755'")
        for option in data.options:
            version = option.rpartition("=")[2]
            if option.startswith(("vers=3", "nfsvers=3")) and 3 not in self._variables.nfs_versions:
                what = f"it asks for NFS version {version}, which storage hosts do not serve"
                self._add(f"{data.where}.options", what, "leave it out, or write lvs_nfs_versions: [3, 4]")

    def _check_rsync(self, data: SharedData) -> None:
        how, where = data.rsync, f"{data.where}.rsync"
        if how is None:
            return
        if how.direction == "push" and how.transport == "ssh":
            fix = "leave it out, or write direction: pull"
            self._add(f"{where}.transport", "what is pushed goes to the readers' rsync daemons", fix)
        if how.max_age is not None and how.max_age <= how.interval:
            what = f"{how.max_age} s is over before the next copy comes, each {how.interval} s"
            self._add(f"{where}.max_age", what, f"write more than that, such as {5 * how.interval}")

    def _check_devices(self) -> None:
        """No block device is two things."""
        holders: dict[str, str] = {}
        pair = self._variables.storage_ha
        devices = [(pair.device, "lvs_storage_ha.device")] if pair else []
        devices += [(data.device, f"{data.where}.device") for data in self._entries if data.device]
        for device, where in devices:
            holder = holders.setdefault(device, where)
            # The pair's is on storage hosts, and may have the name of another one on real servers.
            if holder != where and not holder.startswith("lvs_storage_ha"):
                self._add(where, f"{device} is that of {holder} too", "give each file system a device of its own")

    def _check_pair(self) -> None:
        pair, storage = self._variables.storage_ha, self._storage
        if pair is None:
            return
        where = "lvs_storage_ha"
        if len(storage) != PAIR:
            what = f"a pair is two storage hosts, and the cluster has {names(storage) or 'none'}"
            self._add(where, what, "put two hosts into the inventory group lvs_storage, or leave lvs_storage_ha out")
        for host in storage:
            if host in self._real_servers:
                what = f"{host} is a real server too, which would mount from itself while it is active"
                self._add("inventory", what, "take it out of the group lvs_real_servers or lvs_storage")
        versions = [family(address) for address in pair.address]
        if len(set(versions)) < len(versions):
            self._add(f"{where}.address", "there are two addresses of one family", "keep one of each")
        if 3 in self._variables.nfs_versions:
            what = "locks of NFS version 3 do not move with the address of a pair (lvs_storage_ha)"
            self._add("lvs_nfs_versions", what, "write 4")
        for data in self._entries:
            if data.method == "nfs" and not data.path.startswith(f"{pair.path}/"):
                what = f"{data.path} is not in {pair.path}, where the pair's volume is (lvs_storage_ha.path)"
                self._add(f"{data.where}.path", what, f"write a folder in it, such as {pair.path}/{data.name}")

    def _check_versions(self) -> None:
        if 4 not in self._variables.nfs_versions:
            what = "real servers mount by version 4"
            self._add("lvs_nfs_versions", what, "write [3, 4], or leave it out")

    def _check_cluster_fs(self) -> None:
        entries = [data for data in self._entries if data.method in CLUSTER_FILE_SYSTEMS]
        if not entries:
            if self._variables.cluster_fs:
                self._add("lvs_cluster_fs", "nothing is shared by gfs2 or ocfs2", "leave it out")
            return
        below = self._variables.cluster_fs or ClusterFS()
        if below.fencing is None and not below.without_fencing and "cluster_fs" not in self._declaration.unread:
            what = (
                f"{names([data.name for data in entries])} needs fencing: a node that hangs and comes back "
                "would write over what the others have done meanwhile"
            )
            fix = "write the fence agent that can switch nodes off, such as {agent: fence_ipmilan, options: {...}}"
            self._add("lvs_cluster_fs.fencing", what, fix)
        if below.fencing and below.without_fencing:
            self._add("lvs_cluster_fs.without_fencing", "there is fencing", "leave one of them out")
        name = self._declaration.name
        if len(name) > LONGEST_CLUSTER_NAME:
            what = f"'{name}' has more than {LONGEST_CLUSTER_NAME} characters, too long for a cluster file system"
            self._add("lvs_cluster_name", what, "write a shorter one")
        for data in entries:
            if len(data.name) > LONGEST_NAME:
                what = f"'{data.name}' has more than {LONGEST_NAME} characters, too long for a cluster file system"
                self._add(f"{data.where}.name", what, "write a shorter one")

    def _check_service(self, service: Service) -> None:
        where = f"{service.where}.data"
        declared = {data.name: data for data in self._entries}
        if service.when_data_is_gone is not None and not service.data:
            self._add(f"{service.where}.when_data_is_gone", "the service names no data", "leave it out, or write data")
        if not service.data:
            return
        engine = self._variables.director_engine
        if engine != "keepalived":
            what = f"the engine {engine} does not ask a real server for its data beside its health check"
            self._add(where, what, "leave it out, or write lvs_director_engine: keepalived")
        for name in service.data:
            if name not in declared:
                meant = did_you_mean(name, declared)
                fix = f"did you mean '{meant}'?" if meant else f"write one of {names(declared) or 'lvs_shared_data'}"
                self._add(where, f"there is no shared data '{name}'", fix)
            else:
                self._check_need(service, declared[name], where)

    def _check_need(self, service: Service, data: SharedData, where: str) -> None:
        """Each real server of a service has the data that it needs."""
        has = {*self._hosts(data.readers), *(self._hosts(data.writers) if data.writers else ())}
        served = service.real_servers
        hosts = [server.host for server in served] if isinstance(served, tuple) else self._hosts(served)
        without = [host for host in hosts if host in self._real_servers and host not in has]
        if without:
            what = f"{names(without)} of its real servers do not have '{data.name}'"
            self._add(where, what, f"add them to {data.where}.readers")

    def _hosts(self, named: str | tuple[str, ...] | None) -> Collection[str]:
        return named if isinstance(named, tuple) else self._real_servers.hosts(named)


def check_paths(entries: Sequence[SharedData], problems: Problems) -> None:
    """No folder is inside another shared one, which would be hidden by its mount, or hide it."""
    holders: dict[str, SharedData] = {}
    for data in sorted(entries, key=lambda data: data.path.count("/")):
        outer = next((holders[folder] for folder in _folders(data.path) if folder in holders), None)
        if outer is not None:
            relation = "the same folder as" if data.path == outer.path else "inside"
            what = f"{data.path} is {relation} that of {outer.where}"
            problems.add(f"{data.where}.path", what, "share folders that do not overlap")
        holders.setdefault(data.path, data)


def _folders(path: str) -> list[str]:
    """`/srv/www/a` -> /srv, /srv/www, /srv/www/a."""
    parts = path.split("/")
    return ["/".join(parts[: end + 1]) for end in range(1, len(parts))]
