# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine of the lab is: frozen value objects, parsed and checked. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Union

from .names import MAX_INTERFACE_NAME

Interface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]
Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

# Linux: a host's name has at most 64 characters.
MAX_HOST_NAME = 64
MIN_MEMORY = 128
# The kernel has 16 block devices: the root disk, the modules disk and these.
MAX_DISKS = 14

_NIC_EXAMPLE = "{segment: lan, addresses: [192.0.2.11/24]}"
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_LAB_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class LabError(Exception):
    """Something that the user can put right; the message says what and how."""


@dataclass(frozen=True)
class Nic:
    """A network interface: ``eth0`` is the first of a machine, ``eth1`` the second ...

    ``addresses`` are in CIDR notation, IPv4 and IPv6 mixed; ``gateways`` has at
    most one address per family; ``mtu`` is in bytes, ``None`` for the usual 1500.
    """

    segment: str
    addresses: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    mtu: int | None = None


@dataclass(frozen=True)
class Disk:
    """An empty disk of ``size`` MiB; a shared one belongs to the lab, not to one machine."""

    name: str
    size: int
    shared: bool = False


@dataclass(frozen=True)
class MachineSpec:
    """All that is needed to start a machine. ``memory`` is in MiB; ``kernel`` and ``image`` are folders."""

    lab: str
    name: str
    kernel: str
    image: str
    memory: int
    nics: tuple[Nic, ...] = ()
    disks: tuple[Disk, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON and for Ansible's diff."""
        return asdict(self)


def spec_from_dict(data: Mapping[str, Any]) -> MachineSpec:
    """Parse and check plain data (module parameters or a stored spec); raise LabError."""
    check_lab_name(data["lab"])
    check_machine_name(data["name"])
    disks = tuple(_disk(disk) for disk in data.get("disks") or ())
    spec = MachineSpec(
        lab=data["lab"],
        name=data["name"],
        kernel=data["kernel"],
        image=data["image"],
        memory=data["memory"],
        nics=_parse_nics(data["name"], data.get("nics")),
        disks=disks,
    )
    _check(spec)
    return spec


def check_lab_name(name: str) -> None:
    """Raise LabError unless the name can be a folder and part of a namespace's name."""
    if not _LAB_NAME.fullmatch(name):
        raise LabError(
            f"lab name '{name}' must be 1 to 32 lower-case letters, digits and hyphens, "
            "with a letter or digit at both ends"
        )


def check_machine_name(name: str) -> None:
    """Raise LabError unless the name can be a host name."""
    if len(name) > MAX_HOST_NAME or not _HOST_NAME.fullmatch(name):
        raise LabError(
            f"machine name '{name}' must be 1 to {MAX_HOST_NAME} letters, digits, hyphens, underscores and dots, "
            "with a letter or digit at both ends"
        )


def find_problems(lab: str, machines: Mapping[str, Any]) -> list[str]:
    """Describe all that is wrong with the NICs of a lab's machines, which come as plain data by machine name."""
    problems = _problems_of(check_lab_name, lab)
    parsed: dict[str, Sequence[Nic]] = {}

    def parse(name: str) -> None:
        check_machine_name(name)
        parsed[name] = _parse_nics(name, machines[name])

    for name in machines:
        problems += _problems_of(parse, name)
    return problems + duplicate_addresses(parsed)


def _problems_of(check: Callable[[str], None], name: str) -> list[str]:
    try:
        check(name)
    except LabError as error:
        return [str(error)]
    return []


def duplicate_addresses(machines: Mapping[str, Sequence[Nic]]) -> list[str]:
    """Describe every address that two NICs of one segment claim (machine name to its NICs)."""
    owners: dict[tuple[str, str], list[str]] = {}
    for name, nics in machines.items():
        for nic in nics:
            for address in nic.addresses:
                ip = str(ipaddress.ip_interface(address).ip)
                owners.setdefault((nic.segment, ip), []).append(name)
    return [
        f"address {ip} on segment '{segment}' belongs to {' and '.join(names)}; give each its own"
        for (segment, ip), names in owners.items()
        if len(names) > 1
    ]


def _parse_nics(machine: str, data: Any) -> tuple[Nic, ...]:
    """Parse and check the NICs of a machine."""
    where = f"machine '{machine}'"
    if not isinstance(data, Sequence) or isinstance(data, str) or not data:
        raise LabError(f"{where}: lab_nics must be a list of at least one NIC like {_NIC_EXAMPLE}")
    nics = tuple(_nic(where, nic) for nic in data)
    for nic in nics:
        _check_nic(where, nic)
    for problem in duplicate_addresses({machine: nics}):
        raise LabError(f"{where}: {problem}")
    return nics


def _nic(where: str, data: Any) -> Nic:
    if not isinstance(data, Mapping) or not isinstance(data.get("segment"), str):
        raise LabError(f"{where}: {data!r} does not describe a NIC; write it like {_NIC_EXAMPLE}")
    unknown = sorted(set(data) - {"segment", "addresses", "gateway", "gateways", "mtu"})
    if unknown:
        raise LabError(f"{where}: a NIC has no option {', '.join(unknown)}, only segment, addresses, gateways and mtu")
    return Nic(
        segment=data["segment"],
        addresses=_strings(data.get("addresses")),
        gateways=_strings(data.get("gateways") or data.get("gateway")),
        mtu=data.get("mtu"),
    )


def _strings(value: Any) -> tuple[str, ...]:
    """Return a list of strings as a tuple; one string alone counts as a list of one."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def _disk(data: Mapping[str, Any]) -> Disk:
    return Disk(name=data["name"], size=data["size"], shared=bool(data.get("shared")))


def _check(spec: MachineSpec) -> None:
    where = f"machine '{spec.name}'"
    if spec.memory < MIN_MEMORY:
        raise LabError(f"{where}: memory of {spec.memory} MiB is too little; give it at least {MIN_MEMORY}")
    if len(spec.disks) > MAX_DISKS:
        raise LabError(f"{where}: {len(spec.disks)} disks are too many; a machine can have {MAX_DISKS}")
    names = [disk.name for disk in spec.disks]
    for disk in spec.disks:
        _check_disk(where, disk, names)


def _check_nic(where: str, nic: Nic) -> None:
    if len(nic.segment) > MAX_INTERFACE_NAME or not _SHORT_NAME.fullmatch(nic.segment):
        raise LabError(
            f"{where}: segment '{nic.segment}' must be 1 to {MAX_INTERFACE_NAME} letters, digits, hyphens, underscores "
            "and dots, because it becomes the name of a bridge"
        )
    interfaces = [_interface(where, text) for text in nic.addresses]
    versions = []
    for text in nic.gateways:
        gateway = _gateway(where, text)
        versions.append(gateway.version)
        if not any(gateway in interface.network for interface in interfaces if interface.version == gateway.version):
            raise LabError(f"{where}: gateway {text} is in none of the networks of the NIC on segment '{nic.segment}'")
    if len(set(versions)) != len(versions):
        raise LabError(f"{where}: the NIC on segment '{nic.segment}' has two gateways of one family; keep one")
    if nic.mtu is not None and not 1280 <= nic.mtu <= 9000:
        raise LabError(f"{where}: MTU {nic.mtu} must be from 1280 (the least that IPv6 allows) to 9000 bytes")


def _interface(where: str, text: str) -> Interface:
    try:
        if "/" not in text:
            raise ValueError("the prefix length is missing")
        return ipaddress.ip_interface(text)
    except ValueError as error:
        raise LabError(
            f"{where}: '{text}' is not an address with a prefix length like 192.0.2.11/24 or 2001:db8::11/64 ({error})"
        ) from None


def _gateway(where: str, text: str) -> Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise LabError(f"{where}: gateway '{text}' is not an IP address") from None


def _check_disk(where: str, disk: Disk, names: Sequence[str]) -> None:
    if not _SHORT_NAME.fullmatch(disk.name):
        raise LabError(f"{where}: disk name '{disk.name}' may have only letters, digits, hyphens, underscores and dots")
    if names.count(disk.name) > 1:
        raise LabError(f"{where}: two disks are called '{disk.name}'")
    if disk.size < 1:
        raise LabError(f"{where}: disk '{disk.name}' of {disk.size} MiB; the size must be at least 1")
