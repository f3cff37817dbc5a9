# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that answers for a lab's power switches: one for each lab, in its network namespace."""

from __future__ import annotations

import ipaddress
import json
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..files import read_text, write_atomically
from . import process
from .console import tail
from .layout import LabFiles
from .machine import Lab
from .model import LabError
from .network import Network

_START_TIMEOUT = 15.0  # seconds
_POLL_INTERVAL = 0.1  # seconds


@dataclass(frozen=True)
class FencingSpec:
    """Where the switches are reached: ``address``, with its prefix length, on the bridge of ``segment``."""

    segment: str
    address: str
    port: int

    @property
    def host(self) -> str:
        """Return the address alone."""
        return self.address.partition("/")[0]


def check(spec: FencingSpec) -> None:
    """Raise LabError for what cannot be."""
    try:
        if "/" not in spec.address:
            raise ValueError("the prefix length is missing")
        ipaddress.IPv4Interface(spec.address)
    except ValueError as error:
        raise LabError(
            f"'{spec.address}' is not an IPv4 address with a prefix length like 192.0.2.254/24 ({error})"
        ) from None
    if not 1 <= spec.port <= 65535:
        raise LabError(f"port {spec.port} must be from 1 to 65535")


class FencingService:
    """Starts, finds and ends the process."""

    def __init__(self, lab: Lab) -> None:
        self.files: LabFiles = lab.files
        self._lab = lab
        self._network = Network(lab.files.namespace, lab.files.folder)

    def observe(self) -> FencingSpec | None:
        """Return what the running process was started with, or None when there is none."""
        if not process.find(self.files.fencing_mark):
            return None
        try:
            data: Mapping[str, Any] = json.loads(read_text(self.files.fencing) or "")
            return FencingSpec(**data)
        except (ValueError, TypeError):
            return FencingSpec("", "", 0)  # it runs, with who knows what

    def start(self, spec: FencingSpec, program: Path) -> None:
        """Start it, in place of one that runs with other values. The lab's lock must be held."""
        self.stop()
        taken = self._lab.address_owner(spec.segment, spec.host)
        if taken:
            raise LabError(f"address {spec.host} belongs to machine '{taken}'; choose a free one")
        self._network.set_address(spec.segment, spec.address)
        if read_text(self.files.fencing_secret) is None:
            write_atomically(self.files.fencing_secret, secrets.token_hex(32) + "\n", 0o600)
        write_atomically(self.files.fencing, json.dumps(asdict(spec)) + "\n")
        command = [sys.executable, "-B", str(program), self.files.fencing_mark, spec.host, str(spec.port)]
        process.launch(command, self.files.namespace, self.files.fencing_log)
        self._wait(spec)

    def stop(self) -> None:
        """End it and take its address away."""
        running = process.find(self.files.fencing_mark)
        if running:
            process.kill(running)
        spec = self._stored()
        if spec:
            self._network.remove_address(spec.segment, spec.address)
            self.files.fencing.unlink()

    def _stored(self) -> FencingSpec | None:
        try:
            return FencingSpec(**json.loads(read_text(self.files.fencing) or ""))
        except (ValueError, TypeError):
            return None

    def _wait(self, spec: FencingSpec) -> None:
        """Return when it says that it listens; asking would take a step into the namespace."""
        deadline = time.monotonic() + _START_TIMEOUT
        while "listening" not in (read_text(self.files.fencing_log) or ""):
            if time.monotonic() > deadline or not process.find(self.files.fencing_mark):
                end = tail(read_text(self.files.fencing_log) or "")
                raise LabError(f"the fence server did not start on {spec.host} port {spec.port}: {end}")
            time.sleep(_POLL_INTERVAL)
