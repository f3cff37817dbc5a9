# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind the module `plan_report`: runs site.yml in check mode and says what it would change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.dry_run import DryRunError, run_dry
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import HostReport
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.results import make_report
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.screen import render, summary
from ansible_collections.lvs.cluster.plugins.plugin_utils.report_action import ReportAction, show

display = Display()


class ActionModule(ReportAction):
    """Reports once for all hosts of the play."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(
            argument_spec={"playbook": {"type": "str", "default": "lvs.cluster.site"}, "results": {"type": "dict"}}
        )
        try:
            results = options["results"] or run_dry(options["playbook"], context.CLIARGS, self._secrets())
        except DryRunError as error:
            raise AnsibleActionFail(f"The dry run of {options['playbook']} did not begin: {error}") from None
        hosts = make_report(results)
        if not any(host.tiers for host in hosts) and any(host.stops for host in hosts):
            raise AnsibleActionFail(next(host.problem for host in hosts if host.stops))
        if warnings := results.get("stderr", "").rstrip():
            display.display(warnings, stderr=True)
        show(render(hosts))
        return {**result, "changed": False, **outcome(hosts)}

    def _secrets(self) -> Mapping[str, Sequence[bytes]]:
        """What the user was asked for, or what files gave: the second run cannot ask."""
        play = self._play_context
        passwords = {
            "--connection-password-file": getattr(play, "password", None),
            "--become-password-file": getattr(play, "become_pass", None),
        }
        vault = getattr(getattr(self._loader, "_vault", None), "secrets", None) or ()
        return {
            **{option: [str(value).encode()] for option, value in passwords.items() if value},
            "--vault-password-file": [secret.bytes for _name, secret in vault],
        }


def outcome(hosts: Sequence[HostReport]) -> dict[str, Any]:
    """Return the task's result, in lists and dicts only."""
    return {"hosts": json.loads(json.dumps([asdict(host) for host in hosts])), "summary": summary(hosts)}
