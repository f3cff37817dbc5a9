#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ldirectord_config
short_description: Install ldirectord.cf and make the running ldirectord follow it
version_added: 0.1.0
description:
  - Has the host's ldirectord read a configuration, installs it atomically, and has the running ldirectord read it again
    (starts it when it does not run). The service is enabled at boot.
  - Runs ldirectord in the foreground of its systemd service, which a file in C(ldirectord.service.d) arranges. So
    systemd starts it again if it fails, and ends its processes together; the unit of the package does neither. For this
    the configuration has to say C(supervised = yes). An ldirectord that runs otherwise is restarted once.
  - Remembers in C(/var/lib/lvs-cluster) which configuration the running ldirectord was last told to read. A run that
    was cut off between installing and telling is completed by the next run.
  - Waits until the kernel has O(services), and of the services that it had before no others. One that is missing in the
    end is an error, also in later runs.
  - ldirectord looks at some attributes of the kernel's table when it reads its configuration, and at others never. So
    the table is compared here, in every run, and what is stale is brought up to date. Weights, and which servers are
    in, are left to ldirectord's health checks.
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
  services:
    description:
      - What ldirectord makes of O(content) if all real servers are well, as M(lvs.cluster.ipvs_table) takes it.
      - Required with O(state=present).
    type: list
    elements: dict
  path:
    description:
      - Where ldirectord reads its configuration.
    type: path
    default: /etc/ha.d/ldirectord.cf
  service:
    description:
      - Name of the systemd unit.
    type: str
    default: ldirectord
  take_over:
    description:
      - Replace a configuration that is not ours. It is kept beside it with the ending C(.before-lvs-cluster).
    type: bool
    default: false
  drain_timeout:
    description:
      - Real servers that O(services) no longer has get weight 0 in the kernel before O(content) is installed, and this
        many seconds at most are waited for their connections to end. V(0) does not wait.
      - A server stays as it is until the reload if it is the only one with a weight in a service that stays.
      - Nothing is drained if not given. Details are those of M(lvs.cluster.ipvs_drain).
    type: float
  settle_timeout:
    description:
      - Seconds to wait at most until the kernel has O(services).
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
      - V(stopped) stops the service and leaves its configuration. ldirectord takes its services with it.
      - V(absent) stops it, disables it and removes our configuration; one that was taken over is put back.
    type: str
    choices: [present, stopped, absent]
    default: present
requirements:
  - ldirectord 4.12 or newer and ipvsadm
  - for checks of HTTPS, and of HTTP by IPv6, the Perl modules LWP::Protocol::https and Net::INET6Glue (Debian's
    liblwp-protocol-https-perl and libnet-inet6glue-perl)
  - systemd
attributes:
  check_mode:
    description: Reports exactly what would change; a changed configuration is tested if ldirectord is installed.
    support: full
  diff_mode:
    description:
      - Shows the configuration before and after, with secrets masked; if the kernel's table is stale, that table too.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.keepalived_config
  - module: lvs.cluster.ipvs_drain
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Have ldirectord check two web servers
  lvs.cluster.ldirectord_config:
    content: |
      # Managed by lvs.cluster.
      supervised = yes
      fork = yes

      virtual = 192.0.2.100:80
          scheduler = wlc
          real = 192.0.2.21:80 gate
          real = 192.0.2.22:80 gate
          checktype = connect
          checkinterval = 2
          checktimeout = 2
    services:
      - vip: 192.0.2.100
        port: 80
        servers:
          - address: 192.0.2.21
          - address: 192.0.2.22

- name: Put everything back
  lvs.cluster.ldirectord_config:
    state: absent
"""

RETURN = r"""
action:
  description: What was done to the service, V(none), V(start), V(reload), V(restart) or V(stop).
  returned: success
  type: str
  sample: reload
found:
  description: Whose configuration was there before the run, V(none), V(ours) or V(foreign).
  returned: success
  type: str
  sample: ours
drained:
  description: The servers that leave, with the active connections that they had left when ldirectord was told.
  returned: when O(drain_timeout) is given and servers leave
  type: list
  elements: dict
  sample: [{service: "tcp 192.0.2.100:80", server: "192.0.2.23:80", connections: 0}]
repaired:
  description:
    - What the kernel's table had otherwise than configured after ldirectord had followed its configuration, and what
      was brought up to date for that.
  returned: when there is any
  type: list
  elements: str
  sample: ["update service tcp 192.0.2.100:80"]
