# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of preflight that can be silenced: their ids, whether they stop the run, and why they matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One kind of finding. An error stops the run, a warning is printed."""

    error: bool
    why: str


DECLARATION: Mapping[str, Check] = {
    "no-weight": Check(False, "IPVS refuses every connection of a service whose servers all have weight 0"),
    "quorum-unreachable": Check(True, "keepalived would hold the service down for ever"),
    "single-director": Check(False, "nobody takes over the VIPs when it fails"),
    "single-real-server": Check(False, "the service is away whenever this server is"),
    "unchecked": Check(False, "clients are sent to a real server that has failed"),
    "gate-timeout": Check(
        False, "when the data is gone for all, they all leave the rotation, whatever when_data_is_gone says"
    ),
    "ftp-data": Check(False, "FTP's data connections go to other ports, and may reach another real server"),
    "one-packet-persistence": Check(
        False, "each datagram makes a persistence entry, which one-packet is there to avoid"
    ),
    "flag-without-meaning": Check(False, "only sh and mh read flags"),
    "no-preempt-delay": Check(False, "a returning director takes over before it has learnt the connections"),
    "vrrp-strict": Check(
        True, "strict VRRP knows neither unicast nor preempt_delay, and keepalived drops what clients send to the VIPs"
    ),
    "dead-udp-entries": Check(False, "UDP clients stay bound to a server that has left, until their entries expire"),
    "drained-persistence": Check(False, "persistent clients are sent on to a server of weight 0"),
    "no-fencing": Check(False, "a node that hangs and comes back can destroy the file system"),
    "conntrack-with-dr": Check(
        False, "conntrack sees one half of each connection, and rules that drop invalid packets hit it"
    ),
}
"""What the declaration alone shows; found with the plan."""

HOSTS: Mapping[str, Check] = {
    "kernel-module-missing": Check(True, "without it a director cannot serve what is declared"),
    "kernel-module-blocked": Check(True, "modprobe's configuration keeps it from being loaded, at the next boot too"),
    "kernel-replaced": Check(True, "the modules of the running kernel are gone, so none can be loaded before a reboot"),
    "kernel-too-old": Check(True, "IPVS in it does not have this kind of tunnel"),
    "unknown-sysctl": Check(True, "it cannot be set on the running kernel"),
    "small-conntrack": Check(False, "new connections are dropped when conntrack is full"),
    "small-connection-table": Check(
        False, "each packet is looked up among many connections, which costs the director time"
    ),
    "ipvs-owner": Check(True, "two programs on one IPVS table undo each other's work"),
    "no-systemd": Check(True, "services are started, and VIPs bound at boot, by units of systemd"),
    "keepalived-old": Check(False, "it is known to crash on reload, and lacks settings that the roles write"),
    "keepalived-sorry-server": Check(False, "it can crash at a reload that takes a sorry server away"),
    "check-program": Check(True, "a check whose program cannot be run fails, so real servers get no connections"),
    "keepalived-versions-differ": Check(False, "directors of different versions may reject each other's adverts"),
    "address-missing": Check(True, "other hosts would send packets of the cluster to nobody"),
    "interface-missing": Check(True, "what is declared for it cannot be configured"),
    "link-down": Check(True, "the host cannot be reached by the cluster over this interface"),
    "ipv6-disabled": Check(True, "the kernel refuses IPv6 addresses there"),
    "accept-ra-lost": Check(True, "a host that forwards IPv6 ignores router advertisements, and loses this route"),
    "bond-unmonitored": Check(False, "the bond goes on sending over a dead link"),
    "lro-on": Check(False, "merged packets are larger than the MTU, and are dropped when they are sent on"),
    "strict-rp-filter": Check(False, "packets are dropped that come in where their answer would not go out"),
    "proxy-arp": Check(False, "the host answers ARP for addresses that are not its own, such as VIPs"),
    "vip-prefix": Check(
        False, "with the network's prefix a VIP may become the source address of the host's own packets"
    ),
    "vip-on-wrong-host": Check(True, "a host that does not serve it takes or answers the VIP's packets"),
    "vip-on-wrong-device": Check(True, "the real server answers ARP for the VIP, past the directors"),
    "vip-mask": Check(True, "on the loopback a shorter prefix makes the whole network local: it is cut off"),
    "vip-answered": Check(True, "clients reach whoever answers first, and not the directors"),
    "vrid-taken": Check(True, "each would take the other's adverts for those of a director, and one gives up its VIPs"),
    "vip-outside-networks": Check(False, "hosts of the segment do not look for it there; a router needs a route to it"),
    "duplicate-mac": Check(True, "switches send the packets of both to one of them"),
    "duplicate-address": Check(True, "packets for both reach one of them"),
    "dr-through-router": Check(True, "dr sends by MAC address, which crosses no router"),
    "no-route-to-server": Check(True, "the director can neither check the server nor send to it"),
    "mtu-differs": Check(False, "large packets are lost between the two"),
    "nat-gateway-elsewhere": Check(
        True, "answers of nat services must go to a gateway in a network of the real server"
    ),
    "nat-client-on-link": Check(False, "a real server answers clients of its own network past the director"),
    "gateway-is-director": Check(False, "a director drops answers whose source is its own VIP"),
    "directors-apart": Check(True, "VIPs can only move between hosts of one network"),
    "firewall-blocks-service": Check(True, "its packets are dropped; an accept in another table does not change that"),
    "firewall-blocks-vrrp": Check(True, "each director would believe that it is alone, and hold the VIPs"),
    "firewall-blocks-sync": Check(False, "connections are lost when another director takes over"),
    "firewall-blocks-answers": Check(
        True, "answers of real servers are dropped on their way back through the director"
    ),
    "firewall-manager": Check(False, "it decides about packets beside the roles, which leave it alone"),
    "nftables-flush": Check(False, "its restart empties the whole ruleset, with the roles' tables"),
}
"""What shows on the hosts; found by preflight_report."""

CHECKS: Mapping[str, Check] = {**DECLARATION, **HOSTS}
