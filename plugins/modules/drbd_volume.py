#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: drbd_volume
short_description: A block device that two hosts replicate by DRBD, with an ext4 file system on it
version_added: 0.1.0
description:
  - Writes the configuration of the volume to C(/etc/drbd.d), makes DRBD's metadata on a blank device, takes the volume
    up now and at each boot, and, where O(initialize=true), makes the file system.
  - A device counts as ours if this module has made its metadata (it remembers their UUID), or if it has DRBD metadata
    and below them an ext file system with the label C(lvs-) and O(name). It counts as blank if C(wipefs) knows no
    signature on it, its first and last MiB are zero, and nothing uses it. Everything else is refused, and the message
    says what was found. There is no option that makes this module overwrite anything.
  - The volume stays Secondary. Who mounts it is left to others.
  - Protocol C is used, so a write counts as written when both hosts have it. While the peer is away and nobody has
    decided that this host may go on alone (O(handlers), C(fence-peer)), reads and writes wait. After a split brain no
    version of the data is given up that has changes which the other one lacks.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  name:
    description:
      - Name of the volume, up to 12 lower-case letters, digits, hyphens and underscores.
    type: str
    required: true
  device:
    description:
      - Block device of this host. Required with O(state=present).
    type: path
  minor:
    description:
      - Number of the replicated device, V(0) for C(/dev/drbd0).
    type: int
    default: 0
  addresses:
    description:
      - Addresses of the two hosts, in the same order on both. Required with O(state=present).
    type: list
    elements: str
  port:
    description:
      - TCP port on which the hosts replicate.
    type: int
    default: 7789
  secret:
    description:
      - What both hosts know, 16 to 64 letters and digits. Without it anyone who reaches O(port) could be the peer.
    type: str
  resync_rate:
    description:
      - How fast a synchronisation may get, such as V(100M) for 100 MiB/s.
    type: str
    default: 100M
  detection:
    description:
      - Seconds of silence after which a host asks whether its peer is still there. One second later it is given up.
    type: int
    default: 2
  handlers:
    description:
      - Commands that DRBD runs, such as C(fence-peer) and C(split-brain) of C(drbd.conf(5)).
    type: dict
    default: {}
  initialize:
    description:
      - Whether this host is the one of the two that makes the file system, and skips the first synchronisation. That is
        done only while both hosts are connected and neither has ever had data.
    type: bool
    default: false
  timeout:
    description:
      - Seconds to wait for the peer where it is needed for that.
    type: int
    default: 60
  state:
    description:
      - V(absent) takes the volume down and removes its configuration. Metadata and data stay on the device; with
        V(present) the volume comes back with all that it had. A volume that is Primary is refused.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - drbd-utils, and DRBD 8.4 in the kernel
  - e2fsprogs
  - systemd
attributes:
  check_mode:
    description:
      - Changes nothing. That the file system would be made is told only of a volume that is up; on a blank device it
        goes without saying.
    support: full
  diff_mode:
    description: Shows configuration and unit before and after, the secret masked, and what would be made on the device.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.drbd_info
"""

EXAMPLES = r"""
- name: Replicate a disk
  lvs.cluster.drbd_volume:
    name: data
    device: /dev/vdb
    addresses: [192.0.2.31, 192.0.2.32]

- name: Make the file system, from one of the two hosts
  lvs.cluster.drbd_volume:
    name: data
    device: /dev/vdb
    addresses: [192.0.2.31, 192.0.2.32]
    initialize: true
  when: inventory_hostname == 'store1'

- name: Take it out of service and leave the data where it is
  lvs.cluster.drbd_volume:
    name: data
    state: absent
"""

RETURN = r"""
found:
  description: What the device was before, V(blank) or V(ours).
  returned: with O(state=present)
  type: str
  sample: ours
made:
  description: What was made on the device, of V(metadata) and V(file system).
  returned: success
  type: list
  elements: str
  sample: []
drbd:
  description: What DRBD says of the volume, as in M(lvs.cluster.drbd_info), or null if it is not up.
  returned: success
  type: dict
  sample: {"connection": "Connected", "role": "Secondary", "disk": "UpToDate"}
