# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services and servers that a user declares -> value objects, and everything that is wrong with them at once.

Refuses what the kernel accepts although it cannot work. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from .errors import DeclarationError
from .model import (
    Address,
    AddressKey,
    FullService,
    FwmarkKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    ServiceKey,
    Tunnel,
)
from .reader import Mistakes, Reader, is_unicast, show
from .uapi import FAMILIES, PROTOCOLS, SCHEDULER_FLAGS, SCHEDULER_FLAGS_OF, TUNNEL_TYPES, flag_names

LARGEST_PORT = 65535
LARGEST_MARK = 2**32 - 1
LARGEST_WEIGHT = 65535
LARGEST_THRESHOLD = 2**31 - 1
LONGEST_PERSISTENCE = 31 * 24 * 3600  # as in ipvsadm; the kernel's clock overflows after that
DEFAULT_PERSISTENCE = 300

KEY_NAMES = ("vip", "port", "protocol", "fwmark", "family")
SERVICE_NAMES = frozenset({*KEY_NAMES, "scheduler", "flags", "persistence", "one_packet", "servers"})
PERSISTENCE_NAMES = frozenset({"timeout", "netmask", "prefix", "engine"})
SERVER_NAMES = frozenset({"address", "port", "forwarding", "weight", "upper_threshold", "lower_threshold", "tunnel"})
TUNNEL_NAMES = frozenset({"type", "port", "checksum"})

METHODS = ("nat", "dr", "tun")
ENGINES = ("sip", "none")
CHECKSUMS = {"ipip": ("nocsum",), "gue": ("nocsum", "csum", "remcsum"), "gre": ("nocsum", "csum")}
SCHEDULER = re.compile(r"[a-z][a-z0-9_-]{0,14}")  # IP_VS_SCHEDNAME_MAXLEN is 16 with the final zero


def read_table(given: object) -> tuple[FullService, ...]:
    """Read the option `services` of a table. Raises DeclarationError with all mistakes."""
    mistakes = Mistakes()
    services: dict[ServiceKey, str] = {}
    table = []
    for index, item in enumerate(given if isinstance(given, (list, tuple)) else [given]):
        path = f"services[{index}]"
        full = _read_full_service(item, path, mistakes)
        if full is None:
            continue
        first = services.setdefault(full.service.key, path)
        if first != path:
            mistakes.add(path, f"{full.service.key} is {first} too", "declare each service once")
        table.append(full)
    if mistakes.lines:
        raise DeclarationError(mistakes.report())
    return tuple(table)


def read_service(given: Mapping[str, Any]) -> Service:
    """Read one service without servers. Raises DeclarationError with all mistakes."""
    mistakes = Mistakes()
    service = _read_service(Reader(given, "", SERVICE_NAMES, mistakes), mistakes)
    if service is None or mistakes.lines:
        raise DeclarationError(mistakes.report())
    return service


def read_service_key(given: object, prefix: str = "") -> ServiceKey:
    """Read the identity of a service. Raises DeclarationError with all mistakes."""
    mistakes = Mistakes()
    key = _read_key(Reader(given, prefix, KEY_NAMES, mistakes))
    if key is None or mistakes.lines:
        raise DeclarationError(mistakes.report())
    return key


def read_server(given: Mapping[str, Any], key: ServiceKey) -> Server:
    """Read one server of the service `key`. Raises DeclarationError with all mistakes."""
    mistakes = Mistakes()
    server = _read_server(given, "", key, mistakes)
    if server is None or mistakes.lines:
        raise DeclarationError(mistakes.report())
    return server


def read_server_key(given: Mapping[str, Any], key: ServiceKey) -> ServerKey:
    """Read the identity of a server of the service `key`. Raises DeclarationError with all mistakes."""
    mistakes = Mistakes()
    identity = _read_server_key(Reader(given, "", SERVER_NAMES, mistakes), key)
    if identity is None or mistakes.lines:
        raise DeclarationError(mistakes.report())
    return identity


def read_identities(given: Sequence[object]) -> dict[ServiceKey, frozenset[ServerKey]]:
    """Read which services and servers there are, in the option `services` of a table, and nothing else of it.

    Raises DeclarationError with all mistakes.
    """
    mistakes = Mistakes()
    found = {}
    for index, item in enumerate(given):
        reader = Reader(item, f"services[{index}].", SERVICE_NAMES, mistakes)
        key = _read_key(reader)
        if key is None:
            continue
        prefix = f"services[{index}].servers"
        readers = (
            Reader(each, f"{prefix}[{place}].", SERVER_NAMES, mistakes)
            for place, each in enumerate(reader.items("servers"))
        )
        servers = (_read_server_key(each, key) for each in readers)
        found[key] = frozenset(server for server in servers if server is not None)
    if mistakes.lines:
        raise DeclarationError(mistakes.report())
    return found


