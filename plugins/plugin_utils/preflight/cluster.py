# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster as preflight sees it: the plan and the facts of the hosts that take part in the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.questions import moving_addresses

Dict = Mapping[str, Any]
OUR_DEVICES = "lvs"
"""How the names of the devices begin that the roles make."""


@dataclass(frozen=True)
class Finding:
    """What a check found on a host, and what to do about it."""

    check: str
    host: str
    what: str
    fix: str


@dataclass(frozen=True)
class Host:
    """A host that could be looked at: `plan` is that of `host_plan`, `facts` those of `preflight_info`."""

    name: str
    plan: Dict
    facts: Dict

    @property
    def director(self) -> Dict:
        """Its part as a director; empty if it is none."""
        return self.plan["director"] or {}

    @property
    def real_server(self) -> Dict:
        """Its part as a real server; empty if it is none."""
        return self.plan["real_server"] or {}

    @property
    def address(self) -> str | None:
        """The declared address that faces the cluster, of directors and real servers."""
        found = self.director.get("address") or self.real_server.get("address")
        return found if isinstance(found, str) else None

    @property
    def links(self) -> Sequence[Dict]:
        """All interfaces but the loopback."""
        return [each for each in self.facts["interfaces"] if each["name"] != "lo"]

    def link_with(self, address: str | None) -> Dict | None:
        """The interface that has `address`."""
        return next((link for link, own in self.addresses() if address and own.ip == ip_address(address)), None)

    def addresses(self) -> Iterator[tuple[Dict, IPv4Interface | IPv6Interface]]:
        """Every address with its interface, those of the loopback too."""
        for link in self.facts["interfaces"]:
            for address in link["addresses"]:
                yield link, ip_interface(address)

    def reaches(self, address: str) -> bool:
        """Whether `address` is in the network of one of its interfaces."""
        wanted = ip_address(address)
        return any(own.network.num_addresses > 1 and wanted in own.network for _link, own in self.addresses())


@dataclass(frozen=True)
class Cluster:
    """One cluster, with those of its hosts that could be looked at."""

    name: str
    directors: tuple[str, ...]
    hosts: tuple[Host, ...]

    @property
    def seen_directors(self) -> list[Host]:
        """The directors that could be looked at."""
        return [host for host in self.hosts if host.director]

    def director_part(self) -> Dict:
        """The declaration's services, as any director has them; empty if none could be looked at."""
        return next((host.director for host in self.seen_directors), {})

    def vips(self) -> list[str]:
        """The addresses that move between the directors."""
        part = self.director_part()
        known = [*moving_addresses(part), *part.get("nat_gateways", ())]
        bound = [vip for host in self.hosts for vip in host.real_server.get("vips", ())]
        return list(dict.fromkeys(known + bound))
