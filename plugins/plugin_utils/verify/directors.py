# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directors and VIPs: who holds each VIP, whether one host alone answers for it, and whether connections are synced."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import DirectorFinding, Problem, VipFinding
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import Cluster, Dict, Host, Interface


def holding_interface(host: Host, vip: str) -> Interface | None:
    """Return the interface on which a director holds a VIP as a director.

    A director that is a real server too has the VIPs on another device as well, whoever holds them.
    """
    for interface in host.interfaces:
        faces_the_cluster = "real_servers" not in host.tiers or host.director_address in interface.addresses
        if vip in interface.addresses and faces_the_cluster:
            return interface
    return None


def holders(cluster: Cluster, vip: str) -> tuple[str, ...]:
    """Return the directors that hold a VIP."""
    return tuple(host.name for host in cluster.asked("directors") if holding_interface(host, vip))


def look_at_directors(cluster: Cluster) -> tuple[DirectorFinding, ...]:
    """Return what each director that could be asked does."""
    vrrp_is_well = all(len(holders(cluster, vip)) == 1 for vip in cluster.vips)
    return tuple(_look_at_director(host, cluster.vips, vrrp_is_well) for host in cluster.asked("directors"))


def _look_at_director(host: Host, vips: tuple[str, ...], vrrp_is_well: bool) -> DirectorFinding:
    held = tuple(vip for vip in vips if holding_interface(host, vip))
    daemons = None
    if host.ipvs is not None:
        daemons = tuple(daemon["role"] for daemon in host.ipvs.sync_daemons)
    gateways = tuple(gateway for gateway in host.nat_gateways if _has(host, gateway))
    problems = list(_problems_of_gateways(host, held, gateways)) if vrrp_is_well else []
    if host.sync_daemon is not None and daemons is not None:
        problems += [
            Problem(
                f"{host.name}: no sync daemon runs as {role}, so connections would not survive a failover",
                f"see 'journalctl -u lvs-sync-{role}' on {host.name}, or run lvs.cluster.site",
            )
            for role in ("master", "backup")
            if role not in daemons
        ]
    return DirectorFinding(host.name, held, daemons, gateways, problems=tuple(problems))


def _has(host: Host, address: str) -> bool:
    return any(address in interface.addresses for interface in host.interfaces)


def _problems_of_gateways(host: Host, held: tuple[str, ...], gateways: tuple[str, ...]) -> Iterator[Problem]:
    """VIPs and NAT gateways belong on the same director: the others send answers past the connections they are of."""
    remedy = (
        "they move together by a VRRP sync group: see that VRRP passes on the real servers' side too, and"
        f" 'journalctl -u keepalived' on {host.name}"
    )
    missing = tuple(gateway for gateway in host.nat_gateways if gateway not in gateways)
    if held and missing:
        what = f"{host.name}: holds the VIPs but not {names(missing)}, by which real servers of NAT services answer"
        yield Problem(what, remedy)
    if gateways and not held:
        what = f"{host.name}: holds {names(gateways)}, by which real servers of NAT services answer, but not the VIPs"
        yield Problem(what, remedy)


def look_at_vips(cluster: Cluster) -> tuple[VipFinding, ...]:
    """Return who has each VIP."""
    return tuple(_look_at_vip(cluster, vip) for vip in cluster.vips)


def _look_at_vip(cluster: Cluster, vip: str) -> VipFinding:
    held_by = holders(cluster, vip)
    answers = _answers(cluster, vip)
    problems = [*_problems_of_holders(cluster, vip, held_by), *_problems_of_answers(cluster, vip, held_by, answers)]
    return VipFinding(vip, held_by, answers, problems=tuple(problems))


def _answers(cluster: Cluster, vip: str) -> tuple[tuple[str, str | None], ...] | None:
    """Return the MAC addresses that answered for a VIP with their hosts, or None if nobody asked."""
    result = arp_result(cluster, vip)
    if result is None:
        return None
    owners = {interface.mac: host.name for host in cluster.hosts.values() for interface in host.interfaces}
    return tuple((mac, owners.get(mac)) for mac in map(str.lower, result["macs"]))


def arp_result(cluster: Cluster, vip: str) -> Dict | None:
    """Return what the first client that asked found out about a VIP."""
    results = (result for host in cluster.asked("clients") for result in host.arp or ())
    return next((result for result in results if result.get("address") == vip and "macs" in result), None)


def _problems_of_holders(cluster: Cluster, vip: str, held_by: tuple[str, ...]) -> list[Problem]:
    asked = [host.name for host in cluster.asked("directors")]
    if len(held_by) > 1:
        return [
            Problem(
                f"{vip}: {names(held_by)} hold it at the same time (split brain)",
                "see that VRRP (IP protocol 112) passes between them in both directions, and that no other VRRP router"
                " of the network has the same virtual_router_id",
            )
        ]
    if held_by or not asked:
        return []
    whom = "no director" if len(asked) == len(cluster.members["directors"]) else "no director that could be asked"
    return [Problem(f"{vip}: {whom} holds it", f"see 'journalctl -u keepalived' on {names(asked)}")]


def _problems_of_answers(
    cluster: Cluster, vip: str, held_by: tuple[str, ...], answers: tuple[tuple[str, str | None], ...] | None
) -> list[Problem]:
    if answers is None or len(held_by) != 1:
        return []  # nobody asked, or it is clear already that something is wrong
    holder = cluster.hosts[held_by[0]]
    if not answers:
        what = f"{vip}: nobody answers for it by {asked_by(vip)}, although {holder.name} holds it"
        return [Problem(what, f"see whether {holder.name} and the clients are in the same network segment")]
    return [_wrong_answer(cluster, vip, mac, host) for mac, host in answers if host != holder.name]


def _wrong_answer(cluster: Cluster, vip: str, mac: str, host: str | None) -> Problem:
    if host is None:
        what = f"{vip}: a machine that is none of the cluster's answers for it by {asked_by(vip)} ({mac})"
        return Problem(what, "find it by its MAC address and take the address away from it")
    what = f"{vip}: {host} answers for it by {asked_by(vip)} ({mac}), so clients may get past the active director"
    if host in cluster.members["real_servers"]:
        remedy = "sets arp_ignore and arp_announce" if has_arp(vip) else "binds VIPs to a device of their own"
        return Problem(what, f"run lvs.cluster.site, which {remedy} on {host}")
    return Problem(what, f"see whether {host} has the address: 'ip address show to {vip}'")


def has_arp(vip: str) -> bool:
    """Tell whether there is ARP for a VIP: for IPv4 only."""
    return ip_address(vip).version == 4


def asked_by(vip: str) -> str:
    """Return by which protocol the hosts of a network are asked who has a VIP."""
    return "ARP" if has_arp(vip) else "NDP"
