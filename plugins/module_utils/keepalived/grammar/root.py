# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of a whole keepalived.conf: what may stand outside of all braces.

The tables say what keepalived 2.0 to 2.4 accepts in any of its versions, at its widest: of a range that grew they have
the greater one. Whether keepalived was built with SNMP, D-Bus, BFD or a packet filter is for `keepalived -t` to judge.
"""

from __future__ import annotations

from .arguments import TEXT, UINT, integer
from .global_defs import GLOBAL_DEFS
from .spec import at_start, by_name, flag, value
from .virtual_server import VIRTUAL_SERVERS
from .vrrp import VRRP

NEWEST = "2.4.4"
"""The newest version that the tables know; a later one may have keywords that they lack."""

PROCESS = (
    at_start(value("net_namespace", TEXT)),
    at_start(value("net_namespace_ipvs", TEXT, since="2.1.0")),
    flag("namespace_with_ipsets"),
    at_start(value("instance", TEXT)),
    flag("use_pid_dir"),
    value("child_wait_time", integer(0, UINT)),
    flag("linkbeat_use_polling"),
)

ROOT = by_name((*PROCESS, GLOBAL_DEFS, *VRRP, *VIRTUAL_SERVERS))
