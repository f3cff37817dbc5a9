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
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, Integer, Spec

PREFIX = "net.ipv4.vs."
INT_MAX = 2**31 - 1

FLAGS = (
    "backup_only",
    "cache_bypass",
    "conntrack",
    "expire_nodest_conn",
    "expire_quiescent_template",
    "ignore_tunneled",
    "nat_icmp_send",
    "pmtu_disc",
    "run_estimation",
    "schedule_icmp",
    "sloppy_sctp",
    "sloppy_tcp",
    "snat_reroute",
    "sync_persist_mode",
    "sync_version",
)
RANGES: Mapping[str, tuple[int, int]] = {
    **{name: (0, 1) for name in FLAGS},
    "am_droprate": (0, INT_MAX),
    "amemthresh": (0, INT_MAX),
    "conn_lfactor": (-8, 8),
    "conn_max": (0, 2**30),
    "conn_reuse_mode": (0, 3),
    "drop_entry": (0, 3),
    "drop_packet": (0, 3),
    "est_nice": (-20, 19),
    "lblc_expiration": (1, INT_MAX),
    "lblcr_expiration": (1, INT_MAX),
    "secure_tcp": (0, 3),
    "svc_lfactor": (-8, 8),
    "sync_ports": (1, 64),
    "sync_qlen_max": (0, INT_MAX),
    "sync_refresh_period": (0, INT_MAX),
    "sync_retries": (0, 3),
    "sync_sock_size": (0, INT_MAX),
}
"""Name without the prefix -> least and greatest value. `sync_threshold` and `est_cpulist` are not single numbers."""

NAMES = frozenset({*RANGES, "sync_threshold", "est_cpulist"})

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


@dataclass(frozen=True)
class VsSysctls(Spec):
    """A mapping of full `net.ipv4.vs.*` names to values, read as a tuple of pairs."""

    def read(self, value: object, where: str, problems: Problems) -> object:
        if not isinstance(value, Mapping):
            problems.add(where, f"{show(value)} is not a mapping", f"write names and values, such as {PREFIX}sync_refresh_period: 10")
            return INVALID
        read = {key: self._read_one(key, item, f"{where}[{show(key)}]", problems) for key, item in value.items()}
        return INVALID if any(item is INVALID for item in read.values()) else tuple(read.items())

    def _read_one(self, key: object, value: object, where: str, problems: Problems) -> object:
        name = str(key).removeprefix(PREFIX)
        if not isinstance(key, str) or not key.startswith(PREFIX) or name not in NAMES:
            meant = did_you_mean(name, sorted(NAMES))
            fix = f"did you mean '{PREFIX}{meant}'?" if meant else f"write the full name of an IPVS sysctl, such as {PREFIX}sync_refresh_period"
            problems.add(where, f"{show(key)} is not an IPVS sysctl", fix)
            return INVALID
        if name in RANGES:
            return Integer(*RANGES[name]).read(value, where, problems)
        if name == "sync_threshold":
            return _read_sync_threshold(value, where, problems)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return str(value)
        problems.add(where, f"{show(value)} is not a list of CPUs", "write it as the kernel does, such as '2-5,8'")
        return INVALID

    def describe(self) -> str:
        return f"mapping of full `{PREFIX}*` names to values"


def _read_sync_threshold(value: object, where: str, problems: Problems) -> object:
    """Two numbers, `threshold period`: a connection is synchronised when its packets modulo period reach threshold."""
    words = value.split() if isinstance(value, str) else []
    if len(words) == 2 and all(word.isdecimal() and word.isascii() for word in words):
        threshold, period = int(words[0]), int(words[1])
        if threshold <= INT_MAX and (period == 0 or threshold < period <= INT_MAX):
            return f"{threshold} {period}"
    problems.add(where, f"{show(value)} is not a sync threshold", "write two numbers in quotes, the first the lesser, such as '3 50'")
    return INVALID
