# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ssh client's configuration for a lab. Pure."""

from __future__ import annotations

import ipaddress

from .layout import LabFiles
from .model import MachineSpec
from .names import link_local_address, mac_address


def lab_config(lab: LabFiles) -> str:
    """Return what holds for all machines; each one has an entry of its own."""
    return f"""\
# Machines of the lab '{lab.lab}'; written by lvs.cluster.
# ssh -F {lab.folder}/ssh_config MACHINE
Include {lab.machines}/*/ssh_config

Host *
    User root
    IdentitiesOnly yes
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    UpdateHostKeys no
    ControlMaster auto
    ControlPersist 60
    # A machine can lose its power; its connections must not hang for long.
    ConnectTimeout 10
    ServerAliveInterval 3
    ServerAliveCountMax 6
    LogLevel ERROR
"""


def machine_config(spec: MachineSpec, lab: LabFiles) -> str:
    """Return one machine's entry, which is found under its name and its addresses.

    The connection goes to the link-local address of its first NIC, whatever
    becomes of the others; nc hands the connected socket over and ends.
    """
    addresses = [str(ipaddress.ip_interface(address).ip) for nic in spec.nics for address in nic.addresses]
    target = link_local_address(mac_address(spec.name, 0))
    names = " ".join([spec.name, *addresses])
    # ssh expands %p to the port and %% to %.
    return f"""\
Host {names}
    IdentityFile {spec.image}/id_ed25519
    UserKnownHostsFile {spec.image}/known_hosts
    ControlPath {lab.machine(spec.name).ssh_socket}
    ProxyCommand nsenter --net=/run/netns/{lab.namespace} nc -F -w 5 {target}%%{spec.nics[0].segment} %p
    ProxyUseFdpass yes
"""
