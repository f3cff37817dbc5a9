# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services: which real servers are in rotation, what the client got, and who answered it."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.directors import holders
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import (
    Problem,
    RequestsFinding,
    ServerFinding,
    ServiceFinding,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import (
    Cluster,
    DeclaredServer,
    DeclaredService,
    Dict,
    Host,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.table import (
    endpoint,
    find_server,
    find_service,
    is_out,
)


def look_at_services(cluster: Cluster) -> tuple[ServiceFinding, ...]:
    """Return how each declared service does."""
    return tuple(_look_at_service(cluster, service) for service in cluster.services)


def _look_at_service(cluster: Cluster, service: DeclaredService) -> ServiceFinding:
    directors = _directors_with(cluster, service)
    asked = http_result(cluster, service)
    client, result = asked or (None, None)
    servers = tuple(_look_at_server(cluster, service, server, directors, result) for server in service.servers)
    all_read = len(directors) == len(cluster.members["directors"])
    counted = _sum(server.connections for server in servers) if all_read else None
    return ServiceFinding(
        name=service.name,
        protocol=service.protocol,
        vip=service.vip,
        port=service.port,
        forwarding=service.forwarding,
        scheduler=service.scheduler,
        persistence_timeout=(service.persistence or {}).get("timeout"),
        servers=servers,
        requests=_look_at_requests(client, result, service, counted) if client and result else None,
        fwmark=service.fwmark,
    )


def _directors_with(cluster: Cluster, service: DeclaredService) -> list[tuple[Host, Dict]]:
    """Return the directors that have the service with its entry in their tables, the one that holds the VIP first."""
    active = holders(cluster, service.vip)
    found = []
    for host in cluster.asked("directors"):
        entry = find_service(host.ipvs.services, service) if host.ipvs else None
        if entry is not None:
            found.append((host, entry))
    return sorted(found, key=lambda pair: pair[0].name not in active)


def http_result(cluster: Cluster, service: DeclaredService) -> tuple[str, Dict] | None:
    """Return the first client that sent requests to the service, and what came of it."""
    wanted = (service.vip, service.port)
    for host in cluster.asked("clients"):
        for result in host.http or ():
            if (result.get("address"), result.get("port")) == wanted and "requests" in result:
                return host.name, result
    return None


def _look_at_server(
    cluster: Cluster,
    service: DeclaredService,
    server: DeclaredServer,
    directors: list[tuple[Host, Dict]],
    result: Dict | None,
) -> ServerFinding:
    entries = [(host.name, find_server(entry, server)) for host, entry in directors]
    out_on = tuple(name for name, entry in entries if is_out(server, entry))
    answered = (result or {}).get("servers") or {}
    return ServerFinding(
        host=server.host,
        address=server.address,
        port=server.port,
        weight=next((entry["weight"] for _name, entry in entries if entry), None),
        out_on=out_on,
        connections=_sum(_connections(host, service, server) for host, _entry in directors),
        answers=answered.get(server.host, 0) if answered else None,
        problems=(_out_of_rotation(cluster, service, server, out_on),) if out_on else (),
    )


def _connections(host: Host, service: DeclaredService, server: DeclaredServer) -> int | None:
    """Return how many connections a director gave to a server between its two readings."""
    totals = []
    for statistics in (host.ipvs.before, host.ipvs.after) if host.ipvs else ():
        entry = find_service(statistics, service)
        counted = find_server(entry, server) if entry else None
        totals.append(counted["counters"]["connections"] if counted else None)
    before, after = totals or (None, None)
    if after is None:
        return None
    # Who came in between begins at 0; so does one that was removed and came back.
    return int(after) if before is None or before > after else int(after - before)


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _out_of_rotation(
    cluster: Cluster, service: DeclaredService, server: DeclaredServer, out_on: tuple[str, ...]
) -> Problem:
    what = (
        f"{service.name}: {server.host} ({endpoint(server.address, server.port)}) is out of rotation on {names(out_on)}"
    )
    start = "" if server.host in cluster.hosts else f"start {server.host}, which could not be asked either; then "
    return Problem(what, start + _check_to_pass(service, server, out_on[0]))


def _check_to_pass(service: DeclaredService, server: DeclaredServer, director: str) -> str:
    check = service.health_check
    if check is None:
        return f"nobody checks it, so somebody took it out of the table of {director}: run lvs.cluster.site"
    return f"see why its health check fails: {_passes_if(check, service, server, director)}"


def _passes_if(check: Dict, service: DeclaredService, server: DeclaredServer, director: str) -> str:
    """Say on what a health check depends, as something that an operator can try."""
    kind = check["type"]
    where = endpoint(server.address, check.get("port") or server.port or service.port)
    if kind in ("http", "https"):
        page = check["pages"][0]
        host = page["virtualhost"] or check.get("virtualhost")
        url = f"{kind}://{where}{page['path']}"
        command = f"\"curl -ik -H 'Host: {host}' {url}\"" if host else f"'curl -ik {url}'"
        return f"{command} on {director} must give status {' or '.join(map(str, page['status']))}"
    if kind == "ping":
        return f"{director} must get answers from 'ping {server.address}'"
    if kind == "misc":
        return f"on {director} its program must end with 0: {check['script']}"
    if kind == "file":
        return f"on {director} the number in {check['file'].replace('{host}', server.host)} must be above -254"
    if kind == "bfd":
        return f"{server.host} must run BFD with {director}"
    return f"{director} must be able to connect to {where}"


def _look_at_requests(client: str, result: Dict, service: DeclaredService, counted: int | None) -> RequestsFinding:
    """Judge the client's requests; all directors together `counted` so many connections, None if not all were read."""
    latency = result.get("latency_ms") or {}
    return RequestsFinding(
        client=client,
        requests=result["requests"],
        succeeded=result["succeeded"],
        gap_ms=result["gap_ms"],
        median_ms=latency.get("p50"),
        slowest_ms=latency.get("max"),
        problems=tuple(_problems_of_requests(client, result, service, counted)),
    )


def _problems_of_requests(
    client: str, result: Dict, service: DeclaredService, counted: int | None
) -> Iterable[Problem]:
    failed = result["requests"] - result["succeeded"]
    if failed:
        kinds = names(f"{seen['count']} {kind.replace('_', ' ')}" for kind, seen in result["failures"].items())
        what = f"{service.name}: {failed} of {result['requests']} requests from {client} failed ({kinds})"
        yield Problem(what, f"try 'curl -i http://{endpoint(service.vip, service.port)}/' on {client}")
    if result["succeeded"] and counted == 0:
        yield Problem(
            f"{service.name}: requests were answered, but no director counted any of them",
            f"see who has {service.vip}: a machine that answers for it by itself takes the traffic off the directors",
        )
