# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a DR real server binds and how it keeps quiet about it: pure decisions, no I/O.

A DR real server accepts packets for the VIP but must never answer ARP for it, or clients would bypass the director.
Two settings of the interface that faces the cluster do that: `arp_ignore` (answer only for addresses of the interface
that was asked) and `arp_announce` (never use a VIP as the source of an ARP request). The VIP itself sits on a dummy
device, so it never belongs to the interface that is asked. The kernel uses the larger of the interface's value and
`all`'s, so setting the one interface is enough and leaves the others alone. IPv6 needs neither: neighbour discovery
answers only for addresses of the receiving interface.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from ansible_collections.lvs.cluster.plugins.module_utils.network.links import Link

Command = tuple[str, ...]

ARP_SUPPRESSION = {"arp_ignore": 1, "arp_announce": 2}


@dataclass(frozen=True)
class State:
    """VIPs on the device (None: no device) and the facing interface's ARP settings; observed or wanted."""

    vips: frozenset[str] | None
    sysctls: Mapping[str, int]

    def to_dict(self) -> dict[str, object]:
        """Return the shape shown in diffs."""
        return {"vips": sorted(self.vips or ()), "sysctls": dict(sorted(self.sysctls.items()))}


def bound_vips(link: Link | None) -> frozenset[str] | None:
    """Return the VIPs on the device, or None when there is no device."""
    return None if link is None else frozenset(str(own.ip) for own in link.addresses if not own.ip.is_link_local)


def sysctl_path(interface: str, name: str) -> str:
    """Return the key with slashes, which stays unambiguous for interface names with dots."""
    return f"net/ipv4/conf/{interface}/{name}"


def wanted_state(vips: Sequence[str], interface: str, observed: State, remembered: Mapping[str, int]) -> State:
    """Return what must be true while `vips` are served.

    `remembered` are the values from before our first change: a stricter one than ours stays, and an interface that
    does not face the cluster any more gets its own back.
    """
    needed = ARP_SUPPRESSION if any(ip_address(vip).version == 4 for vip in vips) else {}
    sysctls = {**observed.sysctls, **remembered}
    for name, value in needed.items():
        key = sysctl_path(interface, name)
        sysctls[key] = max(value, sysctls.get(key, 0))
    return State(frozenset(vips), sysctls)


def released_state(observed: State, remembered: Mapping[str, int]) -> State:
    """Return what is true after we are gone: no device, and the ARP settings from before our first change."""
    return State(None, {**observed.sysctls, **remembered})


def sysctl_changes(observed: State, wanted: State) -> dict[str, int]:
    """Return the settings to write. They go first when VIPs are added, last when the device is removed."""
    return {key: value for key, value in wanted.sysctls.items() if observed.sysctls.get(key) != value}


def address_commands(device: str, observed: State, wanted: State) -> list[Command]:
    """Return the `ip` commands that lead from the observed VIPs to the wanted ones."""
    if wanted.vips is None:
        return [] if observed.vips is None else [("ip", "link", "delete", "dev", device)]
    commands: list[Command] = []
    if observed.vips is None:
        commands = [("ip", "link", "add", "dev", device, "type", "dummy"), ("ip", "link", "set", "dev", device, "up")]
    present = observed.vips or frozenset()
    commands += [_bind("add", vip, device) for vip in sorted(wanted.vips - present)]
    commands += [("ip", "address", "delete", _host_prefix(vip), "dev", device) for vip in sorted(present - wanted.vips)]
    return commands


def boot_commands(device: str, vips: Sequence[str]) -> list[Command]:
    """Return the `ip` commands that bind `vips` after a boot; running them again is harmless."""
    return [("ip", "link", "set", "dev", device, "up")] + [_bind("replace", vip, device) for vip in sorted(vips)]


def _bind(action: str, vip: str, device: str) -> Command:
    if ip_address(vip).version == 4:
        return ("ip", "address", action, _host_prefix(vip), "dev", device)
    # nodad: the directors own the address on the same link. preferred_lft 0: never a source address.
    return ("ip", "address", action, _host_prefix(vip), "dev", device, "nodad", "preferred_lft", "0")


def _host_prefix(vip: str) -> str:
    return f"{vip}/{ip_address(vip).max_prefixlen}"


def device_unit(interface: str) -> str:
    """Return the name of systemd's device unit of a network interface."""
    escaped = re.sub(r"[^A-Za-z0-9:_.]", lambda match: f"\\x{ord(match.group()):02x}", interface)
    return f"sys-subsystem-net-devices-{escaped}.device"


def render_sysctl_file(settings: Mapping[str, int]) -> str:
    """Return the text of our file in sysctl.d; udev also applies it to an interface that appears later."""
    lines = [f"{key} = {value}" for key, value in sorted(settings.items())]
    return "\n".join(["# Managed by lvs.cluster: a real server does not answer ARP for its VIPs.", *lines, ""])


def render_unit(interface: str, device: str, vips: Sequence[str], sysctl_file: str) -> str:
    """Return the systemd unit that restores everything at boot, whatever manages the network of this host."""
    facing = device_unit(interface)
    starts = [f"ExecStart={' '.join(command)}" for command in boot_commands(device, vips)]
    return "\n".join(
        [
            "# Managed by lvs.cluster.",
            "[Unit]",
            "Description=Virtual IP addresses of this LVS real server",
            f"Wants={facing}",
            f"After={facing} systemd-sysctl.service",
            "Before=network.target",
            "",
            "[Service]",
            "Type=oneshot",
            "RemainAfterExit=yes",
            "# The ARP settings first: a VIP must never be announced.",
            f"ExecStart=sysctl --quiet --load={sysctl_file}",
            f"ExecStart=-ip link add dev {device} type dummy",
            *starts,
            f"ExecStop=-ip link delete dev {device}",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )
