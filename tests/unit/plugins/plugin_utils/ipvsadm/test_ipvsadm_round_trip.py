# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rendered is parsed as it was; what ipvsadm saved is rendered as it was; garbage raises our own error only."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Address,
    AddressKey,
    FullService,
    FwmarkKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    ServiceKey,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.rules import render
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.uapi import flag_names
from ansible_collections.lvs.cluster.plugins.plugin_utils.ipvsadm.parse import IpvsadmError, parse
from hypothesis import given
from hypothesis import strategies as st

# `ipvsadm --save --numeric` of ipvsadm 1.31 on Linux 7.2
SAVED = """\
-A -t 192.0.2.1:80 -s mh -p 300 -M 255.255.0.0 -b mh-fallback,mh-port
-a -t 192.0.2.1:80 -r 192.0.2.21:80 -i -w 0 --tun-type gue --tun-port 6080 --tun-csum
-a -t 192.0.2.1:80 -r 192.0.2.22:80 -i -w 1 --tun-type gre --tun-nocsum
-a -t 192.0.2.1:80 -r 192.0.2.23:80 -i -w 1 --tun-type gue --tun-port 7 --tun-remcsum
-a -t 192.0.2.1:80 -r [2001:db8::7]:80 -i -w 1 --tun-type ipip
-A -t 192.0.2.2:0 -s none -p 360
-A -u 192.0.2.2:8 -s rr -o
-A -u 192.0.2.2:92 -s rr --pe sip
-A --sctp-service 192.0.2.2:5 -s wlc
-A -u [2001:db8::5]:53 -s rr -p 10 -M 64 --pe sip -o
-a -u [2001:db8::5]:53 -r [2001:db8::6]:54 -m -w 1
-A -f 7 -s rr -p 1 -b flag-1,flag-2
-a -f 7 -r 192.0.2.21:99 -m -w 70000
-A -f 7 -6 -s sh -b sh-port
-a -f 7 -6 -r [2001:db8::1]:0 -m -w 1
"""

ports = st.integers(0, 65535)
addresses: st.SearchStrategy[Address] = st.ip_addresses()
keys: st.SearchStrategy[ServiceKey] = st.one_of(
    st.builds(AddressKey, st.sampled_from(["tcp", "udp", "sctp"]), addresses, ports),
    st.builds(FwmarkKey, st.integers(1, 2**32 - 1), st.sampled_from(["ipv4", "ipv6"])),
)
tunnels = st.one_of(
    st.builds(Tunnel, st.just("ipip"), st.just(0), st.just("nocsum")),
    st.builds(Tunnel, st.just("gre"), st.just(0), st.sampled_from(["nocsum", "csum"])),
    st.builds(Tunnel, st.just("gue"), st.integers(1, 65535), st.sampled_from(["nocsum", "csum", "remcsum"])),
)


@st.composite
def services(draw: st.DrawFn) -> Service:
    key = draw(keys)
    is_ipv6 = key.vip.version == 6 if isinstance(key, AddressKey) else key.family == "ipv6"
    persistence = st.builds(
        Persistence,
        timeout=st.integers(1, 31 * 24 * 3600),
        netmask=st.none() if is_ipv6 else st.ip_addresses(v=4),
        prefix=st.integers(1, 128) if is_ipv6 else st.none(),
        engine=st.sampled_from([None, "sip"]),
    )
    scheduler = draw(st.sampled_from(["rr", "wlc", "sh", "mh", "none"]))
    flags = flag_names(draw(st.integers(0, 7)) << 3, scheduler)
    return Service(key, scheduler, flags, draw(st.none() | persistence), draw(st.booleans()))


@st.composite
def servers(draw: st.DrawFn, service: ServiceKey) -> Server:
    forwarding = draw(st.sampled_from(["nat", "dr", "tun"]))
    is_fixed = forwarding != "nat" and isinstance(service, AddressKey)
    return Server(
        key=ServerKey(draw(addresses), service.port if is_fixed and isinstance(service, AddressKey) else draw(ports)),
        forwarding=forwarding,
        weight=draw(st.integers(0, 2**31 - 1)),
        upper_threshold=draw(st.integers(0, 2**31 - 1)),
        lower_threshold=draw(st.integers(0, 2**31 - 1)),
        tunnel=draw(tunnels) if forwarding == "tun" else None,
    )


@st.composite
def full_services(draw: st.DrawFn) -> FullService:
    service = draw(services())
    own = draw(st.lists(servers(service.key), max_size=3, unique_by=lambda server: server.key))
    return FullService(service, tuple(own))


tables = st.lists(full_services(), max_size=4, unique_by=lambda full: full.service.key).map(tuple)


@given(tables)
def test_what_is_rendered_is_parsed_as_it_was(table: tuple[FullService, ...]) -> None:
    assert parse(render(table)) == table


def test_what_ipvsadm_saved_is_rendered_as_it_was() -> None:
    assert render(parse(SAVED)) == SAVED


def test_what_ipvsadm_loses_is_rendered_too() -> None:
    key = FwmarkKey(2**32 - 1, "ipv4")
    server = Server(ServerKey(IPv4Address("192.0.2.2"), 0), "dr", 1, 9, 5, None)
    assert render([FullService(Service(key, "sh", ("sh-port", "flag-3"), None, False), (server,))]) == (
        "-A -f 4294967295 -s sh -b sh-port,flag-3\n-a -f 4294967295 -r 192.0.2.2:0 -g -w 1 -x 9 -y 5\n"
    )


words = st.sampled_from([*SAVED.split(), "-A", "-a", "-r", "--", "-", "--=", "-f", "-9", "=", ":", "[", "]", "\u0663"])


@given(st.one_of(st.text(), st.lists(st.lists(words).map(" ".join)).map("\n".join)))
def test_garbage_raises_our_own_error_only(text: str) -> None:
    try:
        parse(text)
    except IpvsadmError as error:
        assert all(line.startswith(("line ", "and ")) for line in str(error).splitlines())  # noqa: PT017
    else:
        assert "-A" in text or "--add-service" in text or not parse(text)


@pytest.mark.parametrize("netmask", ["255.255.255.255", "0.0.0.0"])
def test_only_a_mask_that_is_not_the_default_is_rendered(netmask: str) -> None:
    persistence = Persistence(5, IPv4Address(netmask), None, None)
    line = render([FullService(Service(FwmarkKey(1, "ipv4"), "rr", (), persistence, False), ())])
    assert line == "-A -f 1 -s rr -p 5" + ("" if netmask == "255.255.255.255" else " -M 0.0.0.0") + "\n"
