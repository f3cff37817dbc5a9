#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_export
short_description: NFS exports of the cluster, in a file of their own and in the live export table
version_added: 0.1.0
description:
  - Writes the given exports to one file in C(/etc/exports.d) and has C(exportfs -ra) apply them.
  - What C(exportfs) makes of that file is tried first, in namespaces of its own. So a mistake is found before anything
    changes, and the live export table is compared with exactly what it shall be. An export that was withdrawn or
    changed by hand, and a run that was cut off before C(exportfs), are mended.
  - The file belongs to this module. Exports in it that O(exports) does not list are withdrawn, unless O(purge=false).
    Other files are not touched. A file that C(exportfs) refuses is put back as it was.
  - C(exportfs -ra) withdraws what no file has. Exports that were made by hand, with C(exportfs -o), do not survive a
    change; diff mode shows them.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  exports:
    description:
      - Folders to export. Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - Folder to export. It has to exist, except with O(live=false).
        type: path
        required: true
      clients:
        description:
          - Who may mount it. Each is an address, a network, a name or a netgroup (V(@group)), or has C(address) and
            C(access) where clients differ in what they may do.
          - Wildcards and networks that contain everyone are refused.
        type: list
        elements: raw
        required: true
      access:
        description:
          - Whether clients without C(access) of their own may write (V(rw)) or only read (V(ro)).
        type: str
        choices: [rw, ro]
        default: rw
      squash:
        description:
          - Which users of the clients become the anonymous user. V(no_root_squash) is refused for a network and for a
            netgroup, since root of any machine in it would be root on the files.
        type: str
        choices: [root_squash, no_root_squash, all_squash]
        default: root_squash
      anonuid:
        description:
          - Number of the anonymous user; 65534 unless given. It cannot be 0.
        type: int
      anongid:
        description:
          - Number of the anonymous group; 65534 unless given. It cannot be 0.
        type: int
      security:
        description:
          - Security flavors that clients may use, the preferred one first. V(sys) believes the client who its users
            are; V(krb5) makes users prove it, V(krb5i) also protects data from being changed, V(krb5p) from being read.
            The last three need Kerberos on all hosts, which this module does not set up. C(sys) unless given.
        type: list
        elements: str
        choices: [sys, krb5, krb5i, krb5p]
      fsid:
        description:
          - What identifies the file system to the clients, a number or a UUID. Two hosts that serve the same data in
            turns need the same one. V(root) or V(0) is the folder that NFSv4 clients see as C(/), and changes the paths
            of all other exports for them.
        type: str
      options:
        description:
          - Further options as in C(exports(5)), in place of the default.
        type: list
        elements: str
        default: [sync, no_subtree_check]
  file:
    description:
      - The exports file. C(exportfs) reads files of C(/etc/exports.d) whose names end in C(.exports), and no others.
    type: path
    default: /etc/exports.d/lvs-cluster.exports
  live:
    description:
      - Whether to export now. V(false) only writes the file, for the host of a storage pair that has not got the data.
    type: bool
    default: true
  purge:
    description:
      - Whether to withdraw exports of the file that O(exports) does not list. V(false) is for the time in which
        clients may still use them.
    type: bool
    default: true
  state:
    description:
      - V(absent) withdraws all exports of the file and removes it.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - exportfs (nfs-kernel-server or nfs-utils)
  - unshare and mount (util-linux)
attributes:
  check_mode:
    description:
      - Reports exactly what would change and changes nothing. Where C(exportfs) is not installed yet, nothing is tried.
    support: full
  diff_mode:
    description: Shows the file and the live export table before and after.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.nfs_export_info
  - module: lvs.cluster.nfs_mounts
"""

EXAMPLES = r"""
- name: Export a folder to two real servers only
  lvs.cluster.nfs_export:
    exports:
      - path: /srv/www
        clients: [192.0.2.21, 192.0.2.22]

- name: One writes, the others read, and all files belong to one account
  lvs.cluster.nfs_export:
    exports:
      - path: /srv/www
        clients:
          - {address: 192.0.2.21, access: rw}
          - {address: 192.0.2.22, access: ro}
        squash: all_squash
        anonuid: 33
        anongid: 33

- name: Withdraw everything
  lvs.cluster.nfs_export:
    state: absent
"""

RETURN = r"""
applied:
  description: Whether C(exportfs) had to be called.
  returned: success
  type: bool
  sample: true
drift:
  description: Exports of the folders concerned that were live otherwise than they shall be, each as folder and client.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "/srv/www", "client": "192.0.2.21"}]
kept:
  description: Whether something is there that O(exports) does not list, and that O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
