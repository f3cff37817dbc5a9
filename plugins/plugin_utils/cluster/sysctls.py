# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `net.ipv4.vs.*` sysctls: which there are, what they take, and which we set.

Source: Documentation/networking/ipvs-sysctl.rst and net/netfilter/ipvs/ip_vs_ctl.c
of Linux. A setting that the running kernel is too old for is found on the
director, which knows its kernel; here only names and ranges are judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean, show
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Integer, Text
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, MistakeError, Scalar, Spec

PREFIX = "net.ipv4.vs."
INT_MAX = 2**31 - 1

FLAG = Integer(0, 1)
DEFENCE = Integer(0, 3)
COUNT = Integer(0, INT_MAX)


@dataclass(frozen=True)
class SyncThreshold(Scalar):
    """Two numbers, `threshold period`: a connection is sent when its packets modulo the period reach the threshold."""

    def _convert(self, value: object) -> object:
        words = value.split() if isinstance(value, str) else []
        if len(words) == 2 and all(word.isascii() and word.isdecimal() for word in words):
            threshold, period = int(words[0]), int(words[1])
            if threshold <= INT_MAX and (period == 0 or threshold < period <= INT_MAX):
                return f"{threshold} {period}"
        raise MistakeError(
            f"{show(value)} is not a threshold and a period", "write two numbers in quotes, such as '3 50'"
        )

    def _description(self) -> str:
        return "two numbers in quotes"


SYSCTLS: Mapping[str, Spec] = {
    "am_droprate": COUNT,
    "amemthresh": COUNT,
    "backup_only": FLAG,
    "cache_bypass": FLAG,
    "conn_lfactor": Integer(-8, 8),
    "conn_max": Integer(0, 2**30),
    "conn_reuse_mode": Integer(0, 3),
    "conntrack": FLAG,
    "drop_entry": DEFENCE,
    "drop_packet": DEFENCE,
    "est_cpulist": Text("a list of CPUs", r"[0-9,:/-]*", "write it in quotes as the kernel does, such as '2-5,8'"),
    "est_nice": Integer(-20, 19),
    "expire_nodest_conn": FLAG,
    "expire_quiescent_template": FLAG,
    "ignore_tunneled": FLAG,
    "lblc_expiration": COUNT,
    "lblcr_expiration": COUNT,
    "nat_icmp_send": FLAG,
    "pmtu_disc": FLAG,
    "run_estimation": FLAG,
    "schedule_icmp": FLAG,
    "secure_tcp": DEFENCE,
    "sloppy_sctp": FLAG,
    "sloppy_tcp": FLAG,
    "snat_reroute": FLAG,
    "svc_lfactor": Integer(-8, 8),
    "sync_persist_mode": FLAG,
    "sync_ports": Integer(1, 64),
    "sync_qlen_max": COUNT,
    "sync_refresh_period": COUNT,
    "sync_retries": Integer(0, 3),
    "sync_sock_size": COUNT,
    "sync_threshold": SyncThreshold(),
    "sync_version": FLAG,
}
"""Name without the prefix -> what it takes."""

DEFAULTS: Mapping[str, int] = {
    # A connection whose real server has left the table is reset at its next
    # packet, so that the client connects again, to a living server. With the
    # kernel's 0 its packets are dropped until the client gives up.
    f"{PREFIX}expire_nodest_conn": 1,
    # Weight 0 (drained) also ends persistence: with the kernel's 0 a persistent
    # client's new connections would go to the drained server for ever.
    f"{PREFIX}expire_quiescent_template": 1,
}
"""What directors get unless `lvs_sysctl` says otherwise."""

ROUTER_IPV4: Mapping[str, int] = {
    "net.ipv4.ip_forward": 1,
    # A client or real server that is told of a shorter way would take it past
    # the director. The interfaces' own values count as much as this one.
    "net.ipv4.conf.all.send_redirects": 0,
}
"""What a director needs on which IPv4 answers pass back, by nat and fullnat."""

ROUTER_IPV6: Mapping[str, int] = {"net.ipv6.conf.all.forwarding": 1}
"""The same for IPv6."""

CONNTRACK: Mapping[str, int] = {f"{PREFIX}conntrack": 1}
"""Without it a connection of IPVS has left conntrack when nftables would rewrite its source."""

CONNTRACK_MAX = "net.netfilter.nf_conntrack_max"


@dataclass(frozen=True)
class VsSysctls(Spec):
    """A mapping of full `net.ipv4.vs.*` names to values, read as a tuple of pairs."""

    def read(self, value: object, where: str, problems: Problems) -> object:
        """The pairs of name and value, or INVALID."""
        if not isinstance(value, Mapping):
            fix = f"write names and values, such as {PREFIX}sync_refresh_period: 10"
            problems.add(where, f"{show(value)} is not a mapping", fix)
            return INVALID
        read = {key: _read_one(key, item, f"{where}[{show(key)}]", problems) for key, item in value.items()}
        return INVALID if any(item is INVALID for item in read.values()) else tuple(read.items())

    def _description(self) -> str:
        return f"mapping of full `{PREFIX}*` names to values"


def _read_one(key: object, value: object, where: str, problems: Problems) -> object:
    name = str(key).removeprefix(PREFIX)
    if name in SYSCTLS and key == f"{PREFIX}{name}":
        return SYSCTLS[name].read(value, where, problems)
    meant = did_you_mean(name, SYSCTLS)
    fix = f"did you mean '{PREFIX}{meant}'?" if meant else f"write the name of an IPVS sysctl with its {PREFIX}"
    problems.add(where, f"{show(key)} is not an IPVS sysctl", fix)
    return INVALID
