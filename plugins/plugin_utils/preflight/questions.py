# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host's slice of the plan: what `preflight_info` has to look for on it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Slice = Mapping[str, Any]
"""What `host_plan` returns."""

SYNC_GROUP, SYNC_PORT = "224.0.0.81", 8848
"""Where the kernel's sync daemon sends by default (ip_vs_sync.c)."""


def questions(plan: Slice) -> dict[str, Any]:
    """The options of `preflight_info` for the host of `plan`."""
    director, real_server = plan["director"] or {}, plan["real_server"] or {}
    return {
        "modules": list(director.get("kernel_modules", ())),
        "sysctls": list(director.get("sysctls", ())),
        "destinations": _unique(
            [*_server_addresses(director), *(each["gateway"] for each in real_server.get("gateways", ()))]
        ),
        "ask_for": [*moving_addresses(director), *director.get("nat_gateways", ())],
        "listen_at": [director["address"]] if director.get("vrrp_instances") else [],
        "programs": _unique(list(_programs(director))),
        "packets": _unique([*_of_director(director), *_of_real_server(real_server)]),
    }


def moving_addresses(director: Slice) -> list[str]:
    """The VIPs of a director, without their prefixes."""
    instances = director.get("vrrp_instances", ())
    return [
        address.partition("/")[0]
        for instance in instances
        for address in (*instance["virtual_addresses"], *instance["excluded_addresses"])
    ]


def _server_addresses(director: Slice) -> Iterator[str]:
    for service in director.get("services", ()):
        yield from (server["address"] for server in service["real_servers"])


def _programs(director: Slice) -> Iterator[str]:
    """The programs of checks, for each server where their names depend on it, as the director runs them."""
    for service in director.get("services", ()):
        check = service["health_check"]
        if not check or not check["script"]:
            continue
        for server in service["real_servers"]:
            own = {"vip": service["vip"] or service["fwmark"], "vport": service["port"] or 0}
            own.update({key: server[key] for key in ("host", "address", "port")})
            program = check["script"].split()[0]
            for key, value in own.items():
                program = program.replace(f"{{{key}}}", str(value))
            yield program


def _unique(items: list[Any]) -> list[Any]:
    return list({str(item): item for item in items}.values())


def _of_director(director: Slice) -> Iterator[dict[str, Any]]:
    for service in director.get("services", ()):
        yield from _of_service(service)
    for instance in director.get("vrrp_instances", ()):
        for peer in instance["unicast_peers"]:
            own = instance["unicast_src_ip"]
            packet = {"family": _family(peer), "protocol": "vrrp", "source": peer, "destination": own}
            yield {"check": "firewall-blocks-vrrp", "what": f"VRRP from {peer}", **packet}
            if director["sync_daemon"] and _family(peer) == 4:
                packet = {"family": 4, "protocol": "udp", "source": peer, "destination": SYNC_GROUP, "dport": SYNC_PORT}
                yield {"check": "firewall-blocks-sync", "what": f"connections from {peer} (udp 8848)", **packet}


def _of_service(service: Slice) -> Iterator[dict[str, Any]]:
    port = _first(service["ports"])
    common = {"family": service["family"], "protocol": service["protocol"]}
    for vip in service["vips"]:
        what = f"{service['name']} ({vip}:{port}/{service['protocol']})"
        packet = {**common, "destination": vip, "dport": service["port"] or port, "state": "new"}
        yield {"check": "firewall-blocks-service", "what": what, **packet}
    for server in service["real_servers"]:
        if server["forwarding"] in ("nat", "fullnat"):
            what = f"answers of {server['host']} ({service['name']})"
            packet = {**common, "hook": "forward", "source": server["address"], "sport": server["port"] or port}
            yield {"check": "firewall-blocks-answers", "what": what, **packet}


def _of_real_server(real_server: Slice) -> Iterator[dict[str, Any]]:
    # The ports of its VIPs are not in a real server's slice: what is dropped whatever the port is found.
    for vip in real_server.get("vips", ()):
        what = f"everything to the VIP {vip}"
        yield {
            "check": "firewall-blocks-service",
            "what": what,
            "family": _family(vip),
            "destination": vip,
            "state": "new",
        }
    for route in real_server.get("gateways", ()):
        own, protocol = route["source"], route["protocol"]
        packet = {"family": _family(own), "protocol": protocol, "destination": own, "state": "new"}
        if route["ports"]:
            packet["dport"] = _first(route["ports"])
        yield {"check": "firewall-blocks-service", "what": f"{protocol} to {own}", **packet}


def _first(ports: list[str]) -> int:
    return int(ports[0].partition("-")[0])


def _family(address: str) -> int:
    return 6 if ":" in address else 4
