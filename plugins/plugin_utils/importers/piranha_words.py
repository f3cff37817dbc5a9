# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keywords of lvs.cf that are not carried over, and how their losses are noted."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.model import Configuration, Server, Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.values import Alias

from .model import Loss

FAILOVER = "services of the directors themselves are no LVS services: a cluster manager such as Pacemaker runs these"
SHARED = "directors share no disk; VRRP decides who is active"
PROGRAMS = "no program is run when a director changes its state"
TIMEOUTS = "IPVS's timeouts cannot be declared yet: the kernel's are 900, 120 and 300 seconds"

LEFT: Mapping[type, Mapping[str, str]] = {
    Configuration: {
        "serial_no": "it counts changes made with the web interface",
        "primary_private": "directors reach each other by lvs_address; there is no second network for adverts",
        "primary_shared": SHARED,
        "backup_private": "directors reach each other by lvs_address; there is no second network for adverts",
        "backup_shared": SHARED,
        "reservation_conflict_action": SHARED,
        "nat_nmask": "the address of the gateway gets a host route; it is on the interface of lvs_address",
        "active_cmd": PROGRAMS,
        "inactive_cmd": PROGRAMS,
        "monitor_links": "the active director gives the VIPs up when the interface of lvs_address is down",
        "debug_level": "the director engine logs to the journal",
        "hard_shutdown": "what happens to the table at a stop is the director engine's matter",
        "ipvsadm": "ipvsadm is not used",
        "deadtime": "a backup takes over after some three adverts have not come",
        "rsh_command": "Ansible copies files",
        "syncd_iface": "connections are synchronised over the interface of lvs_address",
        "tcp_timeout": TIMEOUTS,
        "tcpfin_timeout": TIMEOUTS,
        "udp_timeout": TIMEOUTS,
        "heartbeat_port": "VRRP has no port: let IP protocol 112 pass",
        "sync": "Ansible copies files",
    },
    Virtual: {
        "vip_nmask": "VIPs are host routes, without their network's mask",
        "client_monitor": "the director engine checks the servers itself",
        "use_regex": "what is in the answer is not compared",
        "reentry": "a server is back after its first good check",
        "start_cmd": FAILOVER,
        "stop_cmd": FAILOVER,
        "master": FAILOVER,
        "dirs": "the collection shares folders by lvs_shared_data",
    },
}
"""Keywords that are never carried over, and why."""

INERT: Mapping[str, object] = {"debug_level": "NONE", "monitor_links": 0, "sync": False, "use_regex": False}
"""Keyword -> the value by which nothing is lost."""

READ: Mapping[type, frozenset[str]] = {
    Configuration: frozenset(
        {"primary", "backup", "backup_active", "nat_router", "keepalive", "syncdaemon", "syncd_id"}
        | {"heartbeat", "network", "service"}
    ),
    Virtual: frozenset(
        {"active", "address", "sorry_server", "fwmark", "protocol", "port", "scheduler", "persistent", "pmask"}
        | {"send_program", "send", "expect", "timeout", "load_monitor", "quiesce_server"}
    ),
    Server: frozenset({"address", "active", "weight", "port"}),
}
"""Keywords that are carried over where that is possible, and whose losses are noted one by one."""


class Losses:
    """Collects what is lost."""

    def __init__(self, configuration: Configuration) -> None:
        reason = "the keyword is there again below, which is the one that counts"
        self.found = [Loss(each.line, each.keyword, each.value, reason) for each in configuration.repeated]

    def add(self, section: Configuration | Virtual | Server, keyword: str, value: object, reason: str) -> None:
        """Note the loss of a keyword."""
        line = section.lines.get(keyword, 0 if isinstance(section, Configuration) else section.line)
        self.found.append(Loss(line or None, keyword, _show(value), reason))

    def add_block(self, block: Virtual | Server, reason: str) -> None:
        """Note the loss of a whole block."""
        word = "server" if isinstance(block, Server) else "failover" if block.failover else "virtual"
        self.found.append(Loss(block.line, word, block.name, reason))

    def leave(self, section: Configuration | Virtual) -> None:
        """Note what is set and never carried over."""
        for keyword, reason in LEFT[type(section)].items():
            value = getattr(section, keyword)
            if value is not None and value != INERT.get(keyword):
                self.add(section, keyword, value, reason)


def _show(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Alias):
        return f"{value.host} {value.device}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