leftover:
  description: Services and servers of the table before that the kernel still has.
  returned: when there is any after a reload
  type: list
  elements: str
  sample: ["192.0.2.22:80 of tcp 192.0.2.100:80"]
backup:
  description: Where the configuration that was taken over is kept.
  returned: when there is one
  type: str
  sample: /etc/ha.d/ldirectord.cf.before-lvs-cluster
"""

import re
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.health_checker import HealthChecker
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.declared import read_table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain import Drain
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.follow import Follower
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import FullService, ServerKey, ServiceKey

SECRET = re.compile(r"^(\s*(?:passwd|secret)\s*=\s*).*$", re.MULTILINE)

# What `ldirectord FILE status` ends with if it could read FILE, and none runs with a file of this name.
READABLE = 3

PID_FILE = Path("/run/ldirectord.ldirectord.pid")
PATIENCE = 10.0

# The unit of the package forks, ends when only the parent has ended, and is never started again.
DROP_IN = """\
# Managed by lvs.cluster.
[Unit]
Before=keepalived.service

[Service]
Type=simple
PIDFile=
ExecStart=
ExecStart={program} start
ExecStartPost=
ExecReload=
ExecReload=/bin/kill -HUP $MAINPID
ExecStop=
ExecStopPost=
KillMode=mixed
Restart=on-failure
RestartSec=1
"""


class Ldirectord(HealthChecker):
    """ldirectord.cf and the service that reads it."""

    NAME = "ldirectord"
    HEALED_BY = ("reload", "")
    RESTARTS_FOR_DROP_IN = True

    def __init__(self, module: AnsibleModule) -> None:
        super().__init__(module)
        self.wanted = read_table(module.params["services"] or [])
        self.program: str | None = module.get_bin_path("ldirectord")

    def masked(self, text: str) -> str:
        """Hide secrets."""
        return SECRET.sub(r"\1********", text)

    def test(self, content: str) -> None:
        """Have ldirectord read it: it knows no other test. It stops at the first mistake."""
        if self.program is None:
            if not self.module.check_mode:
                self.module.fail_json(msg="ldirectord is not installed on this host; install its package first")
            return
        with tempfile.NamedTemporaryFile("w", dir=self.module.tmpdir, suffix=".cf", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            code, _out, error = self.module.run_command([self.program, file.name, "status"])
        said = error.replace(file.name, str(self.path)).strip()
        if code != READABLE:
            self.module.fail_json(
                msg="ldirectord does not accept the new configuration, so the old one stays in force:"
                f"\n{said or f'it ended with code {code} and gave no reason'}"
            )
        if said:
            self.module.warn(said)

    def drop_in(self) -> str:
        """Have systemd supervise it."""
        return DROP_IN.format(program=self.program)

    def supervise(self) -> bool:
        """Leave none running that systemd does not know."""
        changed = super().supervise()
        if changed and not self.module.check_mode:
            self._end_stray()
        return changed

    def _end_stray(self) -> None:
        """End one that runs beside its unit: while its pid file is there no other starts.

        Debian's unit fails after it has started ldirectord, if /run/lock/subsys is not there, and leaves it running.
        """
        if self.running:
            return
        self.module.run_command([str(self.program), "stop"])
        deadline = time.monotonic() + PATIENCE
        while PID_FILE.exists() and time.monotonic() < deadline:
            time.sleep(0.1)

    def leaving(self, content: str) -> Drain:
        """Compare with the whole table, which is ldirectord's."""
        return Drain(_servers(table.read_services().values()), _servers(self.wanted))

    def follower(self, content: str, replaces: bool) -> Follower | None:
        """Compare the whole table, which is ldirectord's."""
        return Follower(self.wanted, tuple(table.read_services().values()) if replaces else ())


def _servers(services: Iterable[FullService]) -> dict[ServiceKey, frozenset[ServerKey]]:
    return {full.key: frozenset(server.key for server in full.servers) for full in services}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "content": {"type": "str"},
            "services": {"type": "list", "elements": "dict"},
            "path": {"type": "path", "default": "/etc/ha.d/ldirectord.cf"},
            "service": {"type": "str", "default": "ldirectord"},
            "take_over": {"type": "bool", "default": False},
            "drain_timeout": {"type": "float"},
            "settle_timeout": {"type": "float", "default": 20},
            "wait_for_servers": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "stopped", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("content", "services"))],
        supports_check_mode=True,
    )
    try:
        Ldirectord(module).run()
    except IpvsError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
