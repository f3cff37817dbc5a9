# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the IPVS table of a director with the declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.kernel_table import KERNEL_METHODS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import Problem, TableFinding
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import (
    Cluster,
    DeclaredServer,
    DeclaredService,
    Dict,
    Host,
)


@dataclass(frozen=True)
class Difference:
    """One difference in words, and what to do about it; `director` stands for the name of the director.

    A server that is out of rotation is reported with its service and not again as a problem of the table.
    """

    what: str
    remedy: str
    is_rotation: bool = False


def identity(service: Dict) -> str:
    """Name a service of the table, or of its statistics."""
    if "fwmark" in service:
        return f"fwmark {service['fwmark']} {service['family']}"
    return f"{service['protocol']} {endpoint(service['vip'], service['port'])}"


def endpoint(address: str, port: int) -> str:
    """Write an address with its port."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def declared_identity(service: DeclaredService) -> str:
    """Name a declared service as `identity` does."""
    if service.fwmark is not None:
        return f"fwmark {service.fwmark} {service.family}"
    return f"{service.protocol} {endpoint(service.vip, service.port)}"


def find_service(table: Iterable[Dict], service: DeclaredService) -> Dict | None:
    """Return the entry of a declared service in a table or in statistics."""
    return next((entry for entry in table if identity(entry) == declared_identity(service)), None)


def find_server(entry: Dict, server: DeclaredServer) -> Dict | None:
    """Return the entry of a declared server within that of its service."""
    wanted = (server.address, server.port)
    return next((each for each in entry["servers"] if (each["address"], each["port"]) == wanted), None)


def is_out(server: DeclaredServer, entry: Dict | None) -> bool:
    """Tell whether a server gets no new connections although it should, given its entry in the table."""
    return entry is None or (entry["weight"] == 0 and server.weight > 0)


def look_at_tables(cluster: Cluster) -> tuple[TableFinding, ...]:
    """Compare the table of each director that could be asked."""
    return tuple(_look_at_table(host, cluster.services) for host in cluster.asked("directors"))


def _look_at_table(host: Host, services: Sequence[DeclaredService]) -> TableFinding:
    if host.ipvs is None:
        problem = Problem(f"{host.name}: its IPVS table was not read", "run lvs.cluster.verify for the whole cluster")
        return TableFinding(host.name, ("not read",), problems=(problem,))
    if not host.ipvs.loaded:
        what = f"{host.name}: the kernel module ip_vs is not loaded"
        return TableFinding(host.name, ("ip_vs is not loaded",), problems=(Problem(what, "run lvs.cluster.site"),))
    differences = compare(services, host.ipvs.services)
    return TableFinding(
        host.name,
        tuple(each.what for each in differences),
        problems=tuple(
            Problem(f"{host.name}: {each.what}", each.remedy.format(director=host.name))
            for each in differences
            if not each.is_rotation
        ),
    )


def compare(declared: Sequence[DeclaredService], table: Sequence[Dict]) -> tuple[Difference, ...]:
    """Return every difference, in the order of the declaration, then what nobody declared."""
    differences: list[Difference] = []
    for service in declared:
        entry = find_service(table, service)
        differences += [_missing_service(service)] if entry is None else _compare_service(service, entry)
    known = {declared_identity(service) for service in declared}
    return (*differences, *(_extra_service(entry) for entry in table if identity(entry) not in known))


def _compare_service(service: DeclaredService, entry: Dict) -> list[Difference]:
    wanted = {
        "scheduler": service.scheduler,
        "flags": list(service.scheduler_flags),
        "one_packet": service.one_packet,
    }
    differences = [
        _changed(f"{service.name}: {name.replace('_', ' ')}", entry[name], value)
        for name, value in wanted.items()
        if entry[name] != value
    ]
    differences += _compare_persistence(service, entry["persistence"])
    for server in service.servers:
        differences += _compare_server(service, server, find_server(entry, server))
    known = {(server.address, server.port) for server in service.servers}
    if service.sorry_server:
        # It is in the table while the quorum is missed.
        known.add((service.sorry_server["address"], service.sorry_server["port"]))
    extra = [each for each in entry["servers"] if (each["address"], each["port"]) not in known]
    return differences + [_extra_server(service, each) for each in extra]


def _compare_persistence(service: DeclaredService, actual: Dict | None) -> list[Difference]:
    """Compare what the declaration says of persistence; what it leaves open is free."""
    wanted = service.persistence
    if wanted is None or actual is None:
        same = wanted is None and actual is None
        return [] if same else [_changed(f"{service.name}: persistence", _persistence(actual), _persistence(wanted))]
    return [
        _changed(f"{service.name}: persistence {name}", actual.get(name), value)
        for name, value in wanted.items()
        if value is not None and actual.get(name) != value
    ]


def _persistence(persistence: Mapping[str, Any] | None) -> str:
    return "none" if persistence is None else f"{persistence['timeout']} s"


def _compare_server(service: DeclaredService, server: DeclaredServer, entry: Dict | None) -> list[Difference]:
    who = f"{service.name}: {server.host} ({endpoint(server.address, server.port)})"
    if entry is None:
        return [Difference(f"{who} is missing", "", is_rotation=True)]
    forwarding = server.forwarding or service.forwarding
    wanted: dict[str, Any] = {
        "forwarding": KERNEL_METHODS.get(forwarding, forwarding),
        "weight": server.weight,
        "upper_threshold": server.upper_threshold,
        "lower_threshold": server.lower_threshold,
    }
    if server.tunnel is not None:
        wanted["tunnel"] = {**server.tunnel, "port": server.tunnel["port"] or 0}
    return [
        _changed(
            f"{who}: {name.replace('_', ' ')}",
            entry[name],
            value,
            is_rotation=name == "weight" and is_out(server, entry),
        )
        for name, value in wanted.items()
        if entry[name] != value
    ]


def _changed(what: str, actual: object, wanted: object, is_rotation: bool = False) -> Difference:
    remedy = "run lvs.cluster.site"
    if what.endswith(" weight"):
        remedy += "; keepalived keeps a weight that was changed by hand until it is restarted on {director}"
    return Difference(f"{what} is {_show(actual)}, declared {_show(wanted)}", remedy, is_rotation)


def _show(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(item) for item in value.values() if item)
    if isinstance(value, (list, tuple)):
        return names(map(str, value)) or "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def _missing_service(service: DeclaredService) -> Difference:
    what = f"{service.name}: {declared_identity(service)} is missing"
    return Difference(what, "run lvs.cluster.site; if it stays away see 'journalctl -u keepalived' on {director}")


def _extra_service(entry: Dict) -> Difference:
    what = f"{identity(entry)} is not declared"
    return Difference(what, "declare it in lvs_services, or remove it on {director} with 'ipvsadm --delete-service'")


def _extra_server(service: DeclaredService, entry: Dict) -> Difference:
    what = f"{service.name}: server {endpoint(entry['address'], entry['port'])} is not declared"
    return Difference(what, "declare it in lvs_services, or remove it on {director} with 'ipvsadm --delete-server'")
