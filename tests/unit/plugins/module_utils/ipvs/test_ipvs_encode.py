# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import codec, encode
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FwmarkKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    SyncDaemon,
    Timeouts,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import pack_attribute, unpack_attributes
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs import strategies
from hypothesis import given
from hypothesis import strategies as st

WEB = AddressKey("tcp", IPv4Address("192.0.2.100"), 80)
WEB6 = AddressKey("udp", IPv6Address("2001:db8::100"), 53)
PLAIN = Service(WEB, "wlc", (), None, one_packet=False)
SERVER = Server(ServerKey(IPv4Address("192.0.2.21"), 80), "dr", 1, 0, 0, None)


def u16(number):
    return struct.pack("=H", number)


def u32(number):
    return struct.pack("=I", number)


def address(text):
    return ip_address(text).packed.ljust(16, b"\0")


def service_attributes(service):
    return unpack_attributes(unpack_attributes(encode.encode_service(service))[1])


def server_attributes(server):
    return unpack_attributes(unpack_attributes(encode.encode_server(server))[2])


def changed(thing, **changes):
    return type(thing)(**{**thing.__dict__, **changes})


def test_a_plain_service():
    assert service_attributes(PLAIN) == {
        1: u16(2),
        2: u16(6),
        3: address("192.0.2.100"),
        4: b"\0\x50",
        6: b"wlc\0",
        7: u32(0) + u32(0xFFFFFFFF),
        8: u32(0),
        9: b"\xff\xff\xff\xff",
    }


def test_a_service_by_mark_has_no_protocol_address_and_port():
    assert service_attributes(changed(PLAIN, key=FwmarkKey(7, "ipv6"))) == {
        1: u16(10),
        5: u32(7),
        6: b"wlc\0",
        7: u32(0) + u32(0xFFFFFFFF),
        8: u32(0),
        9: u32(128),
    }


def test_a_mark_of_0_is_never_sent():
    assert 5 not in service_attributes(PLAIN)


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, 0),
        ({"one_packet": True}, 4),
        ({"persistence": Persistence(300, IPv4Address("255.255.255.255"), None, None)}, 1),
        ({"scheduler": "sh", "flags": ("sh-fallback", "sh-port")}, 0x18),
        ({"scheduler": "mh", "flags": ("mh-port",)}, 0x10),
        ({"flags": ("flag-1", "flag-2", "flag-3", "0x40")}, 0x78),
    ],
)
def test_flags_replace_all_that_were_there_and_never_have_hashed(changes, flags):
    assert service_attributes(changed(PLAIN, **changes))[7] == u32(flags) + u32(0xFFFFFFFF)


def test_persistence_of_ipv4():
    persistence = Persistence(300, IPv4Address("255.255.255.0"), None, "sip")
    attributes = service_attributes(changed(PLAIN, persistence=persistence))
    assert (attributes[8], attributes[9], attributes[11]) == (u32(300), b"\xff\xff\xff\0", b"sip\0")


def test_persistence_of_ipv6_has_its_prefix_in_host_order():
    attributes = service_attributes(changed(PLAIN, key=WEB6, persistence=Persistence(300, None, 64, None)))
    assert (attributes[8], attributes[9]) == (u32(300), u32(64))
    assert 11 not in attributes


def test_an_engine_without_persistence_stays_what_it_is():
    odd = changed(PLAIN, persistence=Persistence(0, IPv4Address("255.255.255.255"), None, "sip"))
    assert service_attributes(odd)[7][:4] == u32(0)


def test_a_plain_server():
    assert server_attributes(SERVER) == {
        1: address("192.0.2.21"),
        2: b"\0\x50",
        3: u32(3),
        4: u32(1),
        5: u32(0),
        6: u32(0),
        11: u16(2),
    }


def test_a_server_behind_a_tunnel():
    tunnel = Tunnel("gue", 6080, "remcsum")
    there = changed(SERVER, key=ServerKey(IPv6Address("2001:db8::21"), 80), forwarding="tun", tunnel=tunnel)
    attributes = server_attributes(there)
    assert (attributes[1], attributes[3], attributes[11]) == (address("2001:db8::21"), u32(2), u16(10))
    assert (attributes[13], attributes[14], attributes[15]) == (b"\1", b"\x17\xc0", u16(2))


def test_the_identity_of_a_server():
    assert encode.encode_server_key(SERVER.key) == pack_attribute(
        2,
        pack_attribute(1, address("192.0.2.21")) + pack_attribute(2, b"\0\x50") + pack_attribute(11, u16(2)),
    )


def test_timeouts():
    assert unpack_attributes(encode.encode_timeouts(Timeouts(900, 120, 300))) == {4: u32(900), 5: u32(120), 6: u32(300)}


def test_what_a_daemon_leaves_to_the_kernel_is_not_sent():
    sent = encode.encode_sync_daemon(SyncDaemon("backup", "eth0", 0, None, None, None, None))
    assert unpack_attributes(unpack_attributes(sent)[3]) == {1: u32(2), 2: b"eth0\0", 3: u32(0)}


def test_the_port_of_a_daemon_is_in_host_order():
    sent = encode.encode_sync_daemon(SyncDaemon("master", "eth0", 1, 1400, IPv4Address("224.0.0.81"), 8848, 3))
    assert unpack_attributes(unpack_attributes(sent)[3])[7] == u16(8848)


@given(strategies.services())
def test_a_service_survives_encoding(service):
    assert codec.decode_service_config(unpack_attributes(encode.encode_service(service))) == service


@given(st.data(), strategies.KEYS)
def test_a_server_survives_encoding(data, key):
    server = data.draw(strategies.servers(key))
    assert codec.decode_server_config(unpack_attributes(encode.encode_server(server)), key) == server


@given(strategies.DAEMONS)
def test_a_daemon_survives_encoding(daemon):
    assert codec.decode_sync_daemon(unpack_attributes(encode.encode_sync_daemon(daemon))) == daemon


@given(st.builds(Timeouts, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)))
def test_timeouts_survive_encoding(timeouts):
    assert codec.decode_timeouts(unpack_attributes(encode.encode_timeouts(timeouts))) == timeouts
