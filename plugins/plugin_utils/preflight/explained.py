# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For docs/preflight.md: in general words what each check finds, and how to fix it. A finding has the particulars."""

from __future__ import annotations

from collections.abc import Mapping

EXPLAINED: Mapping[str, tuple[str, str]] = {
    "no-weight": ("All real servers of a service have weight 0.", "Give one a weight, or remove the service."),
    "quorum-unreachable": ("The quorum is more than the sum of all weights.", "Lower the quorum."),
    "single-director": ("There is one director.", "Add another one."),
    "single-real-server": ("A service has one real server and no sorry server.", "Add one."),
    "unchecked": ("A service has no health check.", "Write one, such as `{type: ping}`."),
    "gate-timeout": (
        "`when_data_is_gone: serve`, `connect_timeout` is 1 s, and the data gate may take 1.7 s to answer.",
        "Write 2 or more.",
    ),
    "ftp-data": ("FTP, and neither `nat` nor a persistent fwmark.", "Write `forwarding: nat`."),
    "one-packet-persistence": ("`one_packet` together with persistence.", "Leave one out."),
    "flag-without-meaning": ("Flags of a scheduler that has none.", "Leave them out."),
    "no-preempt-delay": ("`lvs_vrrp.preempt_delay` is 0.", "Leave it out for 60 seconds, or set `nopreempt`."),
    "vrrp-strict": (
        "`vrrp_strict`, `strict_mode` or `no_accept` in `lvs_keepalived_lines`.",
        "Leave it out.",
    ),
    "dead-udp-entries": ("UDP services, and `expire_nodest_conn` is 0.", "Leave it out of `lvs_sysctl`."),
    "drained-persistence": ("Persistence, and `expire_quiescent_template` is 0.", "Leave it out of `lvs_sysctl`."),
    "no-fencing": ("`lvs_cluster_fs.without_fencing` is true.", "Write a fence agent."),
    "conntrack-with-dr": ("`net.ipv4.vs.conntrack` is 1 with `dr` or `tun`.", "Leave it out of `lvs_sysctl`."),
    "kernel-module-missing": ("The kernel lacks a module that a service needs.", "Install the kernel's modules."),
    "kernel-module-blocked": ("modprobe runs `false` in place of a module.", "Remove that line in /etc/modprobe.d."),
    "kernel-replaced": ("/lib/modules has nothing for the running kernel.", "Reboot."),
    "kernel-too-old": ("`gue` before Linux 5.2, `gre` before 5.3.", "Update the kernel, or use `ipip`."),
    "unknown-sysctl": ("`lvs_sysctl` has a name that this kernel lacks.", "Take it out."),
    "small-conntrack": ("Sources are rewritten, and conntrack holds less than 65536.", "Set `lvs_conntrack_max`."),
    "small-connection-table": (
        "IPVS has one bucket for more than eight connections of `lvs_conntrack_max`, before Linux 7.1.",
        "Raise `conn_tab_bits` of the module `ip_vs`.",
    ),
    "ipvs-owner": ("ldirectord, kube-proxy or Docker holds the IPVS table.", "Stop it there."),
    "no-systemd": ("The host does not run systemd.", "Use another host."),
    "keepalived-old": ("keepalived before 2.2.", "Update it."),
    "keepalived-sorry-server": ("keepalived before 2.3.4 and a sorry server.", "Update it."),
    "check-program": (
        "The program of a `misc` check is missing on a director, or not executable.",
        "Install it there, before the run.",
    ),
    "keepalived-versions-differ": ("Directors run different releases.", "Install the same one on all."),
    "address-missing": ("No interface has the host's declared address.", "Correct `lvs_address`."),
    "interface-missing": ("There is no such interface.", "Correct `lvs_interface`."),
    "link-down": ("The interface that faces the cluster is down.", "See `ip link show`."),
    "ipv6-disabled": ("IPv6 is off on it, and there are IPv6 VIPs.", "Set `disable_ipv6` to 0."),
    "accept-ra-lost": ("A director that forwards IPv6 has an advertised default route.", "Set `accept_ra` to 2."),
    "bond-unmonitored": ("A bond without `miimon` and `arp_interval`.", "Set `miimon`."),
    "lro-on": ("Large receive offload on a director that rewrites or wraps.", "`ethtool -K NAME lro off`"),
    "strict-rp-filter": ("`rp_filter` is 1 where packets take two ways.", "Set it to 2."),
    "proxy-arp": ("`proxy_arp` is on.", "Set it to 0."),
    "vip-prefix": ("A director has a VIP with the network's prefix.", "Remove it, keepalived sets it."),
    "vip-on-wrong-host": ("A host has a VIP that it does not serve.", "Remove it."),
    "vip-on-wrong-device": ("A real server has a VIP on its network card.", "Remove it, the roles bind it."),
    "vip-mask": ("A real server has a VIP on `lo`, not as a /32 or /128.", "Remove it, the roles bind it."),
    "vip-answered": ("Somebody who is no director answers for a VIP.", "Find it, or use another VIP."),
    "vrid-taken": ("Another VRRP router of the network has our VRID.", "Add it to `lvs_reserved_vrids`."),
    "vip-outside-networks": ("A VIP is in no network of the directors.", "See that routers send it to them."),
    "duplicate-mac": ("Two hosts have one MAC address.", "Give the clone one of its own."),
    "duplicate-address": ("A host has the address of another one.", "Give each its own."),
    "dr-through-router": ("A real server by `dr` is behind a router.", "Use `tun` or `fullnat`."),
    "no-route-to-server": ("A director has no route to a real server.", "Add a route."),
    "mtu-differs": ("A real server by `dr` has another MTU than the director.", "Make them equal."),
    "nat-gateway-elsewhere": ("`lvs_nat_gateway` is in no network of a real server.", "Correct it, or use `fullnat`."),
    "nat-client-on-link": ("A client is in the network of a `nat` real server.", "Add it to `lvs_nat_clients`."),
    "gateway-is-director": ("A real server by `dr` or `tun` has a director as its gateway.", "Use another gateway."),
    "directors-apart": ("Directors are in different networks.", "Put them into one."),
    "firewall-blocks-service": ("nftables drops packets to a service.", "Let them pass."),
    "firewall-blocks-vrrp": ("nftables drops VRRP of another director.", "Let it pass."),
    "firewall-blocks-sync": ("nftables drops the connection synchronisation.", "Let it pass."),
    "firewall-blocks-answers": ("nftables drops answers that a director forwards.", "Let them pass."),
    "firewall-manager": ("firewalld or ufw is active.", "Allow there what the table below says."),
    "nftables-flush": ("nftables.service flushes all, and we need tables.", "Destroy single tables there."),
}
"""Id -> what is found, how to fix it."""
