#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_machine
version_added: 0.1.0
short_description: Manage a machine of a lab
description:
  - A lab is a set of machines that run on this host as User Mode Linux kernels, in a network namespace of their own.
    Nothing of the host's own network is touched and no packet leaves the namespace.
  - This module makes, starts, freezes, stops and removes one machine. The namespace, a bridge per segment and
    a tap per NIC are made with the first machine that needs them; removing the last machine removes them and
    all files of the lab.
  - It runs on the host of the lab, as root. The playbooks C(lvs.cluster.lab_up) and C(lvs.cluster.lab_down)
    manage whole labs with it, kernel and image included; use the module directly to inject faults.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  lab:
    description: Name of the lab, 1 to 32 lower-case letters, digits and hyphens.
    type: str
    required: true
  name:
    description: Name of the machine, and its host name. Needed unless O(all_machines) is set.
    type: str
  all_machines:
    description: With O(state=absent), remove the whole lab, including what is half-made or half-removed.
    type: bool
    default: false
  cache_dir:
    description:
      - Folder that has the labs' files in its folder C(labs).
      - The default is C(lvs-cluster) in E(XDG_CACHE_HOME), or in C(~/.cache) where that is not set.
    type: path
  state:
    description:
      - V(started) makes the machine if there is none, starts it or lets it go on, and waits until its boot has
        ended well.
      - V(stopped) shuts it down in an orderly way, or with O(force=true) by cutting its power. Its disks stay.
      - V(paused) freezes a machine that is running.
      - V(absent) cuts its power and removes it with all its files.
    type: str
    choices: [started, stopped, paused, absent]
    default: started
  force:
    description:
      - With O(state=stopped), kill the machine's processes instead of shutting it down, as a power cut would.
      - What its disks have at that moment is what it boots from next time.
    type: bool
    default: false
  kernel:
    description:
      - Folder with the kernel, as role P(lvs.cluster.lab#role) makes it.
      - Needed to make a machine.
    type: path
  image:
    description:
      - Folder with the disk image, as role P(lvs.cluster.lab#role) makes it.
      - Needed to make a machine. A machine stays with its image, because its own disk holds only what differs from it.
    type: path
  memory:
    description: Memory in MiB, at least 128. Needed to make a machine; the host gives it page by page, as it is used.
    type: int
  nics:
    description:
      - The network interfaces, at least one. The first is C(eth0) in the machine, the second C(eth1), and so on.
      - The tap of C(eth0) of machine C(lb1) is called C(lb1-eth0) in the lab's namespace.
    type: list
    elements: dict
    suboptions:
      segment:
        description: The segment that it is plugged into; the name of a bridge, at most 15 characters.
        type: str
        required: true
      addresses:
        description: Addresses with their prefix lengths, IPv4 and IPv6.
        type: list
        elements: str
        default: []
      gateways:
        description: Addresses of the default routers, at most one for IPv4 and one for IPv6.
        type: list
        elements: str
        default: []
        aliases: [gateway]
      mtu:
        description: Largest packet in bytes, from 1280 to 9000. The kernel's default is 1500.
        type: int
  disks:
    description: Further disks. They appear as C(/dev/ubdb), C(/dev/ubdc) and so on, and are empty at first.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the disk in the lab's files.
        type: str
        required: true
      size:
        description: Size in MiB. A disk that exists keeps its size.
        type: int
        required: true
      shared:
        description: Whether all machines of the lab that name this disk use the same one, at the same time.
        type: bool
        default: false
  boot_timeout:
    description: How many seconds a machine may take to boot. With V(0) the module does not wait.
    type: int
    default: 300
notes:
  - A machine whose boot ends with a failed systemd unit is an error that names the unit. The machine stays up.
"""

EXAMPLES = r"""
- name: Cut the power of a director
  lvs.cluster.lab_machine:
    lab: demo
    name: lb1
    state: stopped
    force: true
  delegate_to: localhost

- name: Power it on again
  lvs.cluster.lab_machine:
    lab: demo
    name: lb1
  delegate_to: localhost

- name: Freeze a real server
  lvs.cluster.lab_machine:
    lab: demo
    name: web1
    state: paused
  delegate_to: localhost

- name: Add a machine with two NICs, a private and a shared disk
  lvs.cluster.lab_machine:
    lab: demo
    name: node1
    kernel: /root/.cache/lvs-cluster/kernel/packaged-7.2um1-1e2dad3f767c
    image: /root/.cache/lvs-cluster/image/trixie-13.7-e710f2b63c0a
    memory: 384
    nics:
      - {segment: front, addresses: [192.0.2.61/24, '2001:db8::61/64'], gateways: [192.0.2.1]}
      - {segment: back, addresses: [198.51.100.61/24]}
    disks:
      - {name: spare, size: 256}
      - {name: cluster, size: 1024, shared: true}
  delegate_to: localhost

- name: Remove the whole lab
  lvs.cluster.lab_machine:
    lab: demo
    all_machines: true
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
machine:
  description: The machine after the run; only its state where it is absent. Not there for a whole lab.
  returned: when O(name) is given
  type: dict
  contains:
    state:
      description: Its state.
      type: str
      sample: started
    name:
      description: Its name.
      type: str
      sample: lb1
    lab:
      description: Its lab.
      type: str
      sample: demo
    kernel:
      description: Folder of its kernel.
      type: str
      sample: /root/.cache/lvs-cluster/kernel/packaged-7.2um1-1e2dad3f767c
    image:
      description: Folder of its image.
      type: str
      sample: /root/.cache/lvs-cluster/image/trixie-13.7-e710f2b63c0a
    memory:
      description: Memory in MiB.
      type: int
      sample: 384
    nics:
      description: Network interfaces.
      type: list
      elements: dict
    disks:
      description: Further disks.
      type: list
      elements: dict
console:
  description: Its console log.
  returned: when O(name) is given
  type: str
  sample: /root/.cache/lvs-cluster/labs/demo/machines/lb1/console.log
ssh_config:
  description: Configuration for C(ssh -F), with an entry for each machine of the lab.
  returned: always
  type: str
  sample: /root/.cache/lvs-cluster/labs/demo/ssh_config
namespace:
  description: The lab's network namespace.
  returned: always
  type: str
  sample: lvslab-demo
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.lab.control import Request, run
from ansible_collections.lvs.cluster.plugins.module_utils.lab.layout import default_cache
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "name": {"type": "str"},
            "all_machines": {"type": "bool", "default": False},
            "cache_dir": {"type": "path"},
            "state": {"type": "str", "choices": ["started", "stopped", "paused", "absent"], "default": "started"},
            "force": {"type": "bool", "default": False},
            "kernel": {"type": "path"},
            "image": {"type": "path"},
            "memory": {"type": "int"},
            "nics": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "segment": {"type": "str", "required": True},
                    "addresses": {"type": "list", "elements": "str", "default": []},
                    "gateways": {"type": "list", "elements": "str", "default": [], "aliases": ["gateway"]},
                    "mtu": {"type": "int"},
                },
            },
            "disks": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "size": {"type": "int", "required": True},
                    "shared": {"type": "bool", "default": False},
                },
            },
            "boot_timeout": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    params = module.params
    options = {key: params[key] for key in ("kernel", "image", "memory", "nics", "disks") if params[key] is not None}
    request = Request(
        cache=Path(params["cache_dir"] or default_cache()),
        lab=params["lab"],
        name=params["name"],
        all_machines=params["all_machines"],
        state=params["state"],
        force=params["force"],
        options=options,
        boot_timeout=params["boot_timeout"],
    )
    try:
        module.exit_json(**run(request, check_mode=module.check_mode))
    except LabError as error:
        # What is wrong with a machine of the plan names it already; it may be another one.
        is_named = not request.name or str(error).startswith("machine '")
        who = "" if is_named else f", machine '{request.name}'"
        module.fail_json(msg=f"Lab '{request.lab}'{who}: {error}")


if __name__ == "__main__":
    main()
