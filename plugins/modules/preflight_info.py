#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_info
short_description: What decides whether a host can take its part in an LVS cluster
version_added: 0.1.0
description:
  - Reads the running kernel, its modules and sysctls, the interfaces and routes, who holds the IPVS table, which
    programs manage the firewall, which declared packets nftables would drop, and who answers for the VIPs.
  - M(lvs.cluster.preflight_report) judges what this returns. P(lvs.cluster.preflight#role) says what to look for.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  modules:
    description:
      - Kernel modules to look for.
    type: list
    elements: str
    default: []
  sysctls:
    description:
      - Full names of the sysctls that shall be set.
    type: list
    elements: str
    default: []
  destinations:
    description:
      - Addresses to which routes are looked up.
    type: list
    elements: str
    default: []
  ask_for:
    description:
      - Addresses for which the network is asked who has them, by ARP and neighbour discovery. This takes about 300 ms
        for all of them together.
    type: list
    elements: str
    default: []
  listen_at:
    description:
      - Own addresses of this host. VRRP is listened for on their interfaces, for two and a half seconds in all, unless
        keepalived runs here.
    type: list
    elements: str
    default: []
  programs:
    description:
      - Paths of programs that this host has to run.
    type: list
    elements: str
    default: []
  packets:
    description:
      - Packets that this host must let in or through.
    type: list
    elements: dict
    default: []
    suboptions:
      check:
        description: Id of the check that asks. It comes back with the answer.
        type: str
        required: true
      what:
        description: What the packet is, in words. It comes back with the answer.
        type: str
        required: true
      hook:
        description: Whether it comes in or passes through.
        type: str
        choices: [input, forward]
        default: input
      family:
        description: The version of IP.
        type: int
        choices: [4, 6]
        required: true
      protocol:
        description: The transport protocol. Default is any.
        type: str
      source:
        description: Source address.
        type: str
      destination:
        description: Destination address.
        type: str
      sport:
        description: Source port.
        type: int
      dport:
        description: Destination port.
        type: int
      state:
        description: State of its connection in conntrack.
        type: str
requirements:
  - iproute2 with JSON output (4.17 or newer)
notes:
  - Rules of the old C(iptables-legacy) are not seen; those of C(iptables-nft) are.
seealso:
  - module: lvs.cluster.preflight_report
"""

EXAMPLES = r"""
- name: Look at a director
  lvs.cluster.preflight_info:
    modules: [ip_vs, ip_vs_wlc]
    destinations: [192.0.2.21, 192.0.2.22]
    ask_for: [192.0.2.100]
    listen_at: [192.0.2.11]
    packets:
      - check: firewall-blocks-service
        what: web
        family: 4
        protocol: tcp
        destination: 192.0.2.100
        dport: 80
        state: new
"""

RETURN = r"""
kernel:
  description: Release of the running kernel.
  returned: success
  type: str
  sample: 6.12.57+deb13-amd64
modules_folder:
  description: Whether the modules of the running kernel are still on the disk.
  returned: success
  type: bool
  sample: true
modules:
  description: For each of O(modules) V(present), V(available), V(blocked) by modprobe's configuration, or V(missing).
  returned: success
  type: dict
  sample: {ip_vs: present, ip_vs_wlc: available}
unknown_sysctls:
  description: Those of O(sysctls) that belong to IPVS, and that the running kernel does not have.
  returned: success
  type: list
  elements: str
  sample: []
conntrack_max:
  description: How many connections conntrack holds; null where it is not loaded.
  returned: success
  type: int
  sample: 262144
connection_buckets:
  description: Size of the table in which IPVS looks connections up; null where IPVS is not loaded.
  returned: success
  type: int
  sample: 4096
systemd:
  description: Whether the host runs systemd.
  returned: success
  type: bool
  sample: true
keepalived:
  description: Version of the installed keepalived, or null.
  returned: success
  type: str
  sample: 2.3.3
programs:
  description: For each of O(programs) V(executable), V(not executable) or V(missing).
  returned: success
  type: dict
  sample: {/usr/local/bin/check: executable}
firewalls:
  description: Firewall managers that are active, out of V(firewalld) and V(ufw).
  returned: success
  type: list
  elements: str
  sample: []
traces:
  description:
    - Names of the modules, roles and nftables tables of this collection that have left something on the host.
    - What is not listed need not be removed.
  returned: success
  type: list
  elements: str
  sample: [real_server_vip, lvs_cluster_filter]
flushes_nftables:
  description: Whether C(nftables.service) is enabled and its file empties the whole ruleset.
  returned: success
  type: bool
  sample: false
ipvs_owner:
  description: The program that holds the IPVS table, or null. An ldirectord of this collection does not count.
  returned: success
  type: str
  sample: keepalived's checker process
interfaces:
  description: All interfaces.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
    kind:
      description: Kind such as V(bond); empty for hardware.
      type: str
    mac:
      description: Hardware address.
      type: str
    mtu:
      description: Largest packet, in bytes.
      type: int
    up:
      description: Whether it is up and has a carrier.
      type: bool
    monitored:
      description: Whether it notices a dead link; false only for a bond without C(miimon) and C(arp_interval).
      type: bool
    lro:
      description: Whether large receive offload is on.
      type: bool
    settings:
      description: The sysctls that hold on it.
      type: dict
      sample: {rp_filter: 0, proxy_arp: 0, disable_ipv6: 0, accept_ra: 1}
    addresses:
      description: Addresses with prefix lengths.
      type: list
      elements: str
routes:
  description: For each of O(destinations) to which there is a route its interface, and its gateway and type or null.
  returned: success
  type: dict
  sample: {192.0.2.21: {interface: eth0, gateway: null, type: null}}
default_routes:
  description: The default routes, with interface, gateway and protocol.
  returned: success
  type: list
  elements: dict
  sample: [{interface: eth0, gateway: 192.0.2.1, protocol: static}]
answers:
  description: For each of O(ask_for) that could be asked for the hardware addresses that answered.
  returned: success
  type: dict
  sample: {192.0.2.100: ['52:54:00:00:00:01']}
vrrp:
  description: The VRRP routers that were heard.
  returned: success
  type: list
  elements: dict
  sample: [{interface: eth0, sender: 192.0.2.7, virtual_router_id: 51}]
blocked:
  description: Those of O(packets) that are dropped for certain, and the rule that does it.
  returned: success
  type: list
  elements: dict
  sample: [{check: firewall-blocks-vrrp, what: VRRP from 192.0.2.12, by: the policy drop of chain inet filter input}]
"""

import platform
from dataclasses import asdict
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.commands import attempt
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_state
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.owner import find_owners
from ansible_collections.lvs.cluster.plugins.module_utils.nft.flows import Packet, blocking_rule, read_ruleset
from ansible_collections.lvs.cluster.plugins.module_utils.preflight import network
from ansible_collections.lvs.cluster.plugins.module_utils.preflight.host import Reader, has_lro
from ansible_collections.lvs.cluster.plugins.module_utils.preflight.vrrp import Listener

LISTEN_SECONDS = 2.5
"""Two adverts at the usual interval of a second."""

TEXT = {"type": "str"}
NAMES = {"type": "list", "elements": "str", "default": []}
ARGUMENTS: dict[str, Any] = {
    "modules": NAMES,
    "sysctls": NAMES,
    "destinations": NAMES,
    "ask_for": NAMES,
    "listen_at": NAMES,
    "programs": NAMES,
    "packets": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "check": {"type": "str", "required": True},
            "what": {"type": "str", "required": True},
            "hook": {"type": "str", "choices": ["input", "forward"], "default": "input"},
            "family": {"type": "int", "choices": [4, 6], "required": True},
            "protocol": TEXT,
            "source": TEXT,
            "destination": TEXT,
            "sport": {"type": "int"},
            "dport": {"type": "int"},
            "state": TEXT,
        },
    },
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wanted, release = module.params, platform.release()
    run = partial(attempt, module)
    reader = Reader(run, release)
    interfaces = network.interfaces(
        module.run_command(["ip", "-json", "-details", "address", "show"], check_rc=True)[1]
    )
    listeners = [] if reader.runs_keepalived() else _listen(interfaces, wanted["listen_at"])
    for interface in interfaces:
        interface["lro"] = has_lro(interface["name"])
        interface["settings"] = reader.interface_settings(interface["name"])
    owner = find_owners().services
    if owner and owner.name == "ldirectord" and read_state("ldirectord"):
        owner = None
    module.exit_json(
        changed=False,
        kernel=release,
        modules_folder=reader.has_modules_folder(),
        modules=reader.module_states(wanted["modules"]),
        unknown_sysctls=reader.unknown_sysctls(wanted["sysctls"]),
        conntrack_max=reader.number("net/netfilter/nf_conntrack_max"),
        connection_buckets=reader.connection_buckets(),
        traces=reader.traces(),
        systemd=reader.has_systemd(),
        keepalived=reader.keepalived_version(),
        programs=reader.program_states(wanted["programs"]),
        firewalls=reader.firewalls(),
        flushes_nftables=reader.flushes_nftables(),
        ipvs_owner=owner.name if owner else None,
        interfaces=interfaces,
        routes=_routes(run, wanted["destinations"]),
        default_routes=network.default_routes(
            *(run(["ip", "-json", family, "route", "show", "default"])[1] for family in ("-4", "-6"))
        ),
        answers=reader.answers(wanted["ask_for"]),
        blocked=_blocked(run, wanted["packets"]),
        vrrp=[asdict(advert) for listener in listeners for advert in listener.adverts(LISTEN_SECONDS)],
    )


def _listen(interfaces: list[dict[str, Any]], addresses: list[str]) -> list[Listener]:
    """Listen on the interfaces that have one of `addresses`."""
    own = {interface["name"]: {text.partition("/")[0] for text in interface["addresses"]} for interface in interfaces}
    return [Listener(name) for name, texts in own.items() if texts & set(addresses)]


def _routes(run: Any, destinations: list[str]) -> dict[str, dict[str, Any]]:
    """The routes to `destinations`, by one process."""
    if not destinations:
        return {}
    return network.routes(run(["ip", "-json", "-force", "-batch", "-"], data=network.batch(destinations))[1])


def _blocked(run: Any, packets: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The packets that nftables drops for certain."""
    if not packets:
        return []
    ruleset = read_ruleset(run(["nft", "--json", "list", "ruleset"])[1])
    found = []
    for wanted in packets:
        about = {key: wanted[key] for key in ("check", "what")}
        rule = blocking_rule(ruleset, Packet(**{key: value for key, value in wanted.items() if key not in about}))
        if rule:
            found.append({**about, "by": rule})
    return found


if __name__ == "__main__":
    main()
