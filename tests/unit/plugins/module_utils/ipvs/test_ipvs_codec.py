# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import codec, encode
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError, MalformedMessageError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    Counters,
    FwmarkKey,
    KernelInfo,
    Persistence,
    Server,
    ServerKey,
    ServerState,
    Service,
    SyncDaemon,
    Timeouts,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import pack_attribute, unpack_attributes
from hypothesis import given
from hypothesis import strategies as st

WEB = AddressKey("tcp", IPv4Address("192.0.2.100"), 80)
COUNTERS = Counters(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)


def u8(number):
    return struct.pack("=B", number)


def u16(number):
    return struct.pack("=H", number)


def be16(number):
    return struct.pack(">H", number)


def u32(number):
    return struct.pack("=I", number)


def u64(number):
    return struct.pack("=Q", number)


def address(text):
    """Return an address as the kernel sends it: a union of 16 bytes."""
    return ip_address(text).packed.ljust(16, b"\0")


def pack(attributes):
    return b"".join(pack_attribute(kind, value) for kind, value in attributes.items())


def stats64(*values):
    """Return statistics as kernels since 4.1 send them, with the padding attribute that aligns 64-bit values."""
    return pack_attribute(11, b"") + pack({number: u64(value) for number, value in enumerate(values, 1)})


def service(without=(), **changes):
    """Return the message of a plain service; `changes` by attribute number as _5=value, `without` leaves some out."""
    attributes = {
        1: u16(2),
        2: u16(6),
        3: address("192.0.2.100"),
        4: be16(80),
        6: b"wlc\0",
        7: u32(0x2) + u32(0xFFFFFFFF),
        8: u32(0),
        9: b"\xff\xff\xff\xff",
        10: pack({number: u32(0) for number in range(1, 11)}),
        12: stats64(*range(1, 11)),
    }
    return message(1, attributes, without, changes)


def server(without=(), **changes):
    attributes = {
        1: address("192.0.2.21"),
        2: be16(80),
        3: u32(3),
        4: u32(1),
        5: u32(0),
        6: u32(0),
        7: u32(4),
        8: u32(5),
        9: u32(6),
        10: pack({number: u32(0) for number in range(1, 11)}),
        11: u16(2),
        12: stats64(*range(1, 11)),
        13: u8(0),
        14: be16(0),
        15: u16(0),
    }
    return message(2, attributes, without, changes)


def daemon(without=(), **changes):
    attributes = {
        1: u32(1),
        2: b"eth0\0",
        3: u32(51),
        4: u16(1472),
        5: ip_address("224.0.0.81").packed,
        7: u16(8848),
        8: u8(1),
    }
    return message(3, attributes, without, changes)


def message(kind, attributes, without, changes):
    attributes.update({int(name[1:]): value for name, value in changes.items()})
    for number in without:
        del attributes[number]
    return unpack_attributes(pack_attribute(kind, pack(attributes)))


def decode_service(**changes):
    return codec.decode_service(service(**changes)).service


def decode_server(key=WEB, **changes):
    return codec.decode_server(server(**changes), key).server


