#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keepalived_config
short_description: Install keepalived.conf and make the running keepalived follow it
version_added: 0.1.0
description:
  - Tests a configuration with C(keepalived -t) on the host, installs it atomically, and reloads keepalived (starts it
    when it does not run; never restarts it, since a restart would drop every VIP and every connection). The service is
    enabled at boot.
  - Before that it holds a new configuration against the grammar of the keepalived that is installed. Every problem
    names the line, the blocks that it is in, and what to write instead; for a keyword that this version lacks, it names
    both versions. In check mode, where none is installed yet, the version that C(apt) would install counts.
  - keepalived 2.2.7 cannot test a configuration whose scripts have a user of their own; it is tested with root as their
    user, then.
  - C(keepalived -t) has the last word. If it refuses the configuration, the problems that were found explain why; if
    it accepts it, they are warnings, for example that it ignores a word or that a service stands twice.
  - Remembers in C(/var/lib/lvs-cluster) which configuration the running keepalived was last told to read. A run that
    was cut off between installing and reloading is completed by the next run.
  - Waits until the kernel has the services of the configuration and no others of the one before, since a reload goes on
    after C(systemctl reload) has returned. A service that is missing in the end is an error, also in later runs.
  - keepalived compares configurations when it reloads, never the kernel's table. So the table is compared here, in
    every run, and what is stale is brought up to date, for example thresholds that alone were changed, or a scheduler
    that somebody changed by C(ipvsadm). Weights, and which servers are in, are left to keepalived's health checks.
    Groups of virtual servers, and what an C(include) brings, are not compared.
  - Refuses to replace a configuration that is not ours unless O(take_over=true).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  content:
    description:
      - The configuration. One of its first five lines has to hold C(Managed by lvs.cluster).
      - Required with O(state=present).
    type: str
  path:
    description:
      - Where keepalived reads its configuration.
    type: path
    default: /etc/keepalived/keepalived.conf
  service:
    description:
      - Name of the systemd unit.
    type: str
    default: keepalived
  accepted_codes:
    description:
      - Exit codes of C(keepalived -t) that count as valid. V(0) is a clean configuration, V(5) one that keepalived runs
        although it ignores a part, V(6) one whose scripts run without script security.
    type: list
    elements: int
    default: [0]
  take_over:
    description:
      - Replace a configuration that is not ours. It is kept beside it with the ending C(.before-lvs-cluster).
    type: bool
    default: false
  drain_timeout:
    description:
      - Real servers that O(content) no longer has get weight 0 in the kernel before it is installed, and this many
        seconds at most are waited for their connections to end. V(0) does not wait.
      - A server stays as it is until the reload if it is the only one with a weight in a service that stays.
      - Nothing is drained if not given. Details are those of M(lvs.cluster.ipvs_drain).
    type: float
  settle_timeout:
    description:
      - Seconds to wait at most until the kernel has the services of O(content).
    type: float
    default: 20
  wait_for_servers:
    description:
      - Wait within O(settle_timeout) also until the health checks have let a real server into each service, and fail if
        one stays without. This is for a director that is about to become active.
    type: bool
    default: false
  state:
    description:
      - V(present) installs O(content) and has the service follow it.
      - V(stopped) stops the service and leaves all else as it is. Its VIPs leave before its services, so that no client
        is refused while another director takes them. The service starts again at the next boot, or with V(present).
      - V(absent) stops it in that way, disables it and removes our configuration; one that was taken over is put back.
    type: str
    choices: [present, stopped, absent]
    default: present
requirements:
  - keepalived 2.2 or newer
  - systemd
attributes:
  check_mode:
    description: Reports exactly what would change; a changed configuration is tested if keepalived is installed.
    support: full
  diff_mode:
    description:
      - Shows the configuration before and after, with secrets masked; if the kernel's table is stale, that table too.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.keepalived_info
  - module: lvs.cluster.ipvs_drain
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Install a configuration
  lvs.cluster.keepalived_config:
    content: "{{ lookup('ansible.builtin.template', 'keepalived.conf.j2') }}"

