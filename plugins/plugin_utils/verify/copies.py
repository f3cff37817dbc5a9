# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of shared data: how old they are, and whether they are what the source has."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.module_utils.rsync.copies import MARKER
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model_data import CopyFinding, SourceFinding
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import Cluster, Dict, Host
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observed_data import Copy, Source


def look_at_sources(cluster: Cluster) -> tuple[SourceFinding, ...]:
    """Return what each folder is that storage hosts give away."""
    return tuple(
        _look_at_source(host, each)
        for host in cluster.asked("storage")
        if host.data.looked_at("copies")
        for each in host.data.sources
    )


def _look_at_source(host: Host, source: Source) -> SourceFinding:
    result = host.data.seen["copies"]
    if "sources" not in result:
        problem = Problem(
            f"{host.name}: {source.path} could not be looked at: {result['msg']}", "put that right on the host"
        )
        return SourceFinding(host.name, source.name, None, problems=(problem,))
    marker = _marker(host, source.path)
    if marker is None or marker["generation"] is None:
        what = f"{host.name}: {source.path} has no {MARKER}, so nothing is copied from it"
        remedy = (
            f"see that its volume is mounted; if the folder is right as it is, run 'lvs-rsync publish {source.path}'"
            f" on {host.name}"
        )
        return SourceFinding(host.name, source.name, None, problems=(Problem(what, remedy),))
    return SourceFinding(host.name, source.name, marker["generation"], marker["changing"])


def _marker(host: Host | None, path: str) -> Dict | None:
    """Return what a source's marker says, None if nobody looked."""
    sources = host.data.seen.get("copies", {}).get("sources", ()) if host else ()
    return next((each for each in sources if each["path"] == path), None)


def look_at_copies(cluster: Cluster) -> tuple[CopyFinding, ...]:
    """Return how each copy of the real servers is."""
    return tuple(
        _look_at_copy(cluster, host, copy)
        for host in cluster.asked("real_servers")
        if host.data.looked_at("copies")
        for copy in host.data.copies
    )


def _look_at_copy(cluster: Cluster, host: Host, copy: Copy) -> CopyFinding:
    result = host.data.seen["copies"]
    if "copies" not in result:
        problem = Problem(
            f"{host.name}: its copies could not be looked at: {result['msg']}", "put that right on the host"
        )
        return CopyFinding(host.name, copy.name, None, copy.max_age, "not read", problems=(problem,))
    found = next((each for each in result["copies"] if each["name"] == copy.name), None)
    if found is None:
        what = f"{host.name}: it has no copy of {copy.name}, and nothing that would make one"
        problem = Problem(what, "run lvs.cluster.site")
        return CopyFinding(host.name, copy.name, None, copy.max_age, "NO COPY", problems=(problem,))
    which, is_behind = _which_generation(cluster, copy, found)
    problems = tuple(_problems(cluster, host, copy, found))
    return CopyFinding(host.name, copy.name, found["age"], copy.max_age, which, is_behind, problems=problems)


def _which_generation(cluster: Cluster, copy: Copy, found: Dict) -> tuple[str, bool]:
    """Say which generation a copy is, compared with its source, and whether it is behind."""
    if found["age"] is None:
        return "NO COPY", False
    generation = found["generation"] or "unknown"
    marker = _marker(cluster.hosts.get(copy.server), copy.path)
    if marker is None or marker["generation"] is None:
        return generation, False
    if marker["changing"]:
        return f"{generation}; {copy.server} is making the next one", False
    if marker["generation"] == found["generation"]:
        return f"the same as {copy.server}", False
    return f"behind {copy.server}: {generation}", True


def _problems(cluster: Cluster, host: Host, copy: Copy, found: Dict) -> Iterator[Problem]:
    age = found["age"]
    if age is not None and age <= copy.max_age:
        return
    reason = found["last_error"] or _push_error(cluster, host, copy)
    because = f": {reason}" if reason else ""
    if copy.direction == "push":
        where = f"'journalctl -u lvs-lsyncd' on {copy.server}"
    else:
        where = f"'journalctl -u lvs-rsync@{copy.name}' on {host.name}"
    if age is None:
        what = f"{host.name}: its copy of {copy.name} has never been complete{because}"
    else:
        what = f"{host.name}: its copy of {copy.name} is {age} s old, and may be {copy.max_age} s{because}"
    yield Problem(what, f"see {where}")


def _push_error(cluster: Cluster, host: Host, copy: Copy) -> str:
    """Return why the source could not push the copy, empty if it could, or does not push."""
    server = cluster.hosts.get(copy.server)
    pushes = server.data.seen.get("copies", {}).get("pushes", ()) if server and copy.direction == "push" else ()
    return next((each.get("last_error", "") for each in pushes if each["name"] == f"{copy.name}@{host.name}"), "")