def read_named_server(given: Mapping[str, Any], index: int) -> tuple[Address, int | None]:
    """Read an item of the option `servers`: an address, and a port if one is given. Raises DeclarationError."""
    mistakes = Mistakes()
    reader = Reader(given, f"servers[{index}].", ("address", "port"), mistakes)
    address = reader.address("address")
    port = reader.integer("port", 0, LARGEST_PORT, 0)
    if address is None or mistakes.lines:
        raise DeclarationError(mistakes.report())
    return address, port if reader.has("port") else None


def _read_full_service(given: object, path: str, mistakes: Mistakes) -> FullService | None:
    reader = Reader(given, f"{path}.", SERVICE_NAMES, mistakes)
    service = _read_service(reader, mistakes)
    key = service.key if service else None
    servers: dict[ServerKey, Server] = {}
    for index, item in enumerate(reader.items("servers")):
        server_path = f"{path}.servers[{index}]"
        server = _read_server(item, f"{server_path}.", key, mistakes)
        if server is None:
            continue
        if server.key in servers:
            mistakes.add(server_path, f"{server.key} is there twice", "declare each server of a service once")
        servers[server.key] = server
    return FullService(service, tuple(servers.values())) if service else None


def _read_service(reader: Reader, mistakes: Mistakes) -> Service | None:
    key = _read_key(reader)
    scheduler = _read_scheduler(reader)
    flags = _read_flags(reader, scheduler)
    one_packet = reader.boolean("one_packet", False)
    persistence = None
    if key is not None and reader.has("persistence"):
        persistence = _read_persistence(reader, key, mistakes)
    if key is None or not reader.fine:
        return None
    if isinstance(key, AddressKey):
        if key.port == 0 and persistence is None:
            reader.wrong("port", "0 stands for all ports, which takes persistence", "add persistence, or write a port")
        if one_packet and key.protocol != "udp":
            what = f"with {key.protocol} the kernel takes it and ignores it"
            reader.wrong("one_packet", what, "leave it out, or use protocol: udp")
    return Service(key, scheduler, flags, persistence, one_packet) if reader.fine else None


def _read_key(reader: Reader) -> ServiceKey | None:
    if reader.has("fwmark") == reader.has("vip"):
        what = "both vip and fwmark are given" if reader.has("vip") else "neither vip nor fwmark is given"
        reader.wrong("vip", what, "write one of them: a service is reached either by address or by a firewall mark")
        return None
    return _read_fwmark_key(reader) if reader.has("fwmark") else _read_address_key(reader)


def _read_fwmark_key(reader: Reader) -> ServiceKey | None:
    for name in ("protocol", "port"):
        if reader.has(name):
            reader.wrong(name, "a service with fwmark has none", "leave it out; the firewall rule says what is marked")
    mark = reader.integer("fwmark", 1, LARGEST_MARK, 0, " (the kernel takes 0 for the address 0.0.0.0)")
    family = reader.choice("family", tuple(FAMILIES.values()), "ipv4")
    return FwmarkKey(mark, family) if reader.fine else None


def _read_address_key(reader: Reader) -> ServiceKey | None:
    if reader.has("family"):
        reader.wrong("family", "it belongs to fwmark", "leave it out; the family is that of vip")
    vip = reader.address("vip")
    if vip is not None and not is_unicast(vip):
        reader.wrong("vip", f"{vip} is no unicast address, so it cannot work", "write the address of the service")
    if not reader.has("port"):
        reader.wrong("port", "it is missing", "write the port of the service, or 0 for all ports")
    port = reader.integer("port", 0, LARGEST_PORT, 0)
    protocol = reader.choice("protocol", tuple(PROTOCOLS.values()), "tcp")
    return AddressKey(protocol, vip, port) if vip is not None and reader.fine else None


def _read_scheduler(reader: Reader) -> str:
    scheduler = reader.raw("scheduler")
    if scheduler is None:
        return "wlc"
    if not isinstance(scheduler, str) or not SCHEDULER.fullmatch(scheduler):
        reader.wrong("scheduler", f"{show(scheduler)} cannot be a scheduler", "write a name such as rr, wlc, sh or mh")
        return "wlc"
    return scheduler


def _read_flags(reader: Reader, scheduler: str) -> tuple[str, ...]:
    """Read flags by any of their names; return them by the scheduler's own and in the kernel's order."""
    names = {name: bit for bit, name in SCHEDULER_FLAGS.items()}
    names.update({name: bit for bit, name in SCHEDULER_FLAGS_OF.get(scheduler, {}).items()})
    bits = 0
    for index, flag in enumerate(reader.items("flags")):
        if isinstance(flag, str) and flag in names:
            bits |= names[flag]
        else:
            what = f"{show(flag)} is no flag of the scheduler {scheduler}"
            reader.wrong(f"flags[{index}]", what, f"write one of {', '.join(sorted(names))}")
    return flag_names(bits, scheduler)


