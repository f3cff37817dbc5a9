# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that reads the configuration of other directors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.formats import ImportFailedError, import_text
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.known import read_known

DOCUMENTATION = r"""
name: import_services
version_added: 0.1.0
short_description: Configuration of other directors as lvs_services
description:
  - Converts what keepalived, ldirectord, Piranha or C(ipvsadm --save --numeric) wrote to variables of this collection,
    and tells what cannot be carried over, with the line, the keyword and the reason.
  - The playbook C(lvs.cluster.import) prints the same for a file.
  - Nothing is looked up. A name that stands for an address has to be said in O(known).
author: lvs.cluster contributors (@lvs-cluster)
options:
  _input:
    description: The text of the configuration.
    type: str
    required: true
  format:
    description: Its format. If it is not given, it is recognised.
    type: str
    choices: [ipvsadm, keepalived, ldirectord, piranha]
  known:
    description: What you know beside the text.
    type: dict
    suboptions:
      hosts:
        description:
          - Addresses by name, one or a list. A real server with such an address gets the name in the inventory, and the
            name may stand in the text for the address.
        type: dict
      marks:
        description:
          - What firewall marks join, by number, each with C(vip), C(port) and C(protocol) (tcp if it is left out).
          - The rules that say so are neither in ldirectord.cf nor in rules of ipvsadm.
        type: dict
      nat_gateway:
        description: The address, or one of each family, by which answers of services with NAT come back.
        type: raw
seealso:
  - plugin: lvs.cluster.from_ipvsadm
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what a service of ldirectord becomes
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'ldirectord.cf') | lvs.cluster.import_services).variables.lvs_services }}"

- name: Say what cannot be looked up
  ansible.builtin.debug:
    msg: "{{ rules | lvs.cluster.import_services(format='ipvsadm', known=known) }}"
  vars:
    rules: |
      -A -f 7 -s rr -p 300
      -a -f 7 -r 192.0.2.21:0 -m -w 1
    known:
      hosts: {web1: 192.0.2.21}
      marks:
        7: {vip: 192.0.2.100, port: [80, 443]}
      nat_gateway: 198.51.100.1
"""

RETURN = r"""
_value:
  description: What was read.
  type: dict
  contains:
    format:
      description: The format of the text.
      type: str
    variables:
      description: The variables by their full names, such as C(lvs_services).
      type: dict
    directors:
      description: Hosts for the group C(lvs_directors), with their variables, if the text names them.
      type: dict
    real_servers:
      description: Hosts for the group C(lvs_real_servers), with their variables.
      type: dict
    losses:
      description:
        - What is not carried over, each with C(line), C(keyword), C(value) and C(reason).
        - C(line) is null for what the format itself cannot say. Passwords are masked.
      type: list
      elements: dict
"""


def import_services(text: object, format: str | None = None, known: object = None) -> dict[str, Any]:  # noqa: A002
    """Return the variables, the hosts and the losses of a text."""
    if not isinstance(text, str):
        raise AnsibleFilterError(f"import_services takes the text of a configuration, not {type(text).__name__}")
    try:
        imported = import_text(str(text), format, read_known(known))
    except ImportFailedError as error:
        raise AnsibleFilterError(f"import_services: {error}") from error
    plain: dict[str, Any] = json.loads(json.dumps(asdict(imported)))
    return plain


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"import_services": import_services}
