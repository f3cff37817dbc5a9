#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_server
short_description: A real server of a virtual service of the kernel's IPVS
version_added: 0.1.0
description:
  - Adds, changes or deletes one real server of one virtual service, by generic netlink; C(ipvsadm) is not needed.
  - What is not given stays as it is when the server exists, and is the default when it is new. So a weight can be
    changed without repeating thresholds and tunnel.
  - The service has to exist. Where it does not, V(state=absent) has nothing to do.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.ipvs
  - lvs.cluster.ipvs.change
options:
  service:
    description:
      - The service, by address or by firewall mark.
    type: dict
    required: true
    suboptions:
      vip:
        description:
          - Virtual address. Give either this or O(service.fwmark).
        type: str
      port:
        description:
          - Virtual port, V(0) for all ports. Required with O(service.vip).
        type: int
      protocol:
        description:
          - Protocol of a service that is reached by O(service.vip). V(tcp) if not given.
        type: str
        choices: [tcp, udp, sctp]
      fwmark:
        description:
          - Firewall mark.
        type: int
      family:
        description:
          - Address family of a service that is reached by O(service.fwmark). V(ipv4) if not given.
        type: str
        choices: [ipv4, ipv6]
  address:
    description:
      - Address of the server. Its family may differ from that of the service with O(forwarding=tun), as long as no
        sync daemon runs.
    type: str
    required: true
  port:
    description:
      - Port of the server. That of the service if not given, V(0) with O(service.fwmark).
      - With O(forwarding=dr) and V(tun) it has to be that of the service. The kernel accepts and shows another one, but
        packets arrive at the port of the service.
    type: int
  forwarding:
    description:
      - V(nat) rewrites addresses, V(dr) sends to the server's MAC address, V(tun) through a tunnel. V(dr) for a new
        server.
    type: str
    choices: [nat, dr, tun]
  weight:
    description:
      - Share of new connections, V(0) to V(65535). V(0) drains, the server keeps the connections that it has. The
        kernel takes larger numbers, but C(ipvsadm) and keepalived cannot express them and schedulers multiply them.
        V(1) for a new server.
    type: int
  upper_threshold:
    description:
      - Connections above which the server gets no new ones, V(0) for no limit. V(0) for a new server.
    type: int
  lower_threshold:
    description:
      - Connections below which it gets new ones again, V(0) for three quarters of O(upper_threshold). V(0) for a new
        server.
    type: int
  tunnel:
    description:
      - How packets travel, for O(forwarding=tun).
    type: dict
    suboptions:
      type:
        description:
          - V(ipip) for a new server.
        type: str
        choices: [ipip, gue, gre]
      port:
        description:
          - UDP port of GUE, which has to be given for it and only for it.
        type: int
      checksum:
        description:
          - V(csum) with GUE and GRE, V(remcsum) (remote checksum offload) with GUE. V(nocsum) for a new server.
        type: str
        choices: [nocsum, csum, remcsum]
  state:
    description:
      - V(absent) deletes the server at once. Set O(weight=0) before, and wait, for its connections to end.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_table
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: A server by direct routing
  lvs.cluster.ipvs_server:
    service: {vip: 192.0.2.100, port: 80}
    address: 192.0.2.21
    weight: 10
    upper_threshold: 2000
  become: true

- name: A server behind a GUE tunnel
  lvs.cluster.ipvs_server:
    service: {fwmark: 7, family: ipv6}
    address: 2001:db8::21
    forwarding: tun
    tunnel: {type: gue, port: 6080, checksum: csum}
  become: true

- name: Drain a server, everything else about it stays
  lvs.cluster.ipvs_server:
    service: {vip: 192.0.2.100, port: 80}
    address: 192.0.2.21
    weight: 0
  become: true

- name: Delete a server
  lvs.cluster.ipvs_server:
    service: {vip: 192.0.2.100, port: 80}
    address: 192.0.2.21
    state: absent
  become: true
"""

RETURN = r"""
changes:
  description: How many objects were changed, or would be in check mode.
  returned: success
  type: dict
  sample: {services: {add: 0, update: 0, delete: 0}, servers: {add: 0, update: 1, delete: 0}}
  contains:
    services:
      description: Services by action, C(add), C(update) and C(delete).
      type: dict
    servers:
      description: Servers by action, C(add), C(update) and C(delete).
      type: dict
applied:
  description: What was done before and beside the failure.
  returned: when the kernel refused a change
  type: list
  elements: str
  sample: []
refused:
  description: What the kernel refused, and why.
  returned: when the kernel refused a change
  type: list
  elements: str
  sample: ["add server 192.0.2.21:80 of tcp 192.0.2.100:80: Invalid argument (errno 22)"]
not_tried:
  description: What would have come after the failure. The next run does it.
  returned: when the kernel refused a change
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.arguments import CHANGE, SERVER, STATE
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.manage import manage_server
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.module import run


def main() -> None:
    run(AnsibleModule(argument_spec={**SERVER, **STATE, **CHANGE}, supports_check_mode=True), manage_server)


if __name__ == "__main__":
    main()
