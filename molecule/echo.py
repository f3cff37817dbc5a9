# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Echoes what clients send, or is such a client, until it is terminated.

echo.py serve ADDRESS PORT
echo.py ask ADDRESS PORT         keeps one connection and opens others;
                                 prints {"echoes": ..., "connections": ..., "problems": [...]} at the end
echo.py keep ADDRESS PORT COUNT  keeps that many connections, and uses them all the time;
                                 prints {"survived": ..., "problems": [...]} at the end
"""

from __future__ import annotations

import json
import signal
import socket
import socketserver
import sys
import threading
import time


class Echo(socketserver.BaseRequestHandler):
    """Serves one connection."""

    def handle(self) -> None:
        """Send back everything until the client is done."""
        while data := self.request.recv(100):
            self.request.sendall(data)


def serve(address: str, port: int) -> None:
    """Serve for ever."""
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socketserver.ThreadingTCPServer((address, port), Echo) as server:
        server.serve_forever()


def ask(address: str, port: int) -> dict[str, object]:
    """Talk over one connection all the time, and over a new one in between."""
    echoes, connections = 0, 0
    problems: list[str] = []
    terminated: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: terminated.append(number))
    with socket.create_connection((address, port), timeout=2) as kept:
        while not terminated:
            try:
                talk(kept)
                echoes += 1
                with socket.create_connection((address, port), timeout=2) as other:
                    talk(other)
                connections += 1
            except OSError as error:
                problems.append(str(error))
            time.sleep(0.02)
    return {"echoes": echoes, "connections": connections, "problems": problems}


def keep(address: str, port: int, count: int) -> dict[str, object]:
    """Use connections four times a second, and once more at the end."""
    problems: list[str] = []
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())

    def use() -> None:
        is_last = False
        try:
            with socket.create_connection((address, port), timeout=30) as kept:
                while not is_last:
                    is_last = stop.wait(0.25)
                    talk(kept)
        except OSError as error:
            problems.append(str(error))

    users = [threading.Thread(target=use, name=str(number)) for number in range(count)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    return {"survived": count - len(problems), "problems": problems}


def talk(connection: socket.socket) -> None:
    """Send something and wait for it to come back."""
    connection.sendall(b"hello")
    if connection.recv(100) != b"hello":
        raise OSError("closed by the server")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "ask":
        print(json.dumps(ask(sys.argv[2], int(sys.argv[3]))))
    else:
        print(json.dumps(keep(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
