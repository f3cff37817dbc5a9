#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: drbd_info
short_description: What a host of a storage pair knows of its replicated volume
version_added: 0.1.0
description:
  - Returns what DRBD 8.4 says of a volume (C(/proc/drbd)), and whether this host serves it.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  minor:
    description:
      - Number of the replicated device, V(0) for C(/dev/drbd0).
    type: int
    default: 0
seealso:
  - module: lvs.cluster.drbd_volume
"""

EXAMPLES = r"""
- name: Look who is active
  lvs.cluster.drbd_info:
  register: pair

- name: Stop where the two hosts do not have the same data
  ansible.builtin.assert:
    that: pair.drbd.disk == 'UpToDate' and pair.drbd.peer_disk == 'UpToDate'
"""

RETURN = r"""
active:
  description: Whether this host serves the volume.
  returned: success
  type: bool
  sample: true
standby:
  description: Whether the peer has the volume, and this host is connected with it.
  returned: success
  type: bool
  sample: false
reason:
  description: Why this host is active, could be, or could not be.
  returned: success
  type: str
  sample: it serves the volume
split_brain:
  description: Whether both hosts have changes that the other one lacks, so that they do not connect any more.
  returned: success
  type: bool
  sample: false
drbd:
  description: The volume in DRBD's own words, or null if it is not up.
  returned: success
  type: dict
  sample:
    connection: Connected
    role: Primary
    peer_role: Secondary
    disk: UpToDate
    peer_disk: UpToDate
    frozen: false
    out_of_sync: 0
    synced: null
  contains:
    connection:
      description: State of the connection with the peer.
      type: str
    role:
      description: Role of this host.
      type: str
    peer_role:
      description: Role of the peer.
      type: str
    disk:
      description: State of the disk of this host.
      type: str
    peer_disk:
      description: State of the disk of the peer.
      type: str
    frozen:
      description: Whether reads and writes wait.
      type: bool
    out_of_sync:
      description: KiB that the two disks do not have in common.
      type: int
    synced:
      description: Percent of a synchronisation that runs, otherwise null.
      type: float
"""

from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.drbd import host


def main() -> None:
    module = AnsibleModule(argument_spec={"minor": {"type": "int", "default": 0}}, supports_check_mode=True)
    status, found = host.read_status(module.params["minor"]), host.read_vote()
    module.exit_json(
        changed=False,
        active=found.get("phase") == "serving" and status is not None and status.role == "Primary",
        standby=status is not None and status.is_connected and status.peer_role == "Primary",
        reason=found.get("reason", "DRBD is not up" if status is None else "nobody watches the volume on this host"),
        split_brain=host.has_split_brain(),
        drbd=asdict(status) if status else None,
    )


if __name__ == "__main__":
    main()
