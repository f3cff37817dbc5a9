# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of all hosts, and the families of addresses that what is declared needs of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.addresses import FAMILIES, AddressBook, Addresses
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Members
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Service

Needs = dict[str, dict[int, str]]
"""Host -> the families that it needs an address of, each with what asks for it."""


def find_addresses(
    declarations: Sequence[Declaration],
    certain: Sequence[Declaration],
    groups: Mapping[str, Sequence[str]],
    problems: Problems,
) -> dict[str, Addresses]:
    """The addresses of all hosts of the `certain` clusters, by name; no two are the same, and none is a VIP."""
    vips = {
        vip: f"{declaration.prefix}{service.where}"
        for declaration in declarations
        for service in declaration.services
        for vip in service.vip
    }
    for declaration in declarations:
        vips.update(dict.fromkeys(declaration.variables.nat_gateway, f"{declaration.prefix}lvs_nat_gateway"))
        pair = declaration.variables.storage_ha
        vips.update(dict.fromkeys(pair.address if pair else (), f"{declaration.prefix}lvs_storage_ha"))
    found: dict[str, Addresses] = {}
    holders: dict[str, str] = {}
    for declaration in certain:
        book = AddressBook(declaration.variables.network, vips)
        needs = needed_families(declaration, groups)
        for name, machine in declaration.machines.items():
            addresses = book.addresses_of(machine, needs.get(name, {}), problems)
            if addresses is None:
                continue
            found[name] = addresses
            for address in addresses:
                holder = holders.setdefault(address, name)
                if holder != name:
                    what = f"{address} is the address of {holder} too"
                    problems.add("lvs_address", what, "give each host its own", [name])
        _check_shared_data(declaration, found, problems)
    return found


def needed_families(declaration: Declaration, groups: Mapping[str, Sequence[str]]) -> Needs:
    """What the VIPs ask of the directors, which check real servers and send to them, and of the real servers."""
    needs: Needs = {}
    done: set[tuple[object, int]] = set()
    for service in declaration.services:
        for version, vip in {family(vip): vip for vip in reversed(service.vip)}.items():
            reason = f"the VIP {vip} of {service.name}"
            _note(needs, _listed(service), version, reason)
            # Many services have the same group; it is gone through once.
            if not isinstance(service.real_servers, tuple) and (service.real_servers, version) not in done:
                done.add((service.real_servers, version))
                pool = service.real_servers
                hosts = declaration.members.real_servers if pool is None else groups.get(pool, ())
                _note(needs, hosts, version, reason)
            if (None, -version) not in done:
                done.add((None, -version))
                _note(needs, declaration.members.directors, version, reason)
    return needs


def _listed(service: Service) -> list[str]:
    """The hosts that a service names one by one."""
    servers = service.real_servers if isinstance(service.real_servers, tuple) else ()
    sorry = [service.sorry_server.host] if service.sorry_server else []
    return [*(server.host for server in servers), *sorry]


def _note(needs: Needs, hosts: Iterable[str], version: int, reason: str) -> None:
    for host in hosts:
        needs.setdefault(host, {}).setdefault(version, reason)


def common_family(members: Members, addresses: Mapping[str, Addresses]) -> int | None:
    """The family in which real servers and storage hosts reach each other, IPv4 if they can; None if there is none."""
    hosts = [addresses[name] for name in members.real_servers + members.storage if name in addresses]
    return next((version for version in FAMILIES if all(each.of(version) for each in hosts)), None)


def _check_shared_data(declaration: Declaration, addresses: Mapping[str, Addresses], problems: Problems) -> None:
    if not declaration.variables.shared_data:
        return
    version = common_family(declaration.members, addresses)
    pair = declaration.variables.storage_ha
    if version is None:
        without = [
            name
            for name in declaration.members.storage + declaration.members.real_servers
            if name in addresses and not addresses[name].ipv4
        ]
        what = "there is no family of addresses that real servers and storage hosts have in common"
        problems.add(
            "lvs_address", what, "write an IPv4 address for these hosts, or an IPv6 one for the others", without
        )
    elif pair and not any(family(address) == version for address in pair.address):
        what = f"real servers reach the storage hosts by IPv{version}, and it has no such address"
        problems.add(f"{declaration.prefix}lvs_storage_ha.address", what, "write one of that family, too")
