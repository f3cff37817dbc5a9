# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived.conf says beside its services: the directors, how they agree, their VIPs, and the NAT gateway."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import Keyword
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import VRRP
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, options

from .keepalived_section import Section
from .model import Loss

ONE_INSTANCE = "one instance moves all VIPs of a cluster: import the others as clusters of their own"
MAILS = "the collection sends no mails: watch the directors with what you monitor other hosts with"
LINES = "it has no variable of its own: write it into lvs_keepalived_lines"
REASONS: Mapping[str, str] = {
    "state": "the priorities decide: a director starts as a backup",
    "interface": "a director's interface is that of lvs_address, or lvs_interface",
    "priority": "each director has one of its own: lvs_priority of the host",
    "authentication": "VRRP version 3 has none: let only the directors' adverts through, as lvs_firewall does",
    "vrrp_version": "directors speak version 3",
    "router_id": "it is the inventory's name of the director",
    "lvs_sync_daemon": "directors always synchronise connections, on the interface of lvs_address",
    "lvs_sync_daemon_interface": "directors always synchronise connections, on the interface of lvs_address",
    "unicast_src_ip": "it is the director's lvs_address",
    "reload_check_config": "it is always set",
    "higher_prio_send_advert": "it is always set",
    "track_interface": "the interface of the VIPs and those of NAT gateways are always tracked",
    "track_script": LINES,
    "track_file": LINES,
    "notify": LINES,
    "notify_master": LINES,
    "notify_backup": LINES,
    "notify_fault": LINES,
    "notify_stop": LINES,
    "vrrp_script": LINES,
    "vrrp_track_process": LINES,
    "track_process": LINES,
    "notification_email": MAILS,
    "notification_email_from": MAILS,
    "smtp_server": MAILS,
    "smtp_connect_timeout": MAILS,
    "smtp_alert": MAILS,
    "script_user": LINES,
    "enable_script_security": LINES,
    "vrrp_sync_group": "the VIPs and the NAT gateway of a cluster move together in one instance",
}
NUMBERS = ("advert_int", "virtual_router_id", "preempt_delay", "garp_master_delay", "garp_master_refresh")


@dataclass(frozen=True)
class Cluster:
    """The directors by their addresses, the variables, and the addresses that are on another interface than VIPs."""

    directors: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    nat_gateway: tuple[str, ...] = ()


def read_cluster(top: Section, vips: Collection[str], losses: list[Loss]) -> Cluster:
    """Read globals and the first VRRP instance; the VIPs of services are `vips`."""
    vrrp: dict[str, Any] = {}
    for block in top.blocks("global_defs"):
        section = Section(block.children, losses, REASONS)
        if (delay := section.word("vrrp_startup_delay")) and float(delay):
            vrrp["startup_delay"] = int(float(delay)) if float(delay).is_integer() else float(delay)
        section.finish()
    cluster = Cluster(variables={"lvs_vrrp": vrrp} if vrrp else {})
    for number, block in enumerate(top.blocks("vrrp_instance")):
        if number:
            losses.append(Loss(block.line, "vrrp_instance", " ".join(block.arguments), ONE_INSTANCE))
        else:
            cluster = _read_instance(Section(block.children, losses, REASONS), vrrp, vips, losses)
    return cluster


def _read_instance(section: Section, vrrp: dict[str, Any], vips: Collection[str], losses: list[Loss]) -> Cluster:
    interface = section.word("interface")
    own = section.word("unicast_src_ip")
    peers = [node.name for node in section.entries("unicast_peer")]
    for keyword in NUMBERS:
        if (text := section.word(keyword)) is not None:
            option = options(VRRP)[keyword]
            value = option.spec.read(text, "", Problems())
            if value is INVALID:
                section.note(keyword, text, f"lvs_vrrp.{keyword} has to be {option.spec.describe()}")
            elif value != option.default:
                vrrp[keyword] = value
    if section.flag("nopreempt"):
        vrrp["nopreempt"] = True
    gateways = []
    for list_name in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
        for entry in section.entries(list_name):
            address, device = entry.name.partition("/")[0], _after(entry, "dev")
            if device not in (None, interface) and address not in vips:
                gateways.append(address)
            elif address not in vips:
                reason = "no service has this address: a VIP comes with its service"
                losses.append(Loss(entry.line, list_name, " ".join(entry.words), reason))
    section.finish()
    directors = tuple(dict.fromkeys(([own] if own else []) + peers))
    return Cluster(directors, {"lvs_vrrp": vrrp} if vrrp else {}, tuple(gateways))


def _after(entry: Keyword, word: str) -> str | None:
    words = entry.words
    return next((words[index + 1] for index, each in enumerate(words[:-1]) if each == word), None)
