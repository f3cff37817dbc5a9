# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs of the modules for IPVS.

They have types and choices. Ranges, and what goes with what, `declared` checks for all of them, with the path of each
mistake. The services of `ipvs_table` are left to it altogether: Ansible's own validation of a deep spec takes about 1.6
s for 100,000 servers, stops at the first mistake, and numbers no list items.
"""

from __future__ import annotations

from typing import Any

Spec = dict[str, dict[str, Any]]

NETNS: Spec = {"netns": {"type": "str"}}
CHANGE: Spec = {**NETNS, "override_owner": {"type": "bool", "default": False}}
STATE: Spec = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}

SERVICE_KEY: Spec = {
    "vip": {"type": "str"},
    "port": {"type": "int"},
    "protocol": {"type": "str", "choices": ["tcp", "udp", "sctp"]},
    "fwmark": {"type": "int"},
    "family": {"type": "str", "choices": ["ipv4", "ipv6"]},
}
SERVICE: Spec = {
    **SERVICE_KEY,
    "scheduler": {"type": "str"},
    "flags": {"type": "list", "elements": "str"},
    "persistence": {
        "type": "dict",
        "options": {
            "timeout": {"type": "int"},
            "netmask": {"type": "str"},
            "prefix": {"type": "int"},
            # No choices: those of a nested option refuse null, as which ipvs_info returns a service without an engine.
            "engine": {"type": "str"},
        },
    },
    "one_packet": {"type": "bool"},
}
SERVER: Spec = {
    "service": {"type": "dict", "required": True, "options": SERVICE_KEY},
    "address": {"type": "str", "required": True},
    "port": {"type": "int"},
    "forwarding": {"type": "str", "choices": ["nat", "dr", "tun"]},
    "weight": {"type": "int"},
    "upper_threshold": {"type": "int"},
    "lower_threshold": {"type": "int"},
    "tunnel": {
        "type": "dict",
        "options": {
            "type": {"type": "str", "choices": ["ipip", "gue", "gre"]},
            "port": {"type": "int"},
            "checksum": {"type": "str", "choices": ["nocsum", "csum", "remcsum"]},
        },
    },
}
AT_BOOT: Spec = {"at_boot": {"type": "bool"}}
TABLE: Spec = {
    "services": {"type": "list", "elements": "dict", "required": True},
    "purge": {"type": "str", "choices": ["none", "servers", "all"], "default": "none"},
    "keep_weights": {"type": "bool", "default": False},
    **AT_BOOT,
    "allowed_actions": {
        "type": "list",
        "elements": "str",
        "choices": ["add", "update", "delete"],
        "default": ["add", "update", "delete"],
    },
}
DRAIN: Spec = {
    **NETNS,
    "services": {"type": "list", "elements": "dict"},
    "servers": {
        "type": "list",
        "elements": "dict",
        "options": {"address": {"type": "str", "required": True}, "port": {"type": "int"}},
    },
    "timeout": {"type": "float", "default": 30},
}
TIMEOUTS: Spec = {"tcp": {"type": "int"}, "tcp_fin": {"type": "int"}, "udp": {"type": "int"}}
SYNC_DAEMON: Spec = {
    "role": {"type": "str", "choices": ["master", "backup"], "required": True},
    "interface": {"type": "str"},
    "sync_id": {"type": "int"},
    "max_length": {"type": "int"},
    "group": {"type": "str"},
    "port": {"type": "int"},
    "ttl": {"type": "int"},
}
CONNECTIONS: Spec = {
    "connections": {
        "type": "dict",
        "options": {
            "protocol": {"type": "str", "choices": ["tcp", "udp", "sctp"]},
            "client": {"type": "str"},
            "vip": {"type": "str"},
            "port": {"type": "int"},
            "server": {"type": "str"},
            "state": {"type": "str"},
            "limit": {"type": "int", "default": 10000},
        },
    }
}
