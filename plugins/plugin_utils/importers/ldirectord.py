# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ldirectord.cf -> services as they were found."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import is_address, keywords
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord import effective
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import Configuration, Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.parse import parse
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.values import Fallback, Real

from .assemble import assemble
from .ldirectord_checks import CheckImporter, negotiates
from .model import FoundPersistence, FoundServer, FoundService, Imported, Known, Loss, Source

METHODS = {"gate": "dr", "masq": "nat", "ipip": "tun"}
DEFAULT_SCHEDULER = "wrr"
LARGEST_RANGE = 1024
"""Ranges of more addresses are taken for a mistake."""

WORDS = {
    "name": "servicename",
    "flags": "schedflags",
    "persistence": "persistent",
    "one_packet": "ops",
    "delay_loop": "checkinterval",
    "delay_before_retry": "checkinterval",
    "retry": "failurecount",
}

MAILS = "the collection sends no mails: watch the directors with what you monitor other hosts with"
PROGRAMS = "no program is run when the last real server fails"
LEFT: Mapping[str, str] = {
    "autoreload": "not needed: a changed declaration is reloaded by the run that writes it",
    "callback": "not needed: a run of Ansible writes the configuration on all directors",
    "cleanstop": "what happens to the table at a stop is the director engine's matter",
    "comment": "there is no place for it: write it as a comment into the YAML",
    "emailalert": MAILS,
    "emailalertfrom": MAILS,
    "emailalertfreq": MAILS,
    "emailalertstatus": MAILS,
    "execute": "import the files of further instances one by one",
    "fallbackcommand": PROGRAMS,
    "fork": "not needed: one process checks all services at a time",
    "logfile": "the director engine logs to the journal",
    "maintenancedir": "drain servers with the module ipvs_drain: what the files in there say is not read",
    "monitorfile": "the director engine logs to the journal",
    "readdquiescent": "a failed server is taken out of the table",
    "smtp": MAILS,
    "supervised": "systemd runs the director engine",
}
"""Keywords that are never carried over, and why."""

READ = frozenset(
    {
        *("checkcount", "checkinterval", "checktimeout", "failurecount", "fallback", "fallback6"),
        *("negotiatetimeout", "quiescent"),
        *("netmask", "ops", "persistent", "protocol", "real", "schedflags", "scheduler", "servicename"),
        *("checkcommand", "checkport", "checktype", "database", "httpmethod", "load", "login", "passwd", "receive"),
        *("request", "secret", "service", "virtualhost"),
    }
)
"""Keywords that are carried over where that is possible, and whose losses are noted one by one."""


def read(text: str, known: Known) -> Imported:
    """Import ldirectord.cf. Raises ConfigurationError with all mistakes."""
    return read_model(parse(text), known)


def read_model(configuration: Configuration, known: Known) -> Imported:
    """Import what has been parsed."""
    losses = [
        Loss(each.line, each.keyword, each.value, "the keyword is there again below, which is the one that counts")
        for each in configuration.repeated
    ]
    losses += _left(configuration)
    found = [_VirtualReader(configuration, virtual, losses).read() for virtual in configuration.virtuals]
    losses += _without_effect(configuration, found)
    return assemble("ldirectord", found, known, losses)


def _left(section: Configuration | Virtual) -> Iterator[Loss]:
    cls: type = type(section)
    for keyword, kind in keywords(cls).items():
        value = getattr(section, keyword)
        if keyword in LEFT and value is not None and value != ():
            text = ", ".join(value) if isinstance(value, tuple) else kind.write(value)
            yield Loss(section.lines.get(keyword), keyword, text, LEFT[keyword])


def _without_effect(configuration: Configuration, found: Sequence[FoundService]) -> Iterator[Loss]:
    """Global numbers that no check goes by."""
    negotiating = [negotiates(virtual) for virtual in configuration.virtuals]
    pings = any(service.check and service.check.type == "ping" for service in found)
    idle = {
        "checktimeout": configuration.negotiatetimeout is not None and all(negotiating),
        "negotiatetimeout": configuration.checktimeout is not None and not any(negotiating),
        "checkcount": not pings,
    }
    for keyword, is_idle in idle.items():
        value = getattr(configuration, keyword)
        if value is not None and is_idle:
            yield Loss(configuration.lines.get(keyword), keyword, str(value), "no check of this file goes by it")


