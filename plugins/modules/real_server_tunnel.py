#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: real_server_tunnel
short_description: The tunnels that an LVS-TUN real server unwraps
version_added: 0.1.0
description:
  - Brings up the kernel's own tunnel devices, which take packets from any director, and has UDP ports unwrap generic
    UDP encapsulation (gue). The VIPs are on another device, see M(lvs.cluster.real_server_vip).
  - C(rp_filter) of a tunnel device is set to loose, which is in force whatever it is for C(all). A device for IPv4 also
    gets the address 127.0.0.2, which no packet leaves from, since the kernel lets nothing through one that has none.
  - A systemd unit of our own, C(lvs-real-server-tunnel.service), restores all of that after a boot.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  tunnels:
    description:
      - Kinds of tunnels. Required, and not empty, with O(state=present).
    type: list
    elements: dict
    suboptions:
      type:
        description:
          - How packets are wrapped.
        type: str
        choices: [ipip, gre, gue]
        default: ipip
      family:
        description:
          - Family of the packets, the inner and the outer ones.
        type: int
        choices: [4, 6]
        default: 4
      port:
        description:
          - UDP port of V(gue), such as 6080.
        type: int
  purge:
    description:
      - Whether to take down what this module has set up and O(tunnels) does not list. V(false) is for the time in which
        directors may still send such packets.
    type: bool
    default: true
  state:
    description:
      - V(absent) takes down what this module has set up. Devices that were up before stay so.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - iproute2 with JSON output (4.17 or newer)
  - the kernel modules ipip, ip6_tunnel, ip_gre, ip6_gre, fou or fou6, as O(tunnels) needs them
  - systemd
attributes:
  diff_mode:
    description: Shows devices, ports, sysctls and the unit before and after.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.real_server_vip
  - module: lvs.cluster.real_server_gateway
"""

EXAMPLES = r"""
- name: Unwrap IP in IP, and generic UDP encapsulation
  lvs.cluster.real_server_tunnel:
    tunnels:
      - {type: ipip, family: 4}
      - {type: gue, family: 6, port: 6080}

- name: Stop that
  lvs.cluster.real_server_tunnel:
    state: absent
"""

RETURN = r"""
kept:
  description: Whether something is there that O(tunnels) does not list, and that O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
devices:
  description: Tunnel devices that are up after the run.
  returned: success
  type: list
  elements: str
  sample: [tunl0, ip6tnl0]
addressed_devices:
  description: Tunnel devices that have the address of ours after the run.
  returned: success
  type: list
  elements: str
  sample: [tunl0]
gue_ports:
  description: UDP ports that unwrap gue after the run.
  returned: success
  type: list
  elements: dict
  sample: [{"family": 6, "port": 6080}]
sysctls:
  description: Settings of the tunnel devices after the run.
  returned: success
  type: dict
  sample: {"net/ipv4/conf/tunl0/rp_filter": 2}
"""

import json
from collections.abc import Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import kernel_modules
from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import BootUnit, render
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_state, write_state
from ansible_collections.lvs.cluster.plugins.module_utils.network import sysctl
from ansible_collections.lvs.cluster.plugins.module_utils.real_server import tunnel as core
from ansible_collections.lvs.cluster.plugins.module_utils.real_server.change import HostChange

UNIT = BootUnit("lvs-real-server-tunnel.service")
STATE = "real_server_tunnel"

ARGUMENTS = {
    "tunnels": {
        "type": "list",
        "elements": "dict",
        "options": {
            "type": {"type": "str", "choices": ["ipip", "gre", "gue"], "default": "ipip"},
            "family": {"type": "int", "choices": [4, 6], "default": 4},
            "port": {"type": "int"},
        },
    },
    "purge": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class Tunnels(HostChange):
    """Brings this host from what is observed to what is wanted; remembers what it has set up itself."""

    def __init__(self, module: AnsibleModule) -> None:
        super().__init__(module, UNIT)
        self.memory = read_state(STATE)
        self.ours = core.remembered_state(self.memory)

    def ensure(self, tunnels: Sequence[core.Tunnel]) -> None:
        """Unwrap `tunnels`, now and after each boot."""
        wanted = core.wanted_state(tunnels, core.State() if self.module.params["purge"] else self.ours)
        kept = wanted != core.wanted_state(tunnels, core.State())
        modules = sorted({name for tunnel in tunnels for name in tunnel.kernel_modules})
        text = render("Tunnels of this LVS real server", "network.target", core.boot_commands(wanted, modules))
        observed = self.observe(wanted)
        left = core.remembered_state(core.what_is_left(self.memory, wanted))
        changed = self.report(observed, wanted, text) or left != self.ours
        if changed and not self.module.check_mode:
            for name in modules:
                self.load(name)
            observed = self.observe(wanted)
            memory = core.memory_of(self.memory, observed, wanted)
            write_state(STATE, memory)
            self.apply(observed, wanted)
            self.unit.install(self.run, text)
            # What is still to be taken down stays remembered until it is.
            write_state(STATE, core.what_is_left(memory, wanted))
        self.exit(changed, wanted, kept)

    def remove(self) -> None:
        """Take down what we have set up, and restore the sysctls."""
        observed = self.observe(self.ours)
        changed = self.report(observed, core.State(), None) or bool(self.memory)
        if changed and not self.module.check_mode:
            self.unit.remove(self.run)
            self.apply(observed, core.State())
            write_state(STATE, {})
        self.exit(changed, core.State())

    def observe(self, wanted: core.State) -> core.State:
        """Return which of the devices, ports and sysctls that are wanted or ours are there."""
        links = json.loads(self.run(["ip", "-json", "address", "show"]))
        up = {link["ifname"] for link in links if "UP" in link["flags"]}
        addressed = core.addressed(links)
        # It fails while the kernel has no such ports at all.
        gue = core.parse_gue(self.shown(["ip", "-json", "fou", "show"]))
        keys = [key for key in {**dict(wanted.sysctls), **dict(self.ours.sysctls)} if sysctl.exists(key)]
        return core.State(
            frozenset(up & (wanted.devices | self.ours.devices)),
            frozenset(addressed & (wanted.addressed | self.ours.addressed)),
            frozenset(gue & (wanted.gue | self.ours.gue)),
            tuple(sorted((key, sysctl.read(key)) for key in keys)),
        )

    def apply(self, observed: core.State, wanted: core.State) -> None:
        """Set the sysctls, ours or those from before us, and run the commands from one state to the other."""
        for key, value in core.sysctls_to_write(observed, wanted, self.memory).items():
            sysctl.write(key, value)
        for command in core.commands(observed, wanted):
            self.run(command)

    def load(self, name: str) -> None:
        """Load one kernel module."""
        if error := kernel_modules.load(self.module.run_command, name):
            self.module.fail_json(msg=f"tunnels: the kernel module {name} cannot be loaded: {error}")


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=[("state", "present", ["tunnels"])], supports_check_mode=True
    )
    try:
        tunnels = core.tunnels_of(module.params["tunnels"] or [])
    except ValueError as error:
        module.fail_json(msg=str(error))
    if module.params["state"] == "present":
        Tunnels(module).ensure(tunnels)
    else:
        Tunnels(module).remove()


if __name__ == "__main__":
    main()
