# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections that IPVS has now, from /proc/net/ip_vs_conn: netlink does not have them.

A line is `Pro FromIP FPrt ToIP TPrt DestIP DPrt State Expires PEName PEData`: IPv4 addresses are 8 hexadecimal digits,
IPv6 ones are written out, ports hexadecimal, `Expires` in seconds. The last two are there for a persistence engine
only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from pathlib import Path
from typing import Any

from .errors import DeclarationError, IpvsError
from .reader import Mistakes, Reader

Dict = dict[str, Any]

FILE = Path("/proc/net/ip_vs_conn")
FILTER_NAMES = ("protocol", "client", "vip", "port", "server", "state", "limit")
PROTOCOLS = ("tcp", "udp", "sctp")
LARGEST_LIMIT = 10_000_000
FEWEST_FIELDS = 9


def read_connections(given: Mapping[str, Any], file: Path = FILE) -> list[Dict]:
    """Return the connections that pass the filter `given`; those that are added or removed meanwhile may be missing.

    Raises IpvsError.
    """
    wanted, limit = _read_filter(given)
    try:
        with file.open(encoding="ascii", errors="replace") as lines:
            next(lines, None)  # the heading
            return list(islice(select(parse(lines), wanted), limit))
    except PermissionError as error:
        raise IpvsError(f"{file} cannot be read: {error.strerror}; run the task with 'become: true'") from error
    except OSError as error:
        raise IpvsError(f"{file} cannot be read: {error.strerror}") from error


def parse(lines: Iterable[str]) -> Iterator[Dict]:
    """Read lines without their heading. One that cannot be read is left out: the kernel changes the file meanwhile."""
    for line in lines:
        with suppress(ValueError):
            yield _parse(line.split())


def select(connections: Iterable[Dict], wanted: Mapping[str, Any]) -> Iterator[Dict]:
    """Keep the connections that have all values of `wanted`."""
    return (each for each in connections if all(each[name] == value for name, value in wanted.items()))


def _parse(fields: list[str]) -> Dict:
    if len(fields) < FEWEST_FIELDS:
        raise ValueError("a line is cut off")
    protocol, client, client_port, vip, port, server, server_port, state, expires, *engine = fields
    return {
        "protocol": protocol.lower(),
        "client": _address(client),
        "client_port": int(client_port, 16),
        "vip": _address(vip),
        "port": int(port, 16),
        "server": _address(server),
        "server_port": int(server_port, 16),
        "state": state.lower(),
        "expires": int(expires),
        "engine": engine[0] if engine else None,
        "engine_data": " ".join(engine[1:]) or None,
    }


def _address(text: str) -> str:
    return str(IPv6Address(text) if ":" in text else IPv4Address(int(text, 16)))


def _read_filter(given: Mapping[str, Any]) -> tuple[Dict, int]:
    """Return the values that a connection must have, and how many connections to return at most."""
    mistakes = Mistakes()
    reader = Reader(given, "connections.", FILTER_NAMES, mistakes)
    values = {
        "protocol": reader.choice("protocol", PROTOCOLS, "tcp"),
        "client": str(reader.address("client", required=False)),
        "vip": str(reader.address("vip", required=False)),
        "port": reader.integer("port", 0, 65535, 0),
        "server": str(reader.address("server", required=False)),
        "state": str(reader.raw("state")).lower(),
    }
    limit = reader.integer("limit", 0, LARGEST_LIMIT, 0)
    if mistakes.lines:
        raise DeclarationError(mistakes.report())
    return {name: value for name, value in values.items() if reader.has(name)}, limit
