# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services as they were found -> services of the declaration, with what is lost on the way."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.packets import KEEPS_VIP
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_forwarding import CHECKSUMS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_options import TRANSPORT
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Netmask, family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import (
    SCHEDULER_FLAGS,
    SCHEDULERS,
    HealthCheck,
    Persistence,
    RealServer,
    Service,
    SorryServer,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import GUE_PORT, methods
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.vocabulary import PORT, VIP

from .hosts import HostBook
from .model import FoundServer, FoundService, FoundTunnel, Known, Loss, Mark

LARGEST_WEIGHT = 65535
LARGEST_MARK = 2**32 - 1
LONGEST_PERSISTENCE = 31 * 86400
LONGEST_NAME = 64
DEFAULT_SCHEDULER = "wlc"
FULL = {4: "255.255.255.255", 6: 128}

LIMITS = {"delay_loop": (1, 3600), "connect_timeout": (1, 3600), "delay_before_retry": (1, 3600), "retry": (0, 100)}
"""Numbers of a health check -> the least and the most that they may be."""


class _NotCarriedError(Exception):
    """Why a service cannot be carried over."""


class ServiceImporter:
    """Makes services of a declaration; `losses` gets what cannot be carried over."""

    def __init__(self, known: Known, hosts: HostBook, losses: list[Loss]) -> None:
        self._known = known
        self._hosts = hosts
        self._losses = losses
        self._names: set[str] = set()
        self._claimed: dict[object, str] = {}
        """A mark, or a VIP with port and protocol -> the title of the service that has it."""

    def make(self, found: Iterable[FoundService]) -> tuple[Service, ...]:
        """The services that can be carried over."""
        made: list[Service] = []
        marked: dict[int, int] = {}
        for each in found:
            service = self._service(each)
            if service is None:
                continue
            if service.fwmark in marked:
                position = marked[service.fwmark]
                both = _of_both_families(made[position], service)
                if both is None:
                    other = self._claimed[service.fwmark, 10 - each.family]
                    self._lose(each, "", each.title, f"its mark, or address and port, is that of {other} already")
                else:
                    made[position] = both
                continue
            if service.fwmark is not None:
                marked[service.fwmark] = len(made)
            made.append(service)
        return tuple(made)

    def _lose(self, found: FoundService | FoundServer, name: str, value: object, reason: str) -> None:
        self._losses.append(found.source.loss(name, value, reason))

    def _service(self, found: FoundService) -> Service | None:
        """The service, or None after the reason has been noted."""
        try:
            return self._carried(found)
        except _NotCarriedError as error:
            self._lose(found, "", found.title, str(error))
            return None

    def _carried(self, found: FoundService) -> Service:
        joined = self._endpoints(found)
        ports = joined.ports
        used = Counter(server.forwarding for server in found.servers).most_common(1)
        method = used[0][0] if used else ""
        servers = self._servers(found, ports, method)
        if not servers:
            raise _NotCarriedError("no real server of it can be carried over")
        self._claimed.update(dict.fromkeys(_keys(found, joined), found.title))
        return Service(
            name=self._name(found, joined),
            vip=joined.vips,
            port=ports,
            fwmark=found.fwmark,
            protocol=joined.protocol,
            forwarding=method,
            tunnel=self._tunnel(found),
            scheduler=self._scheduler(found),
            scheduler_flags=self._flags(found),
            persistence=self._persistence(found, joined.protocol),
            one_packet=self._one_packet(found, joined.protocol),
            real_servers=servers,
            sorry_server=self._sorry_server(found, ports, method, servers),
            health_check=self._health_check(found, ports, joined.protocol),
            quorum=found.quorum,
            hysteresis=found.hysteresis,
            inhibit_on_failure=found.inhibit_on_failure,
        )

    def _endpoints(self, found: FoundService) -> Mark:
        """The VIPs and ports of a service. Raises _NotCarriedError."""
        joined = self._joined(found)
        if any(VIP.read(each, "", Problems()) is INVALID for each in joined.vips):
            raise _NotCarriedError("this cannot be a virtual address")
        if 0 in joined.ports:
            reason = "port 0 stands for all ports, which a service here has to list; a fwmark joins many"
            raise _NotCarriedError(reason)
        if not all(0 < port <= PORT.maximum for port in joined.ports):
            raise _NotCarriedError(f"a port is from {PORT.describe()}")
        taken = [self._claimed[key] for key in _keys(found, joined) if key in self._claimed]
        if taken:
            raise _NotCarriedError(f"its mark, or address and port, is that of {taken[0]} already")
        return joined

    def _joined(self, found: FoundService) -> Mark:
        """What the user says that a mark joins, else what the file says."""
        if found.fwmark is not None and not 0 < found.fwmark <= LARGEST_MARK:
            raise _NotCarriedError(f"a firewall mark is from 1 to {LARGEST_MARK}")
        mark = self._known.marks.get(found.fwmark) if found.fwmark else None
        vips = tuple(vip for vip in mark.vips if family(vip) == found.family) if mark else ()
        if mark and vips:
            return dataclasses.replace(mark, vips=vips)
        if found.vip is None:
            reason = f"what mark {found.fwmark} joins is in firewall rules: say its VIPs and ports, see docs/import.md"
            raise _NotCarriedError(reason)
        vip = self._hosts.address_of(found.vip, found.family)
        if vip is None:
            raise _NotCarriedError(f"the address of {found.vip} is not known: say it, see docs/import.md")
        return Mark((vip,), found.ports, found.protocol)

    def _name(self, found: FoundService, joined: Mark) -> str:
        """A name that no other service has."""
        key = f"{joined.protocol}-{joined.vips[0]}-{joined.ports[0]}"
        wanted = found.name or (f"fwmark-{found.fwmark}" if found.fwmark else key)
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", wanted).strip("-._")
        stem = plain[:LONGEST_NAME] or f"service-{found.source.line}"
        if found.name and stem != found.name:
            self._lose(
                found, "name", found.name, f"a name has letters, digits, '-', '_' and '.' only: it is {stem} now"
            )
        name, number = stem, 1
        while name in self._names:
            number += 1
            name = f"{stem[: LONGEST_NAME - 8]}-{number}"
        self._names.add(name)
        return name

    def _servers(self, found: FoundService, ports: tuple[int, ...], method: str) -> tuple[RealServer, ...]:
        servers: dict[str, RealServer] = {}
        for server in found.servers:
            reason = self._hosts.refusal(server.host, found.family)
            if reason is not None:
                self._lose(server, "", server.host, reason)
                continue
            name = self._hosts.add(server.host, found.family)
            if name in servers:
                self._lose(server, "", server.host, "the host is in the service already, and is listed once")
                continue
            if self._hosts.lacks_address(name):
                self._lose(server, "", server.host, "its address is not known: write lvs_address in the inventory")
            servers[name] = self._server(found, server, name, ports, method)
        return tuple(servers.values())

    def _server(
        self, found: FoundService, server: FoundServer, name: str, ports: tuple[int, ...], method: str
    ) -> RealServer:
        weight = max(0, min(server.weight, LARGEST_WEIGHT))
        if weight != server.weight:
            self._lose(server, "weight", server.weight, f"a weight is from 0 to {LARGEST_WEIGHT}")
        lower = server.lower_threshold
        if lower > server.upper_threshold:
            self._lose(server, "lower_threshold", lower, "it is above the upper threshold, and was without effect")
            lower = 0
        return RealServer(
            host=name,
            weight=weight,
            port=self._port(found, server, ports, server.forwarding),
            upper_threshold=server.upper_threshold,
            lower_threshold=lower,
            forwarding=None if server.forwarding == method else server.forwarding,
        )

    def _port(self, found: FoundService, server: FoundServer, ports: tuple[int, ...], method: str) -> int | None:
        """The port of a server, if it has one of its own."""
        if server.port == 0 or ports == (server.port,):
            return None
        if found.fwmark is not None:
            self._lose(server, "port", server.port, "packets of a fwmark service keep their port here")
            return None
        if method in KEEPS_VIP:
            self._lose(server, "port", server.port, f"by {method} packets keep their port: this one was without effect")
            return None
        if not PORT.minimum <= server.port <= PORT.maximum:
            self._lose(server, "port", server.port, f"a port is from {PORT.describe()}")
            return None
        return server.port

    def _tunnel(self, found: FoundService) -> Tunnel | None:
        """The tunnel of the service: that of its first server that has one."""
        servers = [*found.servers, *([found.sorry] if found.sorry else [])]
        used = [(server, server.tunnel) for server in servers if server.tunnel]
        if not used:
            return None
        first_server, first = used[0]
        for server, other in used:
            if other != first:
                self._lose(server, "tunnel", _words(other), f"a service has one kind of tunnel: {_words(first)}")
        checksum = first.checksum
        if checksum not in CHECKSUMS[first.type]:
            self._lose(
                first_server, "tunnel", _words(first), f"real servers cannot unwrap {first.type} with a checksum"
            )
            checksum = "nocsum"
        tunnel = Tunnel(
            type=first.type,
            port=first.port if first.port not in (0, GUE_PORT) else None,
            checksum=None if checksum == "nocsum" else checksum,
        )
        return None if tunnel == Tunnel() else tunnel

    def _scheduler(self, found: FoundService) -> str:
        if found.scheduler in SCHEDULERS:
            return found.scheduler
        self._lose(found, "scheduler", found.scheduler, f"there is no such scheduler: it is {DEFAULT_SCHEDULER} now")
        return DEFAULT_SCHEDULER

    def _flags(self, found: FoundService) -> tuple[str, ...]:
        kept = []
        for flag in dict.fromkeys(found.flags):
            if flag in SCHEDULER_FLAGS and flag.partition("-")[0] in ("flag", found.scheduler):
                kept.append(flag)
            else:
                self._lose(found, "flags", flag, f"this is not a flag of the scheduler {found.scheduler}")
        return tuple(kept)

    def _persistence(self, found: FoundService, protocol: str) -> Persistence | None:
        old = found.persistence
        if old is None:
            return None
        engine = old.engine
        if engine and (engine, protocol) != ("sip", "udp"):
            self._lose(found, "engine", engine, "the only persistence engine is sip, for udp")
            engine = None
        if old.timeout <= 0:
            self._lose(found, "persistence", engine or 0, "persistence needs a time of at least one second")
            return None
        if old.timeout > LONGEST_PERSISTENCE:
            self._lose(found, "persistence", old.timeout, f"the longest time is {LONGEST_PERSISTENCE} seconds")
        netmask = old.netmask if old.netmask != FULL[4] else None
        if netmask and Netmask().read(netmask, "", Problems()) is INVALID:
            self._lose(found, "netmask", netmask, "this is not the mask of a network of clients")
            netmask = None
        prefix = old.prefix if old.prefix != FULL[6] else None
        return Persistence(timeout=min(old.timeout, LONGEST_PERSISTENCE), netmask=netmask, prefix=prefix, engine=engine)

    def _one_packet(self, found: FoundService, protocol: str) -> bool:
        if found.one_packet and protocol != "udp":
            self._lose(found, "one_packet", "", f"the service is {protocol}, whose packets belong to connections")
        return found.one_packet and protocol == "udp"

    def _sorry_server(
        self, found: FoundService, ports: tuple[int, ...], method: str, servers: tuple[RealServer, ...]
    ) -> SorryServer | None:
        sorry = found.sorry
        if sorry is None:
            return None
        reason = self._hosts.refusal(sorry.host, found.family)
        if reason is not None:
            self._lose(sorry, "", sorry.host, reason)
            return None
        name = self._hosts.add(sorry.host, found.family)
        if name in {server.host for server in servers}:
            self._lose(sorry, "", sorry.host, "it is a real server of the service, which is out when it is needed")
            return None
        if self._hosts.lacks_address(name):
            self._lose(sorry, "", sorry.host, "its address is not known: write lvs_address in the inventory")
        return SorryServer(
            host=name,
            port=self._port(found, sorry, ports, sorry.forwarding),
            inhibit=sorry.inhibit,
            forwarding=None if sorry.forwarding == method else sorry.forwarding,
        )

    def _health_check(self, found: FoundService, ports: tuple[int, ...], protocol: str) -> HealthCheck | None:
        check = found.check
        if check is None:
            return None
        numbers: dict[str, Any] = {}
        for name, (least, most) in LIMITS.items():
            value = getattr(check, name)
            numbers[name] = min(max(value, least), most)
            if numbers[name] != value:
                self._lose(found, name, value, f"it has to be from {least} to {most}: it is {numbers[name]} now")
        transport = TRANSPORT.get(check.type, protocol)
        if transport != protocol and check.port is None and (check.type, protocol) != ("dns", "tcp"):
            # Such a check does not ask the service itself, so it has to be told the port.
            numbers["port"] = ports[0]
        return dataclasses.replace(check, **numbers)


def _keys(found: FoundService, joined: Mark) -> list[object]:
    """What no two services may have in common."""
    endpoints: list[object] = [(vip, port, joined.protocol) for vip in joined.vips for port in joined.ports]
    return [*endpoints, (found.fwmark, found.family)] if found.fwmark else endpoints


def _of_both_families(one: Service, other: Service) -> Service | None:
    """The one service that a mark is in a declaration, if those of both families that it is in the kernel are alike."""
    persistence = one.persistence
    if persistence is not None and other.persistence is not None:
        persistence = dataclasses.replace(
            persistence,
            netmask=persistence.netmask or other.persistence.netmask,
            prefix=persistence.prefix or other.persistence.prefix,
        )
    both = dataclasses.replace(one, vip=(*one.vip, *other.vip), persistence=persistence)
    alike = dataclasses.replace(other, name=both.name, vip=both.vip, persistence=_without_mask(other))
    return both if alike == dataclasses.replace(both, persistence=_without_mask(one)) else None


def _without_mask(service: Service) -> Persistence | None:
    return service.persistence and dataclasses.replace(service.persistence, netmask=None, prefix=None)


def nat_gateway(known: Known, services: Iterable[Service], losses: list[Loss]) -> tuple[str, ...]:
    """The gateways that services forwarded by nat need; `losses` is told of those that are not known."""
    needed = {
        version: service.name
        for service in services
        if "nat" in methods(service)
        for version in {family(vip) for vip in service.vip}
    }
    for version in sorted(needed.keys() - {family(gateway) for gateway in known.nat_gateway}):
        reason = f"write the address by which the real servers of {needed[version]} answer; it moves with the VIPs"
        losses.append(Loss(None, "lvs_nat_gateway", f"IPv{version}", reason))
    return known.nat_gateway if needed else ()


def _words(tunnel: FoundTunnel) -> str:
    return f"{tunnel.type} {tunnel.port or ''} {tunnel.checksum}".replace("  ", " ")
