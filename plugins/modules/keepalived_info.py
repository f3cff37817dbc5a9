#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keepalived_info
short_description: Version and state of the keepalived of a host
version_added: 0.1.0
description:
  - Returns the version of the installed keepalived and what it was built with, the states of its VRRP instances, and
    what its checkers think of the real servers.
  - To learn the states it sends SIGUSR1 to keepalived, which then writes C(/tmp/keepalived.data) and
    C(/tmp/keepalived_check.data), readable by root only. It does nothing else for it.
  - Succeeds where keepalived is not installed or does not run. RV(version) is null, or RV(running) false then.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  path:
    description:
      - Where keepalived reads its configuration. It tells which states there are to wait for.
    type: path
    default: /etc/keepalived/keepalived.conf
  service:
    description:
      - Name of the systemd unit.
    type: str
    default: keepalived
  timeout:
    description:
      - How many seconds keepalived may take to write its state.
      - With an C(include) or a variable outside of all blocks of the configuration, nobody but keepalived knows which
        states there are. All of this time passes then if one of the two kinds is missing, and that is no error.
    type: float
    default: 5
requirements:
  - keepalived 2.2 or newer
  - systemd
notes:
  - It has to run as root.
  - The states come from the files under their default names. C(state_dump_file), C(instance) with C(data_use_instance)
    and the like give them others, which it does not look for.
seealso:
  - module: lvs.cluster.keepalived_config
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Ask keepalived for its state
  lvs.cluster.keepalived_info:
  become: true
  register: keepalived

- name: Name the real servers that are down
  ansible.builtin.debug:
    msg: "{{ servers | rejectattr('alive') | map(attribute='server') | unique }}"
  vars:
    servers: "{{ keepalived.services | map(attribute='servers') | flatten }}"
"""

RETURN = r"""
version:
  description: Version of the installed keepalived, null if there is none.
  returned: success
  type: str
  sample: 2.2.7
features:
  description: What it was built with.
  returned: success
  type: list
  elements: str
  sample: [LVS, VRRP, BFD, JSON]
running:
  description: Whether the service runs.
  returned: success
  type: bool
  sample: true
instances:
  description: The VRRP instances.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the instance.
      type: str
      sample: lvs
    state:
      description: V(master), V(backup), V(fault), or V(init) while it starts.
      type: str
      sample: master
    priority:
      description: The priority that it has now, with what trackers add to it.
      type: int
      sample: 150
    last_transition:
      description: When the state changed last, in seconds since 1970; null if it never did.
      type: float
      sample: 1795419229.595
services:
  description: The virtual servers.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: Protocol, address and port, or firewall mark, or C(group) and the name of a group.
      type: str
      sample: tcp 192.0.2.100:80
    alive:
      description: Whether it has its quorum.
      type: bool
      sample: true
    servers:
      description: Its real servers.
      type: list
      elements: dict
      contains:
        server:
          description: Address and port.
          type: str
          sample: 192.0.2.21:80
        alive:
          description: Whether its checks are good.
          type: bool
          sample: true
        weight:
          description: The weight that keepalived gives it while it is alive.
          type: int
          sample: 1
        failed_checks:
          description: How many of its checks are not good.
          type: int
          sample: 0
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.dump import read_dumps
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.state import (
    CHECKER_DATA,
    VRRP_DATA,
    read_features,
    read_instances,
    read_services,
)
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import Directive, blocks
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.version import read_version


def read_state(module: AnsibleModule, pid: int) -> Mapping[str, str]:
    """Return what keepalived writes about the kinds of things that its configuration has."""
    nodes = parse(read_text(Path(module.params["path"])) or "").children
    kinds = {"vrrp_instance": VRRP_DATA, "virtual_server": CHECKER_DATA}
    uncertain = any(isinstance(node, Directive) for node in nodes)
    names = [data for keyword, data in kinds.items() if uncertain or any(blocks(nodes, keyword))]
    timeout = module.params["timeout"]
    try:
        texts = read_dumps(pid, names, timeout)
    except OSError as error:
        module.fail_json(msg=f"keepalived cannot be asked for its state: {error.strerror}; run this as root")
    if missing := [name for name in names if name not in texts and not uncertain]:
        module.fail_json(
            msg=f"keepalived did not write /tmp/{missing[0]} within {timeout:g} s;"
            " look at its journal, or raise the timeout"
        )
    return texts


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "default": "/etc/keepalived/keepalived.conf"},
            "service": {"type": "str", "default": "keepalived"},
            "timeout": {"type": "float", "default": 5},
        },
        supports_check_mode=True,
    )
    program = module.get_bin_path("keepalived")
    printed = "".join(module.run_command([program, "--version"])[1:]) if program else ""
    shown = module.run_command(["systemctl", "show", "--property=MainPID", "--value", module.params["service"]])[1]
    pid = int(shown.strip() or 0)
    texts = read_state(module, pid) if pid else {}
    module.exit_json(
        changed=False,
        version=read_version(printed),
        features=list(read_features(printed)),
        running=pid != 0,
        instances=[asdict(each) for each in read_instances(texts.get(VRRP_DATA, ""))],
        services=[asdict(each) for each in read_services(texts.get(CHECKER_DATA, ""))],
    )


if __name__ == "__main__":
    main()
