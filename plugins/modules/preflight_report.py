#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_report
short_description: One screen that says what on the hosts stands in the way of LVS clusters
version_added: 0.1.0
description:
  - Judges what M(lvs.cluster.preflight_info) saw on the hosts of the play, each by itself and all together, and prints
    one screen with all errors and warnings. Each has the id of its check, what was found, why it matters and how to
    fix it.
  - Fails after the screen when there are errors.
  - Checks that C(lvs_preflight_ignore) names are silent. All checks are in C(docs/preflight.md).
  - Runs once for all hosts of the play, connects to none and changes nothing. A host without facts is named, and what
    needs them is not checked.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.report
options:
  plan:
    description:
      - Name of the variable that holds on each host the result of M(lvs.cluster.host_plan).
    type: str
    default: lvs_host
  facts:
    description:
      - Name of the variable that holds on each host the result of M(lvs.cluster.preflight_info).
    type: str
    default: preflight_seen
  fail_on_errors:
    description:
      - Whether to fail when there are errors.
    type: bool
    default: true
seealso:
  - module: lvs.cluster.preflight_info
"""

EXAMPLES = r"""
- name: Look at each host
  ansible.builtin.include_role:
    name: lvs.cluster.preflight
  vars:
    preflight_plan: "{{ lvs_host }}"

- name: Stop if something stands in the way
  lvs.cluster.preflight_report:
"""

RETURN = r"""
findings:
  description: All errors and warnings.
  returned: when there are no errors or O(fail_on_errors=false)
  type: list
  elements: dict
  sample:
    - cluster: lvs
      check: address-missing
      hosts: [web1]
      what: no interface has its address 192.0.2.21
      fix: correct lvs_address, or configure the address on the host
      why: other hosts would send packets of the cluster to nobody
      error: true
  contains:
    cluster:
      description: Name of the cluster.
      type: str
    check:
      description: Id of the check.
      type: str
    hosts:
      description: The hosts on which this was found.
      type: list
      elements: str
    what:
      description: What was found.
      type: str
    fix:
      description: What to do.
      type: str
    why:
      description: Why it matters.
      type: str
    error:
      description: Whether it stops the run.
      type: bool
not_looked_at:
  description: Hosts of the clusters that were not looked at, since they did not answer or are not in this run.
  returned: when there are no errors or O(fail_on_errors=false)
  type: list
  elements: str
  sample: []
"""
