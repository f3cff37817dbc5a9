#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: arp_probe
short_description: Ask by ARP or neighbour discovery who has an address
version_added: 0.1.0
description:
  - Sends ARP requests for an IPv4 address, or neighbour solicitations (NDP) for an IPv6 address, and returns every MAC
    address that answers. In an LVS cluster exactly one may answer for a VIP, the active director's; a second one is a
    real server whose ARP is not suppressed, or a second active director.
  - Reads nothing from the host's own table of neighbours.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  address:
    description:
      - IPv4 or IPv6 address to ask for.
    type: str
    required: true
  interface:
    description:
      - Ethernet interface to ask from. The default is the one that the routing table says, which must reach O(address)
        without a gateway.
    type: str
  count:
    description:
      - How often to ask. An answer may come late or get lost, and a wrong one too.
    type: int
    default: 5
  interval:
    description:
      - Milliseconds from one question to the next, and from the last question to the end.
    type: int
    default: 200
requirements:
  - CAP_NET_RAW, so normally C(become=true)
  - iproute2 with JSON output (4.17 or newer)
seealso:
  - module: lvs.cluster.http_probe
  - module: lvs.cluster.verify_report
"""

EXAMPLES = r"""
- name: Ask who has the VIP
  lvs.cluster.arp_probe:
    address: 192.0.2.100
  become: true
  register: owner

- name: Exactly one host may answer
  ansible.builtin.assert:
    that: owner.macs | length == 1
"""

RETURN = r"""
address:
  description: The address in question.
  returned: success
  type: str
  sample: 192.0.2.100
interface:
  description: The interface that was used.
  returned: success
  type: str
  sample: eth0
source:
  description: The address that the question was sent from; V(0.0.0.0) or V(::) if the interface has none.
  returned: success
  type: str
  sample: 192.0.2.41
requests:
  description: How often the question was asked.
  returned: success
  type: int
  sample: 5
macs:
  description: Every MAC address that answered, in lower case.
  returned: success
  type: list
  elements: str
  sample: ['52:54:00:00:00:01']
answers:
  description: How often each of them answered.
  returned: success
  type: dict
  sample: {'52:54:00:00:00:01': 5}
"""

from ipaddress import ip_address

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.probe.neighbor import (
    NeighborError,
    parse_route,
    probe,
    route_command,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str", "required": True},
            "interface": {"type": "str"},
            "count": {"type": "int", "default": 5},
            "interval": {"type": "int", "default": 200},
        },
        supports_check_mode=True,
    )
    for option in ("count", "interval"):
        if module.params[option] < 1:
            module.fail_json(msg=f"{option}: {module.params[option]} is too small, it must be at least 1")
    try:
        target = ip_address(module.params["address"])
    except ValueError as error:
        module.fail_json(msg=f"address: {error}; write one address without a prefix length")
    interface = module.params["interface"]
    code, output, complaint = module.run_command(route_command(target, interface))
    if code:
        module.fail_json(msg=f"no way to {target}: {complaint.strip()}. Name an interface of its network")
    try:
        route = parse_route(output, target, interface)
        result = probe(route, target, module.params["count"], module.params["interval"])
    except NeighborError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