- name: Put everything back
  lvs.cluster.keepalived_config:
    state: absent
"""

RETURN = r"""
action:
  description: What was done to the service, V(none), V(start), V(reload) or V(stop).
  returned: success
  type: str
  sample: reload
found:
  description: Whose configuration was there before the run, V(none), V(ours) or V(foreign).
  returned: success
  type: str
  sample: ours
drained:
  description: The servers that leave, with the active connections that they had left when keepalived was reloaded.
  returned: when O(drain_timeout) is given and servers leave
  type: list
  elements: dict
  sample: [{service: "tcp 192.0.2.100:80", server: "192.0.2.23:80", connections: 0}]
repaired:
  description:
    - What the kernel's table had otherwise than configured after keepalived had followed its configuration, and what
      was brought up to date for that.
  returned: when there is any
  type: list
  elements: str
  sample: ["update server 192.0.2.21:80 of tcp 192.0.2.100:80"]
leftover:
  description: Services and servers of the configuration before that the kernel still has.
  returned: when there is any after a reload
  type: list
  elements: str
  sample: ["192.0.2.22:80 of tcp 192.0.2.100:80"]
problems:
  description: What the grammar has against the new configuration, which C(keepalived -t) accepts all the same.
  returned: when the configuration changes and there are problems
  type: list
  elements: str
  sample: ["line 12, vrrp_instance service / nopreempt: keepalived ignores 'on' after it"]
backup:
  description: Where the configuration that was taken over is kept.
  returned: when there is one
  type: str
  sample: /etc/keepalived/keepalived.conf.before-lvs-cluster
