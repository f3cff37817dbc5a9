# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line that starts a machine: kernel arguments for User Mode Linux. Pure."""

from __future__ import annotations

import hashlib
import ipaddress
from pathlib import Path

from .layout import LabFiles
from .model import LabError, MachineSpec, Nic
from .names import mac_address, tap_name

# UML: COMMAND_LINE_SIZE. The kernel cuts off what is longer without a word.
MAX_COMMAND_LINE = 4096
# The block devices are ubda to ubdp; the last one has the kernel's modules.
MODULES_DISK = 15


def command_line(spec: MachineSpec, lab: LabFiles) -> list[str]:
    """Return the program and its arguments; raise LabError if they do not fit."""
    program = f"{spec.kernel}/linux"
    arguments = _machine(spec, lab) + _disks(spec, lab)
    for index, nic in enumerate(spec.nics):
        arguments += _nic(spec.name, index, nic)
    if len(" ".join(arguments)) >= MAX_COMMAND_LINE:
        raise LabError(f"machine '{spec.name}' has more NICs, addresses and disks than a kernel command line can carry")
    return [program, *arguments]


def mark(path: Path) -> str:
    """Return the start of the one argument by which a machine's process is known.

    ``path`` is the machine's root disk; its beginning, such as the lab's folder, finds more than one machine.
    """
    return f"ubd0={path}"


def _machine(spec: MachineSpec, lab: LabFiles) -> list[str]:
    files = lab.machine(spec.name)
    machine_id = hashlib.sha256(f"{spec.lab}/{spec.name}".encode()).hexdigest()[:32]
    return [
        f"mem={spec.memory}M",
        "seccomp=on",
        f"uml_dir={files.folder}",
        f"umid={files.control.name}",
        # Only the first console exists, and it is our standard output.
        "con=null",
        "con0=null,fd:1",
        "quiet",
        # The packaged kernel would make 512 terminals of an old kind and start a helper for each.
        "pty.legacy_count=0",
        "selinux=0",
        "root=/dev/ubda",
        "rw",
        f"systemd.hostname={spec.name}",
        f"systemd.machine_id={machine_id}",
    ]


def _disks(spec: MachineSpec, lab: LabFiles) -> list[str]:
    overlay = lab.machine(spec.name).overlay
    arguments = [
        f"{mark(overlay)},{spec.image}/base.img",
        f"ubd{MODULES_DISK}r={spec.kernel}/modules.img",
    ]
    for number, disk in enumerate(spec.disks, start=1):
        # c: no lock on the file, since others write to it too; s: written through at once.
        flags = "cs" if disk.shared else ""
        arguments.append(f"ubd{number}{flags}={lab.disk(spec.name, disk)}")
    return arguments


def _nic(machine: str, index: int, nic: Nic) -> list[str]:
    """Arguments for the kernel's driver, for udev (the name) and for systemd-network-generator."""
    name = f"eth{index}"
    mac = mac_address(machine, index)
    mtu = f",mtu={nic.mtu}" if nic.mtu else ""
    driver = f"vec{index}:transport=tap,ifname={tap_name(machine, index)},depth=64,gro=1,mac={mac}{mtu}"
    return [driver, f"ifname={name}:{mac}", *_addresses(name, nic)]


def _addresses(name: str, nic: Nic) -> list[str]:
    """One ``ip=`` per address; link6 adds a link-local address and asks no router for more."""
    gateways: dict[int, str] = {ipaddress.ip_address(text).version: text for text in nic.gateways}
    values = []
    for text in nic.addresses:
        interface = ipaddress.ip_interface(text)
        gateway = gateways.pop(interface.version, "")
        if interface.version == 4:
            values.append(f"{interface.ip}::{gateway}:{interface.netmask}")
        else:
            gateway = f"[{gateway}]" if gateway else ""
            values.append(f"[{interface.ip}]::{gateway}:{interface.network.prefixlen}")
    # The generator writes them down last one first, and the first of a subnet becomes the primary address.
    return [f"ip={value}::{name}:link6" for value in reversed(values or [":::"])]
