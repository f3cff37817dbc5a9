# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Piranha's lvs.cf -> services as they were found, the directors and how they agree."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import HealthCheck
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, options
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import is_address
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.model import DEFAULT_PORT, Configuration, Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.parse import parse

from .assemble import assemble
from .model import FoundPersistence, FoundServer, FoundService, Imported, Known, Loss, Source
from .piranha_cluster import forwarding_of, read_directors, read_gateway, read_vrrp
from .piranha_words import FAILOVER, Losses

TIMEOUT = 10
HTTPS_PORT = 443
NO_MASKS = ("0.0.0.0", "255.255.255.255")  # noqa: S104
"""What lvsconfig.c takes for no mask."""

WORDS = {
    "persistence": "persistent",
    "netmask": "pmask",
    "delay_loop": "timeout",
    "connect_timeout": "timeout",
}


def read(text: str, known: Known) -> Imported:
    """Import lvs.cf. Raises ConfigurationError with all mistakes."""
    configuration = parse(text)
    losses = Losses(configuration)
    losses.leave(configuration)
    reader = _VirtualReader(configuration, losses)
    virtuals = [virtual for virtual in configuration.virtuals if reader.is_in_use(virtual)]
    found = _joined([reader.read(virtual) for virtual in virtuals], losses.found)
    vrrp = read_vrrp(configuration, losses)
    gateway = read_gateway(configuration, losses)
    return assemble(
        "piranha",
        found,
        dataclasses.replace(known, nat_gateway=(gateway,)) if gateway else known,
        losses.found,
        host_names=_names(virtuals),
        directors=read_directors(configuration, losses),
        variables={"lvs_vrrp": vrrp} if vrrp else {},
    )


class _VirtualReader:
    """Reads virtuals, one by one."""

    def __init__(self, configuration: Configuration, losses: Losses) -> None:
        self._configuration = configuration
        self._losses = losses
        self._forwarding = forwarding_of(configuration)

    def is_in_use(self, virtual: Virtual) -> bool:
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
            self._losses.add_block(virtual, reason)
        return not reason

    def read(self, virtual: Virtual) -> FoundService:
        self._losses.leave(virtual)
        self._note_habits(virtual)
        port = DEFAULT_PORT if virtual.port is None else virtual.port
        return FoundService(
            source=Source(virtual.line, "virtual", WORDS, virtual.lines),
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
            inhibit_on_failure=bool(virtual.quiesce_server),
            check=self._check(virtual, port),
        )

    def _note_habits(self, virtual: Virtual) -> None:
        """Note what only some values of keywords lose."""
        if virtual.address:
            reason = "VIPs are on the interface of lvs_address, without a label"
            self._losses.add(virtual, "address", virtual.address.device, reason)
        if virtual.load_monitor not in (None, "none"):
            reason = "weights do not follow the load of the servers"
            self._losses.add(virtual, "load_monitor", virtual.load_monitor, reason)

    def _persistence(self, virtual: Virtual) -> FoundPersistence | None:
        if not virtual.persistent:
            if virtual.pmask:
                self._losses.add(virtual, "pmask", virtual.pmask, "without persistent it was without effect")
            return None
        netmask = None if virtual.pmask in NO_MASKS else virtual.pmask
        return FoundPersistence(virtual.persistent, netmask=netmask)

    def _servers(self, virtual: Virtual, port: int) -> Iterator[FoundServer]:
        for server in virtual.servers:
            if not server.active:
                self._losses.add_block(server, "without active = 1 it is not in use")
            elif server.address is None:
                self._losses.add_block(server, "it has no address")
            else:
                own = server.inherited_port if server.port is None else server.port
                yield FoundServer(
                    source=Source(server.line, "server", {}, server.lines),
                    host=server.address,
                    port=0 if own == port else own,
                    forwarding=self._forwarding,
                    weight=1 if server.weight is None else server.weight,
                )

    def _sorry(self, virtual: Virtual) -> FoundServer | None:
        if virtual.sorry_server is None:
            return None
        line = virtual.lines["sorry_server"]
        source = Source(line, "sorry_server", {"port": "sorry_server"})
        return FoundServer(source=source, host=virtual.sorry_server, port=0, forwarding=self._forwarding)

    def _check(self, virtual: Virtual, port: int) -> HealthCheck:
        """The check that comes closest to what nanny did: by a program, by a request, or by connecting."""
        seconds = TIMEOUT if virtual.timeout is None else virtual.timeout
        closest = "udp" if virtual.protocol == "udp" else "tcp"
        check = HealthCheck(type=closest, delay_loop=seconds, connect_timeout=seconds, retry=0)
        if virtual.send_program:
            reason = f"what the program prints counted, and a check goes by how it ends: it is type {closest} now"
            self._losses.add(virtual, "send_program", virtual.send_program, reason)
            if virtual.send is not None:
                self._losses.add(virtual, "send", virtual.send, "with send_program it was without effect")
            if virtual.expect is not None:
                self._losses.add(virtual, "expect", virtual.expect, "what is in the answer is not compared")
            return check
        request = re.match(r"(GET|HEAD) (/\S*) HTTP/", virtual.send or "")
        if request and closest == "tcp" and port != HTTPS_PORT and _fits_path(request[2]):
            reason = "an answer with this text was good; now its status has to be 200"
            self._losses.add(virtual, "expect" if virtual.expect else "send", virtual.expect or virtual.send, reason)
            return dataclasses.replace(check, type="http", path=request[2] if request[2] != "/" else None)
        for keyword in ("send", "expect"):
            value = getattr(virtual, keyword)
            if value is not None:
                reason = f"checks that send a text and compare the answer are not supported: it is type {closest} now"
                self._losses.add(virtual, keyword, value, reason)
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