"""

from collections.abc import Sequence
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import declared, live
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import (
    SQUASHES,
    Export,
    Key,
    concerned,
    differing,
    is_at_least,
    lines_of,
    parse,
    render,
    table_of,
)

EXPORT = {
    "path": {"type": "path", "required": True},
    "clients": {"type": "list", "elements": "raw", "required": True},
    "access": {"type": "str", "choices": list(declared.ACCESSES), "default": "rw"},
    "squash": {"type": "str", "choices": list(SQUASHES), "default": SQUASHES[0]},
    "anonuid": {"type": "int"},
    "anongid": {"type": "int"},
    "security": {"type": "list", "elements": "str", "choices": list(declared.FLAVORS)},
    "fsid": {"type": "str"},
    "options": {"type": "list", "elements": "str", "default": list(declared.DEFAULT_OPTIONS)},
}

ARGUMENTS = {
    "exports": {"type": "list", "elements": "dict", "options": EXPORT},
    "file": {"type": "path", "default": "/etc/exports.d/lvs-cluster.exports"},
    "live": {"type": "bool", "default": True},
    "purge": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class Exports:
    """The exports of one file: there, and in the live table."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.file = Path(module.params["file"])
        present = module.params["state"] == "present"
        self.before = read_text(self.file)
        existing = parse(self.before or "")
        self.wanted = self.declared() if present else []
        keys = {export.key for export in self.wanted}
        self.kept = (
            [each for each in existing if each.key not in keys] if present and not module.params["purge"] else []
        )
        self.wanted += self.kept
        self.after = render(self.wanted) if present else None
        self.folders = concerned(self.wanted, existing)
        self.exportfs: str | None = module.get_bin_path("exportfs")
        self.table = live.live_table()

    def declared(self) -> list[Export]:
        """Return the declared exports; all mistakes are reported at once."""
        found = declared.Declared(self.module.params["exports"])
        found.refuse_danger()
        if self.file.parent != live.exports_folder() or self.file.suffix != ".exports":
            what = f"exportfs reads only files of {live.exports_folder()} whose names end in .exports"
            found.problems.append(f"file: {what}; put it there")
        if found.problems:
            self.module.fail_json(msg="\n".join(found.problems))
        return found.exports

    def ensure(self) -> None:
        """Compare, change what differs, and end the module."""
        is_live: bool = self.module.params["live"]
        trial = self.attempt(strict=is_live and not self.module.check_mode)
        drift = self.drift(trial) if is_live else []
        changed = self.before != self.after or bool(drift)
        diff = self.diff(trial if changed and is_live else None)
        if changed and not self.module.check_mode:
            replace_text(self.file, self.after)
            if is_live:
                self.apply()
        self.module.exit_json(
            changed=changed,
            applied=changed and is_live,
            drift=[{"path": path, "client": client} for path, client in drift],
            kept=bool(self.kept),
            diff=diff,
        )

    def attempt(self, strict: bool) -> live.Trial | None:
        """Return what exportfs makes of the new file, None if that cannot be tried. `strict` insists on the folders."""
        if self.exportfs is None:
            if strict and (self.after is not None or self.before is not None):
                self.module.fail_json(msg="exportfs is not installed on this host; install nfs-kernel-server first")
            return None
        if not live.can_try(self.file):
            return None
        trial = live.attempt(self.module.run_command, self.exportfs, self.file, self.after)
        complaints = trial.complaints if strict else live.without_missing(trial.complaints)
        known = self.complaints_of_others() if complaints else ()
        # Of a client with a name exportfs may show another one of its names.
        lost = [each for each in self.wanted if each.key not in table_of(trial.exports)]
        lost = [each for each in lost if not declared.is_name(each.client)]
        unknown = self.unknown(trial.unknown_names)
        if lost or unknown or not set(complaints) <= set(known):
            self.refuse([*(trial.complaints or [f"it leaves out {each.key}" for each in lost]), *unknown])
        return trial

    def complaints_of_others(self) -> Sequence[str]:
        """Return what exportfs has to say of the other files, so that ours is not blamed for it."""
        if self.exportfs is None or not live.can_try(self.file):
            return ()
        return live.attempt(self.module.run_command, self.exportfs, self.file, None).complaints

    def refuse(self, complaints: Sequence[str]) -> None:
        """End the module."""
        what = "exportfs does not accept the new exports, so the old ones stay in force"
        self.module.fail_json(msg=f"{what}: {'; '.join(complaints)}")

    def drift(self, trial: live.Trial | None) -> list[Key]:
        """Return which exports are not live as they shall be."""
        table = table_of(self.table)
        if trial:
            return differing(table, table_of(trial.exports), self.folders)
        if is_at_least(table, self.wanted, self.folders):
            return []
        keys = {key for key in table if key[0] in self.folders}
        return sorted(keys | {export.key for export in self.wanted})

    def apply(self) -> None:
        """Have exportfs read all files; put the old one back if it does not take the new one."""
        code, _out, error = self.module.run_command([self.exportfs or "exportfs", "-ra"])
        complaints, unknown = live.sort_complaints(error)
        known = self.complaints_of_others() if code else ()
        missing = self.unknown(unknown)
        if missing or (code and not (complaints and set(complaints) <= set(known))):
            replace_text(self.file, self.before)
            self.module.run_command([self.exportfs or "exportfs", "-ra"])
            self.refuse([*complaints, *missing])

    def unknown(self, names: Sequence[str]) -> list[str]:
        """Return what to say of clients of ours that could not be resolved."""
        ours = {export.client for export in self.wanted}
        return [f"nobody knows {name}; write its address" for name in names if name in ours]

    def diff(self, trial: live.Trial | None) -> list[dict[str, str]]:
        """Return file and live table before and after, those that differ."""
        parts = [(str(self.file), self.before or "", self.after or "")]
        if trial:
            parts.append(("live export table", _text(self.table), _text(trial.exports)))
        return changed_parts(parts)


def _text(exports: Sequence[Export]) -> str:
    return "".join(f"{line}\n" for each in sorted(exports, key=lambda each: each.key) for line in lines_of([each]))


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=[("state", "present", ("exports",))], supports_check_mode=True
    )
    Exports(module).ensure()


if __name__ == "__main__":
    main()
