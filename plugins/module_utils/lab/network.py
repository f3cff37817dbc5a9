# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab's network: a namespace with one bridge per segment and one tap per NIC."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .model import LabError, Nic
from .names import mac_address, tap_name

_NAMESPACES = Path("/run/netns")

_USUAL_MTU = 1500  # bytes

# The lab's end of the segments keeps quiet: no address of its own on the taps,
# no router solicitations.
_SETTINGS = (
    "net.ipv6.conf.default.addr_gen_mode=1",
    "net.ipv6.conf.default.accept_ra=0",
    "net.ipv6.conf.default.router_solicitations=0",
    "net.ipv6.conf.default.accept_dad=0",
)


class Network:
    """The network of one lab. ``owner`` is the lab's folder: another cache folder has other labs."""

    def __init__(self, namespace: str, owner: Path) -> None:
        self._namespace = namespace
        self._owner = str(owner)

    def ensure(self, machine: str, nics: Sequence[Nic]) -> None:
        """Make what is missing for a machine with these NICs."""
        if not self._usable():
            self._create()
        links = self._links()
        self._check_owner(links)
        for segment in {nic.segment for nic in nics} - set(links):
            self._add_bridge(segment)
        for index, nic in enumerate(nics):
            tap = tap_name(machine, index)
            plugged_in: tuple[str, ...] = ()
            if tap not in links:
                self._ip("tuntap", "add", "dev", tap, "mode", "tap")
                plugged_in = ("up",)  # only at first: somebody may have pulled the cable since
            self._ip("link", "set", "dev", tap, "mtu", str(nic.mtu or _USUAL_MTU), "master", nic.segment, *plugged_in)

    def set_address(self, segment: str, address: str) -> None:
        """Give the lab's end of a segment an address, by which the machines reach what runs in the namespace."""
        links = self._links() if self._usable() else {}
        if segment not in links:
            known = ", ".join(sorted(name for name, link in links.items() if _is_bridge(link))) or "none yet"
            raise LabError(f"there is no segment '{segment}'; segments of the running machines: {known}")
        self._check_owner(links)
        self._ip("address", "replace", address, "dev", segment)

    def remove_address(self, segment: str, address: str) -> None:
        """Take it away again, if the segment is still there."""
        if self._usable() and segment in self._links():
            output = _run("ip", "-netns", self._namespace, "-json", "address", "show", "dev", segment)
            own = {f"{each['local']}/{each['prefixlen']}" for link in json.loads(output) for each in link["addr_info"]}
            if address in own:
                self._ip("address", "delete", address, "dev", segment)

    def remove_taps(self, machine: str, count: int) -> None:
        """Remove the taps of a machine with that many NICs."""
        links = self._links() if self._usable() else {}
        for index in range(count):
            tap = tap_name(machine, index)
            if tap in links:
                self._ip("link", "delete", "dev", tap)

    def remove(self) -> None:
        """Remove the namespace and with it all bridges and taps."""
        if self.exists():
            if self._usable():
                self._check_owner(self._links())
            _run("ip", "netns", "delete", self._namespace)

    def exists(self) -> bool:
        """Tell whether there is a namespace of that name, however broken."""
        return (_NAMESPACES / self._namespace).exists()

    def _usable(self) -> bool:
        """Tell whether the namespace can be entered; one whose making was killed cannot."""
        if not self.exists():
            return False
        try:
            self._enter("true")
        except LabError:
            return False
        return True

    def _create(self) -> None:
        self.remove()
        _run("ip", "netns", "add", self._namespace)
        self._ip("link", "set", "dev", "lo", "up", "alias", self._owner)
        self._enter("sysctl", "--quiet", "--write", *_SETTINGS)

    def _check_owner(self, links: dict[str, Any]) -> None:
        owner = links["lo"].get("ifalias", self._owner)
        if owner != self._owner:
            raise LabError(f"a lab of that name is already up, with its files in {owner}; choose another lab_name")

    def _add_bridge(self, segment: str) -> None:
        mac = mac_address(segment, 0)
        self._ip(
            *("link", "add", "name", segment, "address", mac, "type", "bridge"),
            *("stp_state", "0", "forward_delay", "0", "mcast_snooping", "0"),
        )
        # The way in from the host: a link-local address, which can collide with nothing.
        self._ip("link", "set", "dev", segment, "addrgenmode", "eui64", "up")

    def _links(self) -> dict[str, Any]:
        """Return the namespace's interfaces by name, as ``ip -json link`` describes them."""
        output = _run("ip", "-netns", self._namespace, "-json", "-details", "link", "show")
        return {link["ifname"]: link for link in json.loads(output)}

    def _enter(self, *command: str) -> None:
        _run("nsenter", f"--net={_NAMESPACES / self._namespace}", *command)

    def _ip(self, *arguments: str) -> None:
        _run("ip", "-netns", self._namespace, *arguments)


def _is_bridge(link: dict[str, Any]) -> bool:
    return bool(link.get("linkinfo", {}).get("info_kind") == "bridge")


def _run(*command: str) -> str:
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # pylint: disable=ansible-bad-function
    except FileNotFoundError:
        raise LabError(f"command '{command[0]}' is not installed; playbook lab_up says which packages to add") from None
    if result.returncode:
        raise LabError(f"'{' '.join(command)}' failed: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout
