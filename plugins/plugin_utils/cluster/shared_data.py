# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From declared shared data to exports and mounts."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Export, Mount
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, names
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import SharedData

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


def check_shared_data(entries: Sequence[SharedData], storage: Sequence[str], problems: Problems) -> None:
    """Each entry has a name of its own, a storage host, and a folder that no other entry's folder contains."""
    holders: dict[str, str] = {}
    for data in entries:
        holder = holders.setdefault(data.name, data.where)
        if holder != data.where:
            problems.add(f"{data.where}.name", f"'{data.name}' is the name of {holder} too", "give each another name")
        _check_host(data, storage, problems)
    _check_paths(entries, problems)


def _check_host(data: SharedData, storage: Sequence[str], problems: Problems) -> None:
    where = f"{data.where}.host"
    if not storage:
        fix = "put one into the inventory group lvs_storage, or name its group in lvs_storage_group"
        problems.add(where, "the cluster has no storage host", fix)
    elif data.host is None and len(storage) > 1:
        what = f"the cluster has several storage hosts ({names(storage)})"
        problems.add(where, what, f"say which one has the folder, such as host: {storage[0]}")
    elif data.host is not None and data.host not in storage:
        meant = did_you_mean(data.host, storage)
        fix = f"did you mean '{meant}'?" if meant else f"write one of {names(storage)}"
        problems.add(where, f"'{data.host}' is not a storage host of this cluster", fix)


def _check_paths(entries: Sequence[SharedData], problems: Problems) -> None:
    """A folder inside another shared one would be hidden by its mount, or hide it."""
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


def export(data: SharedData, clients: Sequence[str]) -> Export:
    """What the storage host exports."""
    return Export(data.name, data.path, data.owner, data.group, data.mode, data.access, tuple(clients))


def mount(data: SharedData, server: str) -> Mount:
    """What a real server mounts from the storage host with the address `server`."""
    source = f"[{server}]" if family(server) == 6 else server
    return Mount(data.name, data.path, f"{source}:{data.path}", data.access, mount_options(data))


def mount_options(data: SharedData) -> tuple[str, ...]:
    """Access, our options, and the user's in the place of those that they contradict."""
    contradicted = {OPPOSITES.get(_keyword(option)) for option in data.options}
    given = {_keyword(option) for option in data.options}
    ours = [data.access, *MOUNT_OPTIONS]
    kept = [option for option in ours if option not in contradicted and _keyword(option) not in given]
    return tuple(dict.fromkeys([*kept, *data.options]))


def _keyword(option: str) -> str:
    """`vers` for `vers=4.2`, under whichever of its names the option is given."""
    keyword = option.partition("=")[0]
    return "vers" if keyword == "nfsvers" else keyword
