# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web servers that answer as /run/mood says: `500` with that status, `slow` after a while, otherwise at once and well."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORTS = (8080, 8081)
MOOD = Path("/run/mood")
# Longer than a health check waits.
SLOW = 10


class Server(ThreadingHTTPServer):
    """Takes IPv4, too."""

    address_family = socket.AF_INET6
    request_queue_size = 1024


class Page(BaseHTTPRequestHandler):
    """Says who answers."""

    def do_GET(self) -> None:
        """Answer."""
        mood = MOOD.read_text(encoding="utf-8").strip() if MOOD.exists() else "well"
        if mood == "slow":
            time.sleep(SLOW)
        self.send_response(500 if mood == "500" else 200)
        self.send_header("X-Served-By", socket.gethostname())
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    for port in PORTS:
        threading.Thread(target=Server(("::", port), Page).serve_forever).start()
