# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Piranha's lvs.cf -> services as they were found, the directors and how they agree."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import VRRP, HealthCheck
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, options
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import is_address
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.model import (
    DEFAULT_PORT,
    Configuration,
    Server,
    Virtual,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.parse import parse
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.values import Alias

from .assemble import assemble
from .model import FoundPersistence, FoundServer, FoundService, Imported, Known, Loss, Source

METHODS = {None: "nat", "nat": "nat", "direct": "dr", "tunnel": "tun"}
TIMEOUT = 10
KEEPALIVE = 2
HTTPS_PORT = 443

WORDS = {
    "persistence": "persistent",
    "netmask": "pmask",
    "delay_loop": "timeout",
    "connect_timeout": "timeout",
}

FAILOVER = "services of the directors themselves are no LVS services: a cluster manager such as Pacemaker runs these"
SHARED = "directors share no disk; VRRP decides who is active"
PROGRAMS = "no program is run when a director changes its state"
TIMEOUTS = "IPVS's timeouts cannot be declared yet: the kernel's are 900, 120 and 300 seconds"

LEFT: Mapping[type, Mapping[str, str]] = {
    Configuration: {
        "serial_no": "it counts changes made with the web interface",
        "primary_private": "directors reach each other by lvs_address; there is no second network for adverts",
        "primary_shared": SHARED,
        "backup_private": "directors reach each other by lvs_address; there is no second network for adverts",
        "backup_shared": SHARED,
        "reservation_conflict_action": SHARED,
        "nat_nmask": "the address of the gateway gets a host route; it is on the interface of lvs_address",
        "active_cmd": PROGRAMS,
        "inactive_cmd": PROGRAMS,
        "monitor_links": "the active director gives the VIPs up when the interface of lvs_address is down",
        "debug_level": "the director engine logs to the journal",
        "hard_shutdown": "what happens to the table at a stop is the director engine's matter",
        "ipvsadm": "ipvsadm is not used",
        "deadtime": "a backup takes over after some three adverts have not come",
        "rsh_command": "Ansible copies files",
        "syncd_iface": "connections are synchronised over the interface of lvs_address",
        "tcp_timeout": TIMEOUTS,
        "tcpfin_timeout": TIMEOUTS,
        "udp_timeout": TIMEOUTS,
        "heartbeat_port": "VRRP has no port: let IP protocol 112 pass",
        "sync": "Ansible copies files",
    },
    Virtual: {
        "vip_nmask": "VIPs are host routes, without their network's mask",
        "client_monitor": "the director engine checks the servers itself",
        "use_regex": "what is in the answer is not compared",
        "reentry": "a server is back after its first good check",
        "start_cmd": FAILOVER,
        "stop_cmd": FAILOVER,
        "master": FAILOVER,
        "dirs": "the collection shares folders by lvs_shared_data",
    },
}
"""Keywords that are never carried over, and why."""

INERT: Mapping[str, object] = {"debug_level": "NONE", "monitor_links": 0, "sync": False, "use_regex": False}
"""Keyword -> the value by which nothing is lost."""

READ: Mapping[type, frozenset[str]] = {
    Configuration: frozenset(
        {"primary", "backup", "backup_active", "nat_router", "keepalive", "syncdaemon", "syncd_id"}
        | {"heartbeat", "network", "service"}
    ),
    Virtual: frozenset(
        {"active", "address", "sorry_server", "fwmark", "protocol", "port", "scheduler", "persistent", "pmask"}
        | {"send_program", "send", "expect", "timeout", "load_monitor", "quiesce_server"}
    ),
    Server: frozenset({"address", "active", "weight", "port"}),
}
"""Keywords that are carried over where that is possible, and whose losses are noted one by one."""


def read(text: str, known: Known) -> Imported:
    """Import lvs.cf. Raises ConfigurationError with all mistakes."""
    return _Reader(parse(text), known).read()


class _Reader:
    def __init__(self, configuration: Configuration, known: Known) -> None:
        self._configuration = configuration
        self._known = known
        self._losses = [
            Loss(each.line, each.keyword, each.value, "the keyword is there again below, which is the one that counts")
            for each in configuration.repeated
        ]

    def read(self) -> Imported:
        configuration = self._configuration
        self._leave(configuration)
        directors = self._directors()
        virtuals = [virtual for virtual in configuration.virtuals if self._in_use(virtual)]
        found = _joined([self._service(virtual) for virtual in virtuals], self._losses)
        vrrp = self._vrrp()
        self._take_gateway()
        return assemble(
            "piranha",
            found,
            self._known,
            self._losses,
            host_names=_names(virtuals),
            directors=directors,
            variables={"lvs_vrrp": vrrp} if vrrp else {},
        )

    def _lose(self, section: Configuration | Virtual | Server, keyword: str, value: object, reason: str) -> None:
        line = section.lines.get(keyword, 0 if isinstance(section, Configuration) else section.line)
        self._losses.append(Loss(line or None, keyword, _show(value), reason))

    def _leave(self, section: Configuration | Virtual) -> None:
        """Note what is set and never carried over."""
        for keyword, reason in LEFT[type(section)].items():
            value = getattr(section, keyword)
            if value is not None and value != INERT.get(keyword):
                self._lose(section, keyword, value, reason)

    def _directors(self) -> list[str]:
        """The directors, the active one first: it has the higher priority."""
        configuration = self._configuration
        hosts = [configuration.primary] if configuration.primary else []
        if configuration.backup and configuration.backup not in ("0.0.0.0", *hosts):  # noqa: S104 what the web interface writes for none
            if configuration.backup_active:
                hosts.append(configuration.backup)
            else:
                reason = "without backup_active = 1 it was not in use"
                self._lose(configuration, "backup", configuration.backup, reason)
        if configuration.heartbeat is False and len(hosts) > 1:
            self._lose(configuration, "heartbeat", False, "two directors always watch each other, by VRRP")
        return hosts

    def _vrrp(self) -> dict[str, int]:
        """What directors agree on, as far as the declaration takes it."""
        configuration = self._configuration
        if configuration.syncdaemon is False:
            self._lose(configuration, "syncdaemon", False, "directors always synchronise connections")
        wanted = (("keepalive", "advert_int"), ("syncd_id", "sync_id"))
        found: dict[str, int] = {}
        for keyword, name in wanted:
            value = getattr(configuration, keyword)
            if value is None or value == options(VRRP)[name].default:
                continue
            if options(VRRP)[name].spec.read(value, "", Problems()) is INVALID:
                self._lose(
                    configuration, keyword, value, f"lvs_vrrp.{name} has to be {options(VRRP)[name].spec.describe()}"
                )
            else:
                found[name] = value
        return found

    def _take_gateway(self) -> None:
        """Make the address on the real servers' side, by which answers come back, known."""
        router = self._configuration.nat_router
        if router is None:
            return
        if self._method() != "nat":
            self._lose(self._configuration, "nat_router", router, "the services are not forwarded by nat")
        elif not is_address(router.host):
            self._lose(self._configuration, "nat_router", router, "its address is not known")
        else:
            self._known = dataclasses.replace(self._known, nat_gateway=(router.host,))
            reason = "the gateway is on the interface of lvs_address, without a label"
            self._lose(self._configuration, "nat_router", router.device, reason)

    def _method(self) -> str:
        """The forwarding method of all services."""
        return METHODS[self._configuration.network]

    def _in_use(self, virtual: Virtual) -> bool:
        """Whether Piranha runs a virtual as an LVS service."""
        reason = ""
        if virtual.failover:
            reason = FAILOVER
        elif self._configuration.service == "fos":
            reason = "with service = fos Piranha runs failover services only"
        elif not virtual.active:
            reason = "without active = 1 it is not in use"
        elif virtual.address is None and not virtual.fwmark:
            reason = "it has no address"
        if reason:
            word = "failover" if virtual.failover else "virtual"
            self._losses.append(Loss(virtual.line, word, virtual.name, reason))
        return not reason

    def _service(self, virtual: Virtual) -> FoundService:
        self._leave(virtual)
        self._lose_from(virtual)
        source = Source(virtual.line, "virtual", WORDS, virtual.lines)
        port = DEFAULT_PORT if virtual.port is None else virtual.port
        return FoundService(
            source=source,
            title=virtual.name,
            name=virtual.name,
            protocol=virtual.protocol or "tcp",
            family=4,
            vip=virtual.address.host if virtual.address else None,
            ports=(port,),
            fwmark=virtual.fwmark or None,
            scheduler=virtual.scheduler or "wlc",
            persistence=self._persistence(virtual),
            servers=tuple(self._servers(virtual, port)),
            sorry=self._sorry(virtual),
            check=self._check(virtual, port),
        )

    def _lose_from(self, virtual: Virtual) -> None:
        if virtual.address:
            self._lose(
                virtual, "address", virtual.address.device, "VIPs are on the interface of lvs_address, without a label"
            )
        if virtual.quiesce_server:
            reason = "a server that fails is taken out of the table; it does not stay with weight 0"
            self._lose(virtual, "quiesce_server", True, reason)
        if virtual.load_monitor not in (None, "none"):
            self._lose(virtual, "load_monitor", virtual.load_monitor, "weights do not follow the load of the servers")

    def _persistence(self, virtual: Virtual) -> FoundPersistence | None:
        if not virtual.persistent:
            if virtual.pmask:
                self._lose(virtual, "pmask", virtual.pmask, "without persistent it was without effect")
            return None
        # lvsconfig.c takes the full mask, and none at all, for no mask.
        netmask = virtual.pmask if virtual.pmask not in ("0.0.0.0", "255.255.255.255") else None  # noqa: S104
        return FoundPersistence(virtual.persistent, netmask=netmask)

    def _servers(self, virtual: Virtual, port: int) -> Iterator[FoundServer]:
        for server in virtual.servers:
            if not server.active:
                self._losses.append(Loss(server.line, "server", server.name, "without active = 1 it is not in use"))
            elif server.address is None:
                self._losses.append(Loss(server.line, "server", server.name, "it has no address"))
            else:
                own = server.inherited_port if server.port is None else server.port
                yield FoundServer(
                    source=Source(server.line, "server", {}, server.lines),
                    host=server.address,
                    port=0 if own == port else own,
                    forwarding=self._method(),
                    weight=1 if server.weight is None else server.weight,
                )

    def _sorry(self, virtual: Virtual) -> FoundServer | None:
        if virtual.sorry_server is None:
            return None
        line = virtual.lines["sorry_server"]
        source = Source(line, "sorry_server", {"port": "sorry_server"})
        return FoundServer(source=source, host=virtual.sorry_server, port=0, forwarding=self._method())

    def _check(self, virtual: Virtual, port: int) -> HealthCheck:
        """The check that comes closest to what nanny did: by a program, by a request, or by connecting."""
        seconds = TIMEOUT if virtual.timeout is None else virtual.timeout
        closest = "udp" if virtual.protocol == "udp" else "tcp"
        check = HealthCheck(type=closest, delay_loop=seconds, connect_timeout=seconds, retry=0)
        if virtual.send_program:
            reason = f"checks by a program are not supported yet: it is type {closest} now"
            self._lose(virtual, "send_program", virtual.send_program, reason)
            if virtual.send is not None:
                self._lose(virtual, "send", virtual.send, "with send_program it was without effect")
            if virtual.expect is not None:
                self._lose(virtual, "expect", virtual.expect, "what is in the answer is not compared")
            return check
        request = re.match(r"(GET|HEAD) (/\S*) HTTP/", virtual.send or "")
        if request and closest == "tcp" and port != HTTPS_PORT and _fits_path(request[2]):
            reason = "an answer with this text was good; now its status has to be 200"
            self._lose(virtual, "expect" if virtual.expect else "send", virtual.expect or virtual.send, reason)
            return dataclasses.replace(check, type="http", path=request[2] if request[2] != "/" else None)
        for keyword in ("send", "expect"):
            value = getattr(virtual, keyword)
            if value is not None:
                reason = f"checks that send a text and compare the answer are not supported: it is type {closest} now"
                self._lose(virtual, keyword, value, reason)
        return check


def _fits_path(path: str) -> bool:
    return options(HealthCheck)["path"].spec.read(path, "", Problems()) is not INVALID


def _joined(found: list[FoundService], losses: list[Loss]) -> list[FoundService]:
    """Services that share a mark as one, which they were in the kernel: the first one, with the ports of all."""
    first: dict[int, int] = {}
    joined: list[FoundService] = []
    for each in found:
        if each.fwmark is None or each.fwmark not in first:
            if each.fwmark is not None:
                first[each.fwmark] = len(joined)
                reason = "what else the mark joins is in firewall rules: add their VIPs and ports to the service"
                losses.append(each.source.loss("fwmark", each.fwmark, reason))
            joined.append(each)
            continue
        one = joined[first[each.fwmark]]
        losses.append(
            each.source.loss("", each.title, f"its mark is that of {one.title}: only its port is added there")
        )
        joined[first[each.fwmark]] = dataclasses.replace(one, ports=tuple(dict.fromkeys((*one.ports, *each.ports))))
    return joined


def _names(virtuals: list[Virtual]) -> dict[str, str]:
    """What the file calls real servers, by address; only names that stand for one address everywhere."""
    servers = [server for virtual in virtuals for server in virtual.servers if server.active and server.address]
    pairs = dict.fromkeys((server.name, str(server.address)) for server in servers)
    addresses = Counter(name for name, _address in pairs)
    names: dict[str, str] = {}
    for name, address in pairs:
        if addresses[name] == 1 and is_address(address) and not is_address(name):
            names.setdefault(address, name)
    return names


def _show(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Alias):
        return f"{value.host} {value.device}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
