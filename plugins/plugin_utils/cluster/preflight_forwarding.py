# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the forwarding method of a service, and its fwmark, need and exclude."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ports import MOST_PORTS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import family
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import ClusterVariables
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Service
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import methods
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.sysctls import PREFIX

CHECKSUMS = {"ipip": ("nocsum",), "gre": ("nocsum",), "gue": ("nocsum", "csum", "remcsum")}
"""Type of tunnel -> its checksums.

IPVS also sends gre with csum (ip_vs_xmit.c), but gre0 of a real server drops all packets that have one (ip_tunnel_rcv).
"""

GATEWAYS = {4: "198.51.100.1", 6: "2001:db8:2::1"}


def check_gateways(variables: ClusterVariables, problems: Problems) -> None:
    """Check that there is at most one NAT gateway of each family."""
    versions = [family(gateway) for gateway in variables.nat_gateway]
    for version in sorted(set(versions)):
        if versions.count(version) > 1:
            problems.add("lvs_nat_gateway", f"there are several IPv{version} addresses", "write one of each family")


def check_forwarding(service: Service, variables: ClusterVariables, problems: Problems) -> None:
    """Check what `service` needs for its forwarding methods."""
    used = methods(service)
    if service.fwmark is None and len(service.port) > MOST_PORTS:
        what = f"{len(service.port)} ports would be as many IPVS services for each VIP; {MOST_PORTS} are the most"
        problems.add(f"{service.where}.port", what, "join them to one service by a fwmark, such as fwmark: 1")
    if "nat" in used:
        _check_nat(service, variables, problems)
    if "fullnat" in used and dict(variables.sysctl).get(f"{PREFIX}conntrack") == 0:
        what = f"it is 0, and {service.name} is forwarded by fullnat, which needs it"
        problems.add(f"lvs_sysctl['{PREFIX}conntrack']", what, "leave it out")
    _check_tunnel(service, used, problems)


def _check_nat(service: Service, variables: ClusterVariables, problems: Problems) -> None:
    gateways = {family(gateway) for gateway in variables.nat_gateway}
    for version in sorted({family(vip) for vip in service.vip} - gateways):
        fix = f"write an address of the real servers' network, such as {GATEWAYS[version]}, or forwarding: fullnat"
        what = (
            f"there is no IPv{version} one, by which the answers of {service.name} (forwarding nat) have to come back"
        )
        problems.add("lvs_nat_gateway", what, fix)


def _check_tunnel(service: Service, used: set[str], problems: Problems) -> None:
    tunnel = service.tunnel
    if tunnel is None:
        return
    where = f"{service.where}.tunnel"
    if "tun" not in used:
        what = f"the service is forwarded by {service.forwarding}"
        problems.add(where, what, "leave it out, or write forwarding: tun")
    if tunnel.port is not None and tunnel.type != "gue":
        problems.add(f"{where}.port", f"{tunnel.type} has no port", "leave it out, or write type: gue")
    allowed = CHECKSUMS[tunnel.type]
    if tunnel.checksum is not None and tunnel.checksum not in allowed:
        what = f"real servers cannot unwrap {tunnel.type} with {tunnel.checksum}"
        problems.add(f"{where}.checksum", what, f"write {' or '.join(allowed)}")
