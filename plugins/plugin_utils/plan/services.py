# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director's keepalived.conf before and after, in the terms of the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import AddressKey, ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.virtual_servers import (
    VirtualServer,
    read_virtual_servers,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.files import file_change, service_action
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change

Services = Mapping[ServiceKey, VirtualServer]


def describe_keepalived(result: Mapping[str, Any], drain_timeout: float) -> Iterator[Change]:
    """Describe what `keepalived_config` would change."""
    diff = result.get("diff", {})
    before, after = (
        {service.key: service for service in read_virtual_servers(diff.get(side))} for side in ("before", "after")
    )
    has_vips = all("virtual_ipaddress" in (diff.get(side) or "") for side in ("before", "after"))
    if has_vips and bool(before) != bool(after):
        # Another engine: the VIPs stay, and what becomes of the services is in its own table.
        yield Change("~", f"keepalived {'keeps' if after else 'no longer keeps'} the IPVS table and checks the servers")
    else:
        yield from _vips(before, after)
        yield from _services(before, after)
    connections = {(each["service"], each["server"]): each["connections"] for each in result.get("drained", ())}
    for key in (key for key in after if key in before):
        yield from _servers(before[key], after[key], connections, drain_timeout)
    yield from file_change(diff.get("before_header", "keepalived.conf"), diff.get("before"), diff.get("after"))
    yield from service_action("keepalived", diff)


def _vips(before: Services, after: Services) -> Iterator[Change]:
    old, new = _names_by_vip(before), _names_by_vip(after)
    for mark, here, there in (("+", new, old), ("-", old, new)):
        for vip, names in here.items():
            if vip not in there:
                yield Change(mark, f"VIP {vip} (service {', '.join(names)})")


def _names_by_vip(services: Services) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for key, service in services.items():
        if isinstance(key, AddressKey):
            names.setdefault(str(key.vip), []).append(short_name(service))
    return names


def _services(before: Services, after: Services) -> Iterator[Change]:
    for mark, here, there in (("+", after, before), ("-", before, after)):
        for key, service in here.items():
            if key not in there:
                servers = ", ".join(server.name for server in service.servers) or "no real server"
                yield Change(mark, f"service {short_name(service)} at {key}: {servers}")


def _servers(
    before: VirtualServer, after: VirtualServer, connections: Mapping[tuple[str, str], int], timeout: float
) -> Iterator[Change]:
    old, new = ({server.key: server for server in service.servers} for service in (before, after))
    where = f"{short_name(after)} at {after.key}"
    for key, server in new.items():
        if key not in old:
            yield Change("+", f"real server {server.name} joins {where}")
        elif old[key].weight != server.weight:
            yield Change("~", f"real server {server.name} of {where}: weight {old[key].weight} -> {server.weight}")
    for key, server in old.items():
        if key not in new:
            left = connections.get((str(before.key), str(key)))
            yield Change("-", f"real server {server.name} leaves {where}{_how(left, timeout)}")


def _how(connections: int | None, timeout: float) -> str:
    """Say how a server leaves; one that is not drained is out of rotation already, or the last one of its service."""
    if connections is None or not timeout:
        return ""
    return f" (drained up to {timeout:g} s first; active connections now: {connections})"


def short_name(service: VirtualServer) -> str:
    """Return the name of a service without the VIP that tells it from others of the same name."""
    vip = f"-{service.key.vip}" if isinstance(service.key, AddressKey) else ""
    return (service.name.replace(vip, "") if vip else service.name) or str(service.key)


def names_of(services: Sequence[Mapping[str, Any]], vip: str) -> str:
    """Return the names of the declared services that have this VIP, such as `service web`, or nothing."""
    names = {each["name"].replace(f"-{vip}", ""): None for each in services if each.get("vip") == vip}
    return f" (service {', '.join(names)})" if names else ""
