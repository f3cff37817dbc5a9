# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the inventory to declarations: which clusters there are, who belongs to them, and what was declared.

This is the first half of making a plan. It finds variables that do not exist,
values that are wrong by themselves, and hosts of a cluster that disagree.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory, Unreadable
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import TIERS, Members
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, names, show
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import (
    CLUSTER_VARIABLES,
    HOST_VARIABLES,
    OWN_VARIABLES,
    PREFIX,
    ClusterVariables,
    HostVariables,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Service
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, Option

KNOWN_VARIABLES = frozenset({*CLUSTER_VARIABLES, *HOST_VARIABLES})


@dataclass(frozen=True)
class Machine:
    """A host with its host variables. Those that could not be read have their defaults, and `valid` is False."""

    host: Host
    variables: HostVariables
    valid: bool


@dataclass(frozen=True)
class Declaration:
    """One cluster as it is declared."""

    name: str
    members: Members
    machines: Mapping[str, Machine]
    """By host name; the directors first."""
    variables: ClusterVariables
    unread: frozenset[str]
    """The cluster variables that could not be read; they have their defaults."""
    prefix: str
    """What stands before the path of a problem, so that one knows whose it is; empty if there is but one cluster."""

    @property
    def services(self) -> tuple[Service, ...]:
        """The declared services that could be read."""
        return self.variables.services or ()

    @property
    def certain(self) -> bool:
        """Whether everything could be read, so that conclusions may be drawn from what is not there."""
        return not self.unread and all(machine.valid for machine in self.machines.values())


def read_declarations(inventory: Inventory, problems: Problems) -> tuple[Declaration, ...]:
    """All clusters of the inventory, ordered by name; `problems` is told what is wrong with their variables."""
    machines = {host.name: _read_machine(host, problems) for host in inventory.hosts}
    clusters = _find_clusters(inventory, machines)
    declarations = []
    for name in sorted(clusters):
        prefix = f"cluster {name}: " if len(clusters) > 1 else ""
        own = {host: machines[host] for host in clusters[name].all()}
        variables, unread = _read_cluster([machine.host for machine in own.values()], prefix, problems)
        declarations.append(Declaration(name, clusters[name], own, variables, unread, prefix))
    return tuple(declarations)


def _read_cluster(hosts: Sequence[Host], prefix: str, problems: Problems) -> tuple[ClusterVariables, frozenset[str]]:
    """The cluster variables of `hosts`, and the names of those that could not be read."""
    found = Problems()
    values = _agreed_values(hosts, found)
    read = {
        option.name: _read_variable(values.get(variable), variable, option, found)
        for variable, option in CLUSTER_VARIABLES.items()
    }
    problems.add_all(found, prefix=prefix)
    valid = {name: value for name, value in read.items() if value is not INVALID}
    return ClusterVariables(**_arguments(valid)), frozenset(read.keys() - valid.keys())


def _arguments(values: Mapping[str, object]) -> dict[str, Any]:
    """Read values as keyword arguments: their specs have seen to their types."""
    return dict(values)


def _read_machine(host: Host, problems: Problems) -> Machine:
    """The host variables of `host`; `problems` is also told of `lvs_*` names that do not exist."""
    read = {}
    for variable, option in HOST_VARIABLES.items():
        found = Problems()
        read[option.name] = _read_variable(host.variables.get(variable), variable, option, found)
        problems.add_all(found, hosts=[host.name])
    valid = {name: value for name, value in read.items() if value is not INVALID}
    variables = HostVariables(**_arguments(valid))
    for unknown in sorted(host.variables.keys() - KNOWN_VARIABLES - OWN_VARIABLES - set(variables.ignore_variables)):
        problems.add(unknown, "there is no such variable", _fix_for_unknown(unknown), [host.name])
    return Machine(host, variables, len(valid) == len(read))


def _read_variable(value: object, variable: str, option: Option, problems: Problems) -> object:
    if isinstance(value, Unreadable):
        problems.add(
            variable, f"its value cannot be had: {value.reason}", "correct the template or the variable that it uses"
        )
        return INVALID
    return option.read(value, variable, problems)


@functools.cache
def _fix_for_unknown(variable: str) -> str:
    # Their common prefix would make all of them alike.
    meant = did_you_mean(variable.removeprefix(PREFIX), [known.removeprefix(PREFIX) for known in KNOWN_VARIABLES])
    exempt = "add it to lvs_ignore_variables if it is your own"
    return f"did you mean '{PREFIX}{meant}'? Else {exempt}" if meant else f"see docs/variables.md, or {exempt}"


def _find_clusters(inventory: Inventory, machines: Mapping[str, Machine]) -> dict[str, Members]:
    """Who belongs to which cluster. A host's own variables say the groups of the tiers and the cluster's name."""
    found: dict[str, dict[str, list[str]]] = {}
    for tier in TIERS:
        option = f"{tier}_group"
        for group in dict.fromkeys(getattr(machine.variables, option) for machine in machines.values()):
            for name in inventory.groups.get(group, ()):
                machine = machines.get(name)
                if machine is not None and getattr(machine.variables, option) == group:
                    found.setdefault(machine.variables.cluster_name, {}).setdefault(tier, []).append(name)
    return {
        cluster: Members(**{tier: tuple(hosts) for tier, hosts in tiers.items()}) for cluster, tiers in found.items()
    }


def _agreed_values(hosts: Iterable[Host], problems: Problems) -> dict[str, object]:
    """The cluster's variables as its hosts have them. A host on which one is not set has no say in it."""
    values: dict[str, list[tuple[object, list[str]]]] = {}
    for host in hosts:
        for variable in CLUSTER_VARIABLES.keys() & host.variables.keys():
            opinions = values.setdefault(variable, [])
            value = host.variables[variable]
            for opinion, supporters in opinions:
                if opinion is value or opinion == value:
                    supporters.append(host.name)
                    break
            else:
                opinions.append((value, [host.name]))
    for variable in sorted(values):
        if len(values[variable]) > 1:
            _report_disagreement(variable, values[variable], problems)
    return {variable: opinions[0][0] for variable, opinions in values.items()}


def _report_disagreement(variable: str, opinions: list[tuple[object, list[str]]], problems: Problems) -> None:
    (first, its_hosts), (second, other_hosts) = opinions[:2]
    where, one, other = _first_difference(first, second, variable)
    says = f"on {names(its_hosts)} it is {_show_or_absent(one)}, on {names(other_hosts)} {_show_or_absent(other)}"
    rest = [host for _opinion, hosts in opinions[2:] for host in hosts]
    says += f", on {names(rest)} something else" if rest else ""
    problems.add(
        where,
        f"hosts of one cluster disagree: {says}",
        f"set {variable} once for all of them, such as in group_vars/all.yml",
    )


class _Absent:
    """Stands for a key or item that only the other value has."""


_ABSENT = _Absent()


def _show_or_absent(value: object) -> str:
    return "absent" if value is _ABSENT else show(value)


def _first_difference(one: object, other: object, where: str) -> tuple[str, object, object]:
    """The path at which two values begin to differ, and what each has there."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            if key not in one or key not in other or one[key] != other[key]:
                return _first_difference(one.get(key, _ABSENT), other.get(key, _ABSENT), f"{where}.{key}")
    if isinstance(one, list) and isinstance(other, list):
        for index in range(max(len(one), len(other))):
            ours, theirs = (items[index] if index < len(items) else _ABSENT for items in (one, other))
            if ours != theirs:
                return _first_difference(ours, theirs, f"{where}[{index}]")
    return where, one, other
