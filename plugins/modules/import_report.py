#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: import_report
short_description: What a file of keepalived, ldirectord, Piranha or ipvsadm is in variables of this collection
version_added: 0.1.0
description:
  - Reads a file on the controller and prints YAML that can be pasted into C(group_vars) and into the inventory, and
    what cannot be carried over, with lines and reasons.
  - Changes nothing anywhere, contacts no host and looks no name up. The playbook C(lvs.cluster.import) does nothing
    else.
author: lvs.cluster contributors (@lvs-cluster)
options:
  src:
    description: The file. A relative path begins in the folder in which C(ansible-playbook) was started.
    type: str
    required: true
  format:
    description: Its format. If it is not given, it is recognised.
    type: str
    choices: [ipvsadm, keepalived, ldirectord, piranha]
  known:
    description:
      - What you know beside the file, as the option O(lvs.cluster.import_services#filter:known) of the filter
        P(lvs.cluster.import_services#filter).
    type: dict
    default: {}
attributes:
  check_mode:
    description: Changes nothing, so it does the same in check mode.
    support: full
  diff_mode:
    description: There is nothing that could differ.
    support: none
  action:
    description: Runs on the controller.
    support: full
seealso:
  - plugin: lvs.cluster.import_services
    plugin_type: filter
"""

EXAMPLES = r"""
- name: What did the old directors do?
  lvs.cluster.import_report:
    src: ldirectord.cf
  delegate_to: localhost
"""

RETURN = r"""
format:
  description: The format of the file.
  returned: success
  type: str
  sample: ldirectord
variables:
  description: The variables by their full names.
  returned: success
  type: dict
directors:
  description: Hosts for the group C(lvs_directors), with their variables, if the file names them.
  returned: success
  type: dict
real_servers:
  description: Hosts for the group C(lvs_real_servers), with their variables.
  returned: success
  type: dict
losses:
  description:
    - What is not carried over, each with C(line), C(keyword), C(value) and C(reason).
    - C(line) is null for what the format itself cannot say. Passwords are masked.
  returned: success
  type: list
  elements: dict
  sample: [{line: 40, keyword: receive, value: '"It works"', reason: what is in the answer is not compared}]
"""
