# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for a virtual service: its own options, else the global ones, else ldirectord's defaults."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Configuration, Virtual
from .values import Fallback

DNS_PORT = 53

SERVICE_OF_PORT: Mapping[int, str] = {
    21: "ftp",
    25: "smtp",
    53: "dns",
    80: "http",
    110: "pop",
    119: "nntp",
    143: "imap",
    389: "ldap",
    443: "https",
    587: "submission",
    636: "ldaps",
    993: "imaps",
    995: "pops",
    1521: "oracle",
    1812: "radius",
    3128: "http_proxy",
    3306: "mysql",
    5060: "sip",
    5432: "pgsql",
}
"""What a negotiate check speaks on a port if nothing is said."""

PORT_OF_SERVICE: Mapping[str, int] = {service: port for port, service in SERVICE_OF_PORT.items()}

CHECK_TIMEOUT = 5
NEGOTIATE_TIMEOUT = 30
CHECK_INTERVAL = 10


def protocol_of(virtual: Virtual) -> str:
    """The protocol: tcp, udp or fwm."""
    if virtual.fwmark is not None:
        return "fwm"
    return virtual.protocol or ("udp" if virtual.port == DNS_PORT else "tcp")


def service_of(virtual: Virtual) -> str:
    """What a negotiate check speaks."""
    return virtual.service or SERVICE_OF_PORT.get(virtual.port, "none")


def check_port_of(virtual: Virtual) -> int | None:
    """The port of the real servers that is checked, if it is neither their own nor that of the service.

    A server without a port of its own is checked on the usual one of what the check speaks.
    """
    if virtual.checkport or all(real.port for real in virtual.real):
        return virtual.checkport
    port = PORT_OF_SERVICE.get(service_of(virtual))
    return port if port != virtual.port else None


def check_timeout(configuration: Configuration, virtual: Virtual) -> int:
    """Seconds that a connect or ping check may take."""
    own = virtual.checktimeout or virtual.negotiatetimeout
    return own or configuration.checktimeout or configuration.negotiatetimeout or CHECK_TIMEOUT


def negotiate_timeout(configuration: Configuration, virtual: Virtual) -> int:
    """Seconds that a negotiate check may take."""
    own = virtual.negotiatetimeout or virtual.checktimeout
    return own or configuration.negotiatetimeout or configuration.checktimeout or NEGOTIATE_TIMEOUT


def check_interval(configuration: Configuration, virtual: Virtual) -> int:
    """Seconds between two checks. A virtual has its own interval only in a process of its own."""
    own = virtual.checkinterval if configuration.fork else None
    return own or configuration.checkinterval or CHECK_INTERVAL


def failure_count(configuration: Configuration, virtual: Virtual) -> int:
    """The number of failed checks after which a server is out."""
    return virtual.failurecount or configuration.failurecount or 1


def check_count(configuration: Configuration, virtual: Virtual) -> int:
    """The number of pings of one check."""
    return virtual.checkcount or configuration.checkcount or 1


def quiescent(configuration: Configuration, virtual: Virtual) -> bool:
    """Whether a failed server stays with weight 0. The manual says yes is the default; the program has no."""
    own = configuration.quiescent if virtual.quiescent is None else virtual.quiescent
    return bool(own)


def fallback_of(configuration: Configuration, virtual: Virtual) -> Fallback | None:
    """Who serves when no real server does."""
    return virtual.fallback or (configuration.fallback if virtual.family == 4 else configuration.fallback6)
