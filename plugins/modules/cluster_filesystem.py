#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_filesystem
short_description: A GFS2 or OCFS2 file system on a shared block device
version_added: 0.1.0
description:
  - Makes the file system if the device is blank, and never on anything else. A device with another file system, a
    partition
    table, LVM or RAID, one that is in use, and one with data of an unknown kind at its ends are refused, and the
    message says
    what was found.
  - A file system of the same cluster and name is ours, and stays. If it has fewer journals (GFS2) or node slots
    (OCFS2) than
    O(slots), more are added, never fewer.
  - Run it with O(state=present) on one host at a time.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  device:
    description: The block device that all nodes share.
    type: path
    required: true
  type:
    description: The kind of file system.
    type: str
    choices: [gfs2, ocfs2]
    required: true
  cluster:
    description: Name of the cluster, as corosync has it.
    type: str
    required: true
  name:
    description: Name of the file system, unique in the cluster.
    type: str
    required: true
  slots:
    description: How many hosts shall be able to mount it. Required with O(state=present).
    type: int
  spare_slots:
    description:
      - How many node slots more an OCFS2 file system gets when it is made. To add slots later it has to be unmounted
        everywhere; GFS2 gets its journals while it is mounted, so it needs no spare ones.
    type: int
    default: 2
  journal_size:
    description:
      - Size of each journal of a new file system in MiB. By default C(mkfs) chooses it by the size of the device.
    type: int
  path:
    description:
      - Where this host has mounted it. GFS2 needs that to get more journals, and gets none without.
    type: path
  state:
    description: V(examined) only looks, and fails if the device could not be used.
    type: str
    choices: [present, examined]
    default: present
requirements:
  - gfs2-utils or ocfs2-tools, to change something
  - wipefs (util-linux)
attributes:
  diff_mode:
    description: Shows the kind of file system and its slots before and after.
    support: full
"""

EXAMPLES = r"""
- name: Make the file system, on one node
  lvs.cluster.cluster_filesystem:
    device: /dev/mapper/common
    type: gfs2
    cluster: lvs
    name: www
    slots: 3
  run_once: true

- name: Refuse a device that holds something else, before anything changes
  lvs.cluster.cluster_filesystem:
    device: /dev/mapper/common
    type: gfs2
    cluster: lvs
    name: www
    state: examined
"""

RETURN = r"""
found:
  description: What was on the device before, V(blank) or V(ours).
  returned: success
  type: str
  sample: ours
uuid:
  description: UUID of the file system; null while there is none.
  returned: success
  type: str
  sample: c1ecc259-dd40-4f07-b37e-f18f25c71be7
slots:
  description: How many hosts can mount it; null where that is not known.
  returned: success
  type: int
  sample: 3
