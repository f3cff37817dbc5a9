# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import struct
from contextlib import suppress

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import netlink
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import (
    IpvsError,
    KernelError,
    MalformedMessageError,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import (
    NLM_F_ACK,
    NLM_F_DUMP,
    NLM_F_REQUEST,
    GenericNetlink,
    Message,
    Reply,
    pack_attribute,
    pack_message,
    unpack_attributes,
    unpack_messages,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_kernel import (
    FAMILY,
    GETFAMILY,
    ack,
    answer,
    done,
)
from hypothesis import given
from hypothesis import strategies as st

COMMAND = 13
ONE, TWO = pack_attribute(1, b"one"), pack_attribute(2, b"two")


def test_an_attribute_is_length_type_value_and_padding():
    assert pack_attribute(3, b"abcde") == struct.pack("=HH", 9, 3) + b"abcde\0\0\0"


def test_attributes_are_found_by_type():
    assert unpack_attributes(ONE + TWO) == {1: b"one", 2: b"two"}
    assert unpack_attributes(b"") == {}


def test_marks_of_nesting_and_byte_order_are_no_part_of_the_type():
    assert unpack_attributes(pack_attribute(0x8000 | 1, b"nest") + pack_attribute(0x4000 | 2, b"order")) == {
        1: b"nest",
        2: b"order",
    }


def test_the_last_attribute_may_lack_its_padding():
    assert unpack_attributes(struct.pack("=HH", 5, 1) + b"x") == {1: b"x"}


def test_of_a_repeated_attribute_the_last_one_counts():
    assert unpack_attributes(pack_attribute(1, b"first") + ONE) == {1: b"one"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\x08", "an attribute is cut off"),
        (struct.pack("=HH", 3, 7), "attribute 7 claims a length of 3 bytes"),
        (struct.pack("=HH", 0, 7), "attribute 7 claims a length of 0 bytes"),
        (struct.pack("=HH", 9, 7) + b"1234", "attribute 7 claims a length of 9 bytes"),
    ],
)
def test_broken_attributes(data, problem):
    with pytest.raises(MalformedMessageError, match=problem):
        unpack_attributes(data)


@given(st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(max_size=40)), unique_by=lambda pair: pair[0]))
def test_attributes_survive_packing(pairs):
    packed = b"".join(pack_attribute(kind, value) for kind, value in pairs)
    assert len(packed) % 4 == 0
    assert unpack_attributes(packed) == dict(pairs)


def test_a_request_is_a_netlink_header_a_generic_header_and_attributes():
    assert pack_message(29, NLM_F_REQUEST, 7, COMMAND, ONE) == (
        struct.pack("=IHHII", 16 + 4 + 8, 29, 1, 7, 0) + bytes([COMMAND, 1, 0, 0]) + ONE
    )


def test_one_read_may_bring_several_messages():
    first, second = pack_message(29, 2, 7, 1, ONE), pack_message(29, 2, 8, 1, b"")
    assert list(unpack_messages(first + second)) == [
        Message(29, 2, 7, bytes([1, 1, 0, 0]) + ONE),
        Message(29, 2, 8, bytes([1, 1, 0, 0])),
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\x10\0\0\0", "a message is cut off"),
        (struct.pack("=IHHII", 15, 3, 0, 1, 0), "a message claims a length of 15 bytes"),
        (struct.pack("=IHHII", 17, 3, 0, 1, 0), "a message claims a length of 17 bytes"),
    ],
)
def test_broken_messages(data, problem):
    with pytest.raises(MalformedMessageError, match=problem):
        list(unpack_messages(data))


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_our_own_error(data):
    with suppress(IpvsError):
        Reply(0, "a test").feed(unpack_messages(data))


def test_a_request_returns_the_answers_before_its_acknowledgement(kernel):
    kernel.reply(COMMAND, answer(COMMAND, ONE), ack())
    with GenericNetlink("IPVS") as socket:
        assert socket.request(COMMAND, "asking") == [{1: b"one"}]
    assert kernel.closed
    assert kernel.requests == [
        (*GETFAMILY, NLM_F_REQUEST | NLM_F_ACK),
        (FAMILY, COMMAND, NLM_F_REQUEST | NLM_F_ACK),
    ]


def test_a_request_without_an_answer(kernel):
    kernel.reply(COMMAND, ack())
    with GenericNetlink("IPVS") as socket:
        assert socket.request(COMMAND, "asking") == []


def test_a_dump_goes_over_several_reads(kernel):
    kernel.reply(COMMAND, answer(COMMAND, ONE) + answer(COMMAND, TWO), answer(COMMAND, ONE), done())
    with GenericNetlink("IPVS") as socket:
        assert socket.dump(COMMAND, "asking") == [{1: b"one"}, {2: b"two"}, {1: b"one"}]
    assert kernel.requests[-1] == (FAMILY, COMMAND, NLM_F_REQUEST | NLM_F_DUMP)


