#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: real_server_gateway
short_description: The way back to the director of the answers of an LVS-NAT real server
version_added: 0.1.0
description:
  - Sends what the host's NAT services answer to a gateway that the active director has, by routing rules for their
    addresses and ports and a routing table of our own (8848). All other traffic keeps its route.
  - A systemd unit of our own, C(lvs-real-server-gateway.service), restores both after a boot, and the routes whenever
    an interface was down. A restart of systemd-networkd leaves them alone.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  gateways:
    description:
      - Which traffic goes by which gateway. Required, and not empty, with O(state=present).
    type: list
    elements: dict
    suboptions:
      source:
        description:
          - Own address that the service answers from.
        type: str
        required: true
      gateway:
        description:
          - Address of the gateway, which is in the network of one of the host's interfaces.
        type: str
        required: true
      protocol:
        description:
          - Transport protocol of the service. For V(udp), answers of programs that are bound to no address are
            included; with IPv6 those are all that the host sends from that port, whatever its address.
        type: str
        choices: [tcp, udp, sctp]
        default: tcp
      ports:
        description:
          - Ports of the service on this host, also ranges such as V(8000-8099). An empty list is all traffic from
            O(gateways[].source).
        type: list
        elements: str
        default: []
  purge:
    description:
      - Whether to remove rules of ours that O(gateways) does not ask for. V(false) is for the time in which directors
        may still send packets to these services.
    type: bool
    default: true
  state:
    description:
      - V(absent) removes the rules, the routing table and the unit.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - iproute2 4.17 or newer
  - Linux 4.17 or newer, for rules about ports
  - systemd
attributes:
  diff_mode:
    description: Shows rules, routes and the unit before and after.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.real_server_vip
  - module: lvs.cluster.real_server_tunnel
"""

EXAMPLES = r"""
- name: Send the answers of a web server back to the active director
  lvs.cluster.real_server_gateway:
    gateways:
      - source: 198.51.100.21
        gateway: 198.51.100.1
        protocol: tcp
        ports: ["80", "443"]

- name: Stop that
  lvs.cluster.real_server_gateway:
    state: absent
"""

RETURN = r"""
kept:
  description: Whether something is there that O(gateways) does not list, and that O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
rules:
  description: Rules of ours after the run.
  returned: success
  type: list
  elements: dict
  sample: [{"source": "198.51.100.21", "protocol": "tcp", "port": "80"}]
routes:
  description: Routes of our table after the run.
  returned: success
  type: list
  elements: dict
  sample:
    - {"destination": "198.51.100.0/24", "interface": "eth0", "gateway": null}
    - {"destination": "default", "interface": "eth0", "gateway": "198.51.100.1"}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import BootUnit, render_watching
from ansible_collections.lvs.cluster.plugins.module_utils.network.links import read_links
from ansible_collections.lvs.cluster.plugins.module_utils.real_server import gateway as core
from ansible_collections.lvs.cluster.plugins.module_utils.real_server.change import HostChange

UNIT = BootUnit("lvs-real-server-gateway.service")

ARGUMENTS = {
    "gateways": {
        "type": "list",
        "elements": "dict",
        "options": {
            "source": {"type": "str", "required": True},
            "gateway": {"type": "str", "required": True},
            "protocol": {"type": "str", "choices": ["tcp", "udp", "sctp"], "default": "tcp"},
            "ports": {"type": "list", "elements": "str", "default": []},
        },
    },
    "purge": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class Gateway(HostChange):
    """Brings this host from what is observed to what is wanted."""

    def __init__(self, module: AnsibleModule) -> None:
        super().__init__(module, UNIT)

    def observe(self) -> core.State:
        """Return our rules and routes of both families."""
        rules: set[core.Rule] = set()
        routes: set[core.Route] = set()
        for option in ("-4", "-6"):
            rules |= core.parse_rules(self.run(["ip", "-json", option, "rule", "show"]))
            # It fails while there is no such table.
            routes |= core.parse_routes(self.shown(["ip", "-json", option, "route", "show", "table", str(core.NUMBER)]))
        return core.State(frozenset(rules), frozenset(routes))

    def ensure(self) -> None:
        """Have the rules and routes that are asked for, now and after each boot."""
        observed = self.observe()
        wanted = declared = core.wanted_state(self.module.params["gateways"], read_links(self.run))
        if not self.module.params["purge"]:
            wanted = core.without_purge(observed, declared)
        description = "Way back of the NAT services of this LVS real server"
        routes, rules = core.route_commands(wanted), core.rule_commands(wanted)
        text = render_watching(description, "network-online.target", [*routes, *rules], again=routes)
        changed = self.report(observed, wanted, text)
        if changed and not self.module.check_mode:
            # The unit comes first and goes last: where it is not, there is nothing of ours.
            self.unit.enable(self.run, text)
            self.apply(observed, wanted)
            self.run(["systemctl", "restart", self.unit.name])
        self.exit(changed, wanted, kept=wanted != declared)

    def remove(self) -> None:
        """Remove all rules and routes of ours, and the unit."""
        observed = self.observe()
        changed = self.report(observed, core.State(), None)
        if changed and not self.module.check_mode:
            self.unit.stop(self.run)
            self.apply(observed, core.State())
            self.unit.remove(self.run)
        self.exit(changed, core.State())

    def apply(self, observed: core.State, wanted: core.State) -> None:
        """Run the commands from one state to the other."""
        for command in core.commands(observed, wanted):
            self.run(command)


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=[("state", "present", ["gateways"])], supports_check_mode=True
    )
    gateway = Gateway(module)
    problems = core.problems_of(module.params["gateways"] or [])
    if problems:
        module.fail_json(msg="\n".join(problems))
    try:
        if module.params["state"] == "present":
            gateway.ensure()
        else:
            gateway.remove()
    except ValueError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
