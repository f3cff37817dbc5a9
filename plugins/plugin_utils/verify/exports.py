# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NFS exports of storage hosts, compared with the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import count
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model_data import ExportFinding
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import Cluster, Dict, Host
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observed_data import Export

MOST_CLIENTS = 4
"""Of more clients only their number is shown."""


def look_at_exports(cluster: Cluster) -> tuple[ExportFinding, ...]:
    """Return how the exports of each storage host are that has any to make."""
    return tuple(finding for host in cluster.asked("storage") if _exports(host) for finding in _look_at_host(host))


def _exports(host: Host) -> bool:
    """Tell whether a host shall export now, and was looked at: of a pair, only the active one does."""
    active = host.data.pair is None or (host.data.looked_at("pair") or {}).get("active")
    return bool(host.data.exports and active and host.data.looked_at("exports"))


def _look_at_host(host: Host) -> Iterator[ExportFinding]:
    result = host.data.seen["exports"]
    if "live" not in result:
        problem = Problem(f"{host.name}: its exports could not be read: {result['msg']}", "run lvs.cluster.site")
        paths = names(export.path for export in host.data.exports)
        yield ExportFinding(host.name, paths, "not read", problems=(problem,))
        return
    for export in host.data.exports:
        live = {each["client"]: each for each in result["live"] if each["path"] == export.path}
        yield _finding(host, export.path, _who(export), _differences(export, live))
    declared = {export.path for export in host.data.exports}
    ours = {each["path"] for each in result["ours"]}
    for path in sorted({each["path"] for each in result["live"] if each["path"] in ours - declared}):
        yield _finding(host, path, "", ["it is exported, and not declared any more"])


def _finding(host: Host, path: str, state: str, differences: Sequence[str]) -> ExportFinding:
    if not differences:
        return ExportFinding(host.name, path, state)
    what = f"{host.name}: {path}: {'; '.join(differences)}"
    return ExportFinding(host.name, path, "; ".join(differences), problems=(Problem(what, "run lvs.cluster.site"),))


def _who(export: Export) -> str:
    """Say to whom a folder is exported."""
    clients = export.access
    if len(clients) > MOST_CLIENTS:
        writers = sum(access == "rw" for access in clients.values())
        return f"to {count(len(clients), 'client')}, {writers} of which may write"
    return f"to {', '.join(f'{client} ({access})' for client, access in clients.items())}" if clients else "to nobody"


def _differences(export: Export, live: Mapping[str, Dict]) -> list[str]:
    missing = [client for client in export.access if client not in live]
    extra = [client for client in live if client not in export.access]
    differences = [f"it is not exported to {names(missing)}"] if missing else []
    differences += [f"it is exported to {names(extra)}, not declared"] if extra else []
    changed: dict[str, list[str]] = {}
    for client, access in export.access.items():
        if client in live:
            for key, value in {"access": access, **export.wanted}.items():
                if live[client][key] != value:
                    text = f"{key} is {_show(live[client][key])}, declared {_show(value)}"
                    changed.setdefault(text, []).append(client)
    return differences + [f"{text} (for {names(clients)})" for text, clients in changed.items()]


def _show(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "none" if value is None else str(value)
