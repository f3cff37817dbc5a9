# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services with their servers -> rules that `ipvsadm --restore` reads.

The same words in the same order as `ipvsadm --save --numeric` writes, and besides what that loses although --restore
can read it: thresholds, the third flag of sh and mh, and marks from 2^31 on, which it writes as negative numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from .model import Address, AddressKey, FullService, Persistence, Server, Service, ServiceKey, Tunnel

FULL_MASK = IPv4Address("255.255.255.255")
FULL_PREFIX = 128
PROTOCOLS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}
METHODS = {"dr": "-g", "tun": "-i", "nat": "-m"}


def render(services: Iterable[FullService]) -> str:
    """Return the rules, one a line."""
    return "".join(f"{' '.join(words)}\n" for full in services for words in _rules(full))


def _rules(full: FullService) -> Iterator[list[str]]:
    name = _service_name(full.service.key)
    yield ["-A", *name, *_service_options(full.service)]
    for server in full.servers:
        yield ["-a", *name, *_server_options(server)]


def _service_name(key: ServiceKey) -> list[str]:
    if isinstance(key, AddressKey):
        return [PROTOCOLS[key.protocol], _endpoint(key.vip, key.port)]
    return ["-f", str(key.fwmark), *(["-6"] if key.family == "ipv6" else [])]


def _service_options(service: Service) -> list[str]:
    words = ["-s", service.scheduler]
    if service.persistence:
        words += _persistence(service.persistence)
    if service.one_packet:
        words.append("-o")
    if service.flags:
        words += ["-b", ",".join(service.flags)]
    return words


def _persistence(persistence: Persistence) -> list[str]:
    words = []
    if persistence.timeout:
        words += ["-p", str(persistence.timeout)]
    if persistence.netmask not in (None, FULL_MASK):
        words += ["-M", str(persistence.netmask)]
    if persistence.prefix not in (None, FULL_PREFIX):
        words += ["-M", str(persistence.prefix)]
    if persistence.engine:
        words += ["--pe", persistence.engine]
    return words


def _server_options(server: Server) -> list[str]:
    words = ["-r", _endpoint(server.key.address, server.key.port), METHODS[server.forwarding], "-w", str(server.weight)]
    if server.upper_threshold:
        words += ["-x", str(server.upper_threshold)]
    if server.lower_threshold:
        words += ["-y", str(server.lower_threshold)]
    return words + (_tunnel(server.tunnel) if server.tunnel else [])


def _tunnel(tunnel: Tunnel) -> list[str]:
    words = ["--tun-type", tunnel.type]
    if tunnel.type == "gue":
        words += ["--tun-port", str(tunnel.port)]
    return words if tunnel.type == "ipip" else [*words, f"--tun-{tunnel.checksum}"]


def _endpoint(address: Address, port: int) -> str:
    # ipvsadm does not read an IPv6 address without a port, so the port is always there.
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
