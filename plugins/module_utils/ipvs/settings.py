# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timeouts and sync daemons: what exists with what a user gives of it, and everything that is wrong with that. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from ipaddress import IPv6Address
from typing import Any

from .errors import DeclarationError
from .model import SyncDaemon, Timeouts
from .reader import Mistakes, Reader

KERNEL_TIMEOUTS = Timeouts(tcp=900, tcp_fin=120, udp=300)
"""What a kernel starts with."""
LONGEST_TIMEOUT = 2147483  # INT_MAX milliseconds: the kernel counts in ticks, of which a second has up to 1000
TIMEOUT_NAMES = ("tcp", "tcp_fin", "udp")

DAEMON_NAMES = ("role", "interface", "sync_id", "max_length", "group", "port", "ttl")
LONGEST_INTERFACE = 15
LARGEST_SYNC_ID = 255
LARGEST_PORT = 65535
LARGEST_TTL = 255
SMALLEST_RECEIVED = 1024  # the kernel raises the max_length of a backup to this
HEADERS = {4: 28, 6: 48}  # of IP and UDP


def edited_timeouts(existing: Timeouts, given: Mapping[str, Any]) -> Timeouts:
    """Return `existing` with what is `given`. Raises DeclarationError with all mistakes."""
    mistakes = Mistakes()
    reader = Reader(given, "", TIMEOUT_NAMES, mistakes)
    why = " seconds (the kernel takes 0 for: leave it as it is)"
    values = {name: reader.integer(name, 1, LONGEST_TIMEOUT, getattr(existing, name), why) for name in TIMEOUT_NAMES}
    _raise_if_any(mistakes)
    return Timeouts(**values)


def edited_sync_daemon(existing: SyncDaemon | None, given: Mapping[str, Any]) -> SyncDaemon:
    """Return the daemon that shall run: `existing` with what is `given`; None is left to the kernel.

    Raises DeclarationError with all mistakes.
    """
    mistakes = Mistakes()
    reader = Reader(given, "", DAEMON_NAMES, mistakes)
    role = reader.choice("role", ("master", "backup"), "master")
    interface = str(reader.raw("interface"))
    if not 0 < len(interface) <= LONGEST_INTERFACE or "/" in interface or not interface.isprintable():
        reader.wrong("interface", f"{interface!r} cannot be an interface", "write a name such as eth0")
    group = reader.address("group", required=False)
    if group is not None and not group.is_multicast:
        reader.wrong("group", f"{group} is no multicast address", "write one such as 224.0.0.81 or ff02::81")
    headers = HEADERS[6 if isinstance(group, IPv6Address) else 4]
    smallest = SMALLEST_RECEIVED if role == "backup" else 1
    declared: dict[str, Any] = {
        "sync_id": reader.integer("sync_id", 0, LARGEST_SYNC_ID, 0),
        "max_length": reader.integer("max_length", smallest, LARGEST_PORT - headers, smallest, " bytes"),
        "group": group,
        "port": reader.integer("port", 1, LARGEST_PORT, 1),
        "ttl": reader.integer("ttl", 1, LARGEST_TTL, 1),
    }
    _raise_if_any(mistakes)
    kept = _kept(existing, interface)
    return SyncDaemon(role, interface, **{name: declared[name] if reader.has(name) else kept[name] for name in kept})


def _kept(existing: SyncDaemon | None, interface: str) -> dict[str, Any]:
    """Return what stays of a running daemon; what the kernel derived from its interface goes with that."""
    if existing is None:
        return {"sync_id": 0, "max_length": None, "group": None, "port": None, "ttl": None}
    kept = {name: value for name, value in asdict(existing).items() if name not in ("role", "interface")}
    kept["group"] = existing.group
    if existing.interface != interface:
        kept["max_length"] = None
    return kept


def _raise_if_any(mistakes: Mistakes) -> None:
    if mistakes.lines:
        raise DeclarationError(mistakes.report())
