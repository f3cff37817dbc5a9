# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that report a host's state before and after, as changes in words: sysctls, tunnels, routes, nftables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.files import file_change, some_lines
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import count

Dict = Mapping[str, Any]
Say = Callable[[Any], str]


def _rule(rule: Dict) -> str:
    what = f"{rule['protocol']} from port {rule['port']}" if rule["port"] else "everything"
    return f"rule: {what} of {rule['source']} goes by its own routes"


def _route(route: Dict) -> str:
    via = f" via {route['gateway']}" if route["gateway"] else ""
    return f"route of answers to {route['destination']}{via} dev {route['interface']}"


LISTED: Mapping[str, Say] = {
    "modules": lambda name: f"kernel module {name}",
    "devices": lambda name: f"tunnel device {name}",
    "addressed_devices": lambda name: f"address of tunnel device {name}",
    "gue_ports": lambda gue: f"GUE on UDP port {gue['port']} (IPv{gue['family']})",
    "rules": _rule,
    "routes": _route,
}
"""Lists of a state -> how one of their entries is called."""


def describe_state(result: Dict, **more: Say) -> Iterator[Change]:
    """Describe what comes, goes and changes. `more` says how entries of further lists are called."""
    before, after = result["diff"]["before"], result["diff"]["after"]
    for name, say in {**LISTED, **more}.items():
        for mark, here, there in (("+", after, before), ("-", before, after)):
            known = there.get(name) or ()
            yield from (Change(mark, say(each)) for each in here.get(name) or () if each not in known)
    for name, value in after.get("sysctls", {}).items():
        if (old := before.get("sysctls", {}).get(name)) != value:
            # Some come only with a kernel module.
            yield Change("~", f"sysctl {name.replace('/', '.')}: {'' if old is None else f'{old} '}-> {value}")
    for part in ("boot", "files"):
        for path, text in after.get(part, {}).items():
            yield from file_change(path, before.get(part, {}).get(path), text)


def describe_nftables(result: Dict) -> Iterator[Change]:
    """Describe the rules of a table that come and go, and files beside the one that has the table for the next boot."""
    parts = {part["after_header"]: part for part in result["diff"]}
    for header, part in parts.items():
        if not header.startswith("table "):
            if not (header.endswith(".nft") and any(other.startswith("table ") for other in parts)):
                yield from file_change(header, part["before"], part["after"])
            continue
        before, after = ([line.strip() for line in part[side].splitlines()] for side in ("before", "after"))
        lines = [f"+ {line}" for line in after if line not in before]
        lines += [f"- {line}" for line in before if line not in after]
        mark = "~" if before and after else "+" if after else "-"
        yield Change(mark, f"nftables {header}: {count(len(lines), 'line')}", some_lines(mark, lines))
