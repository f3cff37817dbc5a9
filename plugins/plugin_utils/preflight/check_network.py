# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of one host's interfaces, addresses and routes against its part of the plan."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.cluster import OUR_DEVICES, Cluster, Finding, Host

SILENT_KINDS = ("dummy", "ipip", "ip6tnl", "sit", "gre", "ip6gre")
"""Kinds of devices that answer no ARP, on which real servers may have VIPs."""

STRICT = 1
FORWARDING_IPV6 = "net.ipv6.conf.all.forwarding"


def check_network(host: Host, cluster: Cluster) -> Iterator[Finding]:
    """All findings about the network of one host."""
    yield from _addresses(host)
    yield from _vips(host, cluster)
    yield from _settings(host, cluster)
    if host.director:
        yield from _routes_of_director(host)
    if host.real_server:
        yield from _routes_of_real_server(host, cluster)


def _addresses(host: Host) -> Iterator[Finding]:
    declared = host.director.get("interface") or host.real_server.get("interface")
    link = host.link_with(host.address)
    if declared and declared not in {each["name"] for each in host.links}:
        there = ", ".join(each["name"] for each in host.links)
        fix = f"write one of its interfaces in lvs_interface: {there}"
        yield Finding("interface-missing", host.name, f"it has no interface {declared}", fix)
    if host.address and link is None:
        fix = "correct lvs_address, or configure the address on the host"
        yield Finding("address-missing", host.name, f"no interface has its address {host.address}", fix)
    elif link and not link["up"]:
        fix = f"see 'ip link show {link['name']}'"
        yield Finding("link-down", host.name, f"{link['name']}, which has {host.address}, is down", fix)


def _vips(host: Host, cluster: Cluster) -> Iterator[Finding]:
    vips = set(cluster.vips())
    for link, own in host.addresses():
        vip, is_host_route = str(own.ip), own.network.prefixlen == own.max_prefixlen
        if vip not in vips or link["name"].startswith(OUR_DEVICES):
            continue
        remove = f"remove it: ip address del {own} dev {link['name']}"
        where = f"{own} is on {link['name']}"
        if host.director:
            if not is_host_route:
                yield Finding("vip-prefix", host.name, where, f"{remove}; keepalived sets the VIP as a host address")
        elif vip not in host.real_server.get("vips", ()):
            yield Finding("vip-on-wrong-host", host.name, where, remove)
        elif link["name"] == "lo" and not is_host_route:
            yield Finding("vip-mask", host.name, where, remove)
        elif link["name"] != "lo" and link["kind"] not in SILENT_KINDS:
            yield Finding("vip-on-wrong-device", host.name, where, remove)


def _settings(host: Host, cluster: Cluster) -> Iterator[Finding]:
    rewrites = "net.ipv4.ip_forward" in host.director.get("sysctls", {})
    link = host.link_with(host.address)
    wants_ipv6 = any(":" in vip for vip in (cluster.vips() if host.director else host.real_server.get("vips", ())))
    if link and wants_ipv6 and link["settings"]["disable_ipv6"] == 1:
        fix = f"set net.ipv6.conf.{link['name']}.disable_ipv6 to 0"
        yield Finding("ipv6-disabled", host.name, f"IPv6 is off on {link['name']}, and there are IPv6 VIPs", fix)
    strict = [each["name"] for each in host.links if each["settings"]["rp_filter"] == STRICT]
    if strict and len(host.links) > 1 and (rewrites or host.real_server.get("gateways")):
        what = f"net.ipv4.conf rp_filter is 1 (strict) on {', '.join(strict)}"
        yield Finding("strict-rp-filter", host.name, what, "set it to 2 (loose)")
    tunnels = any(service["tunnel"] for service in host.director.get("services", ()))
    for each in host.links:
        if each["settings"]["proxy_arp"] and (host.director or host.real_server):
            fix = f"set net.ipv4.conf.{each['name']}.proxy_arp and that of all to 0"
            yield Finding("proxy-arp", host.name, f"proxy_arp is on for {each['name']}", fix)
        if each["lro"] and not each["kind"] and (rewrites or tunnels):
            fix = f"turn it off: ethtool -K {each['name']} lro off"
            yield Finding("lro-on", host.name, f"large receive offload is on for {each['name']}", fix)


def _routes_of_director(host: Host) -> Iterator[Finding]:
    routes = host.facts["routes"]
    for address, (name, by_dr) in sorted(_servers(host).items()):
        route = routes.get(address)
        if route is None or route["type"] in ("unreachable", "blackhole", "prohibit"):
            yield Finding("no-route-to-server", host.name, f"no route to {name} ({address})", "add a route")
        elif by_dr and route["gateway"]:
            what = f"{name} ({address}) is behind the router {route['gateway']}"
            yield Finding("dr-through-router", host.name, what, "write forwarding: tun, or fullnat")
    for vip in host.facts["answers"]:
        if not host.reaches(vip):
            fix = "write a VIP of such a network, or see that the routers send it to the directors"
            yield Finding("vip-outside-networks", host.name, f"{vip} is in none of its networks", fix)
    if FORWARDING_IPV6 in host.director["sysctls"]:
        yield from _advertised_routes(host)


def _servers(host: Host) -> dict[str, tuple[str, bool]]:
    """Address of a real server -> its name, and whether packets go there by dr."""
    found: dict[str, tuple[str, bool]] = {}
    for service in host.director["services"]:
        for server in service["real_servers"]:
            by_dr = server["forwarding"] == "dr" or found.get(server["address"], ("", False))[1]
            found[server["address"]] = (server["host"], by_dr)
    return found


def _advertised_routes(host: Host) -> Iterator[Finding]:
    accepts = {link["name"]: link["settings"]["accept_ra"] for link in host.links}
    for route in host.facts["default_routes"]:
        if route["protocol"] == "ra" and accepts.get(route["interface"]) == 1:
            name = route["interface"]
            fix = f"set net.ipv6.conf.{name}.accept_ra to 2, or configure the route"
            yield Finding("accept-ra-lost", host.name, f"its default route by {name} is a router's advertisement", fix)


def _routes_of_real_server(host: Host, cluster: Cluster) -> Iterator[Finding]:
    for gateway in dict.fromkeys(route["gateway"] for route in host.real_server["gateways"]):
        if not host.reaches(gateway):
            what = f"lvs_nat_gateway {gateway} is in none of its networks"
            fix = "write an address of the real servers' network, or forwarding: fullnat"
            yield Finding("nat-gateway-elsewhere", host.name, what, fix)
    directors = {director.address for director in cluster.seen_directors} | set(cluster.vips())
    for route in host.facts["default_routes"]:
        if host.real_server["vips"] and route["gateway"] in directors:
            what = f"its default gateway {route['gateway']} is a director, and it answers from VIPs"
            yield Finding("gateway-is-director", host.name, what, "use another gateway, or forwarding: nat")
