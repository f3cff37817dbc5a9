# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that compare the hosts of a cluster with each other."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.check_host import version
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.cluster import Cluster, Finding, Host


def check_cluster(cluster: Cluster) -> Iterator[Finding]:
    """All findings about hosts that do not fit together."""
    yield from _versions(cluster)
    yield from _networks_of_directors(cluster)
    yield from _twin_macs(cluster)
    yield from _twin_addresses(cluster)
    yield from _answers(cluster)
    yield from _foreign_routers(cluster)
    yield from _mtu(cluster)
    yield from _nat_clients(cluster)


def _versions(cluster: Cluster) -> Iterator[Finding]:
    installed = {host.name: host.facts["keepalived"] for host in cluster.seen_directors if host.facts["keepalived"]}
    if len({version(text)[:2] for text in installed.values()}) > 1:
        newest = max(installed.values(), key=version)
        for name, text in installed.items():
            if version(text)[:2] != version(newest)[:2]:
                what = f"it has keepalived {text}, others {newest}"
                yield Finding("keepalived-versions-differ", name, what, "install the same version on all directors")


def _networks_of_directors(cluster: Cluster) -> Iterator[Finding]:
    for other in cluster.seen_directors[1:]:
        first = cluster.seen_directors[0]
        if first.link_with(first.address) and other.address and not first.reaches(other.address):
            what = f"{other.address} is in no network of {first.name}"
            yield Finding("directors-apart", other.name, what, "put the directors into one network")


def _twin_macs(cluster: Cluster) -> Iterator[Finding]:
    macs: dict[str, Host] = {}
    for host in cluster.hosts:
        link = host.link_with(host.address)
        if link and link["mac"]:
            other = macs.setdefault(link["mac"], host)
            if other is not host:
                what = f"{link['name']} has the MAC address of {other.name}, {link['mac']}"
                yield Finding("duplicate-mac", host.name, what, "give the (cloned?) machine one of its own")


def _twin_addresses(cluster: Cluster) -> Iterator[Finding]:
    moving = set(cluster.vips())
    addresses = {host.address: host for host in cluster.hosts if host.address}
    for host in cluster.hosts:
        for link, own in host.addresses():
            owner = addresses.get(str(own.ip), host)
            if owner is not host and str(own.ip) not in moving:
                what = f"{own.ip}, the address of {owner.name}, is on {link['name']}"
                yield Finding("duplicate-address", host.name, what, "give each host its own")


def _answers(cluster: Cluster) -> Iterator[Finding]:
    holders = {link["mac"]: host for host in cluster.hosts for link in host.links if link["mac"]}
    directors = {host.name for host in cluster.seen_directors}
    complete = directors == set(cluster.directors)
    for asker in cluster.seen_directors:
        for vip, macs in asker.facts["answers"].items():
            for mac in macs:
                holder = holders.get(mac)
                if holder is not None and not holder.director:
                    what = f"it answers for the VIP {vip}"
                    yield Finding("vip-answered", holder.name, what, f"see who has it: ip address show to {vip}")
                elif holder is None and complete:
                    # A director that was not looked at may well have the VIP.
                    what = f"an unknown machine, {mac}, answers for the VIP {vip}"
                    yield Finding(
                        "vip-answered", asker.name, what, "find it and take the address from it, or use another VIP"
                    )


def _foreign_routers(cluster: Cluster) -> Iterator[Finding]:
    instances = cluster.director_part().get("vrrp_instances", ())
    ours = {instance["virtual_router_id"] for instance in instances}
    members = {str(own.ip) for host in cluster.seen_directors for _link, own in host.addresses()}
    members |= {peer for instance in instances for peer in instance["unicast_peers"]}
    for host in cluster.seen_directors:
        for advert in host.facts["vrrp"]:
            vrid, sender = advert["virtual_router_id"], advert["sender"]
            if vrid in ours and sender not in members:
                what = f"{sender} uses the virtual router id {vrid} on {advert['interface']} too"
                fix = f"add {vrid} to lvs_reserved_vrids, or write another one: lvs_vrrp.virtual_router_id"
                yield Finding("vrid-taken", host.name, what, fix)


def _mtu(cluster: Cluster) -> Iterator[Finding]:
    director = next(iter(cluster.seen_directors), None)
    facing = director and director.link_with(director.address)
    if not director or not facing:
        return
    by_dr = {
        server["host"]
        for service in director.director["services"]
        for server in service["real_servers"]
        if server["forwarding"] == "dr"
    }
    for host in cluster.hosts:
        link = host.link_with(host.address)
        if host.name in by_dr and link and link["mtu"] != facing["mtu"]:
            what = f"the MTU of {link['name']} is {link['mtu']}, and on {director.name} it is {facing['mtu']}"
            yield Finding("mtu-differs", host.name, what, "give all interfaces of the segment the same MTU")


def _nat_clients(cluster: Cluster) -> Iterator[Finding]:
    """Clients in the network of a NAT real server; those that are masqueraded are answered by the director."""
    part = cluster.director_part()
    masqueraded = [ip_network(source) for each in part.get("masquerades", ()) for source in each["sources"]]
    clients = [host for host in cluster.hosts if "clients" in host.plan["tiers"]]
    servers = {version: [host for host in cluster.hosts if version in _nat_families(host)] for version in (4, 6)}
    for client in clients:
        for _link, own in client.addresses():
            near = [
                server.name for server in servers[own.version] if not own.ip.is_loopback and server.reaches(str(own.ip))
            ]
            covered = any(ip_address(own.ip) in network for network in masqueraded)
            if near and not covered and not own.ip.is_link_local:
                what = f"{own.ip} is in the network of the nat real server {near[0]}"
                fix = f"add {own.network} to lvs_nat_clients"
                yield Finding("nat-client-on-link", client.name, what, fix)


def _nat_families(host: Host) -> set[int]:
    """The families in which a real server answers by the gateway that moves with the VIPs."""
    return {ip_address(route["gateway"]).version for route in host.real_server.get("gateways", ())}
