# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of one service that do not go together, whatever hosts there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import HealthCheck, Page, Service

WEB = ("http", "https")
KEYS_OF_CHECKS: Mapping[str, tuple[str, ...]] = {
    "path": WEB,
    "status": WEB,
    "digest": WEB,
    "regex": WEB,
    "regex_no_match": WEB,
    "pages": WEB,
    "virtualhost": WEB,
    "payload": ("udp",),
    "require_reply": ("udp",),
    "name": ("dns",),
    "record": ("dns",),
    "helo_name": ("smtp",),
    "script": ("misc",),
    "user": ("misc",),
    "dynamic": ("misc",),
    "script_timeout": ("misc",),
    "file": ("file",),
    "min_rx": ("bfd",),
    "min_tx": ("bfd",),
    "multiplier": ("bfd",),
    "fwmark": (*WEB, "tcp", "udp", "dns", "ping", "smtp"),
    "bind_if": (*WEB, "tcp", "udp", "dns", "ping", "smtp"),
    "port": (*WEB, "tcp", "udp", "dns", "smtp"),
}
"""A key of a health check that not all kinds have -> those that have it."""

REQUIRED = {"misc": ("script", "user"), "file": ("file",)}
"""Keys that a kind of health check cannot do without."""

PLACES: Mapping[str, tuple[str, ...]] = {"script": ("host", "address", "port", "vip", "vport"), "file": ("host",)}
"""Keys whose text may name a real server, and what may stand in braces."""

TRANSPORT = {"http": "tcp", "https": "tcp", "tcp": "tcp", "udp": "udp", "dns": "udp", "smtp": "tcp"}
"""What a kind of health check asks by."""

OF_SESSIONS = ("min_rx", "min_tx", "multiplier")
"""Keys of a bfd check: a director has one session with a real server, whatever services they share."""


def check_options(service: Service, problems: Problems) -> None:
    """Check the options of `service` against each other."""
    _check_flags(service, problems)
    _check_persistence(service, problems)
    if service.one_packet and service.protocol != "udp":
        what = f"the service is {service.protocol}, whose packets belong to connections"
        problems.add(f"{service.where}.one_packet", what, "leave it out, or write protocol: udp")
    if service.hysteresis >= service.quorum and service.hysteresis:
        what = f"{service.hysteresis} is not less than the quorum, {service.quorum}"
        problems.add(f"{service.where}.hysteresis", what, "write less than that, or leave it out")
    if service.health_check is not None:
        _check_health_check(service, service.health_check, problems)


def check_sessions(services: Iterable[Service], problems: Problems) -> None:
    """Check that bfd checks agree."""
    sessions = [service for service in services if service.health_check and service.health_check.type == "bfd"]
    for service in sessions[1:]:
        for key in OF_SESSIONS:
            first, own = (getattr(each.health_check, key) for each in (sessions[0], service))
            if own != first:
                here, there = ("not set" if value is None else value for value in (own, first))
                what = f"it is {here}, and {there} in {sessions[0].where}, but a director has one session with a server"
                problems.add(f"{service.where}.health_check.{key}", what, "write the same in all bfd checks")


def _check_flags(service: Service, problems: Problems) -> None:
    """A named flag belongs to the scheduler in its name; only the unnamed ones fit them all."""
    for flag in service.scheduler_flags:
        owner = flag.partition("-")[0]
        if owner not in ("flag", service.scheduler):
            what = f"{flag} is a flag of the scheduler {owner}, and the service has {service.scheduler}"
            problems.add(f"{service.where}.scheduler_flags", what, f"leave it out, or write scheduler: {owner}")


def _check_persistence(service: Service, problems: Problems) -> None:
    persistence = service.persistence
    if persistence is None:
        return
    where = f"{service.where}.persistence"
    versions = {family(vip) for vip in service.vip}
    if persistence.netmask is not None and 4 not in versions:
        problems.add(f"{where}.netmask", "the service has no IPv4 VIP", "write prefix, with a number of bits, instead")
    if persistence.prefix is not None and 6 not in versions:
        problems.add(f"{where}.prefix", "the service has no IPv6 VIP", "write netmask, such as 255.255.255.0, instead")
    if persistence.engine == "sip" and service.protocol != "udp":
        # ip_vs_pe_sip.c looks for the call id in UDP packets alone.
        what = f"engine sip reads calls from udp, and the service is {service.protocol}"
        problems.add(f"{where}.engine", what, "leave it out, or write protocol: udp")


def _check_health_check(service: Service, check: HealthCheck, problems: Problems) -> None:
    where = f"{service.where}.health_check"
    for key, kinds in KEYS_OF_CHECKS.items():
        if getattr(check, key) is not None and check.type not in kinds:
            fix = f"leave it out, or write type: {' or '.join(kinds)}"
            problems.add(f"{where}.{key}", f"type {check.type} has no {key}", fix)
    for key in REQUIRED.get(check.type, ()):
        if getattr(check, key) is None:
            problems.add(f"{where}.{key}", f"type {check.type} needs it", f"write {key}")
    for key, places in PLACES.items():
        for name in re.findall(r"\{([^{}]*)\}?", getattr(check, key) or ""):
            if name not in places:
                fix = f"write {' or '.join('{' + place + '}' for place in places)}"
                problems.add(f"{where}.{key}", f"nothing stands for {{{name}}}", fix)
    _check_pages(where, check, problems)
    transport = TRANSPORT.get(check.type, service.protocol)
    if service.protocol != transport and check.port is None and not (check.type == "dns" and service.protocol == "tcp"):
        what = f"type {check.type} asks by {transport.upper()}, but the service is {service.protocol}"
        problems.add(f"{where}.port", what, f"write the {transport.upper()} port to ask, or type: none")


def _check_pages(where: str, check: HealthCheck, problems: Problems) -> None:
    if check.pages is not None:
        for key in ("path", "status", "digest", "regex", "regex_no_match"):
            if getattr(check, key) is not None:
                problems.add(f"{where}.{key}", "there are pages, which each have their own", "write it in one of pages")
    pages: list[tuple[str, HealthCheck | Page]] = [
        (where, check),
        *((f"{where}.pages[{index}]", page) for index, page in enumerate(check.pages or ())),
    ]
    for path, page in pages:
        if page.regex_no_match and page.regex is None:
            problems.add(f"{path}.regex_no_match", "there is no regex", "write regex, or leave it out")