def _read_persistence(parent: Reader, key: ServiceKey, mistakes: Mistakes) -> Persistence | None:
    reader = Reader(parent.raw("persistence"), parent.path("persistence."), PERSISTENCE_NAMES, mistakes)
    timeout = reader.integer("timeout", 0, LONGEST_PERSISTENCE, DEFAULT_PERSISTENCE, " seconds")
    engine = reader.choice("engine", ENGINES, "none")
    netmask, prefix = _read_ipv4_mask(reader) if key.version == 4 else _read_ipv6_prefix(reader)
    if timeout == 0:
        if engine != "none":
            reader.wrong("engine", "the service is not persistent, so it would do nothing", "give a timeout too")
        return None
    return Persistence(timeout, netmask, prefix, None if engine == "none" else engine)


def _read_ipv4_mask(reader: Reader) -> tuple[IPv4Address | None, int | None]:
    if reader.has("netmask") and reader.has("prefix"):
        reader.wrong("prefix", "netmask is given too", "write one of them: they say the same")
    if reader.has("prefix"):
        return IPv4Network(f"0.0.0.0/{reader.integer('prefix', 0, 32, 32)}").netmask, None
    mask: Address | None = reader.address("netmask", required=False)
    if mask is not None and not isinstance(mask, IPv4Address):
        reader.wrong("netmask", f"{mask} is not of the family of the service", "write a mask such as 255.255.255.0")
    return mask if isinstance(mask, IPv4Address) else IPv4Address("255.255.255.255"), None


def _read_ipv6_prefix(reader: Reader) -> tuple[IPv4Address | None, int | None]:
    if reader.has("netmask"):
        reader.wrong("netmask", "an IPv6 service has none", "write a prefix from 1 to 128")
    return None, reader.integer("prefix", 1, 128, 128)


def _read_server(given: object, prefix: str, key: ServiceKey | None, mistakes: Mistakes) -> Server | None:
    """Read a server; when the service is wrong itself its `key` is None, and what depends on it is not checked."""
    reader = Reader(given, prefix, SERVER_NAMES, mistakes)
    identity = _read_server_key(reader, key)
    forwarding = reader.choice("forwarding", METHODS, "dr")
    why = ": ipvsadm and keepalived cannot express more, and schedulers multiply weights"
    weight = reader.integer("weight", 0, LARGEST_WEIGHT, 1, why)
    upper = reader.integer("upper_threshold", 0, LARGEST_THRESHOLD, 0)
    lower = reader.integer("lower_threshold", 0, LARGEST_THRESHOLD, 0)
    if lower > upper:
        what = f"{lower} is above upper_threshold, which is {upper}"
        reader.wrong("lower_threshold", what, f"write at most {upper}" if upper else "give an upper_threshold too")
    tunnel = _read_tunnel(reader, mistakes) if forwarding == "tun" or reader.has("tunnel") else None
    if tunnel and forwarding != "tun":
        reader.wrong("tunnel", f"forwarding is {forwarding}", "leave it out, or write forwarding: tun")
    if identity is None:
        return None
    server = Server(identity, forwarding, weight, upper, lower, tunnel)
    if key is not None:
        _check_against_service(reader, server, key)
    return server if reader.fine else None


def _read_server_key(reader: Reader, key: ServiceKey | None) -> ServerKey | None:
    address = reader.address("address")
    port = reader.integer("port", 0, LARGEST_PORT, key.port if isinstance(key, AddressKey) else 0)
    if address is not None and not is_unicast(address):
        reader.wrong("address", f"{address} is no unicast address", "write the address of the server")
    return None if address is None else ServerKey(address, port)


def _read_tunnel(parent: Reader, mistakes: Mistakes) -> Tunnel:
    given = parent.raw("tunnel") if parent.has("tunnel") else {}
    reader = Reader(given, parent.path("tunnel."), TUNNEL_NAMES, mistakes)
    kind = reader.choice("type", tuple(TUNNEL_TYPES.values()), "ipip")
    port = reader.integer("port", 0, LARGEST_PORT, 0)
    if kind == "gue" and port == 0:
        reader.wrong("port", "a GUE tunnel needs one", "write the UDP port on which the server listens for GUE")
    if kind != "gue" and port != 0:
        reader.wrong("port", f"a tunnel of type {kind} has none", "leave it out, or write type: gue")
    return Tunnel(kind, port, reader.choice("checksum", CHECKSUMS[kind], "nocsum"))


def _check_against_service(reader: Reader, server: Server, key: ServiceKey) -> None:
    is_rewritten = server.forwarding == "nat"
    if isinstance(key, AddressKey) and not is_rewritten and server.key.port != key.port:
        what = f"{server.key.port} is not the port of the service, and {server.forwarding} cannot change ports"
        reader.wrong("port", what, f"write {key.port}, or forwarding: nat")
    if server.key.address.version != key.version and server.forwarding != "tun":
        what = f"{server.key.address} is not of the family of the service"
        reader.wrong("address", what, f"write an IPv{key.version} address, or forwarding: tun")
