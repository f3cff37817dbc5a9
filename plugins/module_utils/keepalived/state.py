# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running keepalived says of itself: its version, and the states in the files that it writes. Pure, no I/O.

On SIGUSR1 its process of VRRP writes keepalived.data, and that of the checkers keepalived_check.data: lines of
`key = value`, indented by three blanks below the line that says what they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from ..ipvs.model import AddressKey, FwmarkKey, ServerKey

VRRP_DATA = "keepalived.data"
CHECKER_DATA = "keepalived_check.data"

Record = tuple[str, Mapping[str, str]]
"""A line that is not indented, and the values below it."""


@dataclass(frozen=True)
class Instance:
    """A VRRP instance; `last_transition` is in seconds since 1970, None before the first."""

    name: str
    state: str
    priority: int
    last_transition: float | None


@dataclass(frozen=True)
class CheckedServer:
    """A real server as the checkers see it."""

    server: str
    alive: bool
    weight: int
    failed_checks: int


@dataclass(frozen=True)
class CheckedService:
    """A virtual server with its real servers; `alive` as long as it has its quorum."""

    service: str
    alive: bool
    servers: tuple[CheckedServer, ...]


def read_features(printed: str) -> tuple[str, ...]:
    """Return what this keepalived was built with, as `keepalived --version` prints it."""
    found = re.search(r"^Config options:(.*)$", printed, re.MULTILINE)
    return tuple(found.group(1).split()) if found else ()


def read_instances(text: str) -> tuple[Instance, ...]:
    """Return the VRRP instances in the text of `VRRP_DATA`."""
    return tuple(
        Instance(
            head.partition(" = ")[2],
            values.get("State", "").lower(),
            int(values.get("Effective priority", values.get("Priority", "0"))),
            _seconds(values.get("Last transition", "")),
        )
        for head, values in _records(text)
        if head.startswith("VRRP Instance = ")
    )


def read_services(text: str) -> tuple[CheckedService, ...]:
    """Return the virtual servers in the text of `CHECKER_DATA`."""
    services: list[CheckedService] = []
    for head, values in _records(text):
        if head.startswith(("VS VIP = ", "VS FWMARK = ", "VS GROUP = ")):
            services.append(CheckedService(_service(head, values), values.get("quorum_state_up") == "1", ()))
        elif "RIP" in values and services:
            service = services.pop()
            services.append(CheckedService(service.service, service.alive, (*service.servers, _server(values))))
    return tuple(services)


def _records(text: str) -> Iterator[Record]:
    head, values = "", dict[str, str]()
    for line in text.splitlines():
        if not line.startswith("   ") or line.startswith("   ------<"):
            yield head, values
            head, values = line.strip(), {}
        elif line[3:4] != " ":
            key, _equals, value = line.strip().partition(" = ")
            values.setdefault(key, value)
    yield head, values


def _service(head: str, values: Mapping[str, str]) -> str:
    kind, _equals, rest = head.partition(" = ")
    if kind == "VS GROUP":
        return f"group {rest}"
    if kind == "VS FWMARK":
        return str(FwmarkKey(int(rest), "ipv6" if values.get("Address family") == "inet6" else "ipv4"))
    address, _comma, port = rest.partition(", VPORT = ")
    return str(AddressKey(values.get("protocol", "TCP").lower(), ip_address(address), int(port)))


def _server(values: Mapping[str, str]) -> CheckedServer:
    address, port, *_weights = re.split(r", \w+ = ", values["RIP"])
    return CheckedServer(
        str(ServerKey(ip_address(address), int(port))),
        values.get("alive") == "1",
        int(values.get("effective weight", "0")),
        int(values.get("num failed checkers", "0")),
    )


def _seconds(written: str) -> float | None:
    found = re.match(r"\d+\.\d+", written)
    return float(found.group()) if found and float(found.group()) else None