class TestServices:
    def test_a_plain_service(self):
        entry = codec.decode_service(service())
        assert entry.service == Service(WEB, "wlc", flags=(), persistence=None, one_packet=False)
        assert entry.counters == COUNTERS
        assert entry.servers == ()

    def test_an_ipv6_service(self):
        key = decode_service(_1=u16(10), _3=address("2001:db8::100")).key
        assert key == AddressKey("tcp", IPv6Address("2001:db8::100"), 80)
        assert str(key) == "tcp [2001:db8::100]:80"

    @pytest.mark.parametrize(("number", "name"), [(6, "tcp"), (17, "udp"), (132, "sctp"), (99, "99"), (0, "0")])
    def test_protocols(self, number, name):
        assert decode_service(_2=u16(number)).key.protocol == name

    @pytest.mark.parametrize(("family", "name"), [(2, "ipv4"), (10, "ipv6")])
    def test_a_firewall_mark_comes_without_protocol_address_and_port(self, family, name):
        key = decode_service(without=(2, 3, 4), _1=u16(family), _5=u32(7)).key
        assert key == FwmarkKey(7, name)
        assert str(key) == f"fwmark 7 {name}"

    def test_port_0_is_a_port(self):
        assert decode_service(_4=be16(0)).key.port == 0

    @pytest.mark.parametrize(
        ("scheduler", "flags", "names"),
        [
            (b"rr\0", 0x02, ()),
            (b"rr\0", 0x3A, ("flag-1", "flag-2", "flag-3")),
            (b"sh\0", 0x18, ("sh-fallback", "sh-port")),
            (b"sh\0", 0x10, ("sh-port",)),
            (b"sh\0", 0x20, ("flag-3",)),
            (b"mh\0", 0x1A, ("mh-fallback", "mh-port")),
            (b"wlc\0", 0x80000042, ("0x40", "0x80000000")),
        ],
    )
    def test_flags_of_schedulers(self, scheduler, flags, names):
        assert decode_service(_6=scheduler, _7=u32(flags) + u32(0xFFFFFFFF)).flags == names

    def test_one_packet(self):
        service = decode_service(_7=u32(0x6) + u32(0xFFFFFFFF))
        assert service.one_packet
        assert service.flags == ()

    def test_ipv4_persistence_has_a_mask(self):
        found = decode_service(_7=u32(0x3) + u32(0xFFFFFFFF), _8=u32(300), _9=b"\xff\xff\xff\x00").persistence
        assert found == Persistence(300, IPv4Address("255.255.255.0"), None, None)

    def test_a_mask_need_not_be_contiguous(self):
        found = decode_service(_7=u32(0x3) + u32(0xFFFFFFFF), _9=b"\xff\x00\xff\x00").persistence
        assert found.netmask == IPv4Address("255.0.255.0")

    @pytest.mark.parametrize("key", [{"_3": address("2001:db8::100")}, {"without": (2, 3, 4), "_5": u32(7)}])
    def test_ipv6_persistence_has_a_prefix_in_host_order(self, key):
        found = decode_service(_1=u16(10), _7=u32(0x3) + u32(0), _8=u32(60), _9=u32(64), **key).persistence
        assert found == Persistence(60, None, 64, None)

    def test_a_persistence_engine(self):
        found = decode_service(_7=u32(0x3) + u32(0), _8=u32(60), _11=b"sip\0").persistence
        assert found == Persistence(60, IPv4Address("255.255.255.255"), None, "sip")

    def test_an_engine_without_persistence_is_not_lost(self):
        assert decode_service(_8=u32(360), _11=b"sip\0").persistence == Persistence(
            0, IPv4Address("255.255.255.255"), None, "sip"
        )

    def test_the_timeout_of_a_service_that_is_not_persistent_means_nothing(self):
        assert decode_service(_8=u32(360)).persistence is None

    def test_counters_of_a_kernel_without_64_bit_statistics(self):
        narrow = {number: u32(number) for number in range(1, 11)}
        narrow[4], narrow[5] = u64(4), u64(5)
        assert codec.decode_service(service(without=(12,), _10=pack(narrow))).counters == COUNTERS

    def test_counters_beyond_32_bits(self):
        counters = codec.decode_service(service(_12=stats64(2**40, *range(2, 11)))).counters
        assert counters.connections == 2**40

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"without": (1,)}, "attribute 1 is missing"),
            ({"without": (3,)}, "attribute 3 is missing"),
            ({"without": (10, 12)}, "attribute 10 is missing"),
            ({"_1": u16(17)}, "address family 17"),
            ({"_1": b"\2\0\0"}, "attribute 1 is a number of 3 bytes"),
            ({"_3": b"\1\2\3"}, "attribute 3 is an address of 3 bytes"),
            ({"_4": b"\1"}, "attribute 4 is a port of 1 bytes"),
            ({"_7": u32(1)}, "the flags of a service have 4 bytes"),
            ({"_7": u32(1) + u32(0), "_9": b"\xff"}, "the persistence mask of a service has 1 bytes"),
        ],
    )
    def test_what_cannot_be_read(self, changes, problem):
        with pytest.raises(MalformedMessageError, match=problem):
            decode_service(**changes)

    def test_a_message_without_a_service(self):
        with pytest.raises(MalformedMessageError, match="attribute 1 is missing"):
            codec.decode_service({})


class TestServers:
    def test_a_plain_server(self):
        entry = codec.decode_server(server(), WEB)
        assert entry.server == Server(ServerKey(IPv4Address("192.0.2.21"), 80), "dr", 1, 0, 0, None)
        assert entry.state == ServerState(COUNTERS, active=4, inactive=5, persistent=6)

    @pytest.mark.parametrize(
        ("method", "name"), [(0, "nat"), (1, "local"), (3, "dr"), (4, "bypass"), (7, "7"), (0x100 | 3, "dr")]
    )
    def test_forwarding(self, method, name):
        found = decode_server(_3=u32(method))
        assert found.forwarding == name
        assert found.tunnel is None

    @pytest.mark.parametrize(
        ("kind", "port", "flags", "tunnel"),
        [
            (0, 0, 0, Tunnel("ipip", 0, "nocsum")),
            (1, 6080, 1, Tunnel("gue", 6080, "csum")),
            (1, 6080, 2, Tunnel("gue", 6080, "remcsum")),
            (2, 0, 1, Tunnel("gre", 0, "csum")),
            (9, 0, 3, Tunnel("9", 0, "3")),
        ],
    )
    def test_tunnels(self, kind, port, flags, tunnel):
        assert decode_server(_3=u32(2), _13=u8(kind), _14=be16(port), _15=u16(flags)).tunnel == tunnel

    def test_a_tunnel_of_an_old_kernel_is_ipip(self):
        assert decode_server(without=(13, 14, 15), _3=u32(2)).tunnel == Tunnel("ipip", 0, "nocsum")

    def test_weights_and_thresholds(self):
        found = decode_server(_4=u32(0), _5=u32(200), _6=u32(100))
        assert (found.weight, found.upper_threshold, found.lower_threshold) == (0, 200, 100)
        assert decode_server(_4=u32(2**31 - 1)).weight == 2**31 - 1
        assert decode_server(_4=struct.pack("=i", -1)).weight == -1

    def test_a_server_may_have_another_family_than_its_service(self):
        found = decode_server(_1=address("2001:db8::21"), _11=u16(10), _3=u32(2))
        assert found.key == ServerKey(IPv6Address("2001:db8::21"), 80)

    @pytest.mark.parametrize("key", [AddressKey("tcp", IPv6Address("2001:db8::100"), 80), FwmarkKey(7, "ipv6")])
    def test_an_old_kernel_leaves_the_family_to_the_service(self, key):
        found = decode_server(key=key, without=(11,), _1=address("2001:db8::21"))
        assert found.key.address == IPv6Address("2001:db8::21")


