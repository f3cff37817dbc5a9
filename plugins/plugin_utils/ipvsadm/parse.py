# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules as ipvsadm saves and restores them -> services with their servers.

What a rule leaves out is what ipvsadm 1.31 takes for it. Whether the kernel can work with it is not judged here: that
does whoever applies it.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
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
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.uapi import (
    SCHEDULER_FLAGS,
    SCHEDULER_FLAGS_OF,
    TUNNEL_TYPES,
    flag_names,
)

from .grammar import (
    CHECKSUMS,
    FORWARDING,
    IPV6,
    SERVER_OPTIONS,
    SERVICE_NAMES,
    SERVICE_OPTIONS,
    TUNNEL_OPTIONS,
    Rule,
    RuleError,
    split_rule,
)

MOST_SHOWN = 50
"""More mistakes than this are counted and not listed: nobody reads further."""

DEFAULT_PERSISTENCE = 360
LONGEST_PERSISTENCE = 31 * 24 * 3600
LARGEST_PORT = 2**16 - 1
LARGEST_MARK = 2**32 - 1
LARGEST_NUMBER = 2**31 - 1
METHODS = {"gatewaying": "dr", "ipip": "tun", "masquerading": "nat"}


class IpvsadmError(ValueError):
    """Some lines cannot be read; `str()` lists them."""

    def __init__(self, mistakes: list[str]) -> None:
        shown = mistakes[:MOST_SHOWN]
        if len(mistakes) > MOST_SHOWN:
            shown.append(f"and {len(mistakes) - MOST_SHOWN} more lines")
        super().__init__("\n".join(shown))


class _Table:
    """What the lines so far have added, and which line added it."""

    def __init__(self) -> None:
        self.services: dict[ServiceKey, tuple[Service, int]] = {}
        self.servers: dict[ServiceKey, dict[ServerKey, tuple[Server, int]]] = {}

    def add(self, rule: Rule, line: int) -> None:
        """Take one rule. Raises RuleError."""
        key = _service_key(rule)
        if "add-service" in rule.values:
            self._add_service(_service(rule, key), line)
        elif "add-server" in rule.values:
            self._add_server(key, _server(rule, key), line)
        else:
            raise RuleError("there is neither -A nor -a: write the rules that make up a table, as ipvsadm --save does")

    def _add_service(self, service: Service, line: int) -> None:
        if service.key in self.services:
            raise RuleError(f"the service {service.key} is in line {self.services[service.key][1]} too: keep one")
        self.services[service.key] = service, line
        self.servers[service.key] = {}

    def _add_server(self, key: ServiceKey, server: Server, line: int) -> None:
        if key not in self.services:
            raise RuleError(f"no line before adds the service {key}: put its -A line before those of its servers")
        servers = self.servers[key]
        if server.key in servers:
            raise RuleError(f"the server {server.key} of {key} is in line {servers[server.key][1]} too: keep one")
        servers[server.key] = server, line


@dataclass(frozen=True)
class Located:
    """A service, and the numbers of the lines that add it and its servers."""

    full: FullService
    line: int
    server_lines: tuple[int, ...]


def parse(text: str) -> tuple[FullService, ...]:
    """Read all rules of a text, one a line, in its order. Raises IpvsadmError with all mistakes."""
    return tuple(located.full for located in locate(text))


def locate(text: str) -> tuple[Located, ...]:
    """Read all rules as `parse` does, with their lines."""
    table, mistakes = _Table(), []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                table.add(split_rule(line), number)
            except RuleError as error:
                mistakes.append(f"line {number}: {error}")
    if mistakes:
        raise IpvsadmError(mistakes)
    return tuple(
        Located(
            FullService(service, tuple(server for server, _line in table.servers[key].values())),
            line,
            tuple(line for _server, line in table.servers[key].values()),
        )
        for key, (service, line) in table.services.items()
    )


def _service_key(rule: Rule) -> ServiceKey:
    named = rule.one_of(SERVICE_NAMES)
    if named is None:
        raise RuleError("no service is named: write -t, -u, --sctp-service or -f with one")
    value = rule.values[named.name]
    if named.name == "fwmark-service":
        return FwmarkKey(_mark(value), "ipv6" if IPV6.name in rule.values else "ipv4")
    rule.refuse((IPV6,), "belongs to -f: leave it out, the address says of which family the service is")
    vip, port = _address_and_port(value, default_port=0)
    return AddressKey(named.name.split("-", maxsplit=1)[0], vip, port)


def _mark(value: str) -> int:
    # ipvsadm shows marks from 2^31 on as negative numbers.
    is_negative = value.startswith("-")
    number = _number("-f", value[1:] if is_negative else value, 1, LARGEST_MARK)
    return LARGEST_MARK + 1 - number if is_negative else number


def _service(rule: Rule, key: ServiceKey) -> Service:
    rule.refuse(SERVER_OPTIONS, "belongs to -a: leave it out of an -A line")
    scheduler = rule.values.get("scheduler", "wlc")
    return Service(
        key=key,
        scheduler=scheduler,
        flags=_flags(rule.values.get("sched-flags", ""), scheduler),
        persistence=_persistence(rule, _version(key)),
        one_packet="ops" in rule.values,
    )


