# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that reads rules of ipvsadm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.shape import service_to_dict
from ansible_collections.lvs.cluster.plugins.plugin_utils.ipvsadm.parse import IpvsadmError, parse

DOCUMENTATION = r"""
name: from_ipvsadm
version_added: 0.1.0
short_description: Rules of ipvsadm as services
description:
  - Converts what C(ipvsadm --save --numeric) writes to what M(lvs.cluster.ipvs_table) takes.
  - All options of rules that C(ipvsadm --restore) reads are known, short, long and bundled. Empty lines and those that
    begin with V(#) are skipped.
  - Where a rule leaves something out it is what C(ipvsadm) takes for it, such as 360 seconds after C(-p).
  - C(ipvsadm --save) itself loses thresholds and the third flag of the schedulers V(sh) and V(mh). Read a table with
    M(lvs.cluster.ipvs_info) where it can be reached.
author: lvs.cluster contributors (@lvs-cluster)
options:
  _input:
    description: The rules, one a line.
    type: str
    required: true
seealso:
  - plugin: lvs.cluster.to_ipvsadm
    plugin_type: filter
  - module: lvs.cluster.ipvs_table
"""

EXAMPLES = r"""
- name: Read saved rules
  ansible.builtin.slurp:
    src: /etc/ipvsadm.rules
  register: saved

- name: Bring the table to them without emptying it first
  lvs.cluster.ipvs_table:
    services: "{{ saved.content | b64decode | lvs.cluster.from_ipvsadm }}"
    purge: all
  become: true
"""

RETURN = r"""
_value:
  description: Services with their servers, as RV(lvs.cluster.ipvs_info#module:services).
  type: list
  elements: dict
"""


def from_ipvsadm(rules: object) -> list[dict[str, Any]]:
    """Return the services of a text of rules."""
    if not isinstance(rules, str):
        raise AnsibleFilterError(f"from_ipvsadm takes the text of ipvsadm --save --numeric, not {type(rules).__name__}")
    try:
        return [service_to_dict(full.service, full.servers) for full in parse(rules)]
    except IpvsadmError as error:
        raise AnsibleFilterError(f"from_ipvsadm: {error}") from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"from_ipvsadm": from_ipvsadm}
