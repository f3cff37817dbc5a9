#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_info
short_description: The IPVS table of the kernel
version_added: 0.1.0
description:
  - Returns what the kernel's IPVS (IP Virtual Server) has now, read from the kernel itself by generic netlink;
    C(ipvsadm) is not needed.
  - Configuration and counters come apart, so that two readings of an unchanged table have the same RV(services).
  - Does not load the kernel module C(ip_vs). Where it is not loaded the module succeeds with RV(loaded=false) and
    empty lists.
  - The kernel hands out services and their servers one after the other. A service that is removed in between is
    returned without servers.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
  - lvs.cluster.ipvs
options:
  connections:
    description:
      - Return RV(connections) too, those that have all of the given values; with an empty dictionary all. On a busy
        director there may be millions, so better give some.
    type: dict
    suboptions:
      protocol:
        description:
          - Protocol. Persistence templates of services with a firewall mark have none of these.
        type: str
        choices: [tcp, udp, sctp]
      client:
        description:
          - Address of the client.
        type: str
      vip:
        description:
          - Virtual address.
        type: str
      port:
        description:
          - Virtual port.
        type: int
      server:
        description:
          - Address of the real server.
        type: str
      state:
        description:
          - State as in RV(connections[].state), such as V(established).
        type: str
      limit:
        description:
          - Return no more than this many.
        type: int
        default: 10000
seealso:
  - module: lvs.cluster.ipvs_table
  - module: lvs.cluster.verify_report
"""

EXAMPLES = r"""
- name: Read the IPVS table
  lvs.cluster.ipvs_info:
  become: true
  register: ipvs

- name: Show the virtual services and their servers
  ansible.builtin.debug:
    var: ipvs.services

- name: Find out who is still connected to a server
  lvs.cluster.ipvs_info:
    connections: {server: 192.0.2.21, state: established}
  become: true
  register: still_connected
"""

RETURN = r"""
loaded:
  description: Whether the kernel has IPVS now.
  returned: success
  type: bool
  sample: true
services:
  description:
    - All virtual services as they are configured, in the order of address, port and protocol, then those with a
      firewall mark. Can be given to M(lvs.cluster.ipvs_table) unchanged.
  returned: success
  type: list
  elements: dict
  sample:
    - protocol: tcp
      vip: 192.0.2.100
      port: 80
      scheduler: wlc
      flags: []
      persistence: {timeout: 300, netmask: 255.255.255.255, engine: null}
      one_packet: false
      servers:
        - address: 192.0.2.21
          port: 80
          forwarding: dr
          weight: 1
          upper_threshold: 0
          lower_threshold: 0
          tunnel: null
  contains:
    protocol:
      description: V(tcp), V(udp), V(sctp), or the number of another protocol.
      type: str
      returned: for a service that is reached by address
    vip:
      description: Virtual address.
      type: str
      returned: for a service that is reached by address
    port:
      description: Virtual port; V(0) stands for all ports.
      type: int
      returned: for a service that is reached by address
    fwmark:
      description: Firewall mark.
      type: int
      returned: for a service that is reached by a firewall mark
    family:
      description: V(ipv4) or V(ipv6).
      type: str
      returned: for a service that is reached by a firewall mark
    scheduler:
      description: Name of the scheduler; V(none) for a service without one.
      type: str
    flags:
      description:
        - Flags of the scheduler by name, V(sh-port), V(sh-fallback), V(mh-port), V(mh-fallback), and for other
          schedulers V(flag-1), V(flag-2), V(flag-3).
      type: list
      elements: str
    persistence:
      description: V(null) for a service that is not persistent.
      type: dict
      contains:
        timeout:
          description:
            - Seconds; V(0) when the service has an engine although it is not persistent, which the kernel accepts.
          type: int
        netmask:
          description: Clients that agree in these bits count as one.
          type: str
          returned: for an IPv4 service
        prefix:
          description: Clients that agree in this many leading bits count as one.
          type: int
          returned: for an IPv6 service
        engine:
          description: Persistence engine, V(sip), or V(null).
          type: str
    one_packet:
      description: Whether each packet is scheduled on its own.
      type: bool
    servers:
      description: Real servers in the order of address and port.
      type: list
      elements: dict
      contains:
        address:
          description: Address of the server.
          type: str
        port:
          description: Port of the server.
          type: int
        forwarding:
          description: V(nat), V(dr), V(tun), V(local) or V(bypass).
          type: str
        weight:
          description: Weight; V(0) gets no new connections.
          type: int
        upper_threshold:
          description: Connections above which the server gets no new ones; V(0) for no limit.
          type: int
        lower_threshold:
          description:
            - Connections below which it gets new ones again; V(0) for three quarters of
              RV(services[].servers[].upper_threshold).
          type: int
        tunnel:
          description: V(null) unless RV(services[].servers[].forwarding=tun).
          type: dict
          contains:
            type:
              description: V(ipip), V(gue) or V(gre).
              type: str
            port:
              description: UDP port of GUE; V(0) for the other types.
              type: int
            checksum:
              description: V(nocsum), V(csum) or V(remcsum).
              type: str
