# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network interfaces of this host as iproute2 reports them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface
from typing import Any

Run = Callable[[Sequence[str]], str]
"""Runs a command and returns its standard output; the caller decides how a failure is reported."""


@dataclass(frozen=True)
class Link:
    """One interface; `kind` (dummy, bridge, ...) is empty for hardware, `mac` may be empty, `mtu` is in bytes.

    `up` means with a carrier. `monitored` is false for a bond that does not notice a dead link.
    """

    name: str
    kind: str
    mac: str
    addresses: tuple[IPv4Interface | IPv6Interface, ...]
    mtu: int = 0
    up: bool = True
    monitored: bool = True

    def has(self, address: str) -> bool:
        """Tell whether `address` (without prefix) is configured here."""
        wanted = ip_address(address)
        return any(own.ip == wanted for own in self.addresses)

    def to_dict(self) -> dict[str, object]:
        """Return the shape that `interface_info` documents."""
        return {
            "interface": self.name,
            "mac": self.mac,
            "mtu": self.mtu,
            "addresses": [str(address) for address in self.addresses],
        }


def read_links(run: Run) -> list[Link]:
    """Ask iproute2 for all interfaces of this network namespace."""
    return parse_links(run(["ip", "-json", "-details", "address", "show"]))


def parse_links(text: str) -> list[Link]:
    """Parse the output of `ip -json -details address show`."""
    return [_link(entry) for entry in json.loads(text or "[]") if "ifname" in entry]


def _link(entry: Mapping[str, Any]) -> Link:
    info = entry.get("linkinfo", {})
    kind, data = info.get("info_kind", ""), info.get("info_data", {})
    own = [f"{item['local']}/{item['prefixlen']}" for item in entry["addr_info"] if "local" in item]
    return Link(
        name=entry["ifname"],
        kind=kind,
        mac=entry.get("address", ""),
        addresses=tuple(map(ip_interface, own)),
        mtu=entry.get("mtu", 0),
        up="UP" in entry.get("flags", ()) and entry.get("operstate") != "DOWN",
        monitored=kind != "bond" or bool(data.get("miimon") or data.get("arp_interval")),
    )


def link_with(links: Sequence[Link], address: str) -> Link | None:
    """Return the interface that has `address`, or None."""
    return next((link for link in links if link.has(address)), None)


def link_towards(links: Sequence[Link], address: str) -> Link | None:
    """Return the interface whose network contains `address`, or None. Host prefixes (/32, /128) are no networks."""
    wanted = ip_address(address)
    for link in links:
        for own in link.addresses:
            if own.network.prefixlen < own.max_prefixlen and wanted in own.network:
                return link
    return None
