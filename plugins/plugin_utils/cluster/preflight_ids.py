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


CHECKS: Mapping[str, Check] = {
    "no-weight": Check(False, "IPVS refuses every connection of a service whose servers all have weight 0"),
    "quorum-unreachable": Check(True, "keepalived would hold the service down for ever"),
    "single-director": Check(False, "nobody takes over the VIPs when it fails"),
    "single-real-server": Check(False, "the service is away whenever this server is"),
    "unchecked": Check(False, "clients are sent to a real server that has failed"),
    "ftp-data": Check(False, "FTP's data connections go to other ports, and may reach another real server"),
    "one-packet-persistence": Check(
        False, "each datagram makes a persistence entry, which one-packet is there to avoid"
    ),
    "flag-without-meaning": Check(False, "only sh and mh read flags"),
    "no-preempt-delay": Check(False, "a returning director takes over before it has learnt the connections"),
    "dead-udp-entries": Check(False, "UDP clients stay bound to a server that has left, until their entries expire"),
    "drained-persistence": Check(False, "persistent clients are sent on to a server of weight 0"),
    "conntrack-with-dr": Check(
        False, "conntrack sees one half of each connection, and rules that drop invalid packets hit it"
    ),
}
