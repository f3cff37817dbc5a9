# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a user declares to exports: pure. All mistakes are reported at once, each with its path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import SQUASHES, Export

ACCESSES = ("rw", "ro")
FLAVORS = ("sys", "krb5", "krb5i", "krb5p")
DEFAULT_OPTIONS = ("sync", "no_subtree_check")

TYPED = {
    "rw": "access",
    "ro": "access",
    **dict.fromkeys((*SQUASHES, "no_all_squash"), "squash"),
    "anonuid": "anonuid",
    "anongid": "anongid",
    "sec": "security",
    "fsid": "fsid",
}
"""Keyword of exports(5) -> our option for it."""

_BAD_OPTION = re.compile(r"[\s,()\"#\\]")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Declared:
    """The declared exports; `problems` has what is wrong with them."""

    def __init__(self, items: Sequence[Mapping[str, Any]]) -> None:
        self.problems: list[str] = []
        self._fsids: dict[str, str] = {}
        exports: dict[tuple[str, str], Export] = {}
        for index, item in enumerate(items):
            where = f"exports[{index}]"
            self._check(where, item)
            for place, address, access in self._clients(where, item):
                export = Export(item["path"], address, options_of(item, access))
                if export.key in exports:
                    self.problems.append(f"{place}: {item['path']} is exported to {address} twice; keep one")
                exports[export.key] = export
        self.exports = list(exports.values())

    def _check(self, where: str, item: Mapping[str, Any]) -> None:
        if not item["path"].startswith("/"):
            self.problems.append(f"{where}.path: '{item['path']}' is no absolute path")
        for name in ("anonuid", "anongid"):
            value = item.get(name)
            if value == 0:
                what = "makes root of everyone who is squashed; write an account without rights, such as 65534"
                self.problems.append(f"{where}.{name}: 0 {what}")
            elif value is not None and value < 0:
                self.problems.append(f"{where}.{name}: {value} is no number of an account")
        self._check_fsid(f"{where}.fsid", item)
        for option in item.get("options") or ():
            keyword = option.partition("=")[0]
            if keyword in TYPED:
                self.problems.append(f"{where}.options: '{option}' belongs into {where}.{TYPED[keyword]}")
            elif not option or _BAD_OPTION.search(option):
                self.problems.append(f"{where}.options: '{option}' is no option of exports(5); write one in each item")

    def _check_fsid(self, where: str, item: Mapping[str, Any]) -> None:
        fsid = item.get("fsid")
        if fsid in (None, ""):
            return
        if not (fsid == "root" or _UUID.fullmatch(fsid) or (fsid.isdecimal() and int(fsid) < 2**31)):
            self.problems.append(f"{where}: '{fsid}' is no number, UUID or 'root'")
        holder = self._fsids.setdefault(_fsid(fsid), item["path"])
        if holder != item["path"]:
            what = f"{holder} has {fsid} too, and clients could not tell the two folders apart"
            self.problems.append(f"{where}: {what}; give each its own")

    def _clients(self, where: str, item: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Yield of each client that is right where it stands, its address and its access."""
        if not item["clients"]:
            self.problems.append(f"{where}.clients: it is empty; name who may mount {item['path']}")
        for index, client in enumerate(item["clients"]):
            place = f"{where}.clients" if isinstance(client, str) else f"{where}.clients[{index}]"
            address, access = self._client(place, client, item["access"])
            if address:
                yield place, address, access

    def _client(self, place: str, client: object, default: str) -> tuple[str, str]:
        """Return address and access, an empty address for a client with a mistake."""
        known = {"address": client} if isinstance(client, str) else client
        if not isinstance(known, Mapping) or not isinstance(known.get("address"), str):
            self.problems.append(f"{place}: {client!r} is no client; write an address, or address and access")
            return "", default
        unknown = sorted(set(known) - {"address", "access"})
        if unknown:
            self.problems.append(f"{place}.{unknown[0]}: a client has only address and access")
        access = default if known.get("access") is None else known["access"]
        if access not in ACCESSES:
            self.problems.append(f"{place}.access: '{access}' is neither rw nor ro")
        problem = problem_of(known["address"])
        if problem:
            self.problems.append(f"{place}: {problem}")
            return "", default
        return canonical(known["address"]), access

    def refuse_danger(self) -> None:
        """Add what is right as exports(5) goes and never meant: root for a whole network."""
        for export in self.exports:
            if "no_root_squash" in export.options and not is_one_host(export.client):
                self.problems.append(
                    f"{export.path}: no_root_squash to {export.client} makes root of every machine in it root on"
                    " these files; name the hosts one by one, or squash"
                )


def options_of(item: Mapping[str, Any], access: str) -> tuple[str, ...]:
    """Return the options of an export to one client. `sec` comes first: what follows it holds for its flavors."""
    flavors = item.get("security") or ()
    numbers = [f"{name}={item[name]}" for name in ("anonuid", "anongid") if item.get(name) is not None]
    fsid = item.get("fsid")
    return (
        *([f"sec={':'.join(flavors)}"] if flavors else []),
        access,
        item.get("squash") or SQUASHES[0],
        *numbers,
        *([f"fsid={_fsid(fsid)}"] if fsid not in (None, "") else []),
        *(DEFAULT_OPTIONS if item.get("options") is None else item["options"]),
    )


def problem_of(client: str) -> str:
    """Return what is wrong with a client's address, an empty text for nothing."""
    if any(character in client for character in '*?[]() \t,#"\\') or not client:
        return f"'{client}' has a wildcard or blank; write an address or network"
    if "/" not in client or client.startswith("gss/"):
        return ""
    try:
        network = ip_network(client, strict=False)
    except ValueError:
        return f"'{client}' is no network; write one such as 192.0.2.0/24"
    if network.prefixlen == 0:
        return f"'{client}' is everyone; write an address or network"
    address = client.partition("/")[0]
    if network.network_address != ip_address(address):
        return f"'{client}' is an address with the length of its network; write {address} or {network}"
    return ""


def canonical(client: str) -> str:
    """Return one spelling of an address or network, so that the same one given twice is found."""
    try:
        network = ip_network(client)
    except ValueError:
        return client
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def is_one_host(client: str) -> bool:
    """Tell an address or name from a network or a group of names."""
    return not client.startswith(("@", "gss/")) and "/" not in canonical(client)


def is_name(client: str) -> bool:
    """Tell whether a name server may be needed to know who that is."""
    if client.startswith(("@", "gss/")):
        return False
    try:
        ip_network(client, strict=False)
    except ValueError:
        return True
    return False


def _fsid(value: str) -> str:
    """`root` and 0 are the same."""
    return "0" if value == "root" else value.lower()
