# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A generic netlink client: one socket to one family of the kernel (linux/netlink.h, linux/genetlink.h).

Knows framing, sequence numbers, acknowledgements and attributes (type, length, value); knows nothing of IPVS.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .errors import KernelError, MalformedMessageError

NETLINK_GENERIC = 16
NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE = 1, 2, 3
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP = 0x1, 0x2, 0x4, 0x300
NLA_TYPE_MASK = 0x3FFF  # without NLA_F_NESTED and NLA_F_NET_BYTEORDER, which the kernel sets or leaves out as it likes

GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2

MESSAGE_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence number, port id
GENERIC_HEADER = struct.Struct("=BBxx")  # command, version
ATTRIBUTE_HEADER = struct.Struct("=HH")  # length, type
ERRNO = struct.Struct("=i")
LARGEST_ERRNO = 4095  # MAX_ERRNO of linux/err.h

RECEIVE_SIZE = 64 * 1024
"""Bytes per read. The kernel fills parts of a dump up to the size of the reader's buffer, at most 32 KiB."""
SOCKET_BUFFER = 4 * 1024 * 1024
"""Receive buffer: an answer that does not fit is lost (ENOBUFS)."""
BATCH_REQUESTS = 400
"""Requests per system call.

Only requests that fail are answered, and the last one: the kernel answers every failure whether it was asked to or not,
and has handled the whole batch when the call returns. So no answer means success, and each answer names its request.
Measured in the lab with 10,000 servers added: 0.2 s, against 0.7 to 1.1 s when each success is answered too, because
each answer takes a read of its own. 200, 400 and 800 requests per call made no difference.

The limit is that the answers of a batch that fails altogether have to fit into the receive buffer, where each takes
900 bytes: 473 fit into the smallest one that we may get (twice 208 KiB, the default of net.core.rmem_max).
"""
BATCH_BYTES = 128 * 1024
"""Bytes per system call; the default send buffer, 208 KiB, takes no more than its own size at once."""
TIMEOUT = 30.0
"""Seconds without any answer after which something is wrong; the kernel answers while it handles the request."""

Attributes = dict[int, bytes]


class Message(NamedTuple):
    """One netlink message; `payload` is what follows the netlink header."""

    kind: int
    flags: int
    sequence: int
    payload: bytes


class Request(NamedTuple):
    """One request of a batch."""

    command: int
    attributes: bytes


def pack_attribute(kind: int, value: bytes) -> bytes:
    """Frame one attribute, padded to four bytes; `value` may be attributes itself (a nest)."""
    length = ATTRIBUTE_HEADER.size + len(value)
    return ATTRIBUTE_HEADER.pack(length, kind) + value + bytes(-length % 4)


def unpack_attributes(data: bytes) -> Attributes:
    """Split a row of attributes into {type: value}; of a repeated type the last one counts, as in the kernel."""
    attributes: Attributes = {}
    offset = 0
    while offset < len(data):
        if len(data) - offset < ATTRIBUTE_HEADER.size:
            raise MalformedMessageError("an attribute is cut off")
        length, kind = ATTRIBUTE_HEADER.unpack_from(data, offset)
        if not ATTRIBUTE_HEADER.size <= length <= len(data) - offset:
            raise MalformedMessageError(f"attribute {kind & NLA_TYPE_MASK} claims a length of {length} bytes")
        attributes[kind & NLA_TYPE_MASK] = data[offset + ATTRIBUTE_HEADER.size : offset + length]
        offset += length + -length % 4
    return attributes


def pack_message(kind: int, flags: int, sequence: int, command: int, attributes: bytes, version: int = 1) -> bytes:
    """Frame one generic netlink request."""
    payload = GENERIC_HEADER.pack(command, version) + attributes
    return MESSAGE_HEADER.pack(MESSAGE_HEADER.size + len(payload), kind, flags, sequence, 0) + payload


def unpack_messages(data: bytes) -> Iterator[Message]:
    """Split what one read returned into messages."""
    offset = 0
    while offset < len(data):
        if len(data) - offset < MESSAGE_HEADER.size:
            raise MalformedMessageError("a message is cut off")
        length, kind, flags, sequence, _port = MESSAGE_HEADER.unpack_from(data, offset)
        if not MESSAGE_HEADER.size <= length <= len(data) - offset:
            raise MalformedMessageError(f"a message claims a length of {length} bytes")
        yield Message(kind, flags, sequence, data[offset + MESSAGE_HEADER.size : offset + length])
        offset += length + -length % 4


class Reply:
    """Collects the answer to the request with one sequence number, over as many reads as it takes."""

    def __init__(self, sequence: int, request: str) -> None:
        self.attributes: list[Attributes] = []
        self.complete = False
        self._sequence = sequence
        self._request = request

    def feed(self, messages: Iterable[Message]) -> None:
        """Take what one read brought. Answers to other requests are leftovers of one that failed: skipped.

        Raises KernelError when the kernel reports one.
        """
        for message in messages:
            if message.sequence != self._sequence or message.kind == NLMSG_NOOP:
                continue
            if message.kind in (NLMSG_ERROR, NLMSG_DONE):
                self._finish(message)
            else:
                self.attributes.append(unpack_attributes(message.payload[GENERIC_HEADER.size :]))

    def _finish(self, message: Message) -> None:
        # Both kinds begin with a negative errno or 0; before Linux 4.14 the end of a dump may come without one.
        if message.kind == NLMSG_ERROR or len(message.payload) >= ERRNO.size:
            code = _errno_of(message)
            if code:
                raise KernelError(code, self._request)
        self.complete = True


