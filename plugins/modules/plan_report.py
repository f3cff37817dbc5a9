#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: plan_report
short_description: What a run of the site playbook would change
version_added: 0.1.0
description:
  - Runs the playbook in check mode, in a second C(ansible-playbook) with the same inventory, limit and options, and
    prints for each host what would change in words that a person can review.
  - A line begins with C(+) for what comes, C(~) for what changes, C(-) for what goes and C(>) for what would be done,
    such as a reload.
  - Hosts that cannot be reached, and hosts on which the run would stop, are named with the reason. That is no failure,
    but a declaration that is wrong is one.
  - Runs once for all hosts of the play. The playbook C(lvs.cluster.plan) does nothing else.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.report
options:
  playbook:
    description:
      - The playbook, by its name in a collection or its path.
    type: str
    default: lvs.cluster.site
  results:
    description:
      - What the callback C(ansible.posix.json) wrote about a run with C(--check --diff). The playbook is not run then.
    type: dict
attributes:
  diff_mode:
    description: Its output is the difference.
    support: none
notes:
  - The dry run may refresh the lists of packages that C(apt) keeps on the hosts. Nothing else of them is touched.
  - Passwords that were asked for, those of Vault too, are handed on in files of a folder that only the user can read
    and that is removed after the run.
seealso:
  - module: lvs.cluster.cluster_plan
  - module: lvs.cluster.verify_report
"""

EXAMPLES = r"""
- name: What would change?
  lvs.cluster.plan_report:
  run_once: true
  register: plan

- name: Stop if anything would
  ansible.builtin.assert:
    that: plan.hosts | map(attribute='changes') | flatten | length == 0
  run_once: true
"""

RETURN = r"""
hosts:
  description: The hosts that took part, in the order of the run.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the host.
      type: str
    tiers:
      description: What it is, C(storage), C(real server) or C(director).
      type: list
      elements: str
    changes:
      description: What would change, each with C(mark), C(text) and the C(lines) that differ if they are few.
      type: list
      elements: dict
      sample: [{mark: "+", text: "VIP 192.0.2.101 (service shop)", lines: []}]
    problem:
      description: Why nothing is known of it, or why the run would stop there; empty if all is well.
      type: str
    stops:
      description: Whether the run would stop there.
      type: bool
summary:
  description: The last line.
  returned: success
  type: str
  sample: "Plan: lb1 3 changes, web1 none. Nothing was touched."
"""
