# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of one service that do not go together, whatever hosts there are."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import HealthCheck, Service

KEYS_OF_CHECKS: Mapping[str, tuple[str, ...]] = {
    "path": ("http", "https"),
    "status": ("http", "https"),
    "virtualhost": ("http", "https"),
    "payload": ("udp",),
    "require_reply": ("udp",),
    "name": ("dns",),
    "record": ("dns",),
    "port": ("http", "https", "tcp", "udp", "dns"),
}
"""A key of a health check that not all kinds have -> those that have it."""

TRANSPORT = {"http": "tcp", "https": "tcp", "tcp": "tcp", "udp": "udp", "dns": "udp"}
"""What a kind of health check asks by."""


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
    transport = TRANSPORT.get(check.type, service.protocol)
    if service.protocol != transport and check.port is None and not (check.type == "dns" and service.protocol == "tcp"):
        what = f"type {check.type} asks by {transport.upper()}, but the service is {service.protocol}"
        problems.add(f"{where}.port", what, f"write the {transport.upper()} port to ask, or type: none")
