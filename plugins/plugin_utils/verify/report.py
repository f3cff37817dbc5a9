# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put together what verify found out about each cluster."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.directors import (
    arp_result,
    look_at_directors,
    look_at_vips,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import ClusterReport, Finding, Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import Cluster, read_clusters
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.real_servers import look_at_real_servers
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.services import http_result, look_at_services
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.shared_data import look_at_shared_data
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.table import look_at_tables


def make_reports(results: Mapping[str, Any], hosts_of_run: Collection[str] | None = None) -> tuple[ClusterReport, ...]:
    """Compare what was collected by host with what is declared, for each cluster.

    `hosts_of_run` are the hosts that were to be asked, so that one left out by `--limit` is no problem; None: all of
    them. Raises InputError.
    """
    return tuple(_make_report(cluster, hosts_of_run) for cluster in read_clusters(results))


def _make_report(cluster: Cluster, hosts_of_run: Collection[str] | None) -> ClusterReport:
    directors, vips = look_at_directors(cluster), look_at_vips(cluster)
    services, tables, real_servers = look_at_services(cluster), look_at_tables(cluster), look_at_real_servers(cluster)
    shared_data = look_at_shared_data(cluster)
    missing = _missing(cluster)
    not_asked = tuple(name for name in missing if hosts_of_run is None or name in hosts_of_run)
    left_out = tuple(name for name in missing if name not in not_asked)
    findings: list[Finding] = [*vips, *directors]
    for service in services:
        findings += [*service.servers, *([service.requests] if service.requests else [])]
    findings += tables
    for real_server in real_servers:
        findings += [real_server, *real_server.ways, *real_server.mounts, *real_server.gates]
    findings += shared_data.findings
    return ClusterReport(
        name=cluster.name,
        directors=directors,
        vips=vips,
        services=services,
        tables=tables,
        real_servers=real_servers,
        shared_data=shared_data,
        not_asked=not_asked,
        not_checked=tuple(_not_checked(cluster, left_out)),
        problems=(*(problem for finding in findings for problem in finding.problems), *_not_reached(not_asked)),
    )


def _missing(cluster: Cluster) -> tuple[str, ...]:
    members = dict.fromkeys(name for tier in cluster.members.values() for name in tier)
    return tuple(name for name in members if name not in cluster.hosts)


def _not_reached(hosts: Collection[str]) -> list[Problem]:
    if not hosts:
        return []
    what = f"{names(hosts)} could not be asked"
    return [
        Problem(
            what, f"see that it runs and that Ansible reaches it: 'ansible -m ansible.builtin.ping {next(iter(hosts))}'"
        )
    ]


def _not_checked(cluster: Cluster, left_out: Collection[str]) -> Iterator[str]:
    """Say in sentences what this run cannot tell."""
    if left_out:
        yield f"Not in this run: {names(left_out)}."
    if not any(cluster.asked("directors")):
        yield "No director was asked: neither the IPVS tables nor who holds the VIPs were checked."
    if not any(cluster.asked("clients")):
        which = "No client was asked" if cluster.members["clients"] else "The cluster has no clients (lvs_clients)"
        yield f"{which}: no request was sent, and nobody asked the network who has the VIPs."
        return
    unasked = [service.name for service in cluster.services if http_result(cluster, service) is None]
    if unasked:
        yield f"No request was sent to {names(unasked)}: only services that are checked by HTTP are asked."
    unasked_vips = [vip for vip in cluster.vips if arp_result(cluster, vip) is None]
    if unasked_vips:
        yield f"Nobody asked the network who has {names(unasked_vips)}."
