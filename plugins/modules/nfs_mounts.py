#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_mounts
short_description: NFS mounts of a host, now and at each boot
version_added: 0.1.0
description:
  - Keeps a set of NFS mounts in C(/etc/fstab) and in the kernel. Other lines of fstab and other mounts are left alone.
  - The live mounts are compared with what is wanted, by what the kernel says of them in C(/proc/self/mountinfo). So a
    mount from another server, with other options, or twice on top of each other is found, whoever made it.
  - What the kernel can change is changed by a remount, which are C(ro), C(nodev), C(nosuid), C(noexec) and C(noatime).
    For all else the mount has to be made anew. That is done if nothing uses it; if something does, other options wait
    until it is mounted the next time, with a warning, and another source is an error.
  - A server that is away does not stop the module. Whatever touches a mount is done by a process of its own, that is
    given up after O(timeout). A mount that cannot be made for that reason is left to systemd, which goes on trying if
    C(bg) is among the options.
  - Lines of ours in fstab have the option C(x-lvs-cluster), which mount and systemd ignore. By it and by
    C(/var/lib/lvs-cluster) the module knows what to remove.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  mounts:
    description:
      - All NFS mounts of the cluster on this host. Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - Folder to mount on. It is made if it is missing.
        type: path
        required: true
      source:
        description:
          - Server and folder, such as V(192.0.2.31:/srv/www) or V([2001:db8::31]:/srv/www).
        type: str
        required: true
      access:
        description:
          - Whether this host may write. Without it, V(rw) or V(ro) in the options counts.
        type: str
        choices: [rw, ro]
      options:
        description:
          - Mount options as in C(nfs(5)) and C(mount(8)). C(x-systemd.automount) mounts it when somebody touches it.
            C(vers=3) needs rpcbind and rpc.statd on both hosts.
        type: list
        elements: str
        default: [vers=4.2, hard, bg, _netdev, nofail, nodev, nosuid]
  force:
    description:
      - Whether to take a mount away although something uses it. Files that are open stay open, on the old mount.
    type: bool
    default: false
  timeout:
    description:
      - Seconds that a server has to answer each time that one of its mounts is touched.
    type: int
    default: 15
  purge:
    description:
      - Whether to unmount and forget mounts of ours that O(mounts) does not list.
    type: bool
    default: true
  state:
    description:
      - V(absent) unmounts and forgets all mounts of ours. Folders that the module has made go if they are empty.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - mount.nfs (nfs-common or nfs-utils)
  - util-linux
  - systemd
attributes:
  check_mode:
    description:
      - Reports exactly what would change and changes nothing. Whether a server takes a mount is known only afterwards;
        one that does not answer at its port 2049 is expected not to.
    support: full
  diff_mode:
    description: Shows fstab and the live mounts before and after, of a new mount the options that are asked for.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.nfs_export
"""

EXAMPLES = r"""
- name: Mount the web servers' files
  lvs.cluster.nfs_mounts:
    mounts:
      - path: /srv/www
        source: 192.0.2.31:/srv/www
        access: ro

- name: Unmount all of ours
  lvs.cluster.nfs_mounts:
    state: absent
"""

RETURN = r"""
mounts:
  description: The wanted mounts after the run.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "/srv/www", "source": "192.0.2.31:/srv/www", "mounted": true, "answers": true, "waits": []}]
  contains:
    path:
      description: Folder that it is mounted on.
      type: str
    source:
      description: Server and folder.
      type: str
    mounted:
      description: Whether it is mounted now. One that is mounted on access may not be.
      type: bool
    answers:
      description: Whether the server answers; none if it is not mounted.
      type: bool
    waits:
      description: What takes effect when it is mounted the next time, since it is in use.
      type: list
      elements: str
kept:
  description: Whether something is there that O(mounts) does not list, and that O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.apply import Mounts
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.host import MountError
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.mounts import wanted_mounts

DEFAULT_OPTIONS = ["vers=4.2", "hard", "bg", "_netdev", "nofail", "nodev", "nosuid"]

MOUNT = {
    "path": {"type": "path", "required": True},
    "source": {"type": "str", "required": True},
    "access": {"type": "str", "choices": ["rw", "ro"]},
    "options": {"type": "list", "elements": "str", "default": DEFAULT_OPTIONS},
}

ARGUMENTS = {
    "mounts": {"type": "list", "elements": "dict", "options": MOUNT},
    "force": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 15},
    "purge": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=[("state", "present", ["mounts"])], supports_check_mode=True
    )
    present = module.params["state"] == "present"
    wanted, problems = wanted_mounts(module.params["mounts"] or [] if present else [])
    if module.params["timeout"] < 1:
        problems.append(f"timeout: {module.params['timeout']} is too small; write 1 or more")
    if problems:
        module.fail_json(msg="\n".join(problems))
    mounts = Mounts(
        wanted,
        timeout=module.params["timeout"],
        force=module.params["force"],
        purge=module.params["purge"] or not present,
    )
    if mounts.errors:
        module.fail_json(msg="\n".join(mounts.errors))
    try:
        changed = mounts.bring(check=module.check_mode)
    except MountError as error:
        module.fail_json(msg=f"{error}. The next run goes on from here")
    if mounts.errors:
        module.fail_json(msg="\n".join(mounts.errors), changed=changed, diff=mounts.diff())
    report = mounts.report()
    for warning in mounts.warnings:
        module.warn(warning)
    module.exit_json(changed=changed, mounts=report, kept=mounts.keeps, diff=mounts.diff())


if __name__ == "__main__":
    main()
