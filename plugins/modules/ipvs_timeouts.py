#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_timeouts
short_description: How long the kernel's IPVS remembers idle connections
version_added: 0.1.0
description:
  - Sets the timeouts of connections, by generic netlink; C(ipvsadm) is not needed. What is not given stays as it is.
  - All are seconds from V(1) to V(2147483). The kernel takes V(0) for I(unchanged), so it is refused. With more
    than that its clock overflows.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.ipvs
  - lvs.cluster.ipvs.change
options:
  tcp:
    description:
      - Seconds for established TCP connections. The kernel starts with 900.
    type: int
  tcp_fin:
    description:
      - Seconds for TCP connections after a FIN. The kernel starts with 120.
    type: int
  udp:
    description:
      - Seconds for UDP. The kernel starts with 300.
    type: int
seealso:
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Forget silent UDP clients sooner
  lvs.cluster.ipvs_timeouts:
    udp: 60
  become: true
"""

RETURN = r"""
timeouts:
  description: The timeouts after the run, in seconds; in check mode those that would be.
  returned: success
  type: dict
  sample: {tcp: 900, tcp_fin: 120, udp: 60}
  contains:
    tcp:
      description: Established TCP connections.
      type: int
    tcp_fin:
      description: TCP connections after a FIN.
      type: int
    udp:
      description: UDP.
      type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.arguments import CHANGE, TIMEOUTS
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.manage import manage_timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.module import run


def main() -> None:
    run(
        AnsibleModule(
            argument_spec={**TIMEOUTS, **CHANGE}, required_one_of=[tuple(TIMEOUTS)], supports_check_mode=True
        ),
        manage_timeouts,
    )


if __name__ == "__main__":
    main()
