# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct
from ipaddress import IPv6Address, ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.packets import (
    Connection,
    connections,
    dump,
    echo_request,
    internet_checksum,
    is_echo_reply,
    load,
    tickle,
    unsolicited_advertisement,
)

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0801 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 1E0200C0:0801 150200C0:02F2 01 00000000:00000000 02:00000000 00000000     0        0 2 2
   2: 1F0200C0:0801 160200C0:0300 01 00000000:00000000 02:00000000 00000000     0        0 3 2
   3: 1E0200C0:0016 150200C0:9000 01 00000000:00000000 02:00000000 00000000     0        0 4 2
   4: 1E0200C0:0801 170200C0:02F3 06 00000000:00000000 02:00000000 00000000     0        0 5 2
"""
TABLE_6 = """\
  sl  local_address                         remote_address                        st
   0: B80D0120000000000000000030000000:0801 B80D0120000000000000000021000000:03E7 01
   1: 0000000000000000FFFF00001E0200C0:0801 0000000000000000FFFF0000170200C0:02F4 01
"""


def test_connections_of_clients() -> None:
    assert connections([TABLE, ""], ["192.0.2.30"], 2049) == [Connection("192.0.2.30", 2049, "192.0.2.21", 754)]


def test_connections_of_both_families() -> None:
    assert connections([TABLE, TABLE_6], ["192.0.2.30", "2001:db8::30"], 2049) == [
        Connection("192.0.2.30", 2049, "192.0.2.21", 754),
        Connection("192.0.2.30", 2049, "192.0.2.23", 756),
        Connection("2001:db8::30", 2049, "2001:db8::21", 999),
    ]


def test_connections_are_kept_in_a_file() -> None:
    found = connections([TABLE, TABLE_6], ["192.0.2.30", "2001:db8::30"], 2049)
    assert load(dump(found)) == found


@pytest.mark.parametrize("text", ["", "{", "null", "[1]", '[["x", 1, "y", 2]]', '[["192.0.2.1", 1]]'])
def test_a_broken_file_has_none(text: str) -> None:
    assert load(text) == []


@pytest.mark.parametrize(("own", "client"), [("192.0.2.30", "192.0.2.21"), ("2001:db8::30", "2001:db8::21")])
def test_tickle(own: str, client: str) -> None:
    segment = tickle(Connection(own, 2049, client, 754))
    ports, flags = struct.unpack_from("!HH", segment), segment[13]
    assert (ports, flags, len(segment)) == ((2049, 754), 0x10, 20)
    addresses = ip_address(own).packed + ip_address(client).packed
    rest = struct.pack("!BBH", 0, 6, 20) if "." in own else struct.pack("!II", 20, 6)
    assert internet_checksum(addresses + rest + segment) == 0


def test_echo_request() -> None:
    assert internet_checksum(echo_request(4, 7, 1)) == 0
    assert echo_request(4, 7, 1)[0] == 8
    assert echo_request(6, 7, 1)[:4] == b"\x80\0\0\0"


def test_echo_reply() -> None:
    reply = struct.pack("!BBHHH", 0, 0, 0, 7, 1)
    header = bytes([0x46]) + bytes(23)  # with an option
    assert is_echo_reply(4, header + reply, 7)
    assert not is_echo_reply(4, header + reply, 8)
    assert not is_echo_reply(4, header, 7)
    assert not is_echo_reply(4, b"", 7)
    assert is_echo_reply(6, b"\x81" + reply[1:], 7)
    assert not is_echo_reply(6, reply, 7)


def test_unsolicited_advertisement() -> None:
    message = unsolicited_advertisement(IPv6Address("2001:db8::30"), b"\x52\x54\0\0\0\x01")
    assert message[0] == 136
    assert message[4] == 0x20
    assert message[8:24] == IPv6Address("2001:db8::30").packed
    assert message[24:] == b"\x02\x01\x52\x54\0\0\0\x01"
