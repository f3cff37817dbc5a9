# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct
from ipaddress import IPv4Address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.probe.arp import pack_question, unpack_answer
from hypothesis import given
from hypothesis import strategies as st

VIP = IPv4Address("192.0.2.100")
OWN = IPv4Address("192.0.2.41")
OWN_MAC = bytes.fromhex("5254000000 41")
LB1 = bytes.fromhex("525400000001")


def reply(mac=LB1, sender=VIP, operation=2, hardware=1):
    return (
        OWN_MAC
        + mac
        + b"\x08\x06"
        + struct.pack("!HHBBH", hardware, 0x0800, 6, 4, operation)
        + mac
        + sender.packed
        + OWN_MAC
        + OWN.packed
        + bytes(18)  # the padding of the shortest Ethernet frame
    )


def test_a_request_asks_everybody():
    assert pack_question(OWN_MAC, OWN, VIP) == (
        b"\xff\xff\xff\xff\xff\xff"
        + OWN_MAC
        + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01"
        + OWN_MAC
        + OWN.packed
        + bytes(6)
        + VIP.packed
    )


def test_a_reply_says_who():
    assert unpack_answer(reply(), VIP) == LB1


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        reply()[:41],
        reply(operation=1),
        reply(sender=OWN),
        reply(hardware=6),
    ],
)
def test_anything_else_is_not_for_us(frame):
    assert unpack_answer(frame, VIP) is None


@given(st.binary(max_size=80))
def test_random_bytes(frame):
    unpack_answer(frame, VIP)
