#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_plan
version_added: 0.1.0
short_description: Makes the plan of all LVS clusters of the inventory
description:
  - Reads the C(lvs_*) variables and groups of the whole inventory, finds every mistake in them, and makes the plan of
    what each host has to be. M(lvs.cluster.host_plan) then gives each host its part.
  - It runs once for the whole play, and always sees all hosts of the inventory, those too that C(--limit) leaves out.
    It connects to no host and changes nothing.
  - If the declaration has mistakes, the task fails with all of them at once, each with its path, what is wrong and
    what to write.
  - The variables are described in C(docs/variables.md) of the collection. They belong into the inventory; the task
    fails if a play sets one of them, since other plays would not see that.
author:
  - lvs.cluster contributors (@lvs-cluster)
notes:
  - The plan is kept in files of mode 0600 in the temporary folder of the C(ansible-playbook) run and goes away with it.
  - A template in a variable that holds for a whole cluster is evaluated once for all hosts that are in the same groups.
attributes:
  check_mode:
    description: Can run in check mode and gives the same plan.
    support: full
  diff_mode:
    description: Shows what would be changed.
    support: none
    details: Nothing is changed.
  idempotent:
    description: A second run changes nothing.
    support: full
seealso:
  - module: lvs.cluster.host_plan
"""

EXAMPLES = r"""
- name: Make the plan
  hosts: all
  gather_facts: false
  tasks:
    - name: Make the plan of all clusters
      lvs.cluster.cluster_plan:
      register: lvs_plan

    - name: Get the host's part of it
      lvs.cluster.host_plan:
      register: lvs_host

    - name: Sort the hosts by what they are
      ansible.builtin.group_by:
        key: "lvs_plan_{{ item }}"
      loop: "{{ lvs_host.tiers }}"
      changed_when: false
"""

RETURN = r"""
clusters:
  description: All clusters of the inventory.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the cluster.
      type: str
      sample: lvs
    directors:
      description: The names of its directors.
      type: list
      elements: str
      sample: [lb1, lb2]
    real_servers:
      description: The names of its real servers.
      type: list
      elements: str
      sample: [web1, web2]
    storage:
      description: The names of its storage hosts.
      type: list
      elements: str
      sample: [store1]
    clients:
      description: The names of the hosts that send requests when the cluster is verified.
      type: list
      elements: str
      sample: [client1]
out_of_step:
  description:
    - The hosts of clusters that this run leaves as they are, because they are not in the play or could not be reached.
  returned: success
  type: list
  elements: str
  sample: []
"""
