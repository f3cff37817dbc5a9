#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_drain
short_description: Drain real servers before they leave IPVS
version_added: 0.1.0
description:
  - Gives real servers weight 0, so that they get no new connections, and waits until the connections that they have
    ended.
  - Nothing is deleted. Whoever made the servers deletes them afterwards.
  - Which servers is said either by what stays (O(services)) or by name (O(servers)).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.ipvs
options:
  services:
    description:
      - The services and servers that stay, such as O(lvs.cluster.ipvs_table#module:services). Every other server of the
        table is drained, and so are all servers of services that are not here.
      - A service that stays keeps its servers as they are if no other one has a weight, since the service would have
        none at all. Their replacement comes first.
      - Of a service only O(lvs.cluster.ipvs_table#module:services[].vip), C(port), C(protocol), C(fwmark), C(family)
        and C(servers) count, of a server C(address) and C(port). Sorry servers of theirs belong here too.
    type: list
    elements: dict
  servers:
    description:
      - The servers to drain, in all services that have them, even if that leaves a service without a server.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - Address of the server.
        type: str
        required: true
      port:
        description:
          - Port of the server. All of its ports if not given.
        type: int
  timeout:
    description:
      - Seconds to wait at most for connections to end. V(0) does not wait.
    type: float
    default: 30
attributes:
  check_mode:
    description: Reports exactly which weights would change; does not wait.
    support: full
  diff_mode:
    description: Shows the weights before and after.
    support: full
  idempotent:
    description: A second run changes nothing, and waits for connections that are still there.
    support: full
notes:
  - Who holds the table is not asked. keepalived leaves a weight alone that it did not set, until the server fails a
    check and comes back or a reload of a changed configuration changes the server.
  - Connections that are active in the sense of C(ipvsadm) are waited for. UDP has none that end, so services with
    protocol UDP are not waited for; of a service with C(fwmark) the kernel counts all protocols together, UDP too.
  - A client with a persistence template keeps being sent to its server, whatever the weight, unless the sysctl
    C(net.ipv4.vs.expire_quiescent_template) is 1. Playbooks of this collection set it.
  - A director that is on standby has copies of connections only if a sync daemon runs.
seealso:
  - module: lvs.cluster.ipvs_table
  - module: lvs.cluster.keepalived_config
"""

EXAMPLES = r"""
- name: Drain all servers but those that stay
  lvs.cluster.ipvs_drain:
    services:
      - vip: 192.0.2.100
        port: 80
        servers:
          - address: 192.0.2.22
    timeout: 60
  become: true

- name: Take two servers out of rotation without waiting
  lvs.cluster.ipvs_drain:
    servers:
      - address: 192.0.2.21
      - {address: "2001:db8::21", port: 80}
    timeout: 0
  become: true
"""

RETURN = r"""
drained:
  description: The servers that were meant, with the active connections that they had left at the end; 0 for UDP.
  returned: success
  type: list
  elements: dict
  sample: [{service: "tcp 192.0.2.100:80", server: "192.0.2.21:80", connections: 0}]
  contains:
    service:
      description: The service.
      type: str
    server:
      description: Address and port of the server.
      type: str
    connections:
      description: Active connections that were left.
      type: int
applied:
  description: What was done before and beside the failure.
  returned: when the kernel refused a change
  type: list
  elements: str
refused:
  description: What the kernel refused, and why.
  returned: when the kernel refused a change
  type: list
  elements: str
not_tried:
  description: What would have come after the failure. The next run does it.
  returned: when the kernel refused a change
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.arguments import DRAIN
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.manage import manage_drain
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.module import run


def main() -> None:
    module = AnsibleModule(
        argument_spec=DRAIN,
        required_one_of=[("services", "servers")],
        mutually_exclusive=[("services", "servers")],
        supports_check_mode=True,
    )
    run(module, manage_drain)


if __name__ == "__main__":
    main()
