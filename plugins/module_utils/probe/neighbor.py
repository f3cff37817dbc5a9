# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask the hosts of a network who has an address, and collect every MAC address that answers (packet(7)).

IPv4 is asked for by ARP, IPv6 by neighbour discovery.
"""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Union

from . import arp, ndp

Address = Union[IPv4Address, IPv6Address]

PROTOCOLS: dict[int, Any] = {4: arp, 6: ndp}
NAMES = {4: "ARP", 6: "neighbour discovery"}
UNKNOWN_SOURCE = {4: "0.0.0.0", 6: "::"}  # noqa: S104 nothing listens there


class NeighborError(Exception):
    """The question cannot be asked; `str()` says why and what to do."""


@dataclass(frozen=True)
class Route:
    """From where to ask: an interface, and the address that the question is sent from."""

    interface: str
    source: Address


def route_command(target: Address, interface: str | None) -> list[str]:
    """Return the command whose output `parse_route` reads."""
    command = ["ip", "-json", f"-{target.version}", "route", "get", str(target)]
    return [*command, *(["oif", interface] if interface else [])]


def parse_route(output: str, target: Address, interface: str | None) -> Route:
    """Choose from where to ask: `interface`, or the one that the routing table says. Raises NeighborError."""
    try:
        (entry,) = json.loads(output)
        if entry.get("type") == "local":
            raise NeighborError(f"{target} is an address of this host itself: ask from a host that does not have it")
        if "gateway" in entry and interface is None:
            raise NeighborError(
                f"{target} is behind the gateway {entry['gateway']} for this host, and {NAMES[target.version]} does not"
                " cross gateways: ask from a host in the network of that address, or name an interface"
            )
        source = ip_address(entry.get("prefsrc", UNKNOWN_SOURCE[target.version]))
        return Route(interface or entry["dev"], source)
    except (ValueError, KeyError, AttributeError) as error:
        raise NeighborError(f"the answer of 'ip route get {target}' cannot be read: {output!r}") from error


def probe(route: Route, target: Address, count: int, interval: int) -> dict[str, Any]:
    """Ask `count` times, every `interval` milliseconds, and listen until one interval after the last question.

    Returns how often each MAC address answered. Raises NeighborError.
    """
    ethertype = PROTOCOLS[target.version].ETHERTYPE
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype)) as wire:
            wire.bind((route.interface, ethertype))
            answers = _ask(wire, route, target, count, interval / 1000)
    except PermissionError as error:
        raise NeighborError(
            "the kernel refuses raw sockets without CAP_NET_RAW: run the task with 'become: true'"
        ) from error
    except OSError as error:
        raise NeighborError(f"interface {route.interface}: {error.strerror}") from error
    return {
        "address": str(target),
        "interface": route.interface,
        "source": str(route.source),
        "requests": count,
        "macs": sorted(answers),
        "answers": dict(sorted(answers.items())),
    }


def _ask(wire: socket.socket, route: Route, target: Address, count: int, interval: float) -> Counter[str]:
    _name, _protocol, _direction, hardware, mac = wire.getsockname()
    if hardware != arp.HARDWARE_ETHERNET:
        raise NeighborError(f"interface {route.interface} is no Ethernet, so it has no {NAMES[target.version]}")
    question = PROTOCOLS[target.version].pack_question(mac, route.source, target)
    answers: Counter[str] = Counter()
    for _question in range(count):
        wire.send(question)
        answers.update(_listen(wire, target, time.monotonic() + interval))
    return answers


def _listen(wire: socket.socket, target: Address, until: float) -> list[str]:
    answers = []
    while (rest := until - time.monotonic()) > 0:
        wire.settimeout(rest)
        try:
            mac = PROTOCOLS[target.version].unpack_answer(wire.recv(2048), target)
        except socket.timeout:
            break
        if mac:
            answers.append(":".join(f"{byte:02x}" for byte in mac))
    return answers
