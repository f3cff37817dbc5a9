# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses by which a host is reached inside its cluster: at most one of each family.

`lvs_address` is taken as it is. Else `ansible_host` (or the host's name) if it
is a literal address and in `lvs_network`, where that is declared; for a family
that this leaves open the one gathered fact in `lvs_network`. The address of the
default route is never asked for: on a machine with several networks it is as
likely the wrong one. Nor is a VIP ever taken, though the active director has it
among its facts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Machine
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Unreadable
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family, parse_address

FAMILIES = (4, 6)


@dataclass(frozen=True)
class Addresses:
    """A host's own addresses."""

    ipv4: str | None = None
    ipv6: str | None = None

    def of(self, version: int) -> str | None:
        """The address of a family."""
        return self.ipv4 if version == 4 else self.ipv6

    def checked(self, version: int) -> str:
        """The address of a family that the host was checked to have."""
        address = self.of(version)
        if address is None:
            raise LookupError(f"no IPv{version} address beside {', '.join(self) or 'none at all'}")
        return address

    def __iter__(self) -> Iterator[str]:
        return (address for address in (self.ipv4, self.ipv6) if address is not None)


@dataclass(frozen=True)
class AddressBook:
    """What the choice depends on besides the host: the declared networks and the VIPs."""

    networks: tuple[str, ...]
    vips: Mapping[str, str]
    """VIP -> the path of a service that has it."""

    def addresses_of(self, machine: Machine, needed: Mapping[int, str], problems: Problems) -> Addresses | None:
        """The addresses of `machine`, or None after `problems` has been told what is missing.

        `needed` has the families that it cannot do without, each with the VIP or other reason that asks for it.
        """
        candidates = self._candidates(machine, problems)
        if candidates is None:
            return None
        if not any(candidates.values()):
            problems.add("lvs_address", *self._why_none(machine, "an address", []), hosts=[machine.host.name])
            return None
        found = {version: each[0] for version, each in candidates.items() if len(each) == 1}
        complete = True
        for version, reason in needed.items():
            if version not in found:
                self._report_missing(machine, version, reason, candidates[version], problems)
                complete = False
        if not needed and not found:
            several = candidates[4] or candidates[6]
            problems.add("lvs_address", *self._why_none(machine, "an address", several), hosts=[machine.host.name])
            return None
        return Addresses(found.get(4), found.get(6)) if complete else None

    def _candidates(self, machine: Machine, problems: Problems) -> dict[int, list[str]] | None:
        """The addresses that may be meant, by family; None if what is written is wrong."""
        if machine.variables.address:
            return self._declared(machine, problems)
        host = machine.host
        literal = parse_address(host.ansible_host if host.ansible_host is not None else host.name)
        if str(literal) in self.vips:
            self._report_vip("ansible_host", str(literal), host.name, problems)
            return None
        found = {}
        for version in FAMILIES:
            own = self._eligible([str(literal)], version)
            found[version] = own or (self._eligible(host.fact_addresses, version) if self.networks else [])
        return found

    def _declared(self, machine: Machine, problems: Problems) -> dict[int, list[str]] | None:
        """`lvs_address` by family."""
        found: dict[int, list[str]] = {version: [] for version in FAMILIES}
        for address in machine.variables.address:
            found[family(address)].append(address)
        wrong = False
        for version, own in found.items():
            if len(own) > 1:
                what = f"{' and '.join(own)} are two IPv{version} addresses"
                problems.add("lvs_address", what, "keep the one that the cluster uses", [machine.host.name])
                wrong = True
        for vip in [address for address in machine.variables.address if address in self.vips]:
            self._report_vip("lvs_address", vip, machine.host.name, problems)
            wrong = True
        return None if wrong else found

    def _report_vip(self, variable: str, address: str, host: str, problems: Problems) -> None:
        problems.add(
            variable,
            f"{address} is a VIP, of {self.vips[address]}",
            "write the host's own address here, or choose a VIP that no host has",
            [host],
        )

    def _eligible(self, addresses: Iterable[str], version: int) -> list[str]:
        """Those of `addresses` that are of the family, no VIPs and in a declared network, if one is declared."""
        networks = [ipaddress.ip_network(network) for network in self.networks]
        found = []
        for text in dict.fromkeys(addresses):
            address = parse_address(text)
            # A link-local address is on every interface, so it names none.
            if address is None or address.version != version or str(address) in self.vips or address.is_link_local:
                continue
            if not networks or any(address in network for network in networks):
                found.append(str(address))
        return found

    def _report_missing(
        self, machine: Machine, version: int, reason: str, candidates: list[str], problems: Problems
    ) -> None:
        if machine.variables.address:
            what = f"there is no IPv{version} address, which {reason} needs"
            example = "192.0.2.21" if version == 4 else "2001:db8::21"
            fix = f"write both families, such as lvs_address: [{', '.join([*machine.variables.address, example])}]"
        else:
            what, fix = self._why_none(machine, f"an IPv{version} address", candidates)
            what = f"{reason} needs an IPv{version} address: {what}"
        problems.add("lvs_address", what, fix, hosts=[machine.host.name])

    def _why_none(self, machine: Machine, kind: str, candidates: list[str]) -> tuple[str, str]:
        """What is wrong and what to write when no address of a kind, or more than one, is found."""
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
                f"it is not set, and ansible_host is not {kind} that is the host's own",
                "set lvs_address, or declare lvs_network and gather facts",
            )
        if not host.fact_addresses:
            return (
                f"it is not set, ansible_host is not {kind} in {networks}, and no facts are known",
                "set lvs_address, or gather facts of all hosts first (with --limit: from a fact cache)",
            )
        return (
            f"it is not set, and the host has not {kind} in {networks}",
            "set lvs_address, or correct lvs_network",
        )