class BatchReply:
    """Collects the answers to a batch: those to the requests that failed, and the one to the last, which ends it."""

    def __init__(self, first: int, count: int) -> None:
        self.errors: dict[int, int] = {}
        self.complete = False
        self._first = first
        self._count = count

    def feed(self, messages: Iterable[Message]) -> None:
        """Take what one read brought. Answers to earlier requests are skipped."""
        for message in messages:
            position = message.sequence - self._first
            if message.kind != NLMSG_ERROR or not 0 <= position < self._count:
                continue
            code = _errno_of(message)
            if code:
                self.errors[position] = code
            self.complete = self.complete or position == self._count - 1


def _errno_of(message: Message) -> int:
    """Return the errno of an acknowledgement, 0 for success."""
    if len(message.payload) < ERRNO.size:
        raise MalformedMessageError("an acknowledgement is cut off")
    (code,) = ERRNO.unpack_from(message.payload)
    if not -LARGEST_ERRNO <= code <= 0:
        raise MalformedMessageError(f"{code} stands where an error number should")
    return -int(code)


class GenericNetlink:
    """A socket to one generic netlink family; use it as a context manager.

    Opening may make the kernel load the module behind the family. Raises KernelError with ENOENT when there is none.
    """

    def __init__(self, family: str) -> None:
        self._sequence = 0
        try:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_GENERIC)
        except OSError as error:
            raise KernelError(error.errno or errno.EIO, "opening a netlink socket") from error
        try:
            self._prepare()
            self._family = self._family_id(family)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> GenericNetlink:
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    def request(self, command: int, name: str, attributes: bytes = b"") -> list[Attributes]:
        """Send one request and return the attributes of each answer before its acknowledgement.

        `name` says in an error's message what was asked, as in "reading the timeouts". Raises KernelError.
        """
        return self._ask(self._family, NLM_F_ACK, command, name, attributes)

    def dump(self, command: int, name: str, attributes: bytes = b"") -> list[Attributes]:
        """Ask for all objects of a kind; return the attributes of each, in the kernel's order. Raises KernelError."""
        return self._ask(self._family, NLM_F_DUMP, command, name, attributes)

    def batch(self, requests: Iterable[Request], name: str) -> dict[int, int]:
        """Send many small requests in few system calls; return {position in `requests`: errno} of those that failed.

        The kernel goes on after a request that fails. Raises KernelError when the socket itself does: how far the
        kernel got is unknown then.
        """
        errors: dict[int, int] = {}
        start = 0
        for window in _windows(requests):
            errors.update({start + position: code for position, code in self._send_batch(window, name).items()})
            start += len(window)
        return errors

    def _prepare(self) -> None:
        self._socket.settimeout(TIMEOUT)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
            self._socket.bind((0, 0))
        except OSError as error:
            raise KernelError(error.errno or errno.EIO, "preparing a netlink socket") from error

    def _family_id(self, family: str) -> int:
        name = pack_attribute(CTRL_ATTR_FAMILY_NAME, family.encode() + b"\0")
        for answer in self._ask(GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, f"looking up {family}", name):
            value = answer.get(CTRL_ATTR_FAMILY_ID, b"")
            if len(value) == 2:
                return int(struct.unpack("=H", value)[0])
        raise MalformedMessageError(f"no identifier for the family {family}")

    def _ask(self, family: int, flags: int, command: int, name: str, attributes: bytes) -> list[Attributes]:
        self._sequence += 1
        reply = Reply(self._sequence, name)
        try:
            self._socket.send(pack_message(family, NLM_F_REQUEST | flags, self._sequence, command, attributes))
            while not reply.complete:
                reply.feed(unpack_messages(self._receive()))
        except OSError as error:
            # A timeout of Python's socket is the one without an errno.
            raise KernelError(error.errno or errno.ETIMEDOUT, name) from error
        return reply.attributes

    def _send_batch(self, requests: Sequence[Request], name: str) -> dict[int, int]:
        first, last = self._sequence + 1, self._sequence + len(requests)
        self._sequence = last
        reply = BatchReply(first, len(requests))
        messages = (
            pack_message(self._family, NLM_F_REQUEST | (NLM_F_ACK if number == last else 0), number, *request)
            for number, request in enumerate(requests, first)
        )
        try:
            self._socket.send(b"".join(messages))
            while not reply.complete:
                reply.feed(unpack_messages(self._receive()))
        except OSError as error:
            raise KernelError(error.errno or errno.ETIMEDOUT, name) from error
        return reply.errors

    def _receive(self) -> bytes:
        data, _ancillary, flags, _sender = self._socket.recvmsg(RECEIVE_SIZE)
        if flags & socket.MSG_TRUNC:
            raise MalformedMessageError(f"a message is longer than {RECEIVE_SIZE} bytes")
        return data


def _windows(requests: Iterable[Request]) -> Iterator[list[Request]]:
    """Cut requests into rows that fit into one system call each."""
    window: list[Request] = []
    size = 0
    for request in requests:
        length = MESSAGE_HEADER.size + GENERIC_HEADER.size + len(request.attributes)
        if window and (len(window) == BATCH_REQUESTS or size + length > BATCH_BYTES):
            yield window
            window, size = [], 0
        window.append(request)
        size += length
    if window:
        yield window
