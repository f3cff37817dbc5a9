#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_rpcbind
short_description: Whether rpcbind and rpc.statd may run on a host that speaks only NFSv4
version_added: 0.1.0
description:
  - NFSv4 needs one port and no helpers. The packages of NFS bring rpcbind and rpc.statd all the same, and start them,
    open to everyone. This module stops and masks C(rpcbind.socket), C(rpcbind.service) and C(rpc-statd.service), also
    before the packages are there, so that they never start.
  - They are left alone where something else needs them, which is another RPC program that is registered with rpcbind,
    or a mount of NFSv3 on this host, in C(/etc/fstab) too.
  - What was masked is remembered in C(/var/lib/lvs-cluster), and undone when no role wants it any more. A unit that
    somebody else has masked stays so.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  role:
    description:
      - Who asks. The units stay masked until no role wants them masked.
    type: str
    choices: [nfs_server, nfs_client]
    required: true
  state:
    description:
      - V(masked) stops the units and keeps them from starting.
      - V(needed) undoes that for all roles, since NFSv3 is wanted here.
      - V(absent) says that this role does not mind any more.
    type: str
    choices: [masked, needed, absent]
    default: masked
requirements:
  - systemd
attributes:
  diff_mode:
    description: Shows which units are masked before and after.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.nfs_server_config
"""

EXAMPLES = r"""
- name: Let nothing but NFSv4 listen
  lvs.cluster.nfs_rpcbind:
    role: nfs_server

- name: Undo that
  lvs.cluster.nfs_rpcbind:
    role: nfs_server
    state: absent
"""

RETURN = r"""
masked:
  description: Units that the collection has masked, after the run.
  returned: success
  type: list
  elements: str
  sample: [rpcbind.socket, rpcbind.service, rpc-statd.service]
needed_by:
  description: What needs rpcbind on this host, so that nothing was masked.
  returned: success
  type: list
  elements: str
  sample: [ypserv]
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import UNITS as UNIT_FOLDER
from ansible_collections.lvs.cluster.plugins.module_utils.child import run_bounded
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_state, read_text, write_state
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import rpcbind as core
from ansible_collections.lvs.cluster.plugins.module_utils.storage import fstab, mountinfo

STATE = "nfs_rpcbind"
FSTAB = Path("/etc/fstab")
SECONDS = 5

ARGUMENTS = {
    "role": {"type": "str", "choices": ["nfs_server", "nfs_client"], "required": True},
    "state": {"type": "str", "choices": ["masked", "needed", "absent"], "default": "masked"},
}


class Rpcbind:
    """The units that NFSv4 does not need."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.role: str = module.params["role"]
        self.state: dict[str, Any] = read_state(STATE)
        # Unit -> whether it ran before we masked it.
        self.ours: dict[str, bool] = self.state.get("units", {})
        self.masked = [unit for unit in core.UNITS if self.is_masked(unit)]

    def ensure(self) -> None:
        """Mask or unmask, whichever is called for, and end the module."""
        wanted: str = self.module.params["state"]
        users = self.users() if wanted == "masked" else []
        claims = core.claims_after(self.state, self.role, "absent" if users else wanted)
        change = self.mask if claims else self.unmask
        units = [unit for unit in core.UNITS if (unit not in self.masked if claims else unit in self.ours)]
        after = sorted({*self.masked, *units} if claims else {*self.masked} - {*units})
        # A note of whose wish it is, and no change of the host, while the units stay as they are.
        changed = bool(units)
        if not self.module.check_mode:
            change(units)
            if claims != self.state.get("roles", []) or changed:
                write_state(STATE, {"roles": claims, "units": self.ours} if claims else {})
        self.module.exit_json(
            changed=changed,
            masked=[unit for unit in core.UNITS if unit in after and (unit in self.ours or unit in units)],
            needed_by=users,
            diff={"before": {"masked_units": sorted(self.masked)}, "after": {"masked_units": after}},
        )

    def mask(self, units: list[str]) -> None:
        """Stop these units and keep them from starting."""
        # Of all at first, since one that stops takes others with it.
        self.ours = {**self.ours, **{unit: self.is_active(unit) for unit in units}}
        # And before the change, so that a run that is cut off leaves nothing that nobody remembers.
        write_state(STATE, {"roles": [*self.state.get("roles", ()), self.role], "units": self.ours})
        for unit in units:
            self.systemctl("mask", "--now", unit)

    def unmask(self, units: list[str]) -> None:
        """Let these units start, and start those that ran before."""
        if units:
            self.systemctl("unmask", *units)
        for unit in units:
            if self.ours[unit]:
                self.systemctl("start", unit)

    def users(self) -> list[str]:
        """Return what needs rpcbind on this host."""
        live = mountinfo.read()
        entries = fstab.entries(read_text(FSTAB) or "")
        users = [f"the NFSv3 mount {each.path}" for each in live if core.needs_statd(each.fstype, each.options)]
        users += [f"{FSTAB}: {each.path}" for each in entries if core.needs_statd(each.fstype, each.options)]
        if self.is_active("rpcbind.service"):
            # It may hang, as all that asks over a network may.
            users += core.foreign_programs(run_bounded(["rpcinfo", "-p", "localhost"], SECONDS).out, self.role)
        return users

    def is_masked(self, unit: str) -> bool:
        path = UNIT_FOLDER / unit
        return path.is_symlink() and str(path.readlink()) == "/dev/null"

    def is_active(self, unit: str) -> bool:
        code, _out, _error = self.module.run_command(["systemctl", "is-active", "--quiet", unit])
        return bool(code == 0)

    def systemctl(self, *arguments: str) -> None:
        """Have systemd do something that has to succeed."""
        self.module.run_command(["systemctl", *arguments], check_rc=True)


def main() -> None:
    Rpcbind(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)).ensure()


if __name__ == "__main__":
    main()
