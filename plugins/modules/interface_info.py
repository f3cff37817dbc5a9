#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: interface_info
short_description: Network interfaces and their addresses
version_added: 0.1.0
description:
  - Returns the interfaces of a host with their MAC and IP addresses, read by one call of C(ip).
  - With O(address) it also names the interface that has this address, and with O(neighbors) those on which other
    addresses are to be found, which is how the roles find interfaces without gathering facts.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  address:
    description:
      - IPv4 or IPv6 address (without prefix length) to look for. An address that no interface has is an error.
    type: str
  neighbors:
    description:
      - IPv4 and IPv6 addresses (without prefix length). For each the interface whose network contains it is named. An
        address that is in the network of no interface is an error.
    type: list
    elements: str
    default: []
requirements:
  - iproute2 with JSON output (4.17 or newer)
seealso:
  - module: lvs.cluster.real_server_vip
"""

EXAMPLES = r"""
- name: Find the interface that faces the cluster
  lvs.cluster.interface_info:
    address: 192.0.2.11
  register: facing

- name: Show its name
  ansible.builtin.debug:
    var: facing.interface
"""

RETURN = r"""
interface:
  description: Name of the interface that has O(address).
  returned: when O(address) is given
  type: str
  sample: eth0
neighbors:
  description: For each of O(neighbors) the name of the interface whose network contains it.
  returned: success
  type: dict
  sample: {"198.51.100.1": eth1}
interfaces:
  description: All interfaces.
  returned: success
  type: list
  elements: dict
  sample: [{"interface": "eth0", "mac": "52:54:00:00:00:01", "mtu": 1500, "addresses": ["192.0.2.11/24"]}]
  contains:
    interface:
      description: Name of the interface.
      type: str
    mac:
      description: Hardware address.
      type: str
    mtu:
      description: Largest packet in bytes.
      type: int
    addresses:
      description: Addresses with prefix lengths.
      type: list
      elements: str
"""

from collections.abc import Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.network.links import (
    Link,
    link_towards,
    link_with,
    read_links,
)

ARGUMENTS = {
    "address": {"type": "str"},
    "neighbors": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    address, neighbors = module.params["address"], module.params["neighbors"]
    try:
        links = read_links(lambda command: module.run_command(command, check_rc=True)[1])
        link = link_with(links, address) if address else None
        towards = {neighbor: link_towards(links, neighbor) for neighbor in neighbors}
    except ValueError as error:
        module.fail_json(msg=f"address: {error}; write one IPv4 or IPv6 address without a prefix length")
    problems = [f"neighbors: {neighbor} is in the network of none" for neighbor, found in towards.items() if not found]
    if address and link is None:
        problems.insert(0, f"address: no interface of this host has {address}; set lvs_address to one that it has")
    if problems:
        module.fail_json(msg=f"{'. '.join(problems)}. The interfaces are {_describe(links)}.")
    module.exit_json(
        changed=False,
        interfaces=[each.to_dict() for each in links],
        neighbors={neighbor: found.name for neighbor, found in towards.items() if found},
        **({"interface": link.name} if link else {}),
    )


def _describe(links: Sequence[Link]) -> str:
    return "; ".join(f"{link.name}: {', '.join(map(str, link.addresses)) or 'no address'}" for link in links)


if __name__ == "__main__":
    main()
