# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data that one host has and others copy, as the tests of the scenario `rsync` see it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lab import Clients, Lab, Run, at_once, wait_until

SOURCE = "store1"
READERS = ("web1", "web2", "web3")
PAGES = "/usr/local/lib/pages.py"


@dataclass(frozen=True)
class Data:
    """One folder, and who copies it."""

    name: str
    readers: tuple[str, ...] = READERS

    @property
    def path(self) -> str:
        return f"/srv/{self.name}"

    def __str__(self) -> str:
        return self.name


WWW, DOCS, LIVE = Data("www"), Data("docs", READERS[:2]), Data("live")
ALL = (WWW, DOCS, LIVE)


@dataclass
class Seen:
    """What all clients together saw."""

    requests: int = 0
    torn: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, result: dict[str, Any]) -> None:
        self.requests += result["requests"]
        self.torn += result["torn"]
        self.failed += result["failed"]


@contextmanager
def clients_read(lab: Lab, data: Data, count: int) -> Iterator[Seen]:
    """Clients read pages from each reader in this block, and check each page."""
    seen = Seen()
    programs = {name: f"{PAGES} read http://192.0.2.2{name[-1]}/{data.name}/ {count}" for name in data.readers}
    with Clients(lab.host("client1"), programs) as clients:
        yield seen
    for result in clients.results.values():
        seen.add(result)


def converge(lab: Lab, *arguments: str, code: int = 0) -> Run:
    run = lab.playbook(str(lab.inventory.parent.parent / "role.yml"), *arguments)
    assert run.code == code, run.output
    return run


def write_pages(lab: Lab, data: Data, count: int, generation: str) -> None:
    lab.host(SOURCE).check_output(f"python3 {PAGES} write {data.path} {count} {generation}")


def read_pages(lab: Lab, reader: str, page: str) -> str:
    """What a reader serves, read by a client."""
    return (
        lab.host("client1").run(f"curl --silent --fail --max-time 5 http://192.0.2.2{reader[-1]}/{page}").stdout.strip()
    )


def checksum(lab: Lab, host: str, data: Data) -> str:
    return lab.host(host).check_output(f"python3 {PAGES} sum {data.path}")


def is_same(lab: Lab, reader: str, data: Data) -> bool:
    return checksum(lab, reader, data) == checksum(lab, SOURCE, data)


def assert_same(lab: Lab, data: Data) -> None:
    assert [name for name in data.readers if not is_same(lab, name, data)] == []


def wait_until_same(lab: Lab, data: Data, seconds: float) -> float:
    """Wait until all readers have exactly what the source has, which does not change meanwhile."""
    start = time.monotonic()
    wanted = checksum(lab, SOURCE, data)

    def wait(name: str) -> None:
        wait_until(lambda: checksum(lab, name, data) == wanted, seconds, f"{data} on {name} as on {SOURCE}")

    at_once(wait, data.readers)
    return time.monotonic() - start


def generations(lab: Lab, reader: str, data: Data) -> list[str]:
    """The reader's marker before and after, and the generations of its pages."""
    found: list[str] = json.loads(lab.host(reader).check_output(f"python3 {PAGES} generations {data.path}"))
    return found


def pull(lab: Lab, reader: str, data: Data) -> None:
    """Copy now; a copy by the timer may be at work."""
    wait_until(
        lambda: lab.host(reader).run(f"lvs-rsync pull {data.name}").succeeded, 60, f"a pull of {data} on {reader}"
    )


def refusal(lab: Lab, reader: str, data: Data) -> str:
    """What a pull says that fails; one by the timer may be at work."""
    said: list[str] = []

    def is_refused() -> bool:
        done = lab.host(reader).run(f"lvs-rsync pull {data.name}")
        assert done.failed
        said.append(done.stderr)
        return done.rc != os.EX_TEMPFAIL

    wait_until(is_refused, 60, f"an answer to a pull of {data} on {reader}")
    return said[-1]


def age(lab: Lab, reader: str, data: Data) -> int:
    """Seconds since the last complete copy."""
    return int(
        lab.host(reader).check_output(f"echo $(($(date +%s) - $(stat -c %Y /var/lib/lvs-cluster/copies/{data.name})))")
    )


def fails(lab: Lab, host: str, command: str) -> None:
    # Not its own status: 255 of an ssh looks like a broken connection to the machine.
    done = lab.host(host).run(f"if {command}; then exit 1; fi")
    assert done.succeeded, f"{command} succeeded: {done.stdout}"
