# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

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
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.rules import render
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import SCHEDULERS
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.ipvsadm import NOT_SAVED
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.model import Mark
from ansible_collections.lvs.cluster.plugins.plugin_utils.ipvsadm.parse import parse
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import (
    as_table,
    imported,
    plan_services,
)
from hypothesis import given, settings
from hypothesis import strategies as st

VIPS = {
    4: [IPv4Address(f"198.51.100.{number}") for number in (1, 2)],
    6: [IPv6Address(f"2001:db8:1::{number}") for number in (1, 2)],
}
SERVERS = {
    4: [IPv4Address(f"192.0.2.{number}") for number in (21, 22, 23)],
    6: [IPv6Address(f"2001:db8::{number}") for number in (21, 22)],
}
MARKS = {
    7: Mark(("198.51.100.7",), (80, 443)),
    8: Mark(("2001:db8:1::8",), (5000,), "udp"),
}
PORTS = st.integers(1, 65535)
TUNNELS = st.sampled_from(
    [Tunnel("ipip", 0, "nocsum"), Tunnel("gre", 0, "nocsum"), Tunnel("gue", 6080, "csum"), Tunnel("gue", 7, "nocsum")]
)
FLAGS = {
    "sh": [(), ("sh-fallback",), ("sh-fallback", "sh-port")],
    "mh": [(), ("mh-port",)],
    "rr": [(), ("flag-1", "flag-3")],
}
KEYS = st.sampled_from([FwmarkKey(7, "ipv4"), FwmarkKey(8, "ipv6")]) | st.builds(
    AddressKey, st.sampled_from(("tcp", "udp", "sctp")), st.sampled_from(VIPS[4] + VIPS[6]), PORTS
)


@st.composite
def persistences(draw, protocol, version):
    """Persistence as the declaration takes it."""
    engine = draw(st.sampled_from((None, "sip"))) if protocol == "udp" else None
    timeout = draw(st.integers(1, 31 * 86400))
    if version == 6:
        return Persistence(timeout, None, draw(st.integers(1, 128)), engine)
    masks = st.sampled_from(("255.255.255.255", "255.255.255.0", "128.0.0.0")).map(IPv4Address)
    return Persistence(timeout, draw(masks), None, engine)


@st.composite
def servers(draw, address, key, tunnel):
    """A server that the declaration can have; a table of ipvsadm has no others, but for what is listed as lost."""
    forwarding = draw(st.sampled_from(("dr", "nat", "tun")))
    port = 0
    if isinstance(key, AddressKey):
        port = draw(PORTS) if forwarding == "nat" else key.port
    upper = draw(st.integers(0, 1000))
    weight, lower = draw(st.integers(0, 65535)), draw(st.integers(0, upper))
    return Server(ServerKey(address, port), forwarding, weight, upper, lower, tunnel if forwarding == "tun" else None)


@st.composite
def services(draw, key):
    if isinstance(key, AddressKey):
        protocol, version = key.protocol, key.vip.version
    else:
        protocol, version = MARKS[key.fwmark].protocol, key.version
    scheduler = draw(st.sampled_from(SCHEDULERS))
    flags = draw(st.sampled_from(FLAGS.get(scheduler, [()])))
    persistence = draw(st.none() | persistences(protocol, version))
    one_packet = draw(st.booleans()) if protocol == "udp" else False
    tunnel = draw(TUNNELS)
    chosen = draw(st.lists(st.sampled_from(SERVERS[version]), min_size=1, unique=True))
    own = tuple(draw(servers(address, key, tunnel)) for address in chosen)
    # No service is up whose weights are all 0; the plan has a minimum of 1.
    return FullService(Service(key, scheduler, flags, persistence, one_packet), own)


@st.composite
def tables(draw):
    keys = draw(st.lists(KEYS, min_size=1, max_size=4, unique=True))
    return tuple(draw(services(key)) for key in keys)


@settings(max_examples=60)
@given(tables())
def test_a_table_that_was_saved_is_declared_again(table):
    text = render(table)
    assert parse(text) == table
    result = imported(text, marks=MARKS, nat_gateway=("192.0.2.1", "2001:db8::1"))
    assert result.losses == NOT_SAVED
    assert as_table(plan_services(result)) == table
