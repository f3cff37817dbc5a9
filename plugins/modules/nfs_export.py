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
  - Compares the live export table too, so that a run that was cut off before C(exportfs), or an export that was
    withdrawn by hand, is mended.
  - The file belongs to this module. Exports in it that O(exports) does not list are withdrawn, unless O(purge=false).
    Other files are not touched. A file that C(exportfs) refuses is put back as it was.
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
          - Folder to export. It has to exist.
        type: path
        required: true
      clients:
        description:
          - Addresses or networks of the clients. Wildcards are refused, since they export to everyone.
        type: list
        elements: str
        required: true
      access:
        description:
          - Whether the clients may write (V(rw)) or only read (V(ro)).
        type: str
        choices: [rw, ro]
        default: rw
      squash:
        description:
          - Which users of the clients become the anonymous user.
        type: str
        choices: [root_squash, no_root_squash, all_squash]
        default: root_squash
      options:
        description:
          - Further options as in C(exports(5)).
        type: list
        elements: str
        default: [sync, no_subtree_check]
  file:
    description:
      - The exports file.
    type: path
    default: /etc/exports.d/lvs-cluster.exports
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
attributes:
  diff_mode:
    description: Shows the file before and after.
    support: full
notes:
  - It has to run as root.
"""

EXAMPLES = r"""
- name: Export a folder to two real servers only
  lvs.cluster.nfs_export:
    exports:
      - path: /srv/www
        clients: [192.0.2.21, 192.0.2.22]

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
kept:
  description: Whether something is there that O(exports) does not list, and that O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import Export, is_live, parse, render

ETAB = Path("/var/lib/nfs/etab")


def wanted_exports(module: AnsibleModule) -> list[Export]:
    """Return the declared exports; all wrong ones are reported at once."""
    exports, errors = {}, []
    for index, item in enumerate(module.params["exports"] or ()):
        for client in item["clients"]:
            export = Export(item["path"], client, (item["access"], item["squash"], *item["options"]))
            if any(character in client for character in "*?() \t"):
                errors.append(
                    f"exports[{index}].clients: '{client}' has a wildcard or blank; write an address or network"
                )
            if export.key in exports:
                errors.append(f"exports[{index}]: {item['path']} is exported to {client} twice; keep one")
            exports[export.key] = export
        if not item["path"].startswith("/"):
            errors.append(f"exports[{index}].path: '{item['path']}' is no absolute path")
    if errors:
        module.fail_json(msg="\n".join(errors))
    return list(exports.values())


def main() -> None:
    export_spec = {
        "path": {"type": "path", "required": True},
        "clients": {"type": "list", "elements": "str", "required": True},
        "access": {"type": "str", "choices": ["rw", "ro"], "default": "rw"},
        "squash": {"type": "str", "choices": ["root_squash", "no_root_squash", "all_squash"], "default": "root_squash"},
        "options": {"type": "list", "elements": "str", "default": ["sync", "no_subtree_check"]},
    }
    module = AnsibleModule(
        argument_spec={
            "exports": {"type": "list", "elements": "dict", "options": export_spec},
            "file": {"type": "path", "default": "/etc/exports.d/lvs-cluster.exports"},
            "purge": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("exports",))],
        supports_check_mode=True,
    )
    path = Path(module.params["file"])
    present = module.params["state"] == "present"
    wanted = wanted_exports(module) if present else []
    before = read_text(path)
    existing = parse(before or "")
    keys = {export.key for export in wanted}
    kept = [export for export in existing if export.key not in keys] if present and not module.params["purge"] else []
    wanted += kept
    after = render(wanted) if present else None
    apply = before != after or not is_live(
        wanted, parse(read_text(ETAB) or ""), {export.path for export in [*wanted, *existing]}
    )
    if apply and not module.check_mode:
        replace_text(path, after)
        code, _out, error = module.run_command(["exportfs", "-ra"])
        if code:
            replace_text(path, before)
            module.run_command(["exportfs", "-ra"])
            module.fail_json(
                msg=f"exportfs does not accept the new exports, so the old ones stay in force: {error.strip()}"
            )
    module.exit_json(
        changed=apply,
        applied=apply,
        kept=bool(kept),
        diff={"before_header": str(path), "after_header": str(path), "before": before or "", "after": after or ""},
    )


if __name__ == "__main__":
    main()