class _VirtualReader:
    """Reads one virtual service."""

    def __init__(self, configuration: Configuration, virtual: Virtual, losses: list[Loss]) -> None:
        self._configuration = configuration
        self._virtual = virtual
        self._losses = losses

    def read(self) -> FoundService:
        virtual = self._virtual
        protocol = effective.protocol_of(virtual)
        self._losses += _left(virtual)
        self._note_habits(protocol)
        return FoundService(
            source=self._source(virtual.line, "virtual6" if virtual.family == 6 else "virtual"),
            title=f"fwmark {virtual.fwmark}" if virtual.fwmark else f"{protocol} {virtual.host} port {virtual.port}",
            name=virtual.servicename,
            protocol="tcp" if protocol == "fwm" else protocol,
            family=virtual.family,
            vip=virtual.host,
            ports=(virtual.port,) if virtual.fwmark is None else (),
            fwmark=virtual.fwmark,
            scheduler=virtual.scheduler or DEFAULT_SCHEDULER,
            flags=tuple(filter(None, (virtual.schedflags or "").split(","))),
            persistence=self._persistence(),
            one_packet=bool(virtual.ops) and protocol != "fwm",
            servers=tuple(self._servers()),
            sorry=self._sorry(),
            inhibit_on_failure=effective.quiescent(self._configuration, virtual),
            check=CheckImporter(self._configuration, virtual, self._losses).read(),
        )

    def _note_habits(self, protocol: str) -> None:
        """Note what only some values of options lose."""
        if self._virtual.ops and protocol == "fwm":
            self._lose("ops", "yes", "for a firewall mark it was without effect")

    def _source(self, line: int, keyword: str) -> Source:
        # Numbers of checks may be those of the whole file.
        lines = {**self._configuration.lines, **self._virtual.lines}
        timeouts = ["negotiatetimeout", "checktimeout"]
        if not negotiates(self._virtual):
            timeouts.reverse()
        timeout = next((each for each in timeouts if each in lines), timeouts[0])
        return Source(line, keyword, {**WORDS, "connect_timeout": timeout}, lines)

    def _lose(self, keyword: str, value: object, reason: str, line: int | None = None) -> None:
        self._losses.append(Loss(line or self._virtual.lines.get(keyword), keyword, str(value), reason))

    def _persistence(self) -> FoundPersistence | None:
        virtual = self._virtual
        if virtual.persistent is None:
            if virtual.netmask:
                self._lose("netmask", virtual.netmask, "without persistent it was without effect")
            return None
        if virtual.family == 6:
            return FoundPersistence(virtual.persistent, prefix=int(virtual.netmask) if virtual.netmask else None)
        return FoundPersistence(virtual.persistent, netmask=virtual.netmask)

    def _servers(self) -> Iterator[FoundServer]:
        virtual = self._virtual
        off = virtual.checktype == "off"
        if off:
            reason = "servers were never put into the table: they have weight 0 now, so that nothing is sent to them"
            self._lose("checktype", "off", reason)
        for line, real in zip(virtual.real_lines or (virtual.line,) * len(virtual.real), virtual.real):
            self._check_own_request(real, line)
            for host in self._hosts(real, line):
                yield FoundServer(
                    source=_server_source(line, "real6" if virtual.family == 6 else "real"),
                    host=host,
                    port=real.port,
                    forwarding=METHODS[real.forward],
                    weight=0 if off else real.weight,
                    upper_threshold=real.upper or 0,
                    lower_threshold=real.lower or 0,
                )

    def _hosts(self, real: Real, line: int) -> list[str]:
        """The host, or all of a range."""
        if real.last is None:
            return [real.host]
        if not is_address(real.host):
            reason = (
                "the addresses of these names are not known, nor which are between them: write a line for each server"
            )
            self._lose("real", f"{real.host}->{real.last}", reason, line)
            return []
        first, last = (int(ipaddress.IPv4Address(each)) for each in (real.host, real.last))
        if last - first >= LARGEST_RANGE:
            self._lose("real", f"{real.host}->{real.last}", f"these are more than {LARGEST_RANGE} servers", line)
            return []
        return [str(ipaddress.IPv4Address(number)) for number in range(first, last + 1)]

    def _check_own_request(self, real: Real, line: int) -> None:
        own = (real.request, real.receive)
        if real.request is not None and own != (self._virtual.request or "/", self._virtual.receive or ""):
            self._lose(
                "real", f'"{real.request}","{real.receive}"', "a service has one check for all its servers", line
            )

    def _sorry(self) -> FoundServer | None:
        fallback: Fallback | None = effective.fallback_of(self._configuration, self._virtual)
        if fallback is None:
            return None
        own = self._virtual.fallback is not None
        section = self._virtual if own else self._configuration
        keyword = "fallback6" if self._virtual.family == 6 else "fallback"
        line = section.lines.get("fallback" if own else keyword, self._virtual.line)
        return FoundServer(
            source=_server_source(line, keyword),
            host=fallback.host,
            port=fallback.port or 0,
            forwarding=METHODS[fallback.forward],
        )


def _server_source(line: int, keyword: str) -> Source:
    """All of a server is behind one keyword."""
    return Source(line, keyword, dict.fromkeys(("weight", "port", "lower_threshold", "forwarding"), keyword))
