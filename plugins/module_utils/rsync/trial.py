# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask rsync itself whether it takes a configuration.

`rsync --daemon` has no test. But a daemon whose standard input is a socket serves that one connection and ends, as
inetd would have it: it reads the configuration, lists its modules, listens nowhere and writes no pid file. What it has
to say goes into a log file.
"""

from __future__ import annotations

import re
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

SECONDS = 10
GREETING = b"@RSYNCD: 30.0\n"
COMPLAINT = re.compile(
    r"(?:params\.c|Unknown|IGNORING|Badly formed|Global parameter|Warning|Failed|unable to|rsync: |rsync error).*"
)


def complaints(program: str, configuration: Path) -> list[str]:
    """Return what rsync has against a configuration file; an empty list if it takes it.

    :raises OSError: if it cannot be asked
    """
    with tempfile.TemporaryDirectory(prefix="lvs-cluster-") as folder:
        log = Path(folder) / "log"
        command = [program, "--daemon", f"--config={configuration}", f"--log-file={log}"]
        answered = _listed(command)
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    found = parse_log(text)
    if not answered and not found:
        found = ["rsync ended without an answer"]
    return found


def parse_log(text: str) -> list[str]:
    """Return the complaints in a log of the daemon, each once, without time and process."""
    found = [match[0].strip() for line in text.splitlines() if (match := COMPLAINT.search(line))]
    return list(dict.fromkeys(found))


def _listed(command: Sequence[str]) -> bool:
    """Have a daemon list its modules to us; tell whether it did."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5) as client:
        serving, _address = server.accept()
        with (
            serving,
            subprocess.Popen(  # pylint: disable=ansible-bad-function
                command, stdin=serving.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as daemon,
        ):
            serving.close()
            client.settimeout(SECONDS)
            received = b""
            # A daemon that does not like its configuration hangs up.
            with suppress(OSError):
                client.sendall(GREETING + b"#list\n")
                while chunk := client.recv(4096):
                    received += chunk
            try:
                daemon.wait(SECONDS)
            except subprocess.TimeoutExpired:
                daemon.kill()
    return b"@RSYNCD: EXIT" in received
