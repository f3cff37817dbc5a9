# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that health checks ask, one for each kind of check that asks a server.

checked.py sick CERTIFICATE  http, https, smtp and dns, which go on with answers that are wrong while /run/sick is there
checked.py plain             tcp and udp, which are well as long as they run
"""

from __future__ import annotations

import http.server
import socket
import socketserver
import ssl
import sys
import threading
from pathlib import Path

HTTP, HTTPS, SMTP, DNS, UDP, TCP = 8001, 8002, 25, 53, 8004, (8003, 8011, 8012)
SICK = Path("/run/sick")


class BothFamilies:
    """A server on all addresses."""

    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True

    def server_bind(self) -> None:
        """Take IPv4, too."""
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class WebServer(BothFamilies, http.server.ThreadingHTTPServer):
    """Answers requests."""


class StreamServer(BothFamilies, socketserver.ThreadingTCPServer):
    """Answers connections."""


class DatagramServer(BothFamilies, socketserver.ThreadingUDPServer):
    """Answers datagrams."""


class Page(http.server.BaseHTTPRequestHandler):
    """The page of http says how the server is; https says so by its status."""

    def do_GET(self) -> None:
        """Answer."""
        is_secure = isinstance(self.connection, ssl.SSLSocket)
        self.send_response(503 if is_secure and SICK.exists() else 200)
        self.end_headers()
        self.wfile.write(b"sick\n" if SICK.exists() else b"well\n")


class Mail(socketserver.StreamRequestHandler):
    """A mail server that takes nobody's mail."""

    def handle(self) -> None:
        """Greet, and agree to everything."""
        self.wfile.write(b"554 no service\r\n" if SICK.exists() else b"220 well ESMTP\r\n")
        for line in self.rfile:
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 fine\r\n")


class Name(socketserver.BaseRequestHandler):
    """Every name has one address (RFC 1035)."""

    def handle(self) -> None:
        """Answer with an address, or with SERVFAIL."""
        query, server = self.request
        end = query.index(b"\0", 12) + 5  # the question: a name, and two numbers of two bytes
        flags, answers = (b"\x81\x82", b"\0\0") if SICK.exists() else (b"\x81\x80", b"\0\1")
        address = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\x63" if answers == b"\0\1" else b""
        header = query[:2] + flags + b"\0\1" + answers + b"\0\0\0\0"
        server.sendto(header + query[12:end] + address, self.client_address)


class Echo(socketserver.BaseRequestHandler):
    """Sends a datagram back."""

    def handle(self) -> None:
        """Answer."""
        datagram, server = self.request
        server.sendto(datagram, self.client_address)


def run(servers: list[socketserver.BaseServer]) -> None:
    """Serve for ever."""
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    if sys.argv[1] == "plain":
        idle = socketserver.BaseRequestHandler
        run([DatagramServer(("::", UDP), Echo), *(StreamServer(("::", port), idle) for port in TCP)])
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])
        secure = WebServer(("::", HTTPS), Page)
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        run(
            [WebServer(("::", HTTP), Page), secure, StreamServer(("::", SMTP), Mail), DatagramServer(("::", DNS), Name)]
        )