"""

import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.files import (
    read_state,
    read_text,
    replace_text,
    write_state,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.config import (
    MARK,
    SECRETS,
    Verdict,
    is_ours,
    judge,
    listed,
)

STATE = "keepalived"
SECRET = re.compile(rf"^(\s*(?:{'|'.join(SECRETS)})\s+).*$", re.MULTILINE)


def masked(text: str | None) -> str:
    """Return the configuration as a diff may show it."""
    return SECRET.sub(r"\1********", text or "")


class Keepalived:
    """The configuration file and the service that reads it."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.path = Path(module.params["path"])
        self.backup = Path(f"{self.path}.before-lvs-cluster")
        self.service: str = module.params["service"]
        self.current = read_text(self.path)
        self.running = self._systemctl("is-active", "--quiet") == 0
        self.enabled = self._systemctl("is-enabled", "--quiet") == 0
        self.problems: list[str] = []
        self.too_new: list[str] = []

    def install(self, content: str) -> None:
        """Make `content` the configuration that the running service follows."""
        if not is_ours(self.current) and not self.module.params["take_over"]:
            self.module.fail_json(
                msg=f"{self.path} was not written by lvs.cluster, so it stays. Set lvs_take_over: true to replace it"
                f" (it is kept as {self.backup}), or move it away if nothing needs it"
            )
        rewrite = content != self.current
        if rewrite:
            self._test(content)
        fingerprint = hashlib.sha256(content.encode()).hexdigest()
        state = read_state(STATE)
        cut_off = bool(state.get("draining"))
        action = "start" if not self.running else "none" if state.get("followed") == fingerprint else "reload"
        result = self._drain(content, state) if cut_off or (rewrite and self.running) else {}
        if not self.module.check_mode:
            if rewrite:
                self._keep_foreign()
                # Only root reads it: it may hold authentication secrets.
                replace_text(self.path, content, 0o600)
            if action != "none":
                self._act(action)
            if action != "none" or cut_off:
                write_state(STATE, {"followed": fingerprint})
            if not self.enabled:
                self._act("enable")
        changed = rewrite or action != "none" or cut_off or not self.enabled
        if action == "none" or not self.module.check_mode:
            result.update(self._follow(content, action))
        self._exit(action, content, changed or bool(result.get("repaired")), **result)

    def stop(self) -> None:
        """Stop the service."""
        if self.running and not self.module.check_mode:
            self._stop()
        self._exit("stop" if self.running else "none", self.current, self.running)

    def uninstall(self) -> None:
        """Stop the service and remove our configuration; put back what was taken over."""
        ours = self.current is not None and is_ours(self.current)
        if not ours:
            self._exit("none", self.current, False)
        action = "stop" if self.running else "none"
        restored = read_text(self.backup)
        if not self.module.check_mode:
            self._stop()
            self._act("disable")
            replace_text(self.path, restored, 0o600)
            replace_text(self.backup, None)
            write_state(STATE, {})
        self._exit(action, restored, True)

    def _stop(self) -> None:
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived import vrrp_process

        main_pid = self.module.run_command(["systemctl", "show", "--property=MainPID", "--value", self.service])[1]
        # It is 0 where nothing runs.
        vrrp = vrrp_process.find(int(main_pid)) if main_pid.strip() not in ("", "0") else None
        if vrrp is not None:
            vrrp_process.end(vrrp)
        self._act("stop")

    def _drain(self, content: str, state: Mapping[str, Any]) -> dict[str, Any]:
        """Drain the servers that leave. Meanwhile the state says so, for a run after one that is cut off here.

        Raises IpvsError.
        """
        # Most runs need none of it, and importing it takes as long as the rest of them.
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.drain import Drain, give_back_weights

        timeout = self.module.params["drain_timeout"]
        if state.get("draining") and not self.module.check_mode:
            give_back_weights(content)
        leaving = Drain(self.current, content)
        if timeout is None or not leaving.needed:
            return {}
        if self.module.check_mode:
            return {"drained": leaving.report()}
        write_state(STATE, {**state, "draining": True})
        return {"drained": leaving.run(timeout)}

    def _follow(self, content: str, action: str) -> dict[str, Any]:
        """Wait until the kernel has what keepalived makes of the configuration, and repair what that leaves stale.

        Raises IpvsError.
        """
        if "virtual_server" not in content + (self.current or ""):
            return {}
        # Directors that only move VIPs need none of it.
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.kernel import Follower, repair

        timeout = self.module.params["settle_timeout"]
        follower = Follower(content, self.current if action == "reload" else None)
        wait_for_servers = self.module.params["wait_for_servers"]
        found = follower.settle(timeout, wait_for_servers)
        missing = ", ".join(map(str, found.missing))
        if missing and action == "none":
            self.module.fail_json(
                msg=f"the kernel has lost what keepalived had put there: {missing}. keepalived does not notice that;"
                f" run 'systemctl restart {self.service}' on this host, which moves its VIPs for a moment"
            )
        if missing:
            self.module.fail_json(
                msg=f"{timeout:g} seconds after its {action} keepalived has not put into the kernel: {missing}."
                f" See 'journalctl -u {self.service}' on this host"
            )
        if wait_for_servers and found.empty:
            self.module.fail_json(
                msg=f"no real server has passed its health check within {timeout:g} seconds for:"
                f" {', '.join(map(str, found.empty))}. See why in 'journalctl -u {self.service}' on this host"
            )
        result: dict[str, Any] = {}
        if found.leftover:
            result["leftover"] = found.leftover
            self.module.warn(f"keepalived has left in the kernel what is no longer declared: {listed(found.leftover)}")
        if found.stale:
            result.update(repaired=[str(operation) for operation in found.stale], kernel_diff=found.diff)
            if not self.module.check_mode:
                repair(found)
        return result

    def _test(self, content: str) -> None:
        program = self.module.get_bin_path("keepalived")
        self._check(content, program)
        if program is None:
            if not self.module.check_mode:
                self.module.fail_json(msg="keepalived is not installed on this host; install its package first")
            if self.too_new:
                lacking = listed(self.too_new)
                self.module.fail_json(
                    msg=f"the keepalived that this host can install lacks what the configuration needs:\n{lacking}"
                )
            return
        verdict = self._judge(program, content)
        if verdict.warning:
            from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.script_users import (
                with_scripts_of_root,
            )

            verdict = self._judge(program, with_scripts_of_root(content))
        if verdict.error:
            explained = f"\nWhat is wrong with it:\n{listed(self.problems)}" if self.problems else ""
            self.module.fail_json(
                msg="keepalived does not accept the new configuration, so the old one stays in force:"
                f" {verdict.error}{explained}"
            )
        if verdict.warning:
            self.module.warn(verdict.warning)
        if self.problems:
            self.module.warn(f"{self.path} has problems that keepalived passes over:\n{listed(self.problems)}")

    def _judge(self, program: str, content: str) -> Verdict:
        with tempfile.NamedTemporaryFile("w", dir=self.module.tmpdir, suffix=".conf", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            code, out, error = self.module.run_command([program, "--config-test", "--use-file", file.name])
        output = (out + error).replace(file.name, str(self.path))
        return judge(code, output, tuple(self.module.params["accepted_codes"]))

    def _check(self, content: str, program: str | None) -> None:
        """Hold the configuration against the grammar of the keepalived that is installed, or would be."""
        # An unchanged configuration needs none of it.
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.check import check
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.version import read_candidate, read_version

        if program:
            version = read_version("".join(self.module.run_command([program, "--version"])[1:]))
        elif apt := self.module.get_bin_path("apt-cache"):
            version = read_candidate(self.module.run_command([apt, "policy", "keepalived"])[1])
        else:
            version = None
        problems = check(parse(content), version)
        self.problems = [str(problem) for problem in problems]
        self.too_new = [str(problem) for problem in problems if problem.too_new]

    def _keep_foreign(self) -> None:
        if not is_ours(self.current):
            replace_text(self.backup, self.current, 0o600)

    def _act(self, *action: str) -> None:
        code = self._systemctl(*action)
        if code:
            journal = self.module.run_command(
                ["journalctl", "--no-pager", "--lines=10", "--output=cat", "--unit", self.service]
            )[1]
            self.module.fail_json(
                msg=f"systemctl {' '.join(action)} {self.service} failed. Its last messages:\n{journal.strip()}"
            )

    def _systemctl(self, *arguments: str) -> int:
        code: int = self.module.run_command(["systemctl", *arguments, self.service])[0]
        return code

    def _exit(
        self, action: str, after: str | None, changed: bool, kernel_diff: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        diff: Any = {
            "before_header": str(self.path),
            "after_header": f"{self.path} (service: {action})",
            "before": masked(self.current),
            "after": masked(after),
        }
        if kernel_diff:
            diff = [diff, kernel_diff]
        found = "none" if not (self.current or "").strip() else "ours" if is_ours(self.current) else "foreign"
        if self.backup.exists():
            more["backup"] = str(self.backup)
        if self.problems:
            more["problems"] = self.problems
        self.module.exit_json(changed=changed, action=action, found=found, diff=diff, **more)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "content": {"type": "str"},
            "path": {"type": "path", "default": "/etc/keepalived/keepalived.conf"},
            "service": {"type": "str", "default": "keepalived"},
            "accepted_codes": {"type": "list", "elements": "int", "default": [0]},
            "take_over": {"type": "bool", "default": False},
            "drain_timeout": {"type": "float"},
            "settle_timeout": {"type": "float", "default": 20},
            "wait_for_servers": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "stopped", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("content",))],
        supports_check_mode=True,
    )
    keepalived = Keepalived(module)
    if module.params["state"] == "absent":
        keepalived.uninstall()
    if module.params["state"] == "stopped":
        keepalived.stop()
    content = module.params["content"]
    if not content.strip() or not is_ours(content):
        module.fail_json(
            msg=f"content: one of the first five lines has to be a comment with '{MARK}': it marks the file as ours"
        )
    try:
        keepalived.install(content)
    except IpvsError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
