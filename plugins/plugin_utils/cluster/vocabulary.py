# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of values that several variables have: names, addresses, ports, times."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Address, Integer, Port, Text

NAME = Text(
    "a name",
    r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}",
    "write letters, digits, '-', '_' and '.', at most 64 and a letter or digit first",
)
GROUP = Text("the name of a group", r"\S+", "write the name of an inventory group")
HOST = Text("the name of a host", r"\S+", "write the name of an inventory host")
VARIABLE = Text("the name of a variable", r"\S+", "write the name of a variable")
USER = Text("a user or group name", r"[A-Za-z_][A-Za-z0-9_.-]{0,31}", "write a name such as www-data")
DOMAIN = Text(
    "a domain name", r"\.|[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9.])?", "write a name such as www.example.com"
)
INTERFACE = Text(
    "the name of a network interface", r"[^\s/:]{1,15}", "write a name such as eth0, at most 15 characters"
)
VIP = Address("192.0.2.100")
PORT = Port()
WEIGHT = Integer(0, 65535)
CONNECTIONS = Integer(0, 2**31 - 1)
SECONDS = Integer(1, 3600, "seconds")
