# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that tells how to make a real server of a host that the modules do not manage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.plugin_utils.real_server.commands import commands_for

DOCUMENTATION = r"""
name: real_server_commands
version_added: 0.1.0
short_description: Commands that make a real server of a Windows, BSD, Solaris, AIX or macOS host
description:
  - Returns the commands that bind the VIPs of direct routing, or set the gateway of NAT, and those that undo it.
  - They follow the documentation of these systems and are B(not tested) on them. Review them, and run them by hand or
    with the modules for that system. Linux hosts have the role P(lvs.cluster.real_server#role).
author: lvs.cluster contributors (@lvs-cluster)
positional: os
options:
  _input:
    description: What the host serves, such as its slice of the plan, RV(lvs.cluster.host_plan#module:real_server).
    type: dict
    required: true
    suboptions:
      vips:
        description: Virtual IP addresses of services that it serves by direct routing.
        type: list
        elements: str
        default: []
      gateways:
        description: Gateways for the answers of NAT services, as addresses or as mappings with the key C(gateway).
        type: list
        elements: raw
        default: []
  os:
    description: The system, one of windows, freebsd, openbsd, netbsd, solaris, aix or macos.
    type: str
    choices: [windows, freebsd, openbsd, netbsd, solaris, aix, macos]
    required: true
  interface:
    description: On Windows, the alias of the adapter that faces the directors.
    type: str
"""

EXAMPLES = r"""
- name: Show what to do on a FreeBSD web server
  ansible.builtin.debug:
    msg: "{{ ({'vips': ['192.0.2.100']} | lvs.cluster.real_server_commands('freebsd')).set_up }}"
"""

RETURN = r"""
_value:
  description: Commands in their order.
  type: dict
  contains:
    set_up:
      description: They make a real server of the host.
      type: list
      elements: str
    remove:
      description: They undo that.
      type: list
      elements: str
    notes:
      description: What to know or do beside them.
      type: list
      elements: str
"""


def real_server_commands(server: object, os: str, interface: str | None = None) -> dict[str, list[str]]:
    """Return the commands for a host of the system `os`."""
    if not isinstance(server, Mapping):
        raise AnsibleFilterError(
            f"real_server_commands takes a mapping with vips and gateways, not {type(server).__name__}"
        )
    if server.get("tunnels"):
        raise AnsibleFilterError(f"real_server_commands: tunnels are for Linux; serve {os} hosts by dr or nat")
    gateways = dict.fromkeys(
        each["gateway"] if isinstance(each, Mapping) else each for each in _list(server, "gateways")
    )
    try:
        commands = commands_for(os, _list(server, "vips"), list(gateways), interface or "")
    except ValueError as error:
        raise AnsibleFilterError(f"real_server_commands: {error}") from error
    return {name: list(lines) for name, lines in asdict(commands).items()}


def _list(server: Mapping[str, Any], key: str) -> list[Any]:
    return list(server.get(key) or [])


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"real_server_commands": real_server_commands}
