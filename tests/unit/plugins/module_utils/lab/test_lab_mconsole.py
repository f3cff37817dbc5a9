# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab import mconsole
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError

Kernel = Callable[..., list[bytes]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mconsole"


@pytest.fixture
def kernel(path: Path) -> Iterator[Kernel]:
    """Return a function that answers the next request with the given replies; it fills the list with the request."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(path))
    threads = []

    def answer(*replies: bytes) -> list[bytes]:
        requests: list[bytes] = []

        def serve() -> None:
            request, sender = server.recvfrom(1024)
            requests.append(request)
            for reply in replies:
                server.sendto(reply, sender)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return requests

    yield answer
    for thread in threads:
        thread.join()
    server.close()


def reply(text: bytes, failed: int = 0, more: int = 0) -> bytes:
    return struct.pack("=III", failed, more, len(text)) + text


def test_a_request_is_what_the_kernel_expects(path: Path, kernel: Kernel) -> None:
    requests = kernel(reply(b"OK"))
    assert mconsole.command(path, "cad") == "OK"
    magic, version, length = struct.unpack_from("=III", requests[0])
    assert (magic, version, length, requests[0][12:15]) == (0xCAFEBABE, 2, 3, b"cad")
    assert len(requests[0]) == 12 + 512


def test_a_long_answer_comes_in_pieces(path: Path, kernel: Kernel) -> None:
    kernel(reply(b"Linux ", more=1), reply(b"7.2\n\0"))
    assert mconsole.command(path, "version") == "Linux 7.2"


def test_a_refused_command(path: Path, kernel: Kernel) -> None:
    kernel(reply(b"Unknown command", failed=1))
    with pytest.raises(LabError, match="its kernel refused the command: Unknown command"):
        mconsole.command(path, "nonsense")


def test_nobody_there(path: Path) -> None:
    with pytest.raises(LabError, match=rf"its kernel does not answer on {path} .*; force: true stops it all the same"):
        mconsole.command(path, "cad")


def test_no_answer(path: Path, kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mconsole, "_TIMEOUT", 0.05)
    kernel()
    with pytest.raises(LabError, match="its kernel does not answer"):
        mconsole.command(path, "cad")
