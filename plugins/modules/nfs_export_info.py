#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_export_info
short_description: NFS exports of a host, as they are live and as its files have them
version_added: 0.1.0
description:
  - Returns the live export table, with all options by their names, and the exports of the file that
    M(lvs.cluster.nfs_export) keeps.
  - Tells where the live table and the files of the host differ. For that, C(exportfs) makes a table of the files in
    namespaces of its own, which the host does not notice.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  file:
    description:
      - The exports file of the collection.
    type: path
    default: /etc/exports.d/lvs-cluster.exports
requirements:
  - exportfs (nfs-kernel-server or nfs-utils)
  - unshare and mount (util-linux)
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.nfs_export
"""

EXAMPLES = r"""
- name: Look at the exports
  lvs.cluster.nfs_export_info:
  register: exports

- name: Insist that what is live is what the files say
  ansible.builtin.assert:
    that: not exports.drift
"""

RETURN = r"""
live:
  description: The live export table, one item for each folder and client.
  returned: success
  type: list
  elements: dict
  sample:
    - path: /srv/www
      client: 192.0.2.21
      access: rw
      squash: root_squash
      security: [sys]
      anonuid: 65534
      anongid: 65534
      fsid: null
      options: [sync, wdelay, hide, nocrossmnt, no_subtree_check, secure_locks, acl, no_pnfs]
      by_security: [{"security": [sys], "access": rw, "squash": root_squash}]
  contains: &export
    path:
      description: Folder.
      type: str
    client:
      description: Address, network, name or group of the clients.
      type: str
    access:
      description: V(rw) or V(ro), for the first of C(by_security).
      type: str
    squash:
      description: Which users become the anonymous one, for the first of C(by_security).
      type: str
    security:
      description: Security flavors that clients may use.
      type: list
      elements: str
    anonuid:
      description: Number of the anonymous user.
      type: int
    anongid:
      description: Number of the anonymous group.
      type: int
    fsid:
      description: What identifies the file system, none where the kernel finds it out.
      type: str
    options:
      description: All other options.
      type: list
      elements: str
    by_security:
      description: Access and squash for groups of security flavors.
      type: list
      elements: dict
ours:
  description: Exports of O(file), in the same shape; what the file leaves to the defaults is not spelled out.
  returned: success
  type: list
  elements: dict
  sample: []
  contains: *export
drift:
  description: Exports of which the live table and the files of this host do not say the same.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "/srv/old", "client": "*", "problem": "it is live, and no file has it"}]
  contains:
    path:
      description: Folder.
      type: str
    client:
      description: Address, network, name or group of the clients.
      type: str
    problem:
      description: What differs.
      type: str
complaints:
  description: What C(exportfs) finds wrong with the files of this host, by which RV(drift) may be wrong too.
  returned: success
  type: list
  elements: str
  sample: []
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import live
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import Export, parse, table_of, typed

ARGUMENTS = {"file": {"type": "path", "default": "/etc/exports.d/lvs-cluster.exports"}}


def drift_of(table: list[Export], trial: live.Trial) -> list[dict[str, str]]:
    """Return what of the live table differs from what exportfs makes of the files."""
    now, then = table_of(table), table_of(trial.exports)
    found = []
    for key in sorted({*now, *then}):
        if key not in now:
            problem = "a file has it, and it is not live"
        elif key not in then:
            problem = "it is live, and no file has it"
        elif now[key] != then[key]:
            problem = f"it is live with {','.join(now[key])}, and the files say {','.join(then[key])}"
        else:
            continue
        found.append({"path": key[0], "client": key[1], "problem": problem})
    return found


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    file = Path(module.params["file"])
    text = read_text(file)
    table = live.live_table()
    exportfs = module.get_bin_path("exportfs")
    trial = live.Trial(tuple(table))
    if exportfs and live.can_try():
        trial = live.attempt(module.run_command, exportfs, file, text)
    module.exit_json(
        changed=False,
        live=[typed(export) for export in table],
        ours=[typed(export) for export in parse(text or "")],
        drift=drift_of(table, trial),
        complaints=[*trial.complaints, *(f"nobody knows {name}" for name in trial.unknown_names)],
    )


if __name__ == "__main__":
    main()