"""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import BootUnit
from ansible_collections.lvs.cluster.plugins.module_utils.drbd import device as devices
from ansible_collections.lvs.cluster.plugins.module_utils.drbd import host
from ansible_collections.lvs.cluster.plugins.module_utils.drbd import resource as core
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.status import Status
from ansible_collections.lvs.cluster.plugins.module_utils.files import (
    read_state,
    read_text,
    replace_text,
    write_state,
)
from ansible_collections.lvs.cluster.plugins.module_utils.storage import block_device
from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import WIPEFS, DeviceError

FOLDER = Path("/etc/drbd.d")
TOO_NEW = "9"


class DrbdVolume:
    """One volume: its file, its unit, its metadata."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        parameters = module.params
        self.volume = core.Volume(
            name=parameters["name"],
            minor=parameters["minor"],
            device=parameters["device"] or "",
            addresses=parameters["addresses"] or [],
            port=parameters["port"],
            secret=parameters["secret"] or "",
            resync_rate=parameters["resync_rate"],
            detection=parameters["detection"],
            handlers=parameters["handlers"],
        )
        self.file = FOLDER / f"{self.volume.name}.res"
        self.unit = BootUnit(f"lvs-drbd-{self.volume.name}.service")
        self.remembered = f"drbd_{self.volume.name}"
        self.current = read_text(self.file)
        self.made: list[str] = []
        self.diff: list[dict[str, str]] = []

    def run(self, command: Sequence[str]) -> str:
        """Run a command that has to succeed; return its output."""
        code, out, error = self.module.run_command(list(command))
        if code:
            self.module.fail_json(
                msg=f"'{' '.join(command)}' failed: {(error or out).strip()}. The next run goes on from here"
            )
        return str(out)

    def ensure(self) -> None:
        """Have the volume, now and at each boot."""
        self._refuse_foreign_file()
        status = host.read_status(self.volume.minor)
        found = "ours" if self._is_attached(status) else self._judge()
        text, unit = core.render(self.volume), core.render_unit(self.volume)
        self._show(str(self.file), self.current, text)
        self._show(str(self.unit.path), read_text(self.unit.path), unit)
        if found == "blank":
            self._show(self.volume.device, "blank\n", "metadata of DRBD\n")
        changed = bool(self.diff) or status is None or not self.unit.is_enabled() or self._differs()
        if changed and not self.module.check_mode:
            self._install(text, unit, found == "blank")
        if found == "blank":
            self.made.append("metadata")
        if self.module.params["initialize"]:
            changed = self._initialize() or changed
        self._exit(changed, found=found)

    def remove(self) -> None:
        """Take the volume down; what is on the device stays."""
        if self.current is None or core.MARK not in self.current:
            self._exit(False)
        status = host.read_status(self.volume.minor)
        if status is not None and status.role == "Primary":
            self.module.fail_json(
                msg=f"volume {self.volume.name} is Primary on this host, so something uses it: unmount"
                f" {self.volume.replicated} and run 'drbdadm secondary {self.volume.name}' first"
            )
        self._show(str(self.file), self.current, None)
        self._show(str(self.unit.path), read_text(self.unit.path), None)
        if not self.module.check_mode:
            self.unit.remove(self.run)
            # The unit may have been started by nobody.
            self.run(["drbdadm", "down", self.volume.name])
            replace_text(self.file, None)
            write_state(self.remembered, {})
        self._exit(True)

    def _refuse_foreign_file(self) -> None:
        if self.current is not None and core.MARK not in self.current:
            self.module.fail_json(
                msg=f"{self.file} was not written by lvs.cluster, so it stays: give the volume another name"
            )

    def _is_attached(self, status: Status | None) -> bool:
        """Tell whether DRBD has this device already, by our configuration."""
        return status is not None and f"disk {self.volume.device};" in (self.current or "")

    def _judge(self) -> str:
        """Return whose the device is; fail if it is somebody else's."""
        known = read_state(self.remembered).get("device_uuid")
        try:
            found = block_device.look(self.volume.device, self.module.run_command)
        except DeviceError as error:
            self.module.fail_json(msg=f"device: {error}")
        try:
            verdict = devices.judge(found, self.volume.label, known)
        except DeviceError as error:
            self.module.fail_json(msg=str(error))
        return verdict

    def _differs(self) -> bool:
        """Tell whether DRBD has other settings than its configuration says."""
        if self.diff or self.module.get_bin_path("drbdadm") is None:
            return False
        return bool(self.run(["drbdadm", "--dry-run", "adjust", self.volume.name]).strip())

    def _install(self, text: str, unit: str, blank: bool) -> None:
        if self.module.get_bin_path("drbdadm") is None:
            self.module.fail_json(msg="drbdadm is not installed on this host; install its package, drbd-utils, first")
        self.run(["modprobe", "drbd"])
        version = host.read_module_version()
        if version and version.startswith(TOO_NEW):
            self.module.fail_json(msg=f"this kernel has DRBD {version}; only DRBD 8.4 is supported")
        # Only root reads it: it has a secret.
        replace_text(self.file, text, 0o600)
        code, _out, error = self.module.run_command(["drbdadm", "dump", self.volume.name])
        if code:
            replace_text(self.file, self.current, 0o600)
            self.module.fail_json(msg=f"drbdadm does not accept the new configuration: {error.strip()}")
        if blank:
            self.run(["drbdadm", "create-md", "--force", self.volume.name])
        self._remember()
        self.unit.install(self.run, unit, restart=False)
        self.run(["drbdadm", "adjust", self.volume.name])

    def _remember(self) -> None:
        """Keep the UUID of the metadata, which makes the device ours."""
        if read_state(self.remembered):
            return
        uuid = devices.uuid_of(block_device.parse_signatures(self.run([*WIPEFS, self.volume.device])))
        if uuid:
            write_state(self.remembered, {"device_uuid": uuid})

    def _initialize(self) -> bool:
        """Make the file system if there has never been any data; tell whether that changes anything."""
        volume = self.volume
        if host.read_label(volume.device) == volume.label or (self.module.check_mode and self.diff):
            return False
        status = self._connected()
        if "Primary" in (status.role, status.peer_role):
            return False
        self._show(volume.replicated, "no file system\n", f"ext4 labelled {volume.label}\n")
        self.made.append("file system")
        if not self.module.check_mode:
            if status.is_new:
                # Neither side has anything that the other would have to get.
                self.run(["drbdadm", "--", "--clear-bitmap", "new-current-uuid", volume.name])
            self.run(["drbdadm", "primary", volume.name])
            try:
                self._make_file_system()
            finally:
                self.run(["drbdadm", "secondary", volume.name])
        return True

    def _connected(self) -> Status:
        """Wait for the peer; fail if it does not come."""
        until = time.monotonic() + (0 if self.module.check_mode else self.module.params["timeout"])
        while True:
            status = host.read_status(self.volume.minor)
            if status is not None and status.is_connected:
                return status
            if time.monotonic() >= until:
                self.module.fail_json(
                    msg=f"volume {self.volume.name} has no file system yet, and its peer is not connected: run this for"
                    f" both hosts, and let them reach each other's TCP port {self.volume.port}"
                )
            time.sleep(0.5)

    def _make_file_system(self) -> None:
        """Make it, unless something has got there that is not ours."""
        try:
            devices.refuse_unless_blank(block_device.look(self.volume.replicated, self.module.run_command))
        except DeviceError as error:
            self.run(["drbdadm", "secondary", self.volume.name])
            self.module.fail_json(msg=str(error))
        self.run(["mkfs.ext4", "-q", "-L", self.volume.label, self.volume.replicated])

    def _show(self, title: str, before: str | None, after: str | None) -> None:
        if before != after:
            part = {"before_header": title, "after_header": title}
            texts = {"before": core.masked(before or ""), "after": core.masked(after or "")}
            self.diff.append({**part, **texts})

    def _exit(self, changed: bool, **more: str) -> None:
        status = host.read_status(self.volume.minor)
        self.module.exit_json(
            changed=changed, made=self.made, drbd=asdict(status) if status else None, diff=self.diff, **more
        )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "device": {"type": "path"},
            "minor": {"type": "int", "default": 0},
            "addresses": {"type": "list", "elements": "str"},
            "port": {"type": "int", "default": 7789},
            "secret": {"type": "str", "no_log": True},
            "resync_rate": {"type": "str", "default": "100M"},
            "detection": {"type": "int", "default": 2},
            "handlers": {"type": "dict", "default": {}},
            "initialize": {"type": "bool", "default": False},
            "timeout": {"type": "int", "default": 60},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("device", "addresses"))],
        supports_check_mode=True,
    )
    volume = DrbdVolume(module)
    if module.params["state"] == "absent":
        volume.remove()
    problems = core.problems_of(volume.volume)
    if problems:
        module.fail_json(msg="\n".join(problems))
    volume.ensure()


if __name__ == "__main__":
    main()
