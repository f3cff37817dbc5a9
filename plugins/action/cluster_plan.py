# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind the module `cluster_plan`: from the whole inventory to one file for each host."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ansible import constants
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

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._task.args:
            raise AnsibleActionFail(f"cluster_plan has no options, but was given {', '.join(self._task.args)}.")
        variables = task_vars or {}
        templar = self._templar.copy_with_new_env(available_variables={})
        reader = InventoryReader(variables["hostvars"], variables["groups"], templar)
        try:
            plan = make_plan(reader.read(variables["inventory_hostname"], variables))
        except DeclarationError as error:
            raise AnsibleActionFail(str(error)) from None
        write_plan(plan, constants.DEFAULT_LOCAL_TMP)
        for warning in plan.warnings:
            display.warning(warning)
        left_out = out_of_step(plan, frozenset(variables["ansible_play_hosts"]))
        if left_out:
            display.warning(
                f"Not in this run, and left as they are: {names(left_out, most=20)}. "
                "They can be out of step with the rest of their cluster until a run has all of it."
            )
        clusters = [cluster.overview() for cluster in plan.clusters]
        return {**result, "changed": False, "clusters": clusters, "out_of_step": left_out}


def out_of_step(plan: Plan, hosts_of_play: Collection[str]) -> list[str]:
    """The hosts of clusters that this run does not change: left out by a limit, or unreachable."""
    return [name for cluster in plan.clusters for name in cluster.hosts if name not in hosts_of_play]
