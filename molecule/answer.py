# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers each datagram, or each SCTP association, with the name of its host, or asks such servers.

answer.py serve udp|sctp PORT ADDRESS...   ADDRESS may be none of the host's yet, as VIPs are none at first
answer.py ask udp|sctp PORT ADDRESS COUNT  prints the names, a line each; datagrams all go out of one socket
"""

from __future__ import annotations

import selectors
import socket
import sys

# Linux: linux/in.h, linux/in6.h
FREEBIND = {socket.AF_INET: (socket.IPPROTO_IP, 15), socket.AF_INET6: (socket.IPPROTO_IPV6, 78)}
KINDS = {"udp": (socket.SOCK_DGRAM, socket.IPPROTO_UDP), "sctp": (socket.SOCK_STREAM, socket.IPPROTO_SCTP)}


def make_socket(protocol: str, address: str) -> socket.socket:
    """Return a socket for this address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.socket(family, *KINDS[protocol])


def serve(protocol: str, port: int, addresses: list[str]) -> None:
    """Serve for ever."""
    with selectors.DefaultSelector() as selector:
        for address in addresses:
            server = make_socket(protocol, address)
            server.setsockopt(*FREEBIND[server.family], 1)
            server.bind((address, port))
            if protocol == "sctp":
                server.listen()
            selector.register(server, selectors.EVENT_READ)
        while True:
            for key, _events in selector.select():
                answer(protocol, key.fileobj)


def answer(protocol: str, server: socket.socket) -> None:
    """Answer whoever asks next."""
    name = socket.gethostname().encode()
    if protocol == "udp":
        _question, client = server.recvfrom(100)
        server.sendto(name, client)
        return
    connection, _client = server.accept()
    with connection:
        connection.recv(100)
        connection.sendall(name)


def ask(protocol: str, port: int, address: str, count: int) -> list[str]:
    """Ask several times, one after the other."""
    asker = make_socket(protocol, address)
    names = []
    for _number in range(count):
        if protocol == "sctp":
            asker = make_socket(protocol, address)
        asker.settimeout(5)
        asker.connect((address, port))
        asker.sendall(b"who are you?")
        names.append(asker.recv(100).decode())
    return names


if __name__ == "__main__":
    action, kind, number, *words = sys.argv[1:]
    if action == "serve":
        serve(kind, int(number), words)
    else:
        print("\n".join(ask(kind, int(number), words[0], int(words[1]))))
