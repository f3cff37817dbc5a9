#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_plan
version_added: 0.1.0
short_description: Gives a host its part of the plan
description:
  - Returns what the host has to be, as M(lvs.cluster.cluster_plan) found out before in the same run.
  - It connects to no host and changes nothing.
author:
  - lvs.cluster contributors (@lvs-cluster)
attributes:
  check_mode:
    description: Can run in check mode and gives the same result.
    support: full
  diff_mode:
    description: Shows what would be changed.
    support: none
    details: Nothing is changed.
  idempotent:
    description: A second run changes nothing.
    support: full
seealso:
  - module: lvs.cluster.cluster_plan
"""

EXAMPLES = r"""
- name: Get the host's part of the plan
  lvs.cluster.host_plan:
  register: lvs_host

- name: Make a director of it
  ansible.builtin.include_role:
    name: lvs.cluster.director
  vars:
    director_services: "{{ lvs_host.director.services }}"
  when: lvs_host.director is not none
"""

RETURN = r"""
tiers:
  description:
    - What the host is, out of V(directors), V(real_servers), V(storage) and V(clients), in this order.
    - Empty for a host of no cluster.
  returned: success
  type: list
  elements: str
  sample: [real_servers]
cluster:
  description: The name and the members of the host's cluster, or null if it is in none.
  returned: success
  type: dict
  sample: {name: lvs, directors: [lb1, lb2], real_servers: [web1], storage: [store1], clients: [client1]}
take_over:
  description: Whether a configuration that the collection did not write may be replaced.
  returned: success
  type: bool
  sample: false
preflight_ignore:
  description: Ids of the preflight checks that are silenced.
  returned: success
  type: list
  elements: str
  sample: [single-director]
director:
  description: What a director runs, or null if the host is none. Times are in seconds.
  returned: success
  type: dict
  contains:
    engine:
      description: Who keeps the table and checks the real servers.
      type: str
      sample: keepalived
    address:
      description: The director's own address.
      type: str
      sample: 192.0.2.11
    interface:
      description: The declared interface of that address, or null.
      type: str
      sample: eth0
    vrrp_instances:
      description: The VRRP instances; none if there is no VIP.
      type: list
      elements: dict
      sample:
        - name: lvs
          virtual_router_id: 88
          priority: 150
          advert_int: 1
          nopreempt: false
          preempt_delay: 60
          garp_master_delay: 5
          garp_master_refresh: 0
          unicast_src_ip: 192.0.2.11
          unicast_peers: [192.0.2.12]
          virtual_addresses: [192.0.2.100/32]
    startup_delay:
      description: Seconds that keepalived keeps out of VRRP after it has started.
      type: float
      sample: 0
    sync_daemon:
      description: The connection synchronisation, or null if there is no VIP.
      type: dict
      sample: {id: 88}
    services:
      description: The IPVS services, one for each VIP and port. C(persistence) and C(health_check) are null for none.
      type: list
      elements: dict
      sample:
        - name: web
          protocol: tcp
          vip: 192.0.2.100
          port: 80
          forwarding: dr
          scheduler: wlc
          persistence: {timeout: 300}
          real_servers:
            - {host: web1, address: 192.0.2.21, port: 80, weight: 1, upper_threshold: 0, lower_threshold: 0}
          health_check:
            type: http
            path: /healthz
            status: 200
            port: null
            delay_loop: 2
            connect_timeout: 2
            retry: 1
            delay_before_retry: 1
    kernel_modules:
      description: The kernel modules that the services need.
      type: list
      elements: str
      sample: [ip_vs, ip_vs_wlc]
    sysctls:
      description: The IPVS sysctls.
      type: dict
      sample: {net.ipv4.vs.expire_nodest_conn: 1}
real_server:
  description: The address and the VIPs of a real server, or null if the host is none.
  returned: success
  type: dict
  sample: {address: 192.0.2.21, interface: null, vips: [192.0.2.100]}
nfs_server:
  description: What a storage host exports, or null if the host is none.
  returned: success
  type: dict
  sample:
    versions: [4]
    exports:
      - name: www
        path: /srv/www
        owner: root
        group: root
        mode: '0755'
        clients: [{address: 192.0.2.21, access: rw}]
        squash: root_squash
        anonuid: null
        anongid: null
        security: [sys]
        fsid: null
nfs_client:
  description: What a real server mounts, or null if the host is none.
  returned: success
  type: dict
  sample:
    mounts:
      - {name: www, path: /srv/www, source: '192.0.2.31:/srv/www', access: rw, options: [rw, vers=4.2, hard]}
storage_pair:
  description: The pair that a storage host belongs to, or null if it is by itself.
  returned: success
  type: dict
  sample:
    name: lvs
    device: /dev/vdb
    path: /srv
    addresses: [192.0.2.30]
    nodes:
      - {name: store1, address: 192.0.2.31, node_id: 0, priority: 150}
      - {name: store2, address: 192.0.2.32, node_id: 1, priority: 100}
    virtual_router_id: 51
    replication_port: 7789
    interface: null
    witnesses: [192.0.2.21]
rsync_server:
  description: What a storage host gives away by rsync, or null if it gives nothing.
  returned: success
  type: dict
  sample:
    modules:
      - {name: www, path: /srv/www, owner: root, group: root, mode: '0755', clients: [192.0.2.21], transport: daemon}
    pushes: []
rsync_client:
  description: The copies that a real server has, or null if it has none.
  returned: success
  type: dict
  sample:
    copies:
      - name: www
        path: /srv/www
        server: store1
        source_address: 192.0.2.31
        direction: pull
        transport: daemon
        interval: 60
        max_age: 300
        delete: true
        exclude: []
        owner: root
        group: root
        mode: '0755'
cluster_fs:
  description: The cluster below cluster file systems of a real server, or null if it has none. Secrets are not in it.
  returned: success
  type: dict
  sample:
    name: lvs
    nodes: [{name: web1, id: 17, address: 192.0.2.21}]
    filesystems:
      - name: www
        path: /srv/www
        type: gfs2
        device: /dev/sdb
        owner: root
        group: root
        mode: '0755'
        options: []
    fence_agent: fence_ipmilan
    without_fencing: false
data_gate:
  description: Where a real server says whether it has the data of its services, or null if none of them names any.
  returned: success
  type: dict
  sample:
    port: 8889
    services:
      - name: web
        when_gone: serve
        peers: [192.0.2.22]
        data: [{name: www, path: /srv/www, kind: mount, fstype: nfs4, source: '192.0.2.31:/srv/www', max_age: null}]
verify:
  description: The services, as in RV(director.services), on directors and on clients. On other hosts the list is empty.
  returned: success
  type: dict
  sample: {services: []}
"""
