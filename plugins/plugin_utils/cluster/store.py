# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan on its way from `cluster_plan` to `host_plan`: files in the run's own temporary folder.

There is one file for each host, and what hosts of a cluster share is in files of
its own, so that space and time are in proportion to the plan. A new plan
replaces the old one as a whole: readers follow a link, which is switched at the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import (
    HostPlan,
    Plan,
    as_data,
    complete_slice,
)

CURRENT = "lvs-cluster-plan"


class NoPlanError(Exception):
    """There is no plan for a host; the exception's text says what to do."""


def write_plan(plan: Plan, run_folder: str) -> None:
    """Write `plan` below `run_folder`, which only this run uses. Folders are 0700 and files 0600."""
    folder = Path(tempfile.mkdtemp(prefix=f"{CURRENT}-", dir=run_folder))
    for number, cluster in enumerate(plan.clusters):
        overview, services = f"cluster-{number}.json", f"services-{number}.json"
        _write(folder / overview, cluster.overview())
        _write(folder / services, as_data(cluster.services))
        for host, part in cluster.hosts.items():
            _write_host(folder, host, part, overview, services if part.sees_services else None)
    for host in plan.bystanders:
        _write_host(folder, host, HostPlan(), None, None)
    link = folder / "link"
    link.symlink_to(folder.name)
    link.replace(Path(run_folder) / CURRENT)


def read_slice(host: str, run_folder: str) -> dict[str, Any]:
    """The slice of `host`, as `complete_slice` gives it.

    :raises NoPlanError: if no plan was made in this run, or the host is not in it.
    """
    folder = Path(run_folder) / CURRENT
    if not folder.is_dir():
        raise NoPlanError("none was made; run lvs.cluster.cluster_plan before, in the same ansible-playbook run")
    path = folder / _file_of(host)
    if not path.exists():
        raise NoPlanError("it was made without this host; run lvs.cluster.cluster_plan after changing the inventory")
    stored = _read(path)
    cluster = _read(folder / stored["cluster"]) if stored["cluster"] else None
    services = _read(folder / stored["services"]) if stored["services"] else []
    return complete_slice(stored["own"], cluster, services)


def _file_of(host: str) -> str:
    """Host names may have any characters and any length; file names may not."""
    return f"host-{hashlib.sha256(host.encode()).hexdigest()}.json"


def _write_host(folder: Path, host: str, part: HostPlan, cluster: str | None, services: str | None) -> None:
    """Write a host's file; `cluster` and `services` are the names of those that it shares."""
    _write(folder / _file_of(host), {"own": as_data(part), "cluster": cluster, "services": services})


def _write(path: Path, content: Any) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(content))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
