# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the inventory out of Ansible's variables: the one place that knows Ansible's data types.

Values of the inventory carry tags, and templates stand in them as they were
written; what leaves this module is plain Python data. Nothing is evaluated that
is not needed, since that is what takes time with many hosts. Hosts that share a
value in the inventory share it here. A template in a variable that holds for a
whole cluster is evaluated once for the hosts that are in the same groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ansible.errors import AnsibleError
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory, Unreadable
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import (
    CLUSTER_VARIABLES,
    HOST_VARIABLES,
    OWN_VARIABLES,
    PREFIX,
)

MOST_NESTED = 32
"""Values nested deeper are refused: no schema asks for such, and what comes later is spared them."""


class HostVars(Protocol):
    """What is used of the variable `hostvars`."""

    def __iter__(self) -> Iterator[str]: ...

    def raw_get(self, host_name: str) -> Mapping[str, Any]:
        """The variables of a host as they were written."""


class Templar(Protocol):
    """What is used of Ansible's templar."""

    available_variables: Mapping[str, Any]

    def is_template(self, data: Any) -> bool:
        """Whether there is a template in `data` or in a part of it."""

    def template(self, variable: Any) -> Any:
        """`variable` with its templates evaluated."""


class InventoryReader:
    """Reads all hosts of the inventory, whatever a `--limit` says.

    `templar` is changed: give the reader one of its own.
    """

    def __init__(self, hostvars: HostVars, groups: Mapping[str, Any], templar: Templar) -> None:
        self._hostvars = hostvars
        self._groups = groups
        self._templar = templar
        self._untagged: dict[int, tuple[object, object, bool]] = {}
        self._evaluated: dict[tuple[int, tuple[str, ...]], object] = {}

    def read(self, play_host: str, play_variables: Mapping[str, Any]) -> Inventory:
        """The inventory as plain values. `play_variables` are those that the host `play_host` has in the play."""
        groups = {str(name): tuple(str(host) for host in hosts) for name, hosts in self._groups.items()}
        hosts = tuple(self._host(str(name)) for name in self._hostvars)
        return Inventory(hosts, groups, self._set_by_play(play_host, play_variables))

    def _set_by_play(self, play_host: str, play_variables: Mapping[str, Any]) -> tuple[str, ...]:
        """The `lvs_*` variables that have another value in the play than in the inventory."""
        raw = self._hostvars.raw_get(play_host)
        candidates = [name for name in play_variables if name.startswith(PREFIX) and name not in OWN_VARIABLES]
        return tuple(sorted(name for name in candidates if name not in raw or raw[name] != play_variables[name]))

    def _host(self, name: str) -> Host:
        raw = self._hostvars.raw_get(name)
        variables = {str(variable): self._variable(variable, raw) for variable in raw if variable.startswith(PREFIX)}
        if variables.get("lvs_address") is not None:
            # It goes before the others, so they are not looked at.
            return Host(name, variables)
        facts = raw.get("ansible_facts", {})
        addresses = [*facts.get("all_ipv4_addresses", ()), *facts.get("all_ipv6_addresses", ())]
        return Host(
            name, variables, self._value(raw.get("ansible_host"), raw), tuple(str(address) for address in addresses)
        )

    def _variable(self, variable: str, raw: Mapping[str, Any]) -> object:
        """The value of a `lvs_*` variable; that of one that we do not have is of no interest."""
        if variable in HOST_VARIABLES:
            return self._value(raw[variable], raw)
        if variable not in CLUSTER_VARIABLES:
            return None
        key = (id(raw[variable]), tuple(raw.get("group_names", ())))
        if key not in self._evaluated:
            self._evaluated[key] = self._value(raw[variable], raw)
        return self._evaluated[key]

    def _value(self, value: Any, raw: Mapping[str, Any]) -> object:
        """`value` as plain data, its templates evaluated for the host that has the variables `raw`."""
        try:
            plain, has_template = self._as_written(value)
            if not has_template:
                return plain
            self._templar.available_variables = {**raw, "hostvars": self._hostvars}
            return to_plain(self._templar.template(value))
        except AnsibleError as error:
            return Unreadable(str(error).splitlines()[0])
        except RecursionError:
            return Unreadable(f"it is nested more than {MOST_NESTED} levels deep")

    def _as_written(self, value: Any) -> tuple[object, bool]:
        """`value` as plain data, and whether there is a template in it. Found out once for each object."""
        if id(value) not in self._untagged:
            # Keeping the object keeps its id from being given to another one.
            self._untagged[id(value)] = (value, to_plain(value), self._templar.is_template(value))
        _kept, plain, has_template = self._untagged[id(value)]
        return plain, has_template


def to_plain(value: Any, nested: int = 0) -> object:
    """`value` in the types of JSON, without Ansible's tags.

    What is of no such type becomes text; a vaulted value is decrypted by that.

    :raises RecursionError: if it is nested deeper than MOST_NESTED.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if nested >= MOST_NESTED:
        raise RecursionError
    if isinstance(value, Mapping):
        return {_plain_key(key): to_plain(item, nested + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item, nested + 1) for item in value]
    return str(value)


def _plain_key(key: Any) -> object:
    """A mapping's key as plain data. One that is not a scalar becomes text, since it has to stay hashable."""
    return to_plain(key) if key is None or isinstance(key, (bool, int, float)) else str(key)