"""

import re
from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import device, superblock
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.superblock import GFS2
from ansible_collections.lvs.cluster.plugins.module_utils.commands import attempt
from ansible_collections.lvs.cluster.plugins.module_utils.storage import block_device, mountinfo
from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import BLANK, DeviceError

JOURNAL = re.compile(r"^journal\d+:.*?\s(\d+)MB", re.MULTILINE)
# gfs2_jadd takes no less, though mkfs.gfs2 does.
LEAST_ADDED_JOURNAL = 32


class Filesystem:
    """The wanted file system and its device."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.path: str = module.params["device"]
        self.wanted = device.Wanted(module.params["type"], module.params["cluster"], module.params["name"])
        self.is_gfs2 = self.wanted.type == GFS2
        self.journals: list[int] = []
        self.uuid: str | None = None

    def look(self) -> tuple[str, int | None]:
        """Return what was found, and its slots where they are known."""
        seen = block_device.look(self.path, self._attempt)
        found = superblock.read(seen.head)
        verdict = device.judge(seen, found, self.wanted)
        if not found:
            return verdict, None
        self.uuid = found.uuid
        if not self.is_gfs2:
            return verdict, found.slots
        code, out, _error = self._attempt(["gfs2_edit", "-p", "journals", self.path])
        self.journals = [int(size) for size in JOURNAL.findall(out)]
        return verdict, len(self.journals) or None if code == 0 else None

    def make(self, slots: int) -> None:
        """Make it."""
        params, size = self.module.params, self.module.params["journal_size"]
        if self.is_gfs2:
            table = f"{self.wanted.cluster}:{self.wanted.name}"
            # -O asks nothing; it would ask only if there were something, and that has been ruled out.
            command = ["mkfs.gfs2", "-q", "-O", "-p", "lock_dlm", "-t", table, "-j", str(slots)]
            command += ["-J", str(size)] if size else []
        else:
            slots += params["spare_slots"]
            command = ["mkfs.ocfs2", "-q", "--cluster-stack=pcmk", f"--cluster-name={self.wanted.cluster}"]
            command += ["-L", self.wanted.name, "-N", str(slots), *(["-J", f"size={size}M"] if size else [])]
        self._run([*command, self.path], f"the {self.wanted.type} file system cannot be made on {self.path}")

    def grow(self, has: int, slots: int) -> None:
        """Give it more slots."""
        if self.is_gfs2:
            size = max([LEAST_ADDED_JOURNAL, *self.journals])
            command = ["gfs2_jadd", "-j", str(slots - has), "-J", str(size), self.module.params["path"]]
            self._run(command, f"journals for {slots - has} more hosts cannot be added to {self.path}")
        else:
            command = ["tunefs.ocfs2", "--yes", "-N", str(slots), self.path]
            self._run(
                command,
                f"{self.path} has node slots for {has} hosts and needs {slots}. They can only be added while no host"
                " has it mounted: unmount it everywhere (systemctl stop 'lvs-cluster-fs@*' and its mount unit), run"
                " this again, and it is mounted again",
            )

    def can_grow(self) -> bool:
        """Tell whether there is what is needed for more slots; in check mode a mount is still to come."""
        path = self.module.params["path"]
        if not self.is_gfs2:
            return True
        return bool(path) and (self.module.check_mode or mountinfo.top(mountinfo.read(), path) is not None)

    def _attempt(self, command: Sequence[str]) -> tuple[int, str, str]:
        return attempt(self.module, command)

    def _run(self, command: Sequence[str], what: str) -> None:
        code, out, error = self._attempt(command)
        if code:
            said = (error or out).strip().splitlines() or [f"exit code {code}"]
            self.module.fail_json(msg=f"{what}. {command[0]} says: {said[-1]}")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "device": {"type": "path", "required": True},
            "type": {"type": "str", "choices": ["gfs2", "ocfs2"], "required": True},
            "cluster": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "slots": {"type": "int"},
            "spare_slots": {"type": "int", "default": 2},
            "journal_size": {"type": "int"},
            "path": {"type": "path"},
            "state": {"type": "str", "choices": ["present", "examined"], "default": "present"},
        },
        required_if=[("state", "present", ("slots",))],
        supports_check_mode=True,
    )
    filesystem = Filesystem(module)
    try:
        found, has = filesystem.look()
        if module.params["state"] == "examined":
            module.exit_json(changed=False, found=found, uuid=filesystem.uuid, slots=has)
        module.exit_json(**_bring(filesystem, found, has))
    except DeviceError as error:
        module.fail_json(msg=str(error))


def _bring(filesystem: Filesystem, found: str, has: int | None) -> dict[str, Any]:
    """Make or grow the file system, and return the result."""
    module, slots = filesystem.module, filesystem.module.params["slots"]
    is_new = found == BLANK
    grows = has is not None and has < slots and filesystem.can_grow()
    if not module.check_mode and is_new:
        filesystem.make(slots)
    elif not module.check_mode and grows and has is not None:
        filesystem.grow(has, slots)
    now = has
    if is_new:
        now = slots + (0 if filesystem.is_gfs2 else module.params["spare_slots"])
    elif grows:
        now = slots
    if is_new and not module.check_mode:
        _verdict, now = filesystem.look()
    kind = filesystem.wanted.type
    return {
        "changed": is_new or grows,
        "found": found,
        "uuid": filesystem.uuid,
        "slots": now,
        "diff": {"before": {} if is_new else {"type": kind, "slots": has}, "after": {"type": kind, "slots": now}},
    }


if __name__ == "__main__":
    main()
