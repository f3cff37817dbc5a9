# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real servers are called in the inventory, and which addresses they have."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Address
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import is_address

from .model import Known

ADDRESS = Address("192.0.2.21")


class HostBook:
    """Collects real servers. A host that the user has not named is called by its address, or as the file calls it."""

    def __init__(self, known: Known, names: Mapping[str, str], excluded: Iterable[str]) -> None:
        """Begin a book. `names` are the file's own, by address; `excluded` are directors and VIPs."""
        self._addresses = dict(known.hosts)
        self._names = {address: name for address, name in names.items() if name not in self._addresses}
        self._names.update((address, name) for name, addresses in known.hosts.items() for address in addresses)
        self._excluded = frozenset(excluded)
        self._hosts: dict[str, dict[str, Any]] = {}

    def address_of(self, host: str, family: int) -> str | None:
        """The address of a host that may be written as a name, if it is known."""
        if is_address(host):
            return host
        wanted = [each for each in self._addresses.get(host, ()) if (":" in each) == (family == 6)]
        return wanted[0] if wanted else None

    def refusal(self, host: str, family: int) -> str | None:
        """Why a host cannot be a real server of a service of this family; None if it can."""
        address = self.address_of(host, family)
        if {host, address} & self._excluded or (address and ipaddress.ip_address(address).is_loopback):
            return "this is the director itself, which cannot be a real server here"
        if address is None:
            return None
        if ADDRESS.read(address, "", Problems()) is INVALID:
            return "this cannot be the address of a host"
        if (":" in address) != (family == 6):
            return "the server is reached by the other family of addresses; here it is that of the VIP"
        return None

    def add(self, host: str, family: int) -> str:
        """Take a host that is not refused, and return its name in the inventory."""
        address = self.address_of(host, family)
        name = self._names.get(address, host) if address else host
        own = self._hosts.setdefault(name, {})
        if address and address != name and address not in own.setdefault("lvs_address", []):
            own["lvs_address"].append(address)
        return name

    def lacks_address(self, name: str) -> bool:
        """Whether the address of a host is not known at all."""
        return not self._hosts[name] and not is_address(name)

    def hosts(self) -> dict[str, dict[str, Any]]:
        """The hosts with their variables, in the order in which they came."""
        return {name: _shortened(own) for name, own in self._hosts.items()}


def _shortened(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value[0] if len(value) == 1 else value for key, value in variables.items()}
