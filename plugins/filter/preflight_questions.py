# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter plugin: what preflight has to look for on a host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.questions import questions

DOCUMENTATION = r"""
name: preflight_questions
short_description: What preflight_info has to look for on a host
version_added: 0.1.0
description:
  - Turns the slice of the plan of a host into the options of M(lvs.cluster.preflight_info).
author: lvs.cluster contributors (@lvs-cluster)
options:
  _input:
    description: The result of M(lvs.cluster.host_plan).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what would be asked
  ansible.builtin.debug:
    msg: "{{ lvs_host | lvs.cluster.preflight_questions }}"
"""

RETURN = r"""
_value:
  description:
    - The options C(modules), C(sysctls), C(destinations), C(ask_for), C(listen_at), C(programs) and C(packets).
  type: dict
"""


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"preflight_questions": questions}
