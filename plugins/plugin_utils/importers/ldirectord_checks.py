# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of ldirectord -> health checks of the declaration.

Where there is no such check, the one that comes closest takes its place, and that is noted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_options import KEYS_OF_CHECKS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import HealthCheck
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, options
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import MASK, is_address, keywords
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord import effective
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import SECRETS, Configuration, Virtual

from .model import Loss

DATAGRAMS = ("radius", "sip")
"""Services that are asked by UDP unless the virtual is a tcp one."""

NOT_ASKED: Mapping[str, str] = {
    "request": "the check that takes its place asks for nothing",
    "receive": "what is in the answer is not compared",
    "httpmethod": "a check asks by GET",
    "virtualhost": "the check has no host to ask for",
    "login": "checks do not log in",
    "passwd": "checks do not log in",
    "database": "checks do not log in",
    "secret": "checks do not log in",
    "load": "no check does anything with it, and ldirectord neither",
    "checkcommand": "this kind of check runs no program",
    "checkport": "this kind of check asks no port",
}
"""Keywords of checks -> why they are not carried over, if they are not."""

CHECK_OPTIONS = options(HealthCheck)


@dataclass(frozen=True)
class _Kind:
    """The kind of the check, what it keeps of the old one, and the keywords that are thereby carried over."""

    type: str
    kept: Mapping[str, Any] = field(default_factory=dict)
    carried: frozenset[str] = frozenset()


class CheckImporter:
    """Reads the check of one virtual service; `losses` gets what cannot be carried over."""

    def __init__(self, configuration: Configuration, virtual: Virtual, losses: list[Loss]) -> None:
        self._configuration = configuration
        self._virtual = virtual
        self._losses = losses
        self._protocol = effective.protocol_of(virtual)

    def read(self) -> HealthCheck:
        """Return the check."""
        virtual = self._virtual
        kind = self._kind()
        port = effective.check_port_of(virtual) if kind.type in KEYS_OF_CHECKS["port"] else None
        carried = kind.carried | ({"checkport"} if port else set())
        for keyword, reason in NOT_ASKED.items():
            if keyword not in carried and getattr(virtual, keyword) is not None:
                self._lose(keyword, reason)
        if kind.type == "none":
            return HealthCheck(type="none")
        interval = effective.check_interval(self._configuration, virtual)
        attempts = self._attempts(kind)
        return HealthCheck(
            type=kind.type,
            port=port,
            delay_loop=interval,
            connect_timeout=self._timeout(),
            retry=attempts - 1,
            delay_before_retry=interval if attempts > 1 else 1,
            **kind.kept,
        )

    def _lose(self, keyword: str, reason: str) -> None:
        value = getattr(self._virtual, keyword)
        text = MASK if keyword in SECRETS else keywords(Virtual)[keyword].write(value)
        self._losses.append(Loss(self._virtual.lines.get(keyword), keyword, text, reason))

    def _note(self, keyword: str, value: object, reason: str) -> None:
        self._losses.append(Loss(self._virtual.lines.get(keyword, self._virtual.line), keyword, str(value), reason))

    def _timeout(self) -> int:
        configuration, virtual = self._configuration, self._virtual
        if virtual.checktimeout and virtual.negotiatetimeout:
            idle = "checktimeout" if negotiates(virtual) else "negotiatetimeout"
            self._lose(idle, "this kind of check goes by the other one")
        if negotiates(virtual):
            return effective.negotiate_timeout(configuration, virtual)
        return effective.check_timeout(configuration, virtual)

    def _attempts(self, kind: _Kind) -> int:
        """The number of failed checks in a row after which a server is out."""
        virtual, configuration = self._virtual, self._configuration
        if virtual.checkinterval and not configuration.fork:
            self._lose(
                "checkinterval", "without fork=yes it was without effect: the interval is that of the whole file"
            )
        failures, pings = effective.failure_count(configuration, virtual), effective.check_count(configuration, virtual)
        if kind.type == "ping":
            return failures * pings
        if virtual.checkcount:
            self._lose("checkcount", "it counts pings, and this check sends none")
        return failures

    def _kind(self) -> _Kind:
        kind = self._virtual.checktype
        if kind in ("on", "off"):
            return _Kind("none")
        if kind == "ping" or (kind == "connect" and self._protocol == "udp"):
            return _Kind("ping")
        if kind == "connect":
            return _Kind("tcp")
        if kind == "external" and (program := self._program()):
            return program
        if kind in ("external", "external-perl"):
            closest = "udp" if self._protocol == "udp" else "tcp"
            reason = f"no check runs it in this way: it is type {closest} now"
            self._note("checkcommand", self._virtual.checkcommand or "/bin/true", reason)
            return _Kind(closest, carried=frozenset({"checkcommand"}))
        if isinstance(kind, int):
            self._note("checktype", kind, "each check is a negotiate check; none only connects")
        return self._negotiate(effective.service_of(self._virtual))

    def _negotiate(self, service: str) -> _Kind:
        if service == "none":
            return _Kind("none")
        if service in ("http", "https"):
            return self._http(service)
        if service == "dns":
            return self._dns()
        if service == "smtp":
            return _Kind("smtp")
        closest = "udp" if service in DATAGRAMS and self._protocol != "tcp" else "tcp"
        self._note("service", service, f"there is no check for {service} yet: it is type {closest} now")
        return _Kind(closest)

    def _http(self, service: str) -> _Kind:
        virtual = self._virtual
        self._note("service", service, "redirects were followed; now the status itself has to be 200 to 299")
        kept: dict[str, Any] = {"status": ("200-299",)}
        carried = {"httpmethod"} if virtual.httpmethod == "GET" else set()
        for keyword, key in (("request", "path"), ("virtualhost", "virtualhost"), ("receive", "regex")):
            value = getattr(virtual, keyword)
            if value and _fits(key, value):
                carried.add(keyword)
                kept.update({} if (key, value) == ("path", "/") else {key: value})
        return _Kind(service, kept, frozenset(carried))

    def _program(self) -> _Kind | None:
        """A program that is given the virtual and the real server, and says by its end whether that is well."""
        virtual = self._virtual
        script = f"{virtual.checkcommand} {{vip}} {{vport}} {{address}} {{port}}"
        if not re.fullmatch(r"\S+", virtual.checkcommand or "") or not _fits("script", script):
            return None
        timeout = effective.check_timeout(self._configuration, virtual)
        kept = {"script": script, "user": "root", "script_timeout": timeout}
        return _Kind("misc", kept, frozenset({"checkcommand"}))

    def _dns(self) -> _Kind:
        """A check of a name, or of the name of an address."""
        asked = (self._virtual.request or "/").removeprefix("/")
        if is_address(asked):
            self._note("request", asked, "a check does not ask for the name of an address: it asks for the root's SOA")
            return _Kind("dns", carried=frozenset({"request"}))
        if not asked or not _fits("name", asked):
            return _Kind("dns")
        return _Kind("dns", {"name": asked, "record": "A"}, frozenset({"request"}))


def negotiates(virtual: Virtual) -> bool:
    """Whether checks ask for something, at least now and then."""
    return virtual.checktype in (None, "negotiate") or isinstance(virtual.checktype, int)


def _fits(key: str, value: str) -> bool:
    """Whether the declaration takes a value for a key of a check."""
    one_word = bool(re.fullmatch(r"\S+", value)) or key in ("regex", "script")
    return one_word and CHECK_OPTIONS[key].spec.read(value, "", Problems()) is not INVALID
