# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user knows beside the file, as it is written in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ports import Ports
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, show
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Choice, Integer
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, OneOrMany, Spec
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.vocabulary import VIP

from .formats import ImportFailedError
from .model import Known, Mark

ADDRESSES = OneOrMany(VIP)
MARK = Integer(1, 2**32 - 1)
KEYS = ("hosts", "marks", "nat_gateway")
MARK_KEYS: Mapping[str, Spec] = {
    "vip": ADDRESSES,
    "port": Ports(),
    "protocol": Choice("a protocol", ("tcp", "udp", "sctp")),
}


def read_known(value: object) -> Known:
    """Read `{hosts: {NAME: ADDRESSES}, marks: {MARK: {vip: , port: , protocol: }}, nat_gateway: }`.

    :raises ImportFailedError: with all mistakes.
    """
    problems = Problems()
    given = _mapping(value, "known", problems)
    for key in given.keys() - set(KEYS):
        _report_unknown(f"known.{key}", str(key), KEYS, problems)
    hosts = {
        str(name): _read(ADDRESSES, addresses, f"known.hosts.{name}", problems)
        for name, addresses in _mapping(given.get("hosts"), "known.hosts", problems).items()
    }
    marks = {
        _read(MARK, number, f"known.marks.{number}", problems): _mark(mark, f"known.marks.{number}", problems)
        for number, mark in _mapping(given.get("marks"), "known.marks", problems).items()
    }
    gateway = given.get("nat_gateway")
    gateways = () if gateway is None else _read(ADDRESSES, gateway, "known.nat_gateway", problems)
    if len(problems):
        raise ImportFailedError("\n".join(str(problem) for problem in problems))
    return Known(hosts, marks, gateways)


def _mark(value: object, where: str, problems: Problems) -> Mark:
    given = _mapping(value, where, problems)
    for key in given.keys() - set(MARK_KEYS):
        _report_unknown(f"{where}.{key}", str(key), MARK_KEYS, problems)
    read = {
        key: _read(spec, given.get(key, "tcp" if key == "protocol" else None), f"{where}.{key}", problems)
        for key, spec in MARK_KEYS.items()
    }
    return Mark(read["vip"], read["port"], read["protocol"])


def _read(spec: Spec, value: object, where: str, problems: Problems) -> Any:
    found = spec.read(value, where, problems)
    return () if found is INVALID else found


def _mapping(value: object, where: str, problems: Problems) -> Mapping[Any, Any]:
    if value is None or isinstance(value, Mapping):
        return value or {}
    problems.add(where, f"{show(value)} is not a mapping", "write one, as docs/import.md does")
    return {}


def _report_unknown(where: str, key: str, keys: Any, problems: Problems) -> None:
    meant = did_you_mean(key, keys)
    problems.add(
        where, "there is no such key", f"did you mean '{meant}'?" if meant else f"known keys: {', '.join(keys)}"
    )