statistics:
  description:
    - What the kernel counts, in the same order and with the same identity as in RV(services).
  returned: success
  type: list
  elements: dict
  sample:
    - protocol: tcp
      vip: 192.0.2.100
      port: 80
      counters: &counters
        connections: 3
        packets_in: 15
        packets_out: 0
        bytes_in: 900
        bytes_out: 0
        connection_rate: 0
        packet_rate_in: 0
        packet_rate_out: 0
        byte_rate_in: 0
        byte_rate_out: 0
      active: 1
      inactive: 2
      persistent: 0
      servers:
        - {address: 192.0.2.21, port: 80, counters: *counters, active: 1, inactive: 2, persistent: 0}
  contains:
    counters:
      description:
        - Totals since the service was made or its counters were zeroed, and the kernel's estimates of rates per second.
          Bytes are bytes, not bits. With RV(services[].servers[].forwarding=dr) and V(tun) answers do not pass the
          director and count as V(0).
      type: dict
    active:
      description: Connections in an established state, over all servers.
      type: int
    inactive:
      description: Connections in any other state, over all servers.
      type: int
    persistent:
      description: Persistence templates, over all servers.
      type: int
    servers:
      description: The same for each real server.
      type: list
      elements: dict
timeouts:
  description: Seconds that idle connections are remembered, V(null) where IPVS is not loaded.
  returned: success
  type: dict
  sample: {tcp: 900, tcp_fin: 120, udp: 300}
  contains:
    tcp:
      description: TCP connections.
      type: int
    tcp_fin:
      description: TCP connections after a FIN.
      type: int
    udp:
      description: UDP.
      type: int
sync_daemons:
  description: Running connection synchronisation daemons.
  returned: success
  type: list
  elements: dict
  sample: [{role: master, interface: eth0, sync_id: 1, max_length: 1472, group: 224.0.0.81, port: 8848, ttl: 1}]
  contains:
    role:
      description: V(master) or V(backup).
      type: str
    interface:
      description: Interface it sends or listens on.
      type: str
    sync_id:
      description: Daemons with the same number belong together.
      type: int
    max_length:
      description: Largest payload of a message in bytes. This and what follows is V(null) on kernels before 4.3.
      type: int
    group:
      description: Multicast group.
      type: str
    port:
      description: UDP port.
      type: int
    ttl:
      description: Time to live of its messages.
      type: int
kernel:
  description: The kernel's IPVS itself, V(null) where it is not loaded.
  returned: success
  type: dict
  sample: {release: 6.12.57, ip_vs_version: 1.2.1, connection_table_size: 4096}
  contains:
    release:
      description: Release of Linux.
      type: str
    ip_vs_version:
      description: Version of IPVS.
      type: str
    connection_table_size:
      description: Number of buckets of the connection table.
      type: int
owner:
  description:
    - Programs that hold a part of IPVS in this network namespace now. The modules that change IPVS refuse to change
      that part, unless told otherwise.
  returned: success
  type: dict
  sample:
    services: {name: keepalived's checker process, pid: 812}
    sync_daemons: {name: keepalived, pid: 811}
    timeouts: {name: keepalived's checker process, pid: 812}
  contains:
    services:
      description: Who holds services and servers, V(null) for nobody.
      type: dict
      contains: &owner
        name:
          description: Name of the program.
          type: str
        pid:
          description: Number of its process.
          type: int
    sync_daemons:
      description: Who holds the sync daemons, V(null) for nobody.
      type: dict
      contains: *owner
    timeouts:
      description: Who holds the timeouts, V(null) for nobody.
      type: dict
      contains: *owner
at_boot:
  description: Whether M(lvs.cluster.ipvs_table) has services brought back at each boot.
  returned: success
  type: bool
  sample: false
checkers:
  description:
    - Health checkers that M(lvs.cluster.keepalived_config) or M(lvs.cluster.ldirectord_config) have set up, whether
      they run or not.
  returned: success
  type: list
  elements: str
  sample: [keepalived]
connections:
  description: Connections and persistence templates.
  returned: with O(connections)
  type: list
  elements: dict
  sample:
    - protocol: tcp
      client: 198.51.100.7
      client_port: 41822
      vip: 192.0.2.100
      port: 80
      server: 192.0.2.21
      server_port: 80
      state: established
      expires: 897
      engine: null
      engine_data: null
  contains:
    protocol:
      description: V(tcp), V(udp), V(sctp), or V(ip) for a template of a service with a firewall mark.
      type: str
    client:
      description: Address of the client. A template has the network of its clients here.
      type: str
    client_port:
      description: Port of the client, V(0) for a template.
      type: int
    vip:
      description:
        - Virtual address. A template of a service with a firewall mark has the mark here, written as an address.
      type: str
    port:
      description: Virtual port.
      type: int
    server:
      description: Address of the real server.
      type: str
    server_port:
      description: Port of the real server.
      type: int
    state:
      description:
        - State such as V(established), V(syn_recv), V(fin_wait), V(udp), and V(none) or V(assured) for a template.
      type: str
    expires:
      description: Seconds until it is forgotten if no packet comes.
      type: int
    engine:
      description: Persistence engine, V(null) without one.
      type: str
    engine_data:
      description: What the engine goes by, such as a Call-ID; V(null) without one.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.arguments import CONNECTIONS, NETNS
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.manage import gather
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.module import run_info


def main() -> None:
    run_info(AnsibleModule(argument_spec={**CONNECTIONS, **NETNS}, supports_check_mode=True), gather)


if __name__ == "__main__":
    main()