def test_the_end_of_a_dump_may_come_with_its_last_part_and_without_a_code(kernel):
    kernel.reply(COMMAND, answer(COMMAND, ONE) + struct.pack("=IHHII", 16, 3, 2, 0, 0))
    with GenericNetlink("IPVS") as socket:
        assert socket.dump(COMMAND, "asking") == [{1: b"one"}]


def test_answers_to_an_earlier_request_are_skipped(kernel):
    stale = netlink.pack_message(FAMILY, 0, 99, COMMAND, TWO)
    noop = struct.pack("=IHHII", 16, 1, 0, 0, 0)
    kernel.reply(COMMAND, stale, noop, answer(COMMAND, ONE), ack())
    with GenericNetlink("IPVS") as socket:
        assert socket.request(COMMAND, "asking") == [{1: b"one"}]


@pytest.mark.parametrize("refusal", [ack(errno.EPERM), done(-errno.EPERM)])
def test_an_error_of_the_kernel_has_its_number_and_what_was_asked(kernel, refusal):
    kernel.reply(COMMAND, refusal)
    with GenericNetlink("IPVS") as socket, pytest.raises(KernelError) as caught:
        socket.dump(COMMAND, "reading the timeouts")
    assert caught.value.errno == errno.EPERM
    assert str(caught.value) == "reading the timeouts failed: Operation not permitted (errno 1)"


@pytest.mark.parametrize("code", [1, 2**31 - 1, -(2**31), -4096])
def test_a_number_that_is_no_error_number(kernel, code):
    kernel.reply(COMMAND, done(code))
    with GenericNetlink("IPVS") as socket, pytest.raises(MalformedMessageError, match=f"{code} stands where"):
        socket.dump(COMMAND, "asking")


def test_an_error_in_the_middle_of_a_dump(kernel):
    kernel.reply(COMMAND, answer(COMMAND, ONE), done(-errno.EMSGSIZE))
    with GenericNetlink("IPVS") as socket, pytest.raises(KernelError, match="Message too long"):
        socket.dump(COMMAND, "asking")


def test_a_missing_family_closes_the_socket(kernel):
    kernel.replies[GETFAMILY] = [ack(errno.ENOENT)]
    with pytest.raises(KernelError) as caught:
        GenericNetlink("IPVS")
    assert caught.value.errno == errno.ENOENT
    assert kernel.closed


def test_a_family_without_an_identifier(kernel):
    kernel.replies[GETFAMILY] = [answer(1, b""), ack()]
    with pytest.raises(MalformedMessageError, match="no identifier for the family IPVS"):
        GenericNetlink("IPVS")


def test_a_cut_off_acknowledgement(kernel):
    kernel.reply(COMMAND, struct.pack("=IHHII", 18, 2, 0, 0, 0) + b"\0\0\0\0")
    with GenericNetlink("IPVS") as socket, pytest.raises(MalformedMessageError, match="an acknowledgement is cut off"):
        socket.request(COMMAND, "asking")


def test_a_truncated_read(kernel):
    kernel.reply(COMMAND, answer(COMMAND, ONE))
    with GenericNetlink("IPVS") as socket:
        kernel.truncated = True
        with pytest.raises(MalformedMessageError, match="longer than 65536 bytes"):
            socket.request(COMMAND, "asking")


def test_a_lost_answer(kernel):
    kernel.reply(COMMAND, OSError(errno.ENOBUFS, "No buffer space available"))
    with GenericNetlink("IPVS") as socket, pytest.raises(KernelError) as caught:
        socket.dump(COMMAND, "asking")
    assert caught.value.errno == errno.ENOBUFS


def test_a_silent_kernel(kernel):
    kernel.reply(COMMAND)
    with GenericNetlink("IPVS") as socket, pytest.raises(KernelError, match="asking failed: Connection timed out"):
        socket.request(COMMAND, "asking")


def test_no_netlink_at_all(monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.EPROTONOSUPPORT, "Protocol not supported")

    monkeypatch.setattr(netlink.socket, "socket", refuse)
    with pytest.raises(KernelError, match="opening a netlink socket failed: Protocol not supported"):
        GenericNetlink("IPVS")


def test_the_kernel_of_this_machine_knows_its_own_generic_netlink():
    """The family nlctrl is always there: the whole way through a real socket."""
    with GenericNetlink("nlctrl") as socket:
        names = [family[netlink.CTRL_ATTR_FAMILY_NAME] for family in socket.dump(netlink.CTRL_CMD_GETFAMILY, "asking")]
    assert b"nlctrl\0" in names


def test_the_kernel_of_this_machine_refuses_an_unknown_family():
    with pytest.raises(KernelError) as caught:
        GenericNetlink("lvs-no-such")
    assert caught.value.errno == errno.ENOENT
    assert "looking up lvs-no-such failed" in str(caught.value)