class TestTheRest:
    def test_a_sync_daemon(self):
        assert codec.decode_sync_daemon(daemon()) == SyncDaemon(
            "master", "eth0", 51, 1472, IPv4Address("224.0.0.81"), 8848, 1
        )

    def test_a_sync_daemon_with_an_ipv6_group(self):
        found = codec.decode_sync_daemon(daemon(without=(5,), _6=address("ff02::81"), _1=u32(2)))
        assert (found.role, found.group) == ("backup", IPv6Address("ff02::81"))

    def test_a_sync_daemon_of_an_old_kernel(self):
        assert codec.decode_sync_daemon(daemon(without=(4, 5, 7, 8), _3=u32(0))) == SyncDaemon(
            "master", "eth0", 0, None, None, None, None
        )

    def test_timeouts(self):
        assert codec.decode_timeouts({4: u32(900), 5: u32(120), 6: u32(300)}) == Timeouts(900, 120, 300)

    def test_kernel_info(self):
        assert codec.decode_kernel_info({1: u32(0x010201), 2: u32(4096)}, "6.12.57") == KernelInfo(
            "1.2.1", 4096, "6.12.57"
        )

    def test_text_that_is_no_text_is_shown(self):
        assert decode_service(_6=b"w\xfflc").scheduler == "w\\xfflc"


class TestKeysInRequests:
    @pytest.mark.parametrize(
        ("key", "attributes"),
        [
            (WEB, {1: u16(2), 2: u16(6), 3: address("192.0.2.100"), 4: be16(80)}),
            (
                AddressKey("sctp", IPv6Address("2001:db8::1"), 0),
                {1: u16(10), 2: u16(132), 3: address("2001:db8::1"), 4: be16(0)},
            ),
            (
                AddressKey("99", IPv4Address("192.0.2.1"), 1),
                {1: u16(2), 2: u16(99), 3: address("192.0.2.1"), 4: be16(1)},
            ),
            (FwmarkKey(7, "ipv4"), {1: u16(2), 5: u32(7)}),
            (FwmarkKey(2**32 - 1, "ipv6"), {1: u16(10), 5: u32(2**32 - 1)}),
        ],
    )
    def test_exact_bytes(self, key, attributes):
        assert encode.encode_service_key(key) == pack_attribute(1, pack(attributes))

    ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
    KEYS = st.one_of(
        st.builds(AddressKey, st.sampled_from(["tcp", "udp", "sctp", "0", "50"]), ADDRESSES, st.integers(0, 65535)),
        st.builds(FwmarkKey, st.integers(1, 2**32 - 1), st.sampled_from(["ipv4", "ipv6"])),
    )

    @given(KEYS)
    def test_a_key_survives_encoding(self, key):
        identity = unpack_attributes(unpack_attributes(encode.encode_service_key(key))[1])
        plain = unpack_attributes(service(without=(1, 2, 3, 4))[1])
        assert codec.decode_service({1: pack({**plain, **identity})}).service.key == key


READERS = (
    codec.decode_service,
    lambda attributes: codec.decode_server(attributes, WEB),
    codec.decode_sync_daemon,
    codec.decode_timeouts,
    lambda attributes: codec.decode_kernel_info(attributes, "6.12.57"),
)
TOP = st.dictionaries(st.integers(1, 6), st.binary(max_size=60))
NESTED = st.dictionaries(st.integers(1, 16), st.binary(max_size=20)).map(pack)


@pytest.mark.parametrize("reader", READERS)
@given(TOP)
def test_random_bytes_raise_nothing_but_our_own_error(reader, attributes):
    with suppress(IpvsError):
        reader(attributes)


@pytest.mark.parametrize("reader", READERS)
@given(st.dictionaries(st.integers(1, 3), NESTED))
def test_random_attributes_raise_nothing_but_our_own_error(reader, attributes):
    with suppress(IpvsError):
        reader(attributes)


@given(st.integers(1, 15), st.binary(max_size=20))
def test_one_damaged_attribute_raises_nothing_but_our_own_error(number, damage):
    changed = {f"_{number}": damage}
    with suppress(IpvsError):
        codec.decode_service(service(**changed))
    with suppress(IpvsError):
        codec.decode_server(server(**changed), WEB)
