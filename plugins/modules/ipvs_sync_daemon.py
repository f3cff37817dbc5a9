#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_sync_daemon
short_description: A connection synchronisation daemon of the kernel's IPVS
version_added: 0.1.0
description:
  - Starts, restarts or stops one of the two daemons by which directors tell each other their connections, by generic
    netlink; C(ipvsadm) is not needed. Both may run at the same time, so one task manages one of them.
  - The kernel cannot change a running daemon. It is restarted when something that is given differs, and only then; for
    a moment nothing is synchronised. What is not given stays as it is when the daemon runs, and is left to the kernel
    when it does not.
  - The daemon's messages are not authenticated. Keep them on a network that you trust.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.ipvs
  - lvs.cluster.ipvs.change
options:
  role:
    description:
      - V(master) sends connections, V(backup) receives them.
    type: str
    choices: [master, backup]
    required: true
  interface:
    description:
      - Interface to send or listen on. It has to be up and to have an address. Required with O(state=present).
    type: str
  sync_id:
    description:
      - Daemons with the same number belong together, V(0) to V(255). A backup with V(0) accepts all. V(0) if no such
        daemon runs.
    type: int
  max_length:
    description:
      - Largest payload of a message in bytes, V(1) to V(65507), from V(1024) on for O(role=backup). The kernel derives
        it from the interface if it is not given. This and what follows takes Linux 4.3 or newer.
    type: int
  group:
    description:
      - Multicast group, IPv4 or IPv6. The kernel's default is V(224.0.0.81).
    type: str
  port:
    description:
      - UDP port. The kernel's default is V(8848).
    type: int
  ttl:
    description:
      - Time to live of messages, V(1) to V(255). The kernel's default is V(1).
    type: int
  at_boot:
    description:
      - V(true) has a systemd unit of our own, C(lvs-sync-master.service) or C(lvs-sync-backup.service), start the
        daemon at each boot, when the network is up. It needs C(ipvsadm) on the host. V(false) removes the unit, and so
        does O(state=absent) with either.
      - For daemons that nobody else starts. keepalived starts the one of C(lvs_sync_daemon) itself.
      - Nothing is changed for the boot if not given. It cannot be given together with O(netns).
    type: bool
  state:
    description:
      - V(absent) stops the daemon of this O(role).
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Send connections to the other director
  lvs.cluster.ipvs_sync_daemon:
    role: master
    interface: eth1
    sync_id: 51
  become: true

- name: No longer receive connections
  lvs.cluster.ipvs_sync_daemon:
    role: backup
    state: absent
  become: true
"""

RETURN = r"""
sync_daemon:
  description:
    - The daemon after the run as M(lvs.cluster.ipvs_info) shows it, V(null) if none runs. In check
      mode, what the kernel would choose is V(null).
  returned: success
  type: dict
  sample: {role: master, interface: eth1, sync_id: 51, max_length: 1472, group: 224.0.0.81, port: 8848, ttl: 1}
  contains:
    role:
      description: V(master) or V(backup).
      type: str
    interface:
      description: Interface it sends or listens on.
      type: str
    sync_id:
      description: Daemons with the same number belong together.
      type: int
    max_length:
      description: Largest payload of a message in bytes.
      type: int
    group:
      description: Multicast group.
      type: str
    port:
      description: UDP port.
      type: int
    ttl:
      description: Time to live of its messages.
      type: int
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.arguments import AT_BOOT, CHANGE, STATE, SYNC_DAEMON
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.manage import manage_sync_daemon
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.module import run


def main() -> None:
    module = AnsibleModule(
        argument_spec={**SYNC_DAEMON, **AT_BOOT, **STATE, **CHANGE},
        required_if=[("state", "present", ("interface",))],
        supports_check_mode=True,
    )
    run(module, partial(manage_sync_daemon, module))


if __name__ == "__main__":
    main()
