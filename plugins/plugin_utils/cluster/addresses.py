# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address by which a host is reached inside its cluster.

`lvs_address` is taken as it is. Else `ansible_host` (or the host's name) if it
is a literal address and in `lvs_network`, where that is declared; else the one
gathered fact in `lvs_network`. The address of the default route is never asked
for: on a machine with several networks it is as likely the wrong one. Nor is a
VIP ever taken, though the active director has it among its facts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Machine
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Unreadable
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import parse_address

IPV4 = 4


@dataclass(frozen=True)
class AddressBook:
    """What the choice depends on besides the host: the declared networks and the VIPs."""

    networks: tuple[str, ...]
    vips: Mapping[str, str]
    """VIP -> the path of a service that has it."""

    def address_of(self, machine: Machine, problems: Problems) -> str | None:
        """The IPv4 address of `machine`, or None after `problems` has been told why there is none."""
        if machine.variables.address:
            return self._declared(machine, problems)
        host = machine.host
        literal = parse_address(host.ansible_host if host.ansible_host is not None else host.name)
        if str(literal) in self.vips:
            self._report_vip("ansible_host", str(literal), host.name, problems)
            return None
        if literal is not None and self._eligible([str(literal)]):
            return str(literal)
        candidates = self._eligible(host.fact_addresses) if self.networks else []
        if len(candidates) == 1:
            return candidates[0]
        problems.add("lvs_address", *self._why_none(machine, candidates), hosts=[host.name])
        return None

    def _declared(self, machine: Machine, problems: Problems) -> str | None:
        """The IPv4 address among `lvs_address`."""
        found = [address for address in machine.variables.address if ipaddress.ip_address(address).version == IPV4]
        hosts = [machine.host.name]
        if not found:
            problems.add("lvs_address", "IPv6 alone is not supported yet", "add an IPv4 address", hosts)
        elif len(found) > 1:
            problems.add(
                "lvs_address",
                f"{' and '.join(found)} are two IPv4 addresses",
                "keep the one that the cluster uses",
                hosts,
            )
        elif found[0] in self.vips:
            self._report_vip("lvs_address", found[0], machine.host.name, problems)
        else:
            return found[0]
        return None

    def _report_vip(self, variable: str, address: str, host: str, problems: Problems) -> None:
        problems.add(
            variable,
            f"{address} is a VIP, of {self.vips[address]}",
            "write the host's own address here, or choose a VIP that no host has",
            [host],
        )

    def _eligible(self, addresses: Iterable[str]) -> list[str]:
        """Those of `addresses` that are IPv4, no VIPs and in a declared network, if one is declared."""
        networks = [ipaddress.ip_network(network) for network in self.networks]
        found = []
        for text in dict.fromkeys(addresses):
            address = parse_address(text)
            if address is None or address.version != IPV4 or str(address) in self.vips:
                continue
            if not networks or any(address in network for network in networks):
                found.append(str(address))
        return found

    def _why_none(self, machine: Machine, candidates: list[str]) -> tuple[str, str]:
        """What is wrong and what to write when no address, or more than one, is found."""
        host = machine.host
        networks = ", ".join(self.networks)
        if candidates:
            return (
                f"the host has several addresses in {networks}: {', '.join(candidates)}",
                "say which one it is with lvs_address",
            )
        if isinstance(host.ansible_host, Unreadable):
            return (
                f"it is not set, and ansible_host cannot be had: {host.ansible_host.reason}",
                "set lvs_address, or correct ansible_host",
            )
        if not self.networks:
            return (
                "it is not set, and ansible_host is not an IPv4 address that is the host's own",
                "set lvs_address, or declare lvs_network and gather facts",
            )
        if not host.fact_addresses:
            return (
                f"it is not set, ansible_host is not an address in {networks}, and no facts are known",
                "set lvs_address, or gather facts of all hosts first (with --limit: from a fact cache)",
            )
        return f"it is not set, and the host has no address in {networks}", "set lvs_address, or correct lvs_network"
