#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_fencing
version_added: 0.1.0
short_description: The power switches of a lab, for the machines themselves
description:
  - Starts or ends the fence server of a lab, a process in the lab's network namespace. It switches machines of this
    lab,
    and of no other, off and on as M(lvs.cluster.lab_machine) does.
  - The fence agent C(fence_lvslab), a file of role P(lvs.cluster.lab#role), asks it from inside the machines.
  - Whoever asks has to have the lab's secret, which this module makes.
  - Removing the lab ends the server too.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  lab:
    description: Name of the lab.
    type: str
    required: true
  cache_dir:
    description:
      - Folder that has the labs' files in its folder C(labs).
      - The default is C(lvs-cluster) in E(XDG_CACHE_HOME), or in C(~/.cache) where that is not set.
    type: path
  state:
    description: Whether the server runs.
    type: str
    choices: [started, absent]
    default: started
  segment:
    description: The segment of the lab on which the machines reach it. Required with O(state=started).
    type: str
  address:
    description:
      - IPv4 address of the server with its prefix length; no machine may have it. Required with O(state=started).
    type: str
  port:
    description: TCP port of the server.
    type: int
    default: 7700
  program:
    description: The server, C(fence-server) of role P(lvs.cluster.lab#role). Required with O(state=started).
    type: path
notes:
  - It runs on the host of the lab, as root. The machines of the segment have to be there before.
"""

EXAMPLES = r"""
- name: Let machines of the lab fence each other
  lvs.cluster.lab_fencing:
    lab: demo
    segment: lan
    address: 192.0.2.254/24
    program: "{{ role_path }}/files/fence-server"
  delegate_to: localhost

- name: Fencing fails from now on
  lvs.cluster.lab_fencing:
    lab: demo
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
secret_file:
  description: File with the secret that the fence agent needs.
  returned: success
  type: str
  sample: /root/.cache/lvs-cluster/labs/demo/fencing.secret
log:
  description: File in which each request and its answer is written down.
  returned: success
  type: str
  sample: /root/.cache/lvs-cluster/labs/demo/fencing.log
"""

import os
from dataclasses import asdict
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.lab.fencing_service import FencingService, FencingSpec, check
from ansible_collections.lvs.cluster.plugins.module_utils.lab.layout import default_cache
from ansible_collections.lvs.cluster.plugins.module_utils.lab.machine import Lab
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "cache_dir": {"type": "path"},
            "state": {"type": "str", "choices": ["started", "absent"], "default": "started"},
            "segment": {"type": "str"},
            "address": {"type": "str"},
            "port": {"type": "int", "default": 7700},
            "program": {"type": "path"},
        },
        required_if=[("state", "started", ("segment", "address", "program"))],
        supports_check_mode=True,
    )
    try:
        module.exit_json(**_run(module))
    except LabError as error:
        module.fail_json(msg=f"Lab '{module.params['lab']}', fencing: {error}")


def _run(module: AnsibleModule) -> dict[str, object]:
    params = module.params
    lab = Lab(Path(params["cache_dir"] or default_cache()), params["lab"])
    service = FencingService(lab)
    wanted = None
    if params["state"] == "started":
        wanted = FencingSpec(params["segment"], params["address"], params["port"])
        check(wanted)
    before = service.observe()
    if before != wanted and not module.check_mode:
        if os.geteuid() != 0:
            raise LabError("a lab needs root, for its network; run ansible-playbook as root")
        with lab.lock():
            if wanted:
                service.start(wanted, Path(params["program"]))
            else:
                service.stop()
    return {
        "changed": before != wanted,
        "secret_file": str(lab.files.fencing_secret),
        "log": str(lab.files.fencing_log),
        "diff": {
            "before": asdict(before) if before else {"state": "absent"},
            "after": asdict(wanted) if wanted else {"state": "absent"},
        },
    }


if __name__ == "__main__":
    main()
