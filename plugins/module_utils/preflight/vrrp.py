# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listen for VRRP adverts (RFC 3768, RFC 5798): which routers of a network use which virtual router ids."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import time
from dataclasses import dataclass

PROTOCOL = 112
GROUPS = {socket.AF_INET: "224.0.0.18", socket.AF_INET6: "ff02::12"}
ADVERTISEMENT = 1
VERSIONS = (2, 3)
SHORTEST = 8
"""Bytes of an advert without addresses."""


@dataclass(frozen=True, order=True)
class Advert:
    """Who says that it is the master of a virtual router."""

    interface: str
    sender: str
    virtual_router_id: int


class Listener:
    """Hears the adverts on an interface, from the moment on at which it is made."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self._began = time.monotonic()
        self._sockets = contextlib.ExitStack()
        self._selector = self._sockets.enter_context(selectors.DefaultSelector())
        for family in GROUPS:
            with contextlib.suppress(OSError):  # a host without this family hears nothing by it
                self._selector.register(self._open(family), selectors.EVENT_READ, family)

    def _open(self, family: socket.AddressFamily) -> socket.socket:
        heard = self._sockets.enter_context(socket.socket(family, socket.SOCK_RAW, PROTOCOL))
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self._interface.encode())
        group, index = socket.inet_pton(family, GROUPS[family]), socket.if_nametoindex(self._interface)
        if family == socket.AF_INET:
            heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4s4si", group, b"", index))
        else:
            heard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, struct.pack("=16sI", group, index))
        return heard

    def adverts(self, seconds: float) -> list[Advert]:
        """Return what was heard in the first `seconds`, and close."""
        found = set()
        with self._sockets:
            while (rest := self._began + seconds - time.monotonic()) > 0:
                for key, _events in self._selector.select(rest):
                    data, sender = key.fileobj.recvfrom(2048)  # type: ignore[union-attr]
                    router = unpack(data, key.data)
                    if router is not None:
                        found.add(Advert(self._interface, sender[0].partition("%")[0], router))
        return sorted(found)


def unpack(data: bytes, family: int) -> int | None:
    """Return the virtual router id of a packet as a raw socket delivers it, or None if it is no advert."""
    if family == socket.AF_INET and data:
        data = data[(data[0] & 0x0F) * 4 :]
    if len(data) < SHORTEST or data[0] & 0x0F != ADVERTISEMENT or data[0] >> 4 not in VERSIONS:
        return None
    return data[1]
