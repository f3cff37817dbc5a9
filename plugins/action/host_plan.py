# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind the module `host_plan`: the own host's slice of the plan."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.store import NoPlanError, read_slice


class ActionModule(ActionBase):
    """Reads one small file; nothing is computed and nobody is connected to."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        host = (task_vars or {})["inventory_hostname"]
        try:
            return {**result, "changed": False, **read_slice(host, constants.DEFAULT_LOCAL_TMP)}
        except NoPlanError as error:
            raise AnsibleActionFail(f"No plan for {host}: {error}.") from None
