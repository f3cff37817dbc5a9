# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import gives, put through the project's own plan: the one judge of whether it can be used."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FullService,
    FwmarkKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.formats import import_text
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.model import Known

DIRECTORS = {
    "lb1": {"lvs_address": ["192.0.2.251", "2001:db8::251"]},
    "lb2": {"lvs_address": ["192.0.2.252", "2001:db8::252"]},
}


def imported(text, name=None, **known):
    """What a text is imported as."""
    return import_text(text, name, Known(**known))


def plan_services(result, hosts=None):
    """The IPVS services that the plan makes of what was imported; `hosts` are addresses that the user adds.

    :raises DeclarationError: if the schema or the checks do not take it.
    """
    return _services(result.variables, result.directors or DIRECTORS, {**result.real_servers, **(hosts or {})})


def declared_services(variables, hosts):
    """The IPVS services of a declaration."""
    return _services(variables, DIRECTORS, hosts)


def _services(variables, directors, real_servers):
    hosts = tuple(Host(name, {**variables, **own}, None) for name, own in {**directors, **real_servers}.items())
    groups = {"lvs_directors": tuple(directors), "lvs_real_servers": tuple(real_servers)}
    (cluster,) = make_plan(Inventory(hosts, groups)).clusters
    return cluster.services


def as_table(services):
    """Services of the plan as what is in the kernel."""
    return tuple(
        FullService(_service(each), tuple(_server(server) for server in each.real_servers)) for each in services
    )


def _service(planned):
    if planned.fwmark:
        key = FwmarkKey(planned.fwmark, f"ipv{planned.family}")
    else:
        key = AddressKey(planned.protocol, ip_address(planned.vip), planned.port)
    return Service(key, planned.scheduler, planned.scheduler_flags, _persistence(planned), planned.one_packet)


def _persistence(planned):
    declared = planned.persistence
    if declared is None:
        return None
    if planned.family == 6:
        return Persistence(declared.timeout, None, declared.prefix or 128, declared.engine)
    return Persistence(declared.timeout, IPv4Address(declared.netmask or "255.255.255.255"), None, declared.engine)


def _server(planned):
    return Server(
        key=ServerKey(ip_address(planned.address), planned.port),
        forwarding=planned.forwarding,
        weight=planned.weight,
        upper_threshold=planned.upper_threshold,
        lower_threshold=planned.lower_threshold,
        tunnel=Tunnel(planned.tunnel.type, planned.tunnel.port or 0, planned.tunnel.checksum)
        if planned.tunnel
        else None,
    )
