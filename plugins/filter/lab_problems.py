# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that finds mistakes in the machines of a lab before one of them is started."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import find_problems

DOCUMENTATION = r"""
name: lab_problems
version_added: 0.1.0
short_description: Mistakes in the machines of a lab
description:
  - Checks the names and network interfaces of all machines of a lab, each by itself and together,
    before the first one is started.
author: lvs.cluster contributors (@lvs-cluster)
options:
  _input:
    description: The machines, names to lists of network interfaces like O(lvs.cluster.lab_machine#module:nics).
    type: dict
    required: true
  lab:
    description: Name of the lab.
    type: str
    required: true
seealso:
  - module: lvs.cluster.lab_machine
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ {'lb1': [{'segment': 'lan', 'addresses': ['192.0.2.11']}]} | lvs.cluster.lab_problems('demo') }}"
"""

RETURN = r"""
_value:
  description: One sentence per mistake; empty if all is well.
  type: list
  elements: str
"""


def lab_problems(machines: Mapping[str, Sequence[Mapping[str, Any]]], lab: str) -> list[str]:
    """Return a sentence for each mistake."""
    return find_problems(lab, machines)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"lab_problems": lab_problems}
