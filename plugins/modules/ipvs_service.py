#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_service
short_description: A virtual service of the kernel's IPVS
version_added: 0.1.0
description:
  - Adds, changes or deletes one virtual service, by generic netlink; C(ipvsadm) is not needed.
  - What is not given stays as it is when the service exists, and is the default when it is new. Its servers stay.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.ipvs
  - lvs.cluster.ipvs.change
options:
  vip:
    description:
      - Virtual address. Give either this or O(fwmark).
    type: str
  port:
    description:
      - Virtual port, V(0) to V(65535). V(0) stands for all ports and needs O(persistence). Required with O(vip).
    type: int
  protocol:
    description:
      - Protocol of a service that is reached by O(vip). V(tcp) if not given.
    type: str
    choices: [tcp, udp, sctp]
  fwmark:
    description:
      - Firewall mark of the packets of the service, V(1) to V(4294967295). The kernel takes V(0) for an address and
        makes garbage of it, so it is refused.
    type: int
  family:
    description:
      - Address family of a service that is reached by O(fwmark). V(ipv4) if not given.
    type: str
    choices: [ipv4, ipv6]
  scheduler:
    description:
      - Name of the scheduler, such as V(rr), V(wrr), V(lc), V(wlc), V(fo), V(ovf), V(lblc), V(lblcr), V(dh), V(sh),
        V(mh), V(sed), V(nq) or V(twos). V(none) is a service without one. V(wlc) for a new service.
      - A change does not touch running connections.
    type: str
  flags:
    description:
      - Flags of the scheduler, V(sh-port) and V(sh-fallback) of V(sh), V(mh-port) and V(mh-fallback) of V(mh), or
        V(flag-1) to V(flag-3) by number. An empty list takes all away. A change of O(scheduler) takes them away too.
    type: list
    elements: str
  persistence:
    description:
      - Keeps a client with its server.
    type: dict
    suboptions:
      timeout:
        description:
          - Seconds, up to 2678400 (31 days). V(0) makes the service not persistent. V(300) if it was not persistent
            before.
        type: int
      netmask:
        description:
          - Clients of an IPv4 service that agree in these bits count as one. V(255.255.255.255) if not given.
        type: str
      prefix:
        description:
          - Clients that agree in this many leading bits count as one, V(1) to V(128) for IPv6 and V(0) to V(32) for
            IPv4, where it is another way to write O(persistence.netmask). All bits if not given.
        type: int
      engine:
        description:
          - Persistence engine, V(sip) or V(none). V(sip) goes by the Call-ID of SIP over UDP. V(none) takes it away.
        type: str
  one_packet:
    description:
      - Schedule each packet on its own. Only UDP services and those with O(fwmark) can. V(false) for a new service.
    type: bool
  state:
    description:
      - V(absent) deletes the service together with its servers.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.ipvs_server
  - module: lvs.cluster.ipvs_table
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: A web service whose clients stay with their server for five minutes
  lvs.cluster.ipvs_service:
    vip: 192.0.2.100
    port: 80
    scheduler: wrr
    persistence: {timeout: 300, netmask: 255.255.255.0}
  become: true

- name: All packets that the firewall marked with 7, over IPv6
  lvs.cluster.ipvs_service:
    fwmark: 7
    family: ipv6
    scheduler: sh
    flags: [sh-port, sh-fallback]
  become: true

- name: Delete the web service with its servers
  lvs.cluster.ipvs_service:
    vip: 192.0.2.100
    port: 80
    state: absent
  become: true
"""

RETURN = r"""
changes:
  description: How many objects were changed, or would be in check mode.
  returned: success
  type: dict
  sample: {services: {add: 1, update: 0, delete: 0}, servers: {add: 0, update: 0, delete: 0}}
  contains:
    services:
      description: Services by action, C(add), C(update) and C(delete).
      type: dict
    servers:
      description: Servers by action, C(add), C(update) and C(delete). Those that go with their service are not counted.
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
  sample: ["add service tcp 192.0.2.100:80: No such file or directory (errno 2)"]
not_tried:
  description: What would have come after the failure. The next run does it.
  returned: when the kernel refused a change
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.arguments import CHANGE, SERVICE, STATE
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.manage import manage_service
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.module import run


def main() -> None:
    run(AnsibleModule(argument_spec={**SERVICE, **STATE, **CHANGE}, supports_check_mode=True), manage_service)


if __name__ == "__main__":
    main()
