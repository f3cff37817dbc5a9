# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind the module `cluster_plan`: from the whole inventory to one file for each host."""

from __future__ import annotations

from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.hostvars import InventoryReader
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import DeclarationError, make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.store import write_plan

display = Display()


class ActionModule(ActionBase):
    """Makes the plan once for all hosts of the play."""

    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _requires_connection = False
    _VALID_ARGS = frozenset(("_raw_params",))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        reader = InventoryReader(variables["hostvars"], variables["groups"], self._templar.copy_with_new_env(available_variables={}))
        try:
            plan = make_plan(reader.read())
        except DeclarationError as error:
            raise AnsibleActionFail(str(error)) from None
        write_plan(plan, C.DEFAULT_LOCAL_TMP)
        result["changed"] = False
        result["clusters"] = [cluster.to_dict() for cluster in plan.clusters]
        result["out_of_step"] = out_of_step(plan, variables.get("ansible_play_hosts", ()))
        if result["out_of_step"]:
            display.warning(
                f"Not in this run, and left as they are: {names(result['out_of_step'])}. "
                "They may be out of step with the rest of their cluster until a run has them all."
            )
        return result


def out_of_step(plan: Plan, hosts_of_play: Any) -> list[str]:
    """The hosts of clusters that this run does not change: left out by a limit, or unreachable."""
    present = frozenset(hosts_of_play)
    return [name for cluster in plan.clusters for name in cluster.members.all() if name not in present]
