# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small service that ends a wait of the lock manager that nothing else ends: pure, no I/O.

When nodes meet again that have lost sight of each other, dlm_controld has the larger part send the smaller one away.
If no part is at least as large as all others together, as when each of three nodes was alone, it waits for somebody to
boot nodes (dlm 4.3, "wait to clear merge"). Here all nodes do so that were not with the one of the lowest number.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import boot_unit
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import dlm
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.mounts import MARK

SERVICE = "lvs-cluster-fs-merge.service"
PROGRAM = Path("/usr/local/lib/lvs-cluster/cluster-fs-merge")

PATIENCE, STEP = 30, 5
"""Seconds: how long the wait has to last, since dlm_controld ends most of them itself, and between two looks."""

_PROGRAM = f"""{MARK}
# Ends dlm_controld, whose unit then boots this host, when it and others wait for each other and it is not its part that
# stays: the one with the node of the lowest number.

has_to_go() {{
  dlm_tool status -v | awk '
    $1 == "quorate=1" {{ quorate = 1 }}
    $1 == "stateful_merge_wait=1" {{ waits = 1 }}
    $1 == "nodeid" {{ node = $2 }}
    $1 == "member=1" {{ member = node; if (!lowest || node + 0 < lowest) lowest = node + 0 }}
    $1 == "need_fencing=1" && node == member {{ apart[node + 0] = 1 }}
    END {{ exit !(quorate && waits && lowest in apart) }}'
}}

waited=0
while [ "$waited" -lt {PATIENCE} ]; do
  sleep {STEP}
  if has_to_go; then
    waited=$((waited + {STEP}))
  else
    waited=0
  fi
done
echo "This node and others wait for each other, and it is not its part that stays: it boots"
exec systemctl kill --signal=KILL {dlm.SERVICE}
"""

_UNIT = f"""{MARK}
[Unit]
Description=Boot this host if cluster nodes that were all apart wait for each other
BindsTo={dlm.SERVICE}
After={dlm.SERVICE}

[Service]
ExecStart=/bin/sh {PROGRAM}
"""


def files() -> Mapping[Path, str]:
    """Return the program and its unit, by their paths. The unit of the lock manager wants it."""
    return {PROGRAM: _PROGRAM, boot_unit.UNITS / SERVICE: _UNIT}
