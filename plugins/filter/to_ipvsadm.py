# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that writes rules of ipvsadm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.declared import read_table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import DeclarationError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.rules import render

DOCUMENTATION = r"""
name: to_ipvsadm
version_added: 0.1.0
short_description: Services as rules of ipvsadm
description:
  - Converts what M(lvs.cluster.ipvs_table) takes, and M(lvs.cluster.ipvs_info) returns, to rules that
    C(ipvsadm --restore) reads.
  - The words and their order are those of C(ipvsadm --save --numeric). Thresholds are there too, which that leaves out.
  - C(ipvsadm --restore) adds what is not there. It changes and deletes nothing, and goes on after an error; to apply
    services use M(lvs.cluster.ipvs_table).
author: lvs.cluster contributors (@lvs-cluster)
options:
  _input:
    description: Services with their servers, as O(lvs.cluster.ipvs_table#module:services).
    type: list
    elements: dict
    required: true
seealso:
  - plugin: lvs.cluster.from_ipvsadm
    plugin_type: filter
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Read the table
  lvs.cluster.ipvs_info:
  become: true
  register: ipvs

- name: Keep it where the ipvsadm service of Debian looks for it at boot
  ansible.builtin.copy:
    content: "{{ ipvs.services | lvs.cluster.to_ipvsadm }}"
    dest: /etc/ipvsadm.rules
    mode: "0644"
  become: true
"""

RETURN = r"""
_value:
  description: The rules, one a line.
  type: str
"""


def to_ipvsadm(services: object) -> str:
    """Return the rules of a list of services."""
    try:
        return render(read_table(_plain(services)))
    except DeclarationError as error:
        raise AnsibleFilterError(f"to_ipvsadm: {error}") from error


def _plain(value: object) -> object:
    """Return a value as a module gets it, without Ansible's subclasses of int and str that know their origin."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return str(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"to_ipvsadm": to_ipvsadm}
