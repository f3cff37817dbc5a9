# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the readers of other programs' configuration files have in common.

A section of a file is a frozen dataclass; a keyword is a field of it that is annotated with the kind of value it
takes. So the grammar stands once, in the model, and readers and writers go by it. A keyword that is not set is None.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import MOST_SHOWN, Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import MistakeError

PORTS: Mapping[str, int] = {
    "ftp-data": 20,
    "ftp": 21,
    "ssh": 22,
    "telnet": 23,
    "smtp": 25,
    "domain": 53,
    "tftp": 69,
    "http": 80,
    "www": 80,
    "kerberos": 88,
    "pop3": 110,
    "sunrpc": 111,
    "nntp": 119,
    "ntp": 123,
    "imap": 143,
    "imap2": 143,
    "snmp": 161,
    "ldap": 389,
    "https": 443,
    "submissions": 465,
    "syslog": 514,
    "submission": 587,
    "ldaps": 636,
    "nntps": 563,
    "imaps": 993,
    "pop3s": 995,
    "radius": 1812,
    "nfs": 2049,
    "mysql": 3306,
    "sip": 5060,
    "postgresql": 5432,
    "webcache": 8080,
    "http-alt": 8080,
}
"""Names of ports as services(5) has them. What a controller's own file says must not decide what is read."""

LARGEST_PORT = 65535

MASK = "********"
"""What is shown instead of a password."""


class ConfigurationError(ValueError):
    """Some lines cannot be read; `str()` lists them all."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        lines = [str(problem) for problem in problems]
        if len(lines) > MOST_SHOWN:
            lines[MOST_SHOWN:] = [f"and {len(lines) - MOST_SHOWN} more lines"]
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Repeated:
    """A keyword that a later line of the same section takes the place of."""

    line: int
    keyword: str
    value: str


@functools.cache
def keywords(section: type) -> Mapping[str, Any]:
    """The keywords of a section, in their order: name -> the kind of its value."""
    hints = typing.get_type_hints(section, include_extras=True)
    kinds = {item.name: getattr(hints[item.name], "__metadata__", (None,))[0] for item in dataclasses.fields(section)}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def port_number(text: str) -> int:
    """The port that a number or a name stands for, 0 to 65535. Raises MistakeError."""
    if text.isascii() and text.isdigit():
        if int(text[:20]) <= LARGEST_PORT:
            return int(text[:20])
        raise MistakeError(f"{text} is not a port", f"write a number up to {LARGEST_PORT}")
    if text not in PORTS:
        raise MistakeError(f"the port '{text}' is not known by this name", "write its number")
    return PORTS[text]


def is_address(text: str) -> bool:
    """Whether a text is an IP address, and not a name."""
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False
