# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is allowed and seldom meant: checks by id (`preflight_ids`), each of which `lvs_preflight_ignore` silences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.packets import FTP, KEEPS_VIP
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_engine import CHECKING
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ids import CHECKS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_keepalived import lines_of
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import RealServer, Service
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import effective_health_check, methods
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.sysctls import DEFAULTS, PREFIX

GATE_SECONDS = 1.7
"""A data gate looks for a second (data_gate_timeout), and then waits 0.7 s for its peers (PEER_LIMIT)."""

STRICT: Mapping[str, tuple[str, ...]] = {
    "vrrp_strict": ("global_defs", "top"),
    "strict_mode": ("vrrp_instance",),
    "no_accept": ("vrrp_instance",),
}
"""Keyword -> where it can be among the user's lines. In `top` there may be instances of the user's own."""

OFF = ("off", "no", "false")


@dataclass(frozen=True)
class Finding:
    """What a check found, where, and what to write instead."""

    check: str
    where: str
    what: str
    fix: str


def run_checks(
    declaration: Declaration, groups: Mapping[str, Sequence[str]], problems: Problems, warnings: Problems
) -> None:
    """Run all checks on a cluster: errors go to `problems`, the rest to `warnings`."""
    ignored = declaration.variables.preflight_ignore
    for finding in (*_of_cluster(declaration), *_of_services(declaration, groups)):
        if finding.check in ignored:
            continue
        check = CHECKS[finding.check]
        into = problems if check.error else warnings
        into.add(finding.where, f"[{finding.check}] {finding.what}: {check.why}", finding.fix)


def _of_cluster(declaration: Declaration) -> Iterator[Finding]:
    variables = declaration.variables
    sysctls: Mapping[str, int | str] = {**DEFAULTS, **dict(variables.sysctl)}
    protocols = {service.protocol for service in declaration.services}
    if declaration.services and len(declaration.members.directors) == 1:
        name = declaration.members.directors[0]
        yield Finding("single-director", "inventory", f"{name} is the only director", "add another one")
    returns_at_once = variables.vrrp.preempt_delay == 0 and not variables.vrrp.nopreempt
    if len(declaration.members.directors) > 1 and returns_at_once:
        fix = "leave it out for 60 seconds, or write nopreempt: true"
        yield Finding("no-preempt-delay", "lvs_vrrp.preempt_delay", "it is 0", fix)
    yield from _of_lines(declaration)
    if "udp" in protocols and sysctls[f"{PREFIX}expire_nodest_conn"] == 0:
        yield _sysctl("dead-udp-entries", "expire_nodest_conn", "it is 0 and there are UDP services")
    persistent = any(service.persistence for service in declaration.services)
    if persistent and sysctls[f"{PREFIX}expire_quiescent_template"] == 0:
        yield _sysctl("drained-persistence", "expire_quiescent_template", "it is 0 and there are persistent services")
    if variables.cluster_fs and variables.cluster_fs.without_fencing:
        yield Finding("no-fencing", "lvs_cluster_fs.without_fencing", "there is no fencing", "write a fence agent")
    used = {method for service in declaration.services for method in methods(service)}
    if used & set(KEEPS_VIP) and "fullnat" not in used and sysctls.get(f"{PREFIX}conntrack") == 1:
        yield _sysctl("conntrack-with-dr", "conntrack", "it is 1 and services are forwarded by dr or tun")


def _of_lines(declaration: Declaration) -> Iterator[Finding]:
    """What makes keepalived drop packets to the VIPs that it holds."""
    for own in lines_of(declaration):
        for word, *values in (line.split() for line in own.lines):
            if own.block in STRICT.get(word, ()) and next(iter(values), "") not in OFF:
                yield Finding("vrrp-strict", own.where, f"{word} is on", "leave it out")


def _sysctl(check: str, name: str, what: str) -> Finding:
    return Finding(check, f"lvs_sysctl['{PREFIX}{name}']", what, "leave it out")


def _of_services(declaration: Declaration, groups: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    ours = frozenset(declaration.members.real_servers)
    sizes = {name: sum(host in ours for host in hosts) for name, hosts in groups.items()}
    for service in declaration.services:
        declared = service.real_servers
        if isinstance(declared, tuple):
            weights = [server.weight for server in declared]
        else:
            # The servers of a group have the default weight; how many there are is counted once for all services.
            number = len(ours) if declared is None else sizes.get(declared, 0)
            weights = [RealServer(host="any").weight] * number
        yield from _of_weights(service, weights)
        yield from _of_checks(service, declaration.variables.director_engine)
        yield from _of_options(service)


def _of_weights(service: Service, weights: Sequence[int]) -> Iterator[Finding]:
    where = f"{service.where}.real_servers"
    total = sum(weights)
    if weights and not total:
        yield Finding("no-weight", where, "all weights are 0", "give one of them a weight, or remove the service")
    elif weights and total < service.quorum:
        what = f"the weights of all servers sum up to {total}"
        yield Finding("quorum-unreachable", f"{service.where}.quorum", what, f"write at most {total}")
    if len(weights) == 1 and service.sorry_server is None:
        yield Finding("single-real-server", where, "there is only one", "add another one, or a sorry_server")


def _of_checks(service: Service, engine: str) -> Iterator[Finding]:
    """Who has chosen an engine that checks nothing is told only of checks that he declares all the same."""
    where = f"{service.where}.health_check"
    if engine in CHECKING and effective_health_check(service) is None:
        yield Finding("unchecked", where, "the real servers are not checked", "write a check, such as {type: ping}")
    elif engine not in CHECKING and service.health_check is not None and service.health_check.type != "none":
        fix = "leave it out, or write lvs_director_engine: keepalived"
        yield Finding("unchecked", where, f"the engine {engine} does not check real servers", fix)
    check = effective_health_check(service)
    # With `stop` a server leaves the rotation whether its gate says so or is late.
    if service.data and service.when_data_is_gone != "stop" and check and check.connect_timeout < GATE_SECONDS:
        what = f"it holds for the data gate too, which may take {GATE_SECONDS} s to answer"
        yield Finding("gate-timeout", f"{where}.connect_timeout", what, "write 2 or more, or leave it out")


def _of_options(service: Service) -> Iterator[Finding]:
    if FTP in service.port and service.protocol == "tcp" and methods(service) != {"nat"} and not _joins_ftp(service):
        fix = "write forwarding: nat, or join 21 and the passive ports by a fwmark and persistence"
        yield Finding("ftp-data", f"{service.where}.port", "21 is the port of FTP", fix)
    if service.one_packet and service.persistence:
        yield Finding("one-packet-persistence", f"{service.where}.persistence", "one_packet is on", "leave one out")
    if service.scheduler_flags and service.scheduler not in ("sh", "mh"):
        what = f"the scheduler is {service.scheduler}"
        yield Finding("flag-without-meaning", f"{service.where}.scheduler_flags", what, "leave them out")


def _joins_ftp(service: Service) -> bool:
    """Whether one real server gets all connections of an FTP client."""
    return service.fwmark is not None and service.persistence is not None and len(service.port) > 1
