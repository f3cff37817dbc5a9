# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of all modules for IPVS shares."""

from __future__ import annotations


class ModuleDocFragment:
    """`ipvs` for every module, `ipvs.change` for those that change something."""

    DOCUMENTATION = r"""
options:
  netns:
    description:
      - Network namespace whose IPVS is meant, by its name for C(ip netns) or the absolute path of its file. Each
        network namespace has an IPVS of its own.
      - Without this option it is the namespace that Ansible runs in on the managed node.
    type: str
requirements:
  - Linux with IPVS (C(ip_vs))
  - CAP_NET_ADMIN in the initial user namespace, which the kernel wants for reading too, so normally C(become=true)
"""

    CHANGE = r"""
options:
  override_owner:
    description:
      - Change also what another program holds in this network namespace. Without it such a change is refused, and the
        message names the program.
      - "Services, servers and timeouts are held by keepalived if its checker process runs there (keepalived that does
        only VRRP holds neither), by C(kube-proxy), and in its own namespaces by C(dockerd) (ingress of Swarm).
        C(ldirectord) holds services and servers. Sync daemons are held by any keepalived."
      - The other program is not told. It may put back its own state at once, later, or never.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reports exactly what would change and changes nothing; the kernel module is not loaded either.
    support: full
  diff_mode:
    description: Shows what differs before and after, and nothing else.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: full
notes:
  - Where C(ip_vs) is not loaded yet the kernel loads it with the first change, and the modules of schedulers when
    they are first used. Inside containers that has to be done on the host.
"""
