# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan on its way from `cluster_plan` to `host_plan`: files in the run's own temporary folder.

There is one file for each host, and one for each cluster with what its hosts
share, so that the whole takes space in proportion to the plan. A new plan
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
        shared = f"cluster-{number}.json"
        _write(folder / shared, {"cluster": cluster.overview(), "services": as_data(cluster.services)})
        for host, part in cluster.hosts.items():
            _write(folder / _file_of(host), {"shared": shared, "own": as_data(part)})
    for host in plan.bystanders:
        _write(folder / _file_of(host), {"shared": None, "own": as_data(HostPlan())})
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
    shared = _read(folder / stored["shared"]) if stored["shared"] else {"cluster": None, "services": []}
    return complete_slice(stored["own"], shared["cluster"], shared["services"])


def _file_of(host: str) -> str:
    """Host names may have any characters and any length; file names may not."""
    return f"host-{hashlib.sha256(host.encode()).hexdigest()}.json"


def _write(path: Path, content: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(content))


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
