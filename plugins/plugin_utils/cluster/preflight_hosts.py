# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the real servers that a service or shared data names, by a group or one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import did_you_mean, names

NO_REAL_SERVERS = (
    "the cluster has no real servers",
    "put hosts into the inventory group lvs_real_servers, or name their group in lvs_real_servers_group",
)
"""What is wrong, and what to write."""


class NamedRealServers:
    """Knows the real servers of a cluster (`ours`) and of every cluster of the inventory."""

    def __init__(
        self, ours: Sequence[str], groups: Mapping[str, Sequence[str]], all_real_servers: Collection[str]
    ) -> None:
        self._ours = dict.fromkeys(ours)
        self._groups = groups
        self._all_real_servers = all_real_servers
        self._checked_groups: dict[str, tuple[str, str] | None] = {}

    def __contains__(self, host: str) -> bool:
        return host in self._ours

    def __len__(self) -> int:
        return len(self._ours)

    def hosts(self, named: str | None) -> Collection[str]:
        """The hosts of a group; None stands for all real servers."""
        return self._ours if named is None else self._groups.get(named, ())

    def host_mistake(self, host: str) -> tuple[str, str] | None:
        """What is wrong with a host that shall be a real server, and what to write; None if nothing is."""
        if host in self._ours:
            return None
        meant = did_you_mean(host, self._ours)
        fix = f"did you mean '{meant}'?" if meant else "put it into the inventory group lvs_real_servers"
        return f"'{host}' is not a real server of this cluster", fix

    def group_mistake(self, group: str) -> tuple[str, str] | None:
        """The same for a group of real servers; found out once for all who name it."""
        if group not in self._checked_groups:
            self._checked_groups[group] = self._find_group_mistake(group)
        return self._checked_groups[group]

    def _find_group_mistake(self, group: str) -> tuple[str, str] | None:
        if group not in self._groups:
            meant = did_you_mean(group, self._groups)
            fix = f"did you mean '{meant}'?" if meant else "write a group of the inventory, or a list of hosts"
            return f"there is no group '{group}'", fix
        hosts = self._groups[group]
        strangers = [host for host in hosts if host not in self._all_real_servers]
        if strangers:
            fix = "put them into the cluster's group of real servers (lvs_real_servers) too"
            return f"not all hosts of group '{group}' are real servers: {names(strangers)}", fix
        if not any(host in self._ours for host in hosts):
            return f"group '{group}' has no real server of this cluster", "write a group that has one"
        return None
