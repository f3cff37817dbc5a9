# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ldirectord does not do, and is asked for; the user's own lines in ldirectord.cf."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ldirectord_cf import OWN
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import HealthCheck, Page, Service
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import (
    effective_health_check,
    effective_tunnel,
    methods,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import ConfigurationError
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.parse import parse

Fault = tuple[str, str, str]
"""The key, what is wrong with it, and what to write instead."""

OTHER_ENGINE = "leave it out, or write lvs_director_engine: keepalived"

ARGUMENTS = "{vip} {vport} {address} {port}"
"""What ldirectord gives a program, and nothing else."""

GOOD = ((200,), ("200-299",))
"""Statuses that are declared by default, and that ldirectord means by a good one."""

OF_SERVICES = frozenset(
    {"checktimeout", "negotiatetimeout", "checkinterval", "failurecount", "quiescent", "fallback", "fallback6"}
)
"""Global options that each service has by its own declaration."""


def check_service(service: Service, problems: Problems) -> None:
    """Check a service that ldirectord is to keep."""
    for key, what, fix in (*_of_service(service), *_of_check(service)):
        problems.add(f"{service.where}.{key}", what, fix)


def check_lines(lines: Sequence[str], problems: Problems) -> None:
    """Check the user's own global lines."""
    where = "lvs_ldirectord_lines"
    for line in lines:
        keyword = line.partition("=")[0].strip()
        if keyword.startswith("virtual") or line[0].isspace():
            problems.add(where, f"'{line.strip()}' belongs to a service", "write only options of the whole file here")
            return
        if keyword in OWN:
            problems.add(where, f"{keyword}: the collection sets it itself", "leave it out")
        elif keyword in OF_SERVICES:
            problems.add(where, f"{keyword}: each service has its own", "write it into lvs_services")
    try:
        parse("\n".join(lines))
    except ConfigurationError as error:
        for mistake in error.problems:
            problems.add(where, mistake.what, mistake.fix)


def _of_service(service: Service) -> Iterator[Fault]:
    if service.protocol == "sctp":
        yield "protocol", "ldirectord knows tcp and udp alone", "write lvs_director_engine: keepalived"
    if "tun" in methods(service) and effective_tunnel(service).type != "ipip":
        yield "tunnel.type", "ldirectord knows ipip alone", "write ipip, or lvs_director_engine: keepalived"
    if service.persistence and service.persistence.engine:
        yield "persistence.engine", "ldirectord knows no persistence engine", OTHER_ENGINE
    if service.one_packet and service.fwmark is not None:
        yield "one_packet", "ldirectord has it for services without fwmark alone", OTHER_ENGINE
    if service.quorum > 1:
        yield "quorum", "to ldirectord one real server is enough", OTHER_ENGINE
    if service.sorry_server and service.sorry_server.inhibit:
        yield "sorry_server.inhibit", "ldirectord removes it when a real server is well again", OTHER_ENGINE


def _of_check(service: Service) -> Iterator[Fault]:
    check = effective_health_check(service)
    if check is None:
        return
    kind = check.type
    if kind in ("udp", "file", "bfd"):
        fix = "write ping, dns or misc instead, or lvs_director_engine: keepalived"
        yield "health_check.type", f"ldirectord has no check of type {kind}", fix
    if kind == "ping" and any(family(vip) == 6 for vip in service.vip):
        yield "health_check.type", "ldirectord pings IPv4 alone", "write another, or lvs_director_engine: keepalived"
    if kind == "dns" and (check.record != "A" or check.name == "."):
        yield "health_check.record", "ldirectord takes only addresses for an answer", "write record: A, and a name"
    for key in ("helo_name", "dynamic", "fwmark", "bind_if", "warmup"):
        if getattr(check, key) is not None:
            yield f"health_check.{key}", "ldirectord's checks have no such option", OTHER_ENGINE
    yield from _of_program(check)
    yield from _of_pages(check)


def _of_program(check: HealthCheck) -> Iterator[Fault]:
    if check.script and " ".join(check.script.split()[1:]) != ARGUMENTS:
        fix = f"write '{check.script.split()[0]} {ARGUMENTS}'"
        yield "health_check.script", "ldirectord gives a program these four arguments and no others", fix
    if check.user and check.user != "root":
        yield "health_check.user", f"ldirectord runs programs as root, not as {check.user}", "write root"


def _of_pages(check: HealthCheck) -> Iterator[Fault]:
    declared: Sequence[Page] = check.pages or ()
    if len(declared) > 1:
        yield "health_check.pages", "ldirectord asks for one page", "write one, or lvs_director_engine: keepalived"
    for page in declared:
        if page.status not in GOOD:
            fix = "leave it out, or write lvs_director_engine: keepalived"
            yield "health_check.status", "to ldirectord the statuses 200 to 299 are right, and no others", fix
        if page.digest:
            yield "health_check.digest", "ldirectord compares no digest", "write regex instead"
        if page.regex_no_match:
            yield "health_check.regex_no_match", "ldirectord has it the other way round alone", OTHER_ENGINE
        if "#" in (page.regex or ""):
            yield "health_check.regex", "in ldirectord.cf a # begins a comment", r"write \x23 for it"
