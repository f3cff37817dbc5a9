# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a real server of a system that the modules do not manage: commands for a person to review and run.

With direct routing the VIPs belong on a loopback device with a host prefix. The BSDs, Solaris and AIX answer ARP only
on the interface that has an address, so nothing more is needed there; Windows has to be told to take packets for an
address of another interface (the weak host model).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from ansible_collections.lvs.cluster.plugins.module_utils.network.address import canonical

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class RealServer:
    """A real server: its VIPs, where packets reach it with them (`dr`), and where its answers go (`nat`)."""

    vips: tuple[Address, ...]
    gateways: tuple[Address, ...]
    interface: str
    """The interface that faces the directors, as the system calls it."""


@dataclass(frozen=True)
class Commands:
    """The commands that make a real server of a host, in their order, and those that undo them."""

    set_up: tuple[str, ...]
    remove: tuple[str, ...]
    notes: tuple[str, ...] = ()


def windows(server: RealServer) -> Commands:
    """PowerShell and netsh on Windows Server 2012 or newer; the VIPs are on a loopback adapter called LVS."""
    set_up, remove = [], []
    families = {"ipv6" if vip.version == 6 else "ipv4" for vip in server.vips}
    for family in sorted(families):
        for adapter, send in ((server.interface, False), ("LVS", True)):
            weak = " weakhostsend=enabled" if send else ""
            set_up.append(f'netsh interface {family} set interface "{adapter}" weakhostreceive=enabled{weak}')
        remove.append(f'netsh interface {family} set interface "{server.interface}" weakhostreceive=disabled')
    for vip in server.vips:
        set_up.append(
            f"New-NetIPAddress -InterfaceAlias LVS -IPAddress {vip} -PrefixLength {vip.max_prefixlen} "
            "-SkipAsSource $true"
        )
        remove.insert(0, f"Remove-NetIPAddress -InterfaceAlias LVS -IPAddress {vip} -Confirm:$false")
    for gateway in server.gateways:
        set_up.append(
            f'New-NetRoute -InterfaceAlias "{server.interface}" -DestinationPrefix {_everything(gateway)} '
            f"-NextHop {gateway}"
        )
        remove.append(f"Remove-NetRoute -DestinationPrefix {_everything(gateway)} -NextHop {gateway} -Confirm:$false")
    notes = ["Run them in an elevated PowerShell."]
    if server.vips:
        notes.append(
            "Before: add a Microsoft KM-TEST Loopback Adapter (Device Manager, Add legacy hardware, Network adapters), "
            "rename it to LVS, take Client and File Sharing from it, and let the firewall accept the service on it."
        )
    return Commands(tuple(set_up), tuple(remove), tuple(notes))


def freebsd(server: RealServer) -> Commands:
    """FreeBSD; `sysrc` keeps an alias over a boot."""
    set_up, remove = [], []
    for number, vip in enumerate(server.vips):
        variable = f"ifconfig_lo0_alias{number}"
        set_up += [f"ifconfig lo0 {_inet(vip)} alias", f'sysrc {variable}="{_inet(vip)}"']
        remove += [f"ifconfig lo0 {_family(vip)} {vip} -alias", f"sysrc -x {variable}"]
    for gateway in server.gateways:
        variable = "ipv6_defaultrouter" if gateway.version == 6 else "defaultrouter"
        option = " -6" if gateway.version == 6 else ""
        set_up += [f"route{option} add default {gateway}", f'sysrc {variable}="{gateway}"']
        remove += [f"route{option} delete default {gateway}", f"sysrc -x {variable}"]
    notes = ["Number the aliases on from those that lo0 has already."] if server.vips else []
    return Commands(tuple(set_up), tuple(remove), tuple(notes))


def openbsd(server: RealServer) -> Commands:
    """OpenBSD; the VIPs are on lo1, which /etc/hostname.lo1 keeps over a boot."""
    set_up, remove = [], []
    if server.vips:
        masks = {4: "255.255.255.255", 6: "128"}
        lines = " ".join(f"'{_family(vip)} alias {vip} {masks[vip.version]}'" for vip in server.vips)
        set_up += [f"printf '%s\\n' {lines} > /etc/hostname.lo1", "sh /etc/netstart lo1"]
        remove += ["ifconfig lo1 destroy", "rm /etc/hostname.lo1"]
    for gateway in server.gateways:
        option = " -inet6" if gateway.version == 6 else ""
        set_up += [f"route add{option} default {gateway}", f"echo {gateway} >> /etc/mygate"]
        remove += [f"route delete{option} default {gateway}", f"sed -i '/^{gateway}$/d' /etc/mygate"]
    return Commands(tuple(set_up), tuple(remove))


