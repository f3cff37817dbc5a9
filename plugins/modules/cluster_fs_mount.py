#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_fs_mount
short_description: The mount of a cluster file system, now and at each boot
version_added: 0.1.0
description:
  - Mounts the file system by a systemd mount unit that needs the lock manager, so it is unmounted before that stops.
    At boot
    a service of ours starts the unit when the cluster has a quorum, and tries again until it is mounted; the boot
    does not
    wait for it.
  - A service that must not run without the data gets C(RequiresMountsFor=) that path.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  path:
    description: Mount point. It is made if it does not exist.
    type: path
    required: true
  device:
    description: The block device. Required with O(state=mounted).
    type: path
  type:
    description: The kind of file system. Required with O(state=mounted).
    type: str
    choices: [gfs2, ocfs2]
  options:
    description: Mount options. If they have changed it is remounted.
    type: list
    elements: str
    default: [noatime]
  timeout:
    description: How many seconds mounting may take. Journals of nodes that failed are replayed by it.
    type: int
    default: 120
  state:
    description:
      - V(absent) unmounts it and removes the units. The mount point and the data stay.
    type: str
    choices: [mounted, absent]
    default: mounted
"""

EXAMPLES = r"""
- name: Mount the shared data
  lvs.cluster.cluster_fs_mount:
    path: /srv/www
    device: /dev/mapper/common
    type: gfs2
"""

RETURN = r"""
units:
  description: The systemd units of the mount.
  returned: success
  type: list
  elements: str
  sample: [srv-www.mount, lvs-cluster-fs@srv-www.service]
"""

import time
from collections.abc import Mapping
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import boot_unit
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import mounts, state
from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.storage import fstab, mountinfo, users
from ansible_collections.lvs.cluster.plugins.module_utils.storage.unit_name import escape_path

FSTAB = Path("/etc/fstab")


class Point:
    """A mount point and its units."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.path: str = module.params["path"].rstrip("/") or "/"
        name = escape_path(self.path)
        self.unit = f"{name}.mount"
        self.service = mounts.SERVICE.replace("@", f"@{name}")
        self.file = boot_unit.UNITS / self.unit
        self.template = boot_unit.UNITS / mounts.SERVICE
        self.mount = mountinfo.top(mountinfo.read(), self.path)

    def install(self) -> None:
        """Mount it."""
        params = self.module.params
        self._refuse_others()
        files: dict[Path, str | None] = {
            self.file: mounts.mount_unit(self.path, params["device"], params["type"], params["options"]),
            self.template: mounts.service_unit(),
        }
        stale = any(read_text(path) != text for path, text in files.items())
        remount = self.mount is not None and (
            read_text(self.file) != files[self.file] or mounts.flags_differ(self.mount, params["options"])
        )
        changed = stale or not self.mount or not self._is_enabled()
        diff = self._diff(files, mounted=True)
        if not self.module.check_mode and (changed or remount):
            if stale:
                self._replace(files)
            if not self._is_enabled():
                self._systemctl("enable", self.service)
            if not self.mount:
                self._mount()
            elif remount:
                self._remount()
        self.module.exit_json(changed=changed or remount, units=[self.unit, self.service], diff=diff)

    def remove(self) -> None:
        """Unmount it and remove its units; with the last mount, the service of all."""
        if mounts.where(read_text(self.file) or "") is None:
            self.module.exit_json(changed=False, units=[], diff=[])
        last = state.own_mount_points() == [self.path]
        files: dict[Path, str | None] = dict.fromkeys([self.file, self.template] if last else [self.file])
        diff = self._diff(files, mounted=False)
        if not self.module.check_mode:
            self._unmount()
            self._systemctl("disable", self.service)
            self._replace(files)
        self.module.exit_json(changed=True, units=[self.unit, self.service], diff=diff)

    def _refuse_others(self) -> None:
        """The mount point must be free, or have what is wanted."""
        device, kind = self.module.params["device"], self.module.params["type"]
        if self.mount and (self.mount.fstype != kind or not _same(self.mount.source, device)):
            self.module.fail_json(
                msg=f"{self.path} is a mount of {self.mount.source} ({self.mount.fstype}) already; unmount that, or"
                " choose another path"
            )
        if any(entry.path == self.path for entry in fstab.entries(read_text(FSTAB) or "")):
            self.module.fail_json(
                msg=f"{self.path} stands in /etc/fstab; take it out there, since systemd would mix them up"
            )

    def _mount(self) -> None:
        Path(self.path).mkdir(parents=True, exist_ok=True)
        # A run that waits for a quorum, or for its next try, begins anew.
        self._systemctl("restart", self.service)
        deadline = time.monotonic() + self.module.params["timeout"]
        while not mountinfo.top(mountinfo.read(), self.path):
            if time.monotonic() > deadline:
                log = self.module.run_command(["journalctl", "--unit", self.unit, "--lines", "5", "--output", "cat"])[1]
                self.module.fail_json(
                    msg=f"{self.path} was not mounted within {self.module.params['timeout']} s. {self.service} goes on"
                    f" trying. The log of {self.unit}: {log.strip() or 'nothing'}"
                )
            time.sleep(0.5)

    def _remount(self) -> None:
        wanted = ",".join(["remount", *self.module.params["options"]])
        code, _out, error = self.module.run_command(["mount", "-o", wanted, self.path])
        if code:
            self.module.fail_json(
                msg=f"{self.path} does not take its new options before it is mounted anew: {error.strip()}"
            )

    def _unmount(self) -> None:
        self._systemctl("stop", self.service)
        self._systemctl("stop", self.unit, check=False)
        if mountinfo.top(mountinfo.read(), self.path):
            self._systemctl("start", self.service)
            self.module.fail_json(msg=f"{self.path} cannot be unmounted: {users.explain(self.path)}")

    def _is_enabled(self) -> bool:
        return boot_unit.BootUnit(self.service).is_enabled()

    def _replace(self, files: Mapping[Path, str | None]) -> None:
        for path, text in files.items():
            replace_text(path, text)
        self._systemctl("daemon-reload")

    def _systemctl(self, *arguments: str, check: bool = True) -> None:
        code, _out, error = self.module.run_command(["systemctl", *arguments])
        if code and check:
            self.module.fail_json(msg=f"systemctl {' '.join(arguments)}: {error.strip()}")

    def _diff(self, files: Mapping[Path, str | None], mounted: bool) -> list[dict[str, str]]:
        parts = [(str(path), read_text(path) or "", text or "") for path, text in files.items()]
        parts.append((self.path, f"{_word(bool(self.mount))}\n", f"{_word(mounted)}\n"))
        return changed_parts(parts)


def _word(mounted: bool) -> str:
    return "mounted" if mounted else "not mounted"


def _same(source: str, device: str) -> bool:
    """Tell whether two names are of one device; names of device mapper are links."""
    return Path(source).resolve() == Path(device).resolve()


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "device": {"type": "path"},
            "type": {"type": "str", "choices": ["gfs2", "ocfs2"]},
            "options": {"type": "list", "elements": "str", "default": ["noatime"]},
            "timeout": {"type": "int", "default": 120},
            "state": {"type": "str", "choices": ["mounted", "absent"], "default": "mounted"},
        },
        required_if=[("state", "mounted", ("device", "type"))],
        supports_check_mode=True,
    )
    point = Point(module)
    if module.params["state"] == "absent":
        point.remove()
    point.install()


if __name__ == "__main__":
    main()
