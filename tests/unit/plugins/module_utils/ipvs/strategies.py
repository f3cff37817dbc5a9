# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random value objects, such as a valid table has."""

from __future__ import annotations

from ipaddress import ip_address

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FullService,
    FwmarkKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    SyncDaemon,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.uapi import flag_names
from hypothesis import strategies as st

PORTS = st.integers(1, 65535)
IPV4 = st.ip_addresses(v=4, network="192.0.2.0/24").filter(lambda address: int(address) & 0xFF)
IPV6 = st.ip_addresses(v=6, network="2001:db8::/64").filter(lambda address: int(address) & 0xFFFF)
ENGINES = st.sampled_from([None, "sip"])
SECONDS = st.integers(1, 31 * 24 * 3600)
V4_MASKS = st.ip_addresses(v=4)
V4_PERSISTENCE = st.builds(Persistence, SECONDS, V4_MASKS, st.none(), ENGINES)
V6_PERSISTENCE = st.builds(Persistence, SECONDS, st.none(), st.integers(1, 128), ENGINES)
KEYS = st.one_of(
    st.builds(AddressKey, st.sampled_from(["tcp", "udp", "sctp"]), st.one_of(IPV4, IPV6), PORTS),
    st.builds(FwmarkKey, st.integers(1, 2**32 - 1), st.sampled_from(["ipv4", "ipv6"])),
)
TUNNELS = st.one_of(
    st.just(Tunnel("ipip", 0, "nocsum")),
    st.builds(Tunnel, st.just("gre"), st.just(0), st.sampled_from(["nocsum", "csum"])),
    st.builds(Tunnel, st.just("gue"), PORTS, st.sampled_from(["nocsum", "csum", "remcsum"])),
)
DAEMONS = st.builds(
    SyncDaemon,
    st.sampled_from(["master", "backup"]),
    st.sampled_from(["eth0", "bond0.4000"]),
    st.integers(0, 255),
    st.integers(1024, 65487),
    st.one_of(st.ip_addresses(v=4, network="224.0.0.0/24"), st.ip_addresses(v=6, network="ff02::/64")),
    PORTS,
    st.integers(1, 255),
)


@st.composite
def services(draw):
    """Return a valid service."""
    key = draw(KEYS)
    scheduler = draw(st.sampled_from(["rr", "wlc", "sh", "mh", "none"]))
    persistence = draw(st.one_of(st.none(), V4_PERSISTENCE if key.version == 4 else V6_PERSISTENCE))
    can_do_one_packet = isinstance(key, FwmarkKey) or key.protocol == "udp"
    return Service(
        key=key,
        scheduler=scheduler,
        flags=flag_names(draw(st.sampled_from([0, 8, 16, 24, 32, 56])), scheduler),
        persistence=persistence,
        one_packet=draw(st.booleans()) if can_do_one_packet else False,
    )


@st.composite
def servers(draw, key):
    """Return a valid server of the service `key`."""
    forwarding = draw(st.sampled_from(["nat", "dr", "tun"]))
    own_family, other_family = (IPV4, IPV6) if key.version == 4 else (IPV6, IPV4)
    address = draw(st.one_of(own_family, other_family) if forwarding == "tun" else own_family)
    service_port = key.port if isinstance(key, AddressKey) else 0
    upper = draw(st.integers(0, 2**31 - 1))
    return Server(
        key=ServerKey(address, draw(PORTS) if forwarding == "nat" else service_port),
        forwarding=forwarding,
        weight=draw(st.sampled_from([0, 1, 2, 65535])),
        upper_threshold=upper,
        lower_threshold=draw(st.integers(0, upper)),
        tunnel=draw(TUNNELS) if forwarding == "tun" else None,
    )


@st.composite
def full_services(draw):
    """Return a valid service with servers."""
    service = draw(services())
    found = draw(st.lists(servers(service.key), max_size=3, unique_by=lambda server: server.key))
    return FullService(service, tuple(found))


# So few that two random tables have services and servers in common.
FEW_KEYS = [
    AddressKey("tcp", ip_address("192.0.2.100"), 80),
    AddressKey("udp", ip_address("2001:db8::100"), 53),
    FwmarkKey(7, "ipv4"),
]
FEW_SERVERS = st.builds(
    Server,
    st.sampled_from([ServerKey(ip_address(f"192.0.2.{number}"), 80) for number in (21, 22, 23)]),
    st.sampled_from(["nat", "dr"]),
    st.sampled_from([0, 1, 5]),
    st.sampled_from([0, 100]),
    st.just(0),
    st.none(),
)
FEW_SERVICES = st.builds(
    FullService,
    st.builds(
        Service, st.sampled_from(FEW_KEYS), st.sampled_from(["rr", "wlc"]), st.just(()), st.none(), st.just(value=False)
    ),
    st.lists(FEW_SERVERS, max_size=3, unique_by=lambda server: server.key).map(tuple),
)
TABLES = st.lists(FEW_SERVICES, max_size=3, unique_by=lambda full: full.service.key).map(tuple)
