# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel that answers netlink requests from memory."""

from __future__ import annotations

import struct

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import netlink
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import (
    MESSAGE_HEADER,
    NLM_F_MULTI,
    NLMSG_DONE,
    NLMSG_ERROR,
    pack_attribute,
    pack_message,
)

FAMILY = 29
GETFAMILY = (netlink.GENL_ID_CTRL, netlink.CTRL_CMD_GETFAMILY)


def done(code=0):
    return MESSAGE_HEADER.pack(20, NLMSG_DONE, NLM_F_MULTI, 0, 0) + struct.pack("=i", code)


def ack(code=0):
    """Report success or an errno, with the header of the request that a real kernel quotes after it."""
    return MESSAGE_HEADER.pack(36, NLMSG_ERROR, 0, 0, 0) + struct.pack("=i", -code) + bytes(16)


def answer(command, attributes, flags=0):
    return pack_message(FAMILY, flags, 0, command, attributes)


class Kernel:
    """Stands in for a netlink socket: each request is followed by the reads that the test has given for it.

    Sequence numbers 0 in what is read are replaced by the request's. Success is not told to who did not ask for an
    acknowledgement.
    """

    def __init__(self):
        family_id = pack_attribute(netlink.CTRL_ATTR_FAMILY_ID, struct.pack("=H", FAMILY))
        self.replies = {GETFAMILY: [answer(1, family_id), ack()]}
        self.requests = []
        self.sends = []
        self.closed = False
        self.truncated = False
        self._reads = []

    def reply(self, command, *reads):
        """Let these reads follow each request `command`."""
        self.replies[FAMILY, command] = list(reads)

    def reply_by(self, command, function):
        """Let what `function` makes of a request's attributes follow `command`."""
        self.replies[FAMILY, command] = function

    def settimeout(self, seconds):
        assert seconds > 0

    def setsockopt(self, *option):
        pass

    def bind(self, address):
        assert address == (0, 0)

    def close(self):
        self.closed = True

    def send(self, data):
        self.sends.append(len(data))
        self._reads = []
        for request in netlink.unpack_messages(data):
            command = request.payload[0]
            self.requests.append((request.kind, command, request.flags))
            replies = self.replies[request.kind, command]
            reads = replies(request.payload[4:]) if callable(replies) else replies
            if request.flags & netlink.NLM_F_ACK or list(reads) != [ack()]:
                self._reads += [self._sequenced(read, request.sequence) for read in reads]

    def recvmsg(self, size):
        if not self._reads:
            raise TimeoutError("timed out")
        read = self._reads.pop(0)
        if isinstance(read, OSError):
            raise read
        return read, [], netlink.socket.MSG_TRUNC if self.truncated else 0, (0, 0)

    @staticmethod
    def _sequenced(read, sequence):
        """Give every message of a read that has the sequence number 0 the one of the request."""
        if isinstance(read, OSError):
            return read
        parts = []
        for message in netlink.unpack_messages(read):
            header = (MESSAGE_HEADER.size + len(message.payload), message.kind, message.flags)
            parts.append(MESSAGE_HEADER.pack(*header, message.sequence or sequence, 0) + message.payload)
            parts.append(bytes(-len(message.payload) % 4))
        return b"".join(parts)
