#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: real_server_vip
short_description: VIPs and ARP suppression of an LVS-DR real server
version_added: 0.1.0
description:
  - Binds the virtual IP addresses (VIPs) of a DR real server to a dummy device of its own, and stops the host from
    answering or announcing them by ARP (C(arp_ignore=1), C(arp_announce=2) on the interface that faces the cluster).
  - The ARP settings are in force before the first VIP appears, at run time and at boot. A systemd unit of our own,
    C(lvs-real-server.service), restores both after a boot, so it does not matter whether systemd-networkd,
    NetworkManager, netplan or ifupdown manages the network, and a restart of the network service changes nothing.
  - The device belongs to this module. VIPs on it that O(vips) does not list are removed, unless O(purge=false).
  - The values that the ARP settings had before the first change are kept in C(/var/lib/lvs-cluster) and restored by
    O(state=absent), which removes everything the module made.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  vips:
    description:
      - Virtual IP addresses, IPv4 and IPv6, without prefix length. They are bound as C(/32) and C(/128).
      - Required, and not empty, with O(state=present).
    type: list
    elements: str
  interface:
    description:
      - Interface on which clients and directors ask for the VIPs by ARP.
      - Exactly one of O(interface) and O(address) is required with O(state=present).
    type: str
  address:
    description:
      - Address of this host that faces the cluster; the interface that has it is taken.
    type: str
  device:
    description:
      - Name of the dummy device that carries the VIPs.
    type: str
    default: lvs0
  purge:
    description:
      - Whether to remove VIPs from the device that O(vips) does not list. V(false) is for the time in which
        directors may still send packets to them.
    type: bool
    default: true
  state:
    description:
      - Whether this host serves the VIPs.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - iproute2 with JSON output (4.17 or newer)
  - systemd 239 or newer
  - the kernel module C(dummy)
attributes:
  diff_mode:
    description: Shows VIPs, ARP settings and boot files before and after.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.real_server_vip_info
"""

EXAMPLES = r"""
- name: Serve a VIP without answering ARP for it
  lvs.cluster.real_server_vip:
    vips: [192.0.2.100]
    interface: eth0

- name: Add a VIP, keep the others for now, on the interface that has this address
  lvs.cluster.real_server_vip:
    vips: [192.0.2.101]
    address: 192.0.2.21
    purge: false

- name: Stop serving, restore the ARP settings
  lvs.cluster.real_server_vip:
    state: absent
"""

RETURN = r"""
vips:
  description: VIPs bound after the run.
  returned: success
  type: list
  elements: str
  sample: [192.0.2.100]
kept:
  description: Whether something is there that O(vips) does not list, and that O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
sysctls:
  description: ARP settings of the facing interface after the run.
  returned: success
  type: dict
  sample: {"net/ipv4/conf/eth0/arp_ignore": 1, "net/ipv4/conf/eth0/arp_announce": 2}
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import BootUnit
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_state, replace_text, write_state
from ansible_collections.lvs.cluster.plugins.module_utils.network import sysctl
from ansible_collections.lvs.cluster.plugins.module_utils.network.address import canonical
from ansible_collections.lvs.cluster.plugins.module_utils.network.links import Link, read_links
from ansible_collections.lvs.cluster.plugins.module_utils.real_server import vip as core
from ansible_collections.lvs.cluster.plugins.module_utils.real_server.change import HostChange

SYSCTL_FILE = Path("/etc/sysctl.d/60-lvs-real-server.conf")
UNIT = BootUnit("lvs-real-server.service")
STATE = "real_server"


