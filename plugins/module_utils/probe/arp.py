# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask by ARP who has an IPv4 address, and collect every MAC address that answers (RFC 826, packet(7))."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

ETHERTYPE_ARP = 0x0806
HARDWARE_ETHERNET = 1
BROADCAST = b"\xff" * 6
REQUEST, REPLY = 1, 2
ETHERNET = struct.Struct("!6s6sH")  # destination, source, type
ARP = struct.Struct(
    "!HHBBH6s4s6s4s"
)  # hardware, protocol, their lengths, operation; MAC and address of sender, of target


class ArpError(Exception):
    """The question cannot be asked; `str()` says why and what to do."""


@dataclass(frozen=True)
class Route:
    """From where to ask: an interface, and the address that the question is sent from."""

    interface: str
    source: IPv4Address


def route_command(target: IPv4Address, interface: str | None) -> list[str]:
    """Return the command whose output `parse_route` reads."""
    return ["ip", "-json", "-4", "route", "get", str(target), *(["oif", interface] if interface else [])]


def parse_route(output: str, target: IPv4Address, interface: str | None) -> Route:
    """Choose from where to ask: `interface`, or the one that the routing table says. Raises ArpError."""
    try:
        (entry,) = json.loads(output)
        if entry.get("type") == "local":
            raise ArpError(f"{target} is an address of this host itself: ask from a host that does not have it")
        if "gateway" in entry and interface is None:
            raise ArpError(
                f"{target} is behind the gateway {entry['gateway']} for this host, and ARP does not cross gateways:"
                " ask from a host in the network of that address, or name an interface"
            )
        return Route(interface or entry["dev"], IPv4Address(entry.get("prefsrc", "0.0.0.0")))  # noqa: S104 "unknown" in ARP
    except (ValueError, KeyError, AttributeError) as error:
        raise ArpError(f"the answer of 'ip route get {target}' cannot be read: {output!r}") from error


def pack_request(mac: bytes, source: IPv4Address, target: IPv4Address) -> bytes:
    """Return the frame that asks everybody who has `target`."""
    question = ARP.pack(HARDWARE_ETHERNET, 0x0800, 6, 4, REQUEST, mac, source.packed, bytes(6), target.packed)
    return ETHERNET.pack(BROADCAST, mac, ETHERTYPE_ARP) + question


def unpack_reply(frame: bytes, target: IPv4Address) -> str | None:
    """Return the MAC address that a frame claims for `target`, or None when it is about something else."""
    if len(frame) < ETHERNET.size + ARP.size:
        return None
    hardware, _protocol, _length, _size, operation, mac, sender, *_asker = ARP.unpack_from(frame, ETHERNET.size)
    if (hardware, operation, sender) != (HARDWARE_ETHERNET, REPLY, target.packed):
        return None
    return ":".join(f"{byte:02x}" for byte in mac)


def probe(route: Route, target: IPv4Address, count: int, interval: int) -> dict[str, Any]:
    """Ask `count` times, every `interval` milliseconds, and listen until one interval after the last question.

    Returns how often each MAC address answered. Raises ArpError.
    """
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE_ARP)) as wire:
            wire.bind((route.interface, ETHERTYPE_ARP))
            answers = _ask(wire, route, target, count, interval / 1000)
    except PermissionError as error:
        raise ArpError(
            "the kernel refuses raw sockets without CAP_NET_RAW: run the task with 'become: true'"
        ) from error
    except OSError as error:
        raise ArpError(f"interface {route.interface}: {error.strerror}") from error
    return {
        "address": str(target),
        "interface": route.interface,
        "source": str(route.source),
        "requests": count,
        "macs": sorted(answers),
        "answers": dict(sorted(answers.items())),
    }


def _ask(wire: socket.socket, route: Route, target: IPv4Address, count: int, interval: float) -> Counter[str]:
    _name, _protocol, _direction, hardware, mac = wire.getsockname()
    if hardware != HARDWARE_ETHERNET:
        raise ArpError(f"interface {route.interface} is no Ethernet, so it has no ARP")
    answers: Counter[str] = Counter()
    for _question in range(count):
        wire.send(pack_request(mac, route.source, target))
        answers.update(_listen(wire, target, time.monotonic() + interval))
    return answers


def _listen(wire: socket.socket, target: IPv4Address, until: float) -> list[str]:
    answers = []
    while (rest := until - time.monotonic()) > 0:
        wire.settimeout(rest)
        try:
            mac = unpack_reply(wire.recv(2048), target)
        except socket.timeout:
            break
        if mac:
            answers.append(mac)
    return answers
