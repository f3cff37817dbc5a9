#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_fs_info
short_description: State of a cluster of hosts that share file systems
version_added: 0.1.0
description:
  - Reads membership and quorum of corosync, and members, fencing and lockspaces of the lock manager dlm, as this host
    sees them, and which of the file systems of role P(lvs.cluster.cluster_fs#role) are mounted.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
seealso:
  - module: lvs.cluster.cluster_fs_node
"""

EXAMPLES = r"""
- name: Look at the cluster
  lvs.cluster.cluster_fs_info:
  register: seen

- name: Wait for a quorum
  lvs.cluster.cluster_fs_info:
  register: seen
  until: seen.quorate
  retries: 30
  delay: 2
"""

RETURN = r"""
running:
  description: Whether corosync and the lock manager run.
  returned: success
  type: bool
  sample: true
quorate:
  description: Whether enough nodes are there.
  returned: success
  type: bool
  sample: true
own_id:
  description: The number of this node; null where corosync does not run.
  returned: success
  type: int
  sample: 1
votes:
  description: The votes that are there, that are needed and that all nodes have; null where corosync does not run.
  returned: success
  type: dict
  sample: {own_id: 1, quorate: true, votes: 3, needed: 2, expected: 3}
nodes:
  description: The nodes that corosync knows.
  returned: success
  type: list
  elements: dict
  sample: [{id: 1, name: web1, address: 192.0.2.21, joined: true}]
members:
  description: The nodes that the lock manager has seen; times are seconds of this host's uptime, 0 for never.
  returned: success
  type: list
  elements: dict
  sample: [{id: 1, member: true, failed_at: 0, fenced_at: 0, fenced_by: 0}]
fencing:
  description: Nodes that have failed and are not fenced yet. Until they are, their file systems stand still.
  returned: success
  type: list
  elements: int
  sample: []
lockspaces:
  description:
    - One for each file system that this host has mounted. C(waits_for) says why it stands still; empty if it does not.
    - That of GFS2 has the name of the file system, that of OCFS2 its UUID.
  returned: success
  type: list
  elements: dict
  sample: [{name: www, members: [1, 2, 3], waits_for: ''}]
mounts:
  description: Where file systems of the role are declared on this host, mounted or not.
  returned: success
  type: list
  elements: str
  sample: [/srv/www]
mounted:
  description: Those of them that are mounted.
  returned: success
  type: list
  elements: str
  sample: [/srv/www]
configured:
  description: Whether the role has configured this host.
  returned: success
  type: bool
  sample: true
foreign:
  description: Why this host's cluster seems to belong to somebody else; empty if it does not.
  returned: success
  type: str
  sample: ''
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import configuration, corosync, state
from ansible_collections.lvs.cluster.plugins.module_utils.commands import attempt
from ansible_collections.lvs.cluster.plugins.module_utils.storage import mountinfo


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    run = partial(attempt, module)
    declared = state.own_mount_points()
    all_mounts = mountinfo.read()
    module.exit_json(
        changed=False,
        **state.look(run).to_dict(),
        mounts=declared,
        mounted=[path for path in declared if mountinfo.top(all_mounts, path)],
        configured=configuration.drop_in(corosync.SERVICE).exists(),
        foreign=configuration.foreign(run),
    )


if __name__ == "__main__":
    main()