def _version(key: ServiceKey) -> int:
    if isinstance(key, AddressKey):
        return key.vip.version
    return 6 if key.family == "ipv6" else 4


def _flags(value: str, scheduler: str) -> tuple[str, ...]:
    """Read a row of flags, each under its own name or that of the scheduler."""
    bits = {name: bit for bit, name in SCHEDULER_FLAGS.items()}
    bits.update((name, bit) for bit, name in SCHEDULER_FLAGS_OF.get(scheduler, {}).items())
    flags = 0
    for name in filter(None, value.split(",")):
        if name not in bits:
            raise RuleError(
                f"{name} is not a flag of the scheduler {scheduler}: write one of {', '.join(sorted(bits))}"
            )
        flags |= bits[name]
    return flag_names(flags, scheduler)


def _persistence(rule: Rule, version: int) -> Persistence | None:
    engine = rule.values.get("pe")
    if "persistent" not in rule.values and engine is None:
        return None  # the kernel ignores the mask of a service that is not persistent
    timeout = 0
    if "persistent" in rule.values:
        timeout = _number("-p", rule.values["persistent"] or str(DEFAULT_PERSISTENCE), 1, LONGEST_PERSISTENCE)
    mask = rule.values.get("netmask")
    if version == 6:
        return Persistence(timeout, None, 128 if mask is None else _number("-M", mask, 1, 128), engine)
    try:
        return Persistence(timeout, IPv4Address(mask or "255.255.255.255"), None, engine)
    except AddressValueError:
        raise RuleError(f"-M {mask} is not a mask for IPv4: write one such as 255.255.255.0") from None


def _server(rule: Rule, key: ServiceKey) -> Server:
    rule.refuse(SERVICE_OPTIONS, "belongs to -A: leave it out of an -a line")
    if "real-server" not in rule.values:
        raise RuleError("no server is named: write -r with its address and port")
    service_port = key.port if isinstance(key, AddressKey) else 0
    address, port = _address_and_port(rule.values["real-server"], service_port)
    method = rule.one_of(FORWARDING)
    forwarding = METHODS[method.name] if method else "dr"
    if forwarding != "nat" and isinstance(key, AddressKey):
        port = service_port  # as ipvsadm does: packets arrive at the port of the service
    return Server(
        key=ServerKey(address, port),
        forwarding=forwarding,
        weight=_number("-w", rule.values.get("weight", "1"), 0, LARGEST_NUMBER),
        upper_threshold=_number("-x", rule.values.get("u-threshold", "0"), 0, LARGEST_NUMBER),
        lower_threshold=_number("-y", rule.values.get("l-threshold", "0"), 0, LARGEST_NUMBER),
        tunnel=_tunnel(rule, forwarding),
    )


def _tunnel(rule: Rule, forwarding: str) -> Tunnel | None:
    if forwarding != "tun":
        rule.refuse(TUNNEL_OPTIONS, "belongs to -i: add -i")
        return None
    kind = rule.values.get("tun-type", "ipip")
    if kind not in TUNNEL_TYPES.values():
        raise RuleError(f"{kind} is not a type of tunnel: write one of {', '.join(TUNNEL_TYPES.values())}")
    if ("tun-port" in rule.values) != (kind == "gue"):
        raise RuleError("--tun-port belongs to --tun-type gue, and only there: write both, or neither")
    checksum = rule.one_of(CHECKSUMS)
    return Tunnel(
        type=kind,
        port=_number("--tun-port", rule.values["tun-port"], 1, LARGEST_PORT) if kind == "gue" else 0,
        checksum=checksum.name.split("-", maxsplit=1)[1] if checksum else "nocsum",
    )


def _address_and_port(value: str, default_port: int) -> tuple[Address, int]:
    """Read `192.0.2.1:80` or `[2001:db8::1]:80`; the port may be left out."""
    is_ipv6 = value.startswith("[")
    host, _bracket, rest = value[1:].partition("]") if is_ipv6 else (value.split(":", maxsplit=1)[0], "", "")
    rest = rest if is_ipv6 else value[len(host) :]
    try:
        address = IPv6Address(host) if is_ipv6 else IPv4Address(host)
        if (rest and not rest.startswith(":")) or "%" in host:
            raise AddressValueError
    except AddressValueError:
        raise RuleError(
            f"{value} is not an address with a port such as 192.0.2.1:80 or [2001:db8::1]:80:"
            " save with ipvsadm --save --numeric, which writes no names"
        ) from None
    return address, _number("the port", rest[1:], 0, LARGEST_PORT) if rest else default_port


def _number(what: str, value: str, low: int, high: int) -> int:
    if value.isascii() and value.isdigit() and low <= int(value[:20]) <= high:
        return int(value)
    raise RuleError(f"{what} {value or 'without a value'} is out of range: write a whole number from {low} to {high}")
