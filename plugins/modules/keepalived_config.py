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
    when it does not run). The service is enabled at boot, and started again if it fails, by a file in
    C(keepalived.service.d) that tells systemd so.
  - A restart would move every VIP, so there is none, but for keywords that keepalived reads only when it starts.
    These are C(net_namespace), C(net_namespace_ipvs), C(instance), and of C(global_defs) C(nftables),
    C(nftables_ipvs), C(tmp_config_directory) and C(disable_local_igmp). keepalived refuses a reload that changes one of
    them. RV(restarted_for) and a warning name them, in check mode too.
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
  description: What was done to the service, V(none), V(start), V(reload), V(restart) or V(stop).
  returned: success
  type: str
  sample: reload
restarted_for:
  description: The keywords for which keepalived was restarted, since it reads them only when it starts.
  returned: when one of them has changed
  type: list
  elements: str
  sample: [nftables]
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

import re
import tempfile
from typing import TYPE_CHECKING

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.health_checker import HealthChecker, listed
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.config import SECRETS, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain import Drain
    from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.follow import Follower

# The unit of the package leaves one that has crashed, or was killed, down for good: its VIPs would stay on this host
# beside those of the director that has taken over.
DROP_IN = """\
# Managed by lvs.cluster.
[Service]
Restart=on-failure
RestartSec=1
"""

SECRET = re.compile(rf"^(\s*(?:{'|'.join(SECRETS)})\s+).*$", re.MULTILINE)


class Keepalived(HealthChecker):
    """keepalived.conf and the service that reads it."""

    NAME = "keepalived"
    HEALED_BY = ("restart", ", which moves its VIPs for a moment")
    RESTARTS_FOR_DROP_IN = False

    def __init__(self, module: AnsibleModule) -> None:
        super().__init__(module)
        self.problems: list[str] = []
        self.too_new: list[str] = []

    def masked(self, text: str) -> str:
        """Hide secrets."""
        return SECRET.sub(r"\1********", text)

    def drop_in(self) -> str:
        """Have systemd start it again if it fails."""
        return DROP_IN

    def end(self) -> None:
        """Stop the service, its VIPs first."""
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived import vrrp_process

        main_pid = self.module.run_command(["systemctl", "show", "--property=MainPID", "--value", self.service])[1]
        # It is 0 where nothing runs.
        vrrp = vrrp_process.find(int(main_pid)) if main_pid.strip() not in ("", "0") else None
        if vrrp is not None:
            vrrp_process.end(vrrp)
        super().end()

    def at_start(self, content: str) -> Mapping[str, str]:
        """Ask the grammar."""
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.at_start import at_start

        return at_start(content)

    def restart(self) -> None:
        """Have the VIPs leave before the services."""
        self.end()
        self.act("start")

    def leaving(self, content: str) -> Drain:
        """Compare the virtual servers."""
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived import drain

        return drain.leaving(self.current, content)

    def give_back_weights(self, content: str) -> None:
        """Do it here: a reload does not."""
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived import drain

        drain.give_back_weights(content)

    def follower(self, content: str, replaces: bool) -> Follower | None:
        """Compare the virtual servers. Directors that only move VIPs have none."""
        if "virtual_server" not in content + (self.current or ""):
            return None
        from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.kernel import follower

        return follower(content, self.current if replaces else None)

    def test(self, content: str) -> None:
        """Hold it against the grammar, and run `keepalived -t`."""
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
        if self.problems:
            self.results["problems"] = self.problems
        self.too_new = [str(problem) for problem in problems if problem.too_new]


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
    try:
        Keepalived(module).run()
    except IpvsError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
