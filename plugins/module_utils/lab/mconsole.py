# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket of a User Mode Linux kernel: commands like ``version``, ``cad`` (Ctrl-Alt-Del)."""

from __future__ import annotations

import socket
import struct
import tempfile
from pathlib import Path

from .model import LabError

# Kernel: struct mconsole_request and mconsole_reply in arch/um/drivers/mconsole.h.
_MAGIC = 0xCAFEBABE
_VERSION = 2
_REQUEST = struct.Struct("=III512s")
_REPLY = struct.Struct("=III")
_TIMEOUT = 5.0  # seconds


def command(control_socket: Path, text: str) -> str:
    """Send one command and return the kernel's answer; raise LabError if it refuses or does not answer."""
    data = text.encode()
    request = _REQUEST.pack(_MAGIC, _VERSION, len(data), data)
    # A datagram is answered to the sender's address, so the sender needs a path too.
    with (
        tempfile.TemporaryDirectory(prefix="lvslab-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client,
    ):
        client.settimeout(_TIMEOUT)
        client.bind(f"{folder}/reply")
        try:
            client.sendto(request, str(control_socket))
            return _receive(client)
        except OSError as error:
            raise LabError(
                f"its kernel does not answer on {control_socket} ({error}); force: true stops it all the same"
            ) from error


def _receive(client: socket.socket) -> str:
    answer = b""
    more = True
    while more:
        reply = client.recv(_REPLY.size + 512)
        failed, more, length = _REPLY.unpack_from(reply)
        answer += reply[_REPLY.size : _REPLY.size + length]
        if failed:
            raise LabError(f"its kernel refused the command: {answer.decode(errors='replace').strip()}")
    return answer.rstrip(b"\x00").decode(errors="replace").strip()
