#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_table
short_description: The kernel's IPVS table, or a part of it
version_added: 0.1.0
description:
  - Brings virtual services and their real servers to what is declared, by generic netlink; C(ipvsadm) is not needed.
  - What a service or server of O(services) does not say is the default, whatever the kernel has now. The C(services) of
    M(lvs.cluster.ipvs_info) can be given unchanged.
  - Only what differs is changed, and never by flushing. Services are added first, then servers are added and updated,
    services updated, servers deleted, and services deleted at last. A service that has servers with a weight keeps one
    at each moment.
  - All mistakes in O(services) are reported together, each with its path, before anything is touched.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.ipvs
  - lvs.cluster.ipvs.change
notes:
  - The kernel keeps deleted servers for two minutes and looks through all of them for each server that is added. To
    delete tens of thousands of servers and add them again within that time takes it minutes.
options:
  services:
    description:
      - Services with their servers.
    type: list
    elements: dict
    required: true
    suboptions:
      vip:
        description:
          - Virtual address. Give either this or O(services[].fwmark).
        type: str
      port:
        description:
          - Virtual port, V(0) to V(65535). V(0) stands for all ports and needs O(services[].persistence). Required with
            O(services[].vip).
        type: int
      protocol:
        description:
          - Protocol of a service that is reached by O(services[].vip). V(tcp) if not given.
        type: str
        choices: [tcp, udp, sctp]
      fwmark:
        description:
          - Firewall mark of the packets of the service, V(1) to V(4294967295).
        type: int
      family:
        description:
          - Address family of a service that is reached by O(services[].fwmark). V(ipv4) if not given.
        type: str
        choices: [ipv4, ipv6]
      scheduler:
        description:
          - Name of the scheduler, such as V(rr), V(wrr), V(lc), V(wlc), V(fo), V(ovf), V(lblc), V(lblcr), V(dh), V(sh),
            V(mh), V(sed), V(nq) or V(twos). V(none) is a service without one.
        type: str
        default: wlc
      flags:
        description:
          - Flags of the scheduler, V(sh-port) and V(sh-fallback) of V(sh), V(mh-port) and V(mh-fallback) of V(mh), or
            V(flag-1) to V(flag-3) by number.
        type: list
        elements: str
        default: []
      persistence:
        description:
          - Keeps a client with its server. Not persistent if not given.
        type: dict
        suboptions:
          timeout:
            description:
              - Seconds, up to 2678400 (31 days). V(0) is a service that is not persistent.
            type: int
            default: 300
          netmask:
            description:
              - Clients of an IPv4 service that agree in these bits count as one. V(255.255.255.255) if not given.
            type: str
          prefix:
            description:
              - Clients that agree in this many leading bits count as one, V(1) to V(128) for IPv6 and V(0) to V(32) for
                IPv4, where it is another way to write O(services[].persistence.netmask). All bits if not given.
            type: int
          engine:
            description:
              - Persistence engine. V(sip) goes by the Call-ID of SIP over UDP.
            type: str
            choices: [sip, none]
      one_packet:
        description:
          - Schedule each packet on its own. Only UDP services and those with O(services[].fwmark) can.
        type: bool
        default: false
      servers:
        description:
          - Real servers.
        type: list
        elements: dict
        default: []
        suboptions:
          address:
            description:
              - Address of the server. Its family may differ from that of the service with V(tun), as long as no sync
                daemon runs.
            type: str
            required: true
          port:
            description:
              - Port of the server. That of the service if not given, V(0) with O(services[].fwmark). With V(dr) and
                V(tun) it has to be that of the service. The kernel accepts and shows another one, but packets arrive at
                the port of the service.
            type: int
          forwarding:
            description:
              - V(nat) rewrites addresses, V(dr) sends to the server's MAC address, V(tun) through a tunnel.
            type: str
            choices: [nat, dr, tun]
            default: dr
          weight:
            description:
              - Share of new connections, V(0) to V(65535). V(0) drains, the server keeps the connections that it has.
            type: int
            default: 1
          upper_threshold:
            description:
              - Connections above which the server gets no new ones, V(0) for no limit.
            type: int
            default: 0
          lower_threshold:
            description:
              - Connections below which it gets new ones again, V(0) for three quarters of the upper threshold.
            type: int
            default: 0
          tunnel:
            description:
              - How packets travel with V(tun).
            type: dict
            suboptions:
              type:
                description:
                  - Kind of the tunnel.
                type: str
                choices: [ipip, gue, gre]
                default: ipip
              port:
                description:
                  - UDP port of GUE, which has to be given for it and only for it.
                type: int
              checksum:
                description:
                  - V(csum) with GUE and GRE, V(remcsum) (remote checksum offload) with GUE.
                type: str
                choices: [nocsum, csum, remcsum]
                default: nocsum
  purge:
    description:
      - What becomes of that which O(services) does not declare. With V(none) it stays, with V(servers) undeclared
        servers of declared services are deleted, with V(all) every undeclared service too.
    type: str
    choices: [none, servers, all]
    default: none
  keep_weights:
    description:
      - Leave the weights of servers that exist to whoever sets them at run time, such as a health checker. New servers
        get the declared one.
    type: bool
    default: false
  allowed_actions:
    description:
      - Guard against surprises. If anything else than these has to be done, nothing is done and the run fails with a
        list.
    type: list
    elements: str
    choices: [add, update, delete]
    default: [add, update, delete]
  at_boot:
    description:
      - V(true) has a systemd unit of our own, C(lvs-ipvs.service), bring O(services) back at each boot, when the
        network is up and before keepalived starts. It needs C(ipvsadm) on the host. V(false) removes the unit.
      - Nothing is changed for the boot if not given. It cannot be given together with O(netns).
    type: bool
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_server
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: The whole table, also after the next boot; a health checker of your own sets the weights
  lvs.cluster.ipvs_table:
    services:
      - vip: 192.0.2.100
        port: 80
        servers:
          - {address: 192.0.2.21}
          - {address: 192.0.2.22}
    purge: all
    keep_weights: true
    at_boot: true
  become: true

- name: Two services; whatever else is in the table stays
  lvs.cluster.ipvs_table:
    services:
      - vip: 192.0.2.100
        port: 80
        scheduler: wrr
        servers:
          - {address: 192.0.2.21, weight: 10}
          - {address: 192.0.2.22, weight: 20, upper_threshold: 2000, lower_threshold: 1500}
      - vip: 2001:db8::100
        port: 53
        protocol: udp
        one_packet: true
        servers:
          - {address: "2001:db8::21", forwarding: nat, port: 5353}
    purge: servers
  become: true

- name: Stop if the table is not exactly as it was saved
  lvs.cluster.ipvs_table:
    services: "{{ saved.services }}"
    purge: all
    allowed_actions: []
  become: true
"""

RETURN = r"""
changes:
  description: How many objects were changed, or would be in check mode.
  returned: success
  type: dict
  sample: {services: {add: 1, update: 0, delete: 0}, servers: {add: 2, update: 0, delete: 0}}
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
  sample: ["add service tcp 192.0.2.100:80"]
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
  sample: ["delete service udp 192.0.2.100:53"]
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.arguments import CHANGE, TABLE
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.manage import manage_table_and_boot
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.module import run


def main() -> None:
    module = AnsibleModule(argument_spec={**TABLE, **CHANGE}, supports_check_mode=True)
    run(module, partial(manage_table_and_boot, module))


if __name__ == "__main__":
    main()