def netbsd(server: RealServer) -> Commands:
    """NetBSD; /etc/ifconfig.lo0 and /etc/mygate keep it over a boot."""
    set_up, remove = [], []
    for vip in server.vips:
        set_up += [f"ifconfig lo0 {_inet(vip)} alias", f"echo '{_inet(vip)} alias' >> /etc/ifconfig.lo0"]
        remove += [f"ifconfig lo0 {_family(vip)} {vip} -alias", f"sed -i '/ {vip} /d' /etc/ifconfig.lo0"]
    for gateway in server.gateways:
        option = " -inet6" if gateway.version == 6 else ""
        set_up += [f"route add{option} default {gateway}", f"echo {gateway} >> /etc/mygate"]
        remove += [f"route delete{option} default {gateway}", f"sed -i '/^{gateway}$/d' /etc/mygate"]
    return Commands(tuple(set_up), tuple(remove))


def solaris(server: RealServer) -> Commands:
    """Solaris 11 and illumos; `ipadm` and `route -p` keep it over a boot."""
    set_up, remove = [], []
    for number, vip in enumerate(server.vips):
        set_up.append(f"ipadm create-addr -T static -a {vip}/{vip.max_prefixlen} lo0/lvs{number}")
        remove.append(f"ipadm delete-addr lo0/lvs{number}")
    for gateway in server.gateways:
        option = " -inet6" if gateway.version == 6 else ""
        set_up.append(f"route -p add{option} default {gateway}")
        remove.append(f"route -p delete{option} default {gateway}")
    return Commands(tuple(set_up), tuple(remove))


def aix(server: RealServer) -> Commands:
    """AIX; `chdev` sets it now and keeps it over a boot. Without the netmask an alias would bring a bogus route."""
    set_up, remove = [], []
    for vip in server.vips:
        value = f"{vip},255.255.255.255" if vip.version == 4 else f"{vip},128"
        which = "4" if vip.version == 4 else "6"
        set_up.append(f"chdev -l lo0 -a alias{which}={value}")
        remove.append(f"chdev -l lo0 -a delalias{which}={value}")
    for gateway in server.gateways:
        family = "-inet6 " if gateway.version == 6 else ""
        set_up.append(f"route add {family}default {gateway}")
        remove.append(f"route delete {family}default {gateway}")
    notes = ["The default route is gone after a boot; keep it with smitty mkroute."] if server.gateways else []
    return Commands(tuple(set_up), tuple(remove), tuple(notes))


def macos(server: RealServer) -> Commands:
    """macOS; nothing of it outlives a boot."""
    set_up = [f"ifconfig lo0 {_inet(vip)} alias" for vip in server.vips]
    remove = [f"ifconfig lo0 {_family(vip)} {vip} -alias" for vip in server.vips]
    for gateway in server.gateways:
        option = "-inet6 " if gateway.version == 6 else ""
        set_up.append(f"route -n add {option}default {gateway}")
        remove.append(f"route -n delete {option}default {gateway}")
    return Commands(tuple(set_up), tuple(remove), ("Nothing of it outlives a boot: put it into a launchd job.",))


SYSTEMS: Mapping[str, Callable[[RealServer], Commands]] = {
    "windows": windows,
    "freebsd": freebsd,
    "openbsd": openbsd,
    "netbsd": netbsd,
    "solaris": solaris,
    "aix": aix,
    "macos": macos,
}


def commands_for(system: str, vips: Sequence[str], gateways: Sequence[str], interface: str) -> Commands:
    """The commands for one system; `interface` is needed for Windows alone. ValueError names all that is wrong."""
    problems = [] if system in SYSTEMS else [f"os: '{system}' is none of {', '.join(SYSTEMS)}; on Linux run the role"]
    problems += [
        f"{key}[{index}]: '{text}' is no IP address; write one like 192.0.2.100"
        for key, texts in (("vips", vips), ("gateways", gateways))
        for index, text in enumerate(texts)
        if canonical(text) is None
    ]
    if system == "windows" and not interface:
        problems.append("interface: it is not set; write the alias of the adapter that faces the directors")
    if problems:
        raise ValueError("\n".join(problems))
    return SYSTEMS[system](RealServer(tuple(map(ip_address, vips)), tuple(map(ip_address, gateways)), interface))


def _family(address: Address) -> str:
    return "inet6" if address.version == 6 else "inet"


def _inet(vip: Address) -> str:
    """An address with its host prefix, as ifconfig of the BSDs takes it."""
    prefix = "prefixlen 128" if vip.version == 6 else "netmask 255.255.255.255"
    return f"{_family(vip)} {vip} {prefix}"


def _everything(gateway: Address) -> str:
    return "::/0" if gateway.version == 6 else "0.0.0.0/0"
