#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: verify_report
short_description: One screen that says whether LVS clusters are as declared
version_added: 0.1.0
description:
  - Compares what other tasks collected on the hosts of a cluster with the declaration, and prints one screen that a
    person can read. It says who holds each VIP and who answers for it by ARP, which real servers are in rotation and
    how many connections they got, how the IPVS tables of the directors differ from the declaration, and how the VIPs
    and mounts of the real servers are. Of shared data it says which host of a storage pair serves, how old copies are,
    which nodes have cluster file systems, and what is exported.
  - Fails after the screen when something is wrong; the screen lists each problem with what to do.
  - Runs once for all hosts of the play, connects to none and changes nothing. The playbook C(lvs.cluster.verify)
    collects what it needs with P(lvs.cluster.verify#role).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.report
options:
  results:
    description:
      - What was collected, by host. A host of the cluster that is missing here, but in the play, counts as one that
        could not be asked.
      - The default is the variable O(variable) of each host of the play that has it.
      - For each host, a dict with the key C(plan) and those of the others that apply. Each takes what a module returned
        as it is.
      - "C(plan): the result of M(lvs.cluster.host_plan)."
      - "C(addresses): RV(lvs.cluster.interface_info#module:interfaces)."
      - "C(ipvs), of a director: a dict with two results of M(lvs.cluster.ipvs_info), C(before) and C(after) the
        requests. One is enough where nobody sent requests."
      - "C(vips), of a real server: the result of M(lvs.cluster.real_server_vip_info)."
      - "C(mounts), of a real server: the list C(filesystems) of C(findmnt --json --list), with the columns TARGET,
        SOURCE, FSTYPE and OPTIONS; entries that nobody declared do no harm."
      - "C(gates), of a real server: what its data gate answers, as the C(results) of a loop of M(ansible.builtin.uri)
        over services with their C(name)."
      - "C(data): a dict with the results of M(lvs.cluster.drbd_info) as C(pair), of M(lvs.cluster.rsync_copy_info) as
        C(copies), of M(lvs.cluster.cluster_fs_info) as C(cluster_fs), and of M(lvs.cluster.nfs_export_info) as
        C(exports), of those that concern the host."
      - "C(http), of a client: a list of results of M(lvs.cluster.http_probe), such as the C(results) of a loop. They
        are matched with services by address and port."
      - "C(arp), of a client: a list of results of M(lvs.cluster.arp_probe), matched with VIPs by address."
    type: dict
  variable:
    description:
      - Name of the variable that holds on each host what O(results) describes.
    type: str
    default: verify_seen
  fail_on_problems:
    description:
      - Whether to fail when something is wrong. A failed task returns RV(problems) only, since Ansible prints all that
        it returns.
    type: bool
    default: true
notes:
  - A registered result is that of the first host of the play only, unless the task has C(run_once=true).
  - The kernel brings the counters that C(ipvsadm) and M(lvs.cluster.ipvs_info) show up to date every two seconds. Read
    them again a few seconds after the requests.
seealso:
  - module: lvs.cluster.ipvs_info
  - module: lvs.cluster.http_probe
  - module: lvs.cluster.arp_probe
  - module: lvs.cluster.drbd_info
  - module: lvs.cluster.rsync_copy_info
  - module: lvs.cluster.cluster_fs_info
  - module: lvs.cluster.nfs_export_info
"""

EXAMPLES = r"""
- name: Report on what the earlier plays kept in verify_seen
  lvs.cluster.verify_report:

- name: Report, and decide by oneself what is bad
  lvs.cluster.verify_report:
    fail_on_problems: false
  register: report

- name: Report on some results only
  lvs.cluster.verify_report:
    results:
      lb1:
        plan: "{{ hostvars.lb1.lvs_host }}"
        addresses: "{{ hostvars.lb1.network.interfaces }}"
        ipvs: {before: "{{ hostvars.lb1.table }}"}
"""

RETURN = r"""
problems:
  description: Everything that is wrong, over all clusters.
  returned: always
  type: list
  elements: dict
  sample:
    - cluster: lvs
      what: "web: web2 (192.0.2.22:80) is out of rotation on lb1, lb2"
      remedy: "see why its health check fails: 'curl -ik http://192.0.2.22:80/healthz' on lb1 must give status 200"
  contains:
    cluster:
      description: Name of the cluster.
      type: str
    what:
      description: What is wrong.
      type: str
    remedy:
      description: What to do about it.
      type: str
clusters:
  description:
    - What the screens say. Wherever something has RV(clusters[].problems) of its own, it is empty if all is well.
  returned: when there are no problems or O(fail_on_problems=false)
  type: list
  elements: dict
  contains:
    name:
      description: Name of the cluster.
      type: str
    directors:
      description: The directors that were asked, with what they hold and their sync daemons.
      type: list
      elements: dict
      sample:
        - host: lb1
          vips: [192.0.2.100]
          sync_daemons: [backup, master]
          nat_gateways: []
          problems: []
    vips:
      description: Who holds each VIP, and the MAC addresses that answer for it with their hosts.
      type: list
      elements: dict
      sample:
        - {"vip": "192.0.2.100", "holders": ["lb1"], "answers": [["52:54:00:00:00:01", "lb1"]], "problems": []}
    services:
      description:
        - The declared services with their real servers and what the client got. For a server, C(out_on) are the
          directors where it gets no new connections, C(connections) is what the directors counted between their two
          readings and C(answers) how often it named itself in an answer.
      type: list
      elements: dict
    tables:
      description: For each director that was asked, the differences between its IPVS table and the declaration.
      type: list
      elements: dict
      sample: [{"host": "lb1", "differences": ["web: scheduler is rr, declared wlc"], "problems": []}]
    real_servers:
      description:
        - For each real server that was asked, the VIPs it has bound, whether it is silent in ARP, its mounts, and what
          its data gate says of each service.
      type: list
      elements: dict
    shared_data:
      description:
        - The storage pair (C(pair), null if there is none), folders that are copied (C(sources)) and their C(copies)
          with ages in seconds, the nodes of cluster file systems (C(cluster_fs), null if there are none), and NFS
          C(exports).
      type: dict
    not_asked:
      description: Hosts of the play that could not be asked.
      type: list
      elements: str
    not_checked:
      description: Sentences that say what was not checked, and why.
      type: list
      elements: str
    problems:
      description: The problems of this cluster.
      type: list
      elements: dict
"""
