# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPVS table that `ipvs_table` would change, in the terms of the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.files import file_change
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change

Dict = Mapping[str, Any]

BOOT = ("boot", "enabled_at_boot")
"""What stands in the difference beside services."""


def describe_table(result: Dict, declared: Sequence[Dict]) -> Iterator[Change]:
    """Describe what would change. `declared` services say how real servers are called."""
    diff = result.get("diff") or {}
    before, after = ({**(diff.get(side) or {})} for side in ("before", "after"))
    boot = [{name: side.pop(name, None) for name in BOOT} for side in (before, after)]
    yield from describe_services(before, after, declared)
    for path, text in (boot[1]["boot"] or {}).items():
        yield from file_change(path, boot[0]["boot"][path], text)


def describe_services(before: Dict, after: Dict, declared: Sequence[Dict]) -> Iterator[Change]:
    """Describe the changes between tables, or parts of them, as `ipvs_table` shows them."""
    hosts = {server["address"]: server["host"] for service in declared for server in service["real_servers"]}
    for key in {**after, **before}:
        yield from _service(key, before.get(key), after.get(key), hosts)


def _service(key: str, before: Dict | None, after: Dict | None, hosts: Mapping[str, str]) -> Iterator[Change]:
    old, new = ((side or {}).get("servers", {}) for side in (before, after))
    if after and "scheduler" in after and not (before and "scheduler" in before):
        yield Change("+", f"service {key}: {', '.join(_name(server, hosts) for server in new) or 'no real server'}")
        return
    if before and "scheduler" in before and not (after and "scheduler" in after):
        yield Change("-", f"service {key}: {', '.join(_name(server, hosts) for server in old) or 'no real server'}")
        return
    yield from _attributes(f"service {key}", before or {}, after or {})
    for server in {**new, **old}:
        name = _name(server, hosts)
        if server not in old:
            yield Change("+", f"real server {name} joins {key}")
        elif server not in new:
            yield Change("-", f"real server {name} leaves {key}")
        else:
            yield from _attributes(f"real server {name} of {key}", old[server], new[server])


def _attributes(what: str, before: Dict, after: Dict) -> Iterator[Change]:
    for name in after:
        if name != "servers" and before.get(name) != after[name]:
            yield Change("~", f"{what}: {name.replace('_', ' ')} {before.get(name)} -> {after[name]}")


def _name(server: str, hosts: Mapping[str, str]) -> str:
    """Return the name of a server's host with its port, if the declaration has it."""
    address, _colon, port = server.rpartition(":")
    host = hosts.get(address.strip("[]"))
    return f"{host}:{port}" if host else server
