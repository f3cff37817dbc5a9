# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power switches of a lab, as its machines reach them over the network.

    server: lvslab NONCE
    client: HMAC ACTION [MACHINE]      HMAC-SHA256 of "NONCE ACTION MACHINE", with the lab's secret as key
    server: ok ANSWER  or  error WHY

A connection is one request. The secret never travels, and a request that was listened to is worth nothing: the nonce
is new each time.
"""

from __future__ import annotations

import hmac
import secrets
import socketserver
import sys
from collections.abc import Callable
from pathlib import Path

from .control import Request, run
from .decide import PAUSED, STARTED, STOPPED
from .machine import Lab
from .model import LabError

_MAX_REQUEST = 1024  # bytes
_TIMEOUT = 10.0  # seconds, for what the client has to send
_ON = "on"
_OFF = "off"

Act = Callable[[str, str], str]
"""Carries out an action on a machine and returns the answer; raises LabError."""


def signature(secret: str, nonce: str, request: str) -> str:
    """Return what proves that the sender of a request has the secret."""
    return hmac.new(secret.encode(), f"{nonce} {request}".encode(), "sha256").hexdigest()


def answer(secret: str, nonce: str, line: str, act: Act) -> str:
    """Return the answer to the line that a client sent."""
    proof, _space, request = line.strip().partition(" ")
    if not hmac.compare_digest(proof.encode(), signature(secret, nonce, request).encode()):
        return "error the secret is another one than that of this lab"
    action, _space, machine = request.partition(" ")
    try:
        return f"ok {act(action, machine)}".rstrip()
    except LabError as error:
        return f"error {error}"


class Switches:
    """The power switches of one lab."""

    def __init__(self, cache: Path, lab: str) -> None:
        self._cache = cache
        self._lab = lab

    def act(self, action: str, machine: str) -> str:
        """Do what is asked for, and return when it is done; a machine that is switched on still has to boot."""
        lab = Lab(self._cache, self._lab)
        if action == "monitor":
            return ""
        if action == "list":
            return " ".join(lab.names())
        if machine not in lab.names():
            raise LabError(f"lab '{self._lab}' has no machine '{machine}'")
        if action == "status":
            return _ON if lab.observe(machine).state in (STARTED, PAUSED) else _OFF
        if action not in (_ON, _OFF, "reboot"):
            raise LabError(f"there is no action '{action}'")
        if action != _ON:
            self._switch(machine, STOPPED)
        if action != _OFF:
            self._switch(machine, STARTED)
        return ""

    def _switch(self, machine: str, state: str) -> None:
        request = Request(self._cache, self._lab, machine, False, state, force=True, options={}, boot_timeout=0)
        run(request, check_mode=False)


class _Handler(socketserver.StreamRequestHandler):
    timeout = _TIMEOUT
    server: Server

    def handle(self) -> None:
        nonce = secrets.token_hex(16)
        self.wfile.write(f"lvslab {nonce}\n".encode())
        line = self.rfile.readline(_MAX_REQUEST).decode(errors="replace")
        said = answer(self.server.secret, nonce, line, self.server.act)
        request = " ".join(line.split()[1:])
        sys.stdout.write(f"{self.client_address[0]}: {request!r}: {said}\n")
        sys.stdout.flush()
        self.wfile.write(f"{said}\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """Answers one request for each connection, several at a time."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: str, port: int, secret: str, act: Act) -> None:
        self.secret = secret
        self.act = act
        super().__init__((address, port), _Handler)