class RealServer(HostChange):
    """Brings this host from what is observed to what is wanted."""

    def __init__(self, module: AnsibleModule) -> None:
        super().__init__(module, UNIT)
        self.device: str = module.params["device"]
        self.remembered: dict[str, int] = read_state(STATE)
        self.links = read_links(lambda command: module.run_command(command, check_rc=True)[1])

    def observe(self, interface: str | None) -> core.State:
        """Return the VIPs on our device, and the settings that matter now or that we remember."""
        keys = set(self.remembered)
        if interface:
            keys |= {core.sysctl_path(interface, name) for name in core.ARP_SUPPRESSION}
        existing = sorted(filter(sysctl.exists, keys))
        return core.State(core.bound_vips(self._our_link()), {key: sysctl.read(key) for key in existing})

    def _our_link(self) -> Link | None:
        link = next((link for link in self.links if link.name == self.device), None)
        if link and link.kind != "dummy":
            raise ValueError(f"device: {self.device} exists and is no dummy device; give the VIPs one of their own")
        return link

    def facing_interface(self) -> str:
        """Return the name of the interface that faces the cluster; ValueError says what there is instead."""
        name, address = self.module.params["interface"], self.module.params["address"]
        facing = next((link for link in self.links if (link.has(address) if address else link.name == name)), None)
        if facing is None:
            wanted = f"address: no interface has {address}" if address else f"interface: there is no {name}"
            found = "; ".join(f"{link.name}: {', '.join(str(own.ip) for own in link.addresses)}" for link in self.links)
            raise ValueError(f"{wanted}. This host has {found}")
        return facing.name

    def serve(self, vips: list[str]) -> None:
        """Make this host a silent owner of `vips`, now and after each boot."""
        interface = self.facing_interface()
        observed = self.observe(interface)
        kept = False
        if not self.module.params["purge"]:
            declared, vips = set(vips), sorted({*vips, *(observed.vips or ())})
            kept = set(vips) != declared
        wanted = core.wanted_state(vips, interface, observed, self.remembered)
        arp = {key: value for key, value in wanted.sysctls.items() if key.startswith(f"net/ipv4/conf/{interface}/")}
        sysctl_text = core.render_sysctl_file(arp)
        unit_text = core.render_unit(interface, self.device, vips, str(SYSCTL_FILE))
        changed = self.report(observed, wanted, unit_text, {SYSCTL_FILE: sysctl_text}) or _device_differs(
            observed, wanted
        )
        if changed and not self.module.check_mode:
            write_state(STATE, {**observed.sysctls, **self.remembered})
            for key, value in core.sysctl_changes(observed, wanted).items():
                sysctl.write(key, value)
            self._run_all(core.address_commands(self.device, observed, wanted))
            replace_text(SYSCTL_FILE, sysctl_text)
            # To stop the unit deletes the device.
            self.unit.install(self.run, unit_text, restart=False)
        self.exit(changed, wanted, kept)

    def release(self) -> None:
        """Remove everything that `serve` made and restore what it found."""
        observed = self.observe(None)
        wanted = core.released_state(observed, self.remembered)
        leftovers = self.report(observed, wanted, None, {SYSCTL_FILE: None}) or _device_differs(observed, wanted)
        changed = leftovers or bool(self.remembered)
        if changed and not self.module.check_mode:
            self._run_all(core.address_commands(self.device, observed, wanted))
            # Its stop deletes the device, too, and does not mind that it is gone.
            self.unit.remove(self.run)
            replace_text(SYSCTL_FILE, None)
            for key, value in core.sysctl_changes(observed, wanted).items():
                sysctl.write(key, value)
            write_state(STATE, {})
        self.exit(changed, wanted)

    def _run_all(self, commands: list[core.Command]) -> None:
        for command in commands:
            self.run(command, hint=" (is the kernel module dummy available?)" if "type" in command else "")


def _device_differs(observed: core.State, wanted: core.State) -> bool:
    """A device without VIPs looks like none in a diff."""
    return (observed.vips is None) != (wanted.vips is None)


def wanted_vips(texts: list[str]) -> list[str]:
    """Return the VIPs in canonical form; a ValueError names all bad ones at once."""
    vips = {text: canonical(text) for text in texts}
    errors = [
        f"vips: '{text}' is no IP address; write one like 192.0.2.100" for text, vip in vips.items() if vip is None
    ]
    if not vips:
        errors.append("vips: the list is empty; name at least one VIP, or set state to absent")
    if errors:
        raise ValueError("\n".join(errors))
    return sorted({vip for vip in vips.values() if vip})


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "vips": {"type": "list", "elements": "str"},
            "interface": {"type": "str"},
            "address": {"type": "str"},
            "device": {"type": "str", "default": "lvs0"},
            "purge": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        mutually_exclusive=[("interface", "address")],
        required_if=[("state", "present", ("vips",)), ("state", "present", ("interface", "address"), True)],
        supports_check_mode=True,
    )
    try:
        if module.params["state"] == "absent":
            RealServer(module).release()
        else:
            RealServer(module).serve(wanted_vips(module.params["vips"]))
    except ValueError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
