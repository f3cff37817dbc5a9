#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: real_server_vip_info
short_description: VIPs and ARP suppression of an LVS-DR real server, as they are
version_added: 0.1.0
description:
  - Returns which VIPs a real server has bound, and the ARP settings that are effective on the interface that faces the
    cluster. The kernel uses the larger of the interface's value and that of C(all).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  address:
    description:
      - Address of this host that faces the cluster.
    type: str
    required: true
  device:
    description:
      - Name of the dummy device that carries the VIPs.
    type: str
    default: lvs0
requirements:
  - iproute2 with JSON output (4.17 or newer)
seealso:
  - module: lvs.cluster.real_server_vip
"""

EXAMPLES = r"""
- name: Look at a real server
  lvs.cluster.real_server_vip_info:
    address: 192.0.2.21
"""

RETURN = r"""
interface:
  description: Interface that faces the cluster; none if no interface has O(address).
  returned: success
  type: str
  sample: eth0
vips:
  description: VIPs bound to O(device).
  returned: success
  type: list
  elements: str
  sample: [192.0.2.100]
arp_ignore:
  description: Effective value on the interface, 1 for a DR real server.
  returned: when an interface has O(address)
  type: int
  sample: 1
arp_announce:
  description: Effective value on the interface, 2 for a DR real server.
  returned: when an interface has O(address)
  type: int
  sample: 2
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.network import sysctl
from ansible_collections.lvs.cluster.plugins.module_utils.network.links import link_with, read_links
from ansible_collections.lvs.cluster.plugins.module_utils.real_server.vip import (
    ARP_SUPPRESSION,
    bound_vips,
    sysctl_path,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={"address": {"type": "str", "required": True}, "device": {"type": "str", "default": "lvs0"}},
        supports_check_mode=True,
    )
    links = read_links(lambda command: module.run_command(command, check_rc=True)[1])
    try:
        facing = link_with(links, module.params["address"])
    except ValueError as error:
        module.fail_json(msg=f"address: {error}; write one IPv4 or IPv6 address without a prefix length")
    device = next((link for link in links if link.name == module.params["device"]), None)
    arp = {}
    if facing:
        for name in ARP_SUPPRESSION:
            arp[name] = max(sysctl.read(sysctl_path(interface, name)) for interface in ("all", facing.name))
    module.exit_json(
        changed=False,
        interface=facing.name if facing else None,
        vips=sorted(bound_vips(device) or ()),
        **arp,
    )


if __name__ == "__main__":
    main()
