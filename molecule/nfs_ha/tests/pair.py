# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pair of storage hosts as the tests see it, and a user of its data on web1."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lab import Clients, Lab, Load, report, wait_until

STORES = ("store1", "store2")
ADDRESS = "192.0.2.30"
SHARE = "/srv/www"
PAGE_TIMEOUT_MS = 10_000
STATUS = "/usr/local/lib/lvs-storage/lvs-storage status; ip -oneline address show"
PAGE = "http://192.0.2.100/www/page"
KINDS = {"look": "statvfs", "write": "write + fsync to an open file", "make": "a new file"}


def seen(lab: Lab, store: str) -> dict[str, Any]:
    """Return what a store sees; empty when it cannot be asked. A connection of its own, since a shared one may hang."""
    options = [
        "-o",
        "ControlPath=none",
        "-o",
        "ConnectTimeout=2",
        "-o",
        "ServerAliveInterval=2",
        "-o",
        "ServerAliveCountMax=2",
    ]
    command = ["ssh", "-n", "-F", str(lab.ssh_config), *options, store, STATUS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    text, _brace, addresses = done.stdout.rpartition("}\n")
    if done.returncode:
        return {}
    found: dict[str, Any] = json.loads(text + "}")
    return {**found, "address": f" {ADDRESS}/" in addresses}


def states(lab: Lab) -> dict[str, dict[str, Any]]:
    """What each store sees."""
    return {store: seen(lab, store) for store in STORES}


def is_active(lab: Lab, store: str) -> bool:
    found = seen(lab, store)
    return found.get("phase") == "serving" and found["address"]


def active_and_standby(lab: Lab) -> tuple[str, str]:
    (active,) = [store for store in STORES if is_active(lab, store)]
    return (active, "store2") if active == "store1" else (active, "store1")


def is_whole(lab: Lab) -> bool:
    """Tell whether one store serves and the other one has the same data."""
    both = states(lab).values()
    if not all(state.get("drbd") for state in both):
        return False
    roles = sorted(state["drbd"]["role"] for state in both)
    synced = all(
        (state["drbd"]["connection"], state["drbd"]["disk"]) == ("Connected", "UpToDate") and state["vote"] >= 0
        for state in both
    )
    return roles == ["Primary", "Secondary"] and synced and sum(state["address"] for state in both) == 1


def wait_until_whole(lab: Lab, seconds: float = 120) -> float:
    what = "one store serves, and the other one has the same data"
    return wait_until(lambda: is_whole(lab), seconds, what, lambda: states(lab))


def wait_until_active(lab: Lab, store: str) -> None:
    wait_until(lambda: is_active(lab, store), 120, f"{store} serves", lambda: states(lab))


def wait_until_alone(lab: Lab, store: str) -> None:
    def is_alone() -> bool:
        return (seen(lab, store).get("drbd") or {}).get("peer_disk") == "Outdated"

    wait_until(is_alone, 60, f"{store} goes on alone", lambda: states(lab))


@contextmanager
def slow_to_detach(lab: Lab, store: str) -> Iterator[None]:
    """On a busy host DRBD waits for its handlers, and a disk that was given up is not gone at once."""
    helper, setting = "/usr/local/sbin/slow-drbdadm", "/sys/module/drbd/parameters/usermode_helper"
    script = '#!/bin/sh\n[ "$1" != pri-on-incon-degr ] || sleep 2\nexec /sbin/drbdadm "$@"\n'
    host = lab.host(store)
    # The kernel would take a newline at the end for a part of the path.
    host.check_output(f"printf '%s' '{script}' > {helper} && chmod +x {helper} && printf {helper} > {setting}")
    try:
        yield
    finally:
        host.check_output(f"printf /sbin/drbdadm > {setting} && rm {helper}")


@dataclass
class Seen:
    """What the user saw; whole after the block."""

    gap_ms: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    page_gap_ms: float = 0
    """The longest time through which clients of the service asked for a page of the data and did not get it in time."""


@contextmanager
def used(lab: Lab, what: str) -> Iterator[Seen]:
    """A user works during the block, and a client asks for a page through the VIP.

    All that the user was told is written is there afterwards, on the server's disk.
    """
    folder = f"{SHARE}/{what.replace(' ', '-').replace(',', '')}"
    program = f"/usr/local/lib/user.py {folder}"
    result = Seen()
    lab.host("web1").check_output(f"runuser -u www-data -- sh -c 'echo page > {SHARE}/page'")
    with (
        Clients(lab.host("web1"), {"web1": program}) as clients,
        Load(lab.host("client1"), PAGE, timeout_ms=PAGE_TIMEOUT_MS) as load,
    ):
        yield result
    pages = load.results[PAGE]
    result.page_gap_ms = pages["gap_ms"]
    told = clients.results["web1"]
    result.gap_ms = {kind: told[kind]["gap_ms"] for kind in KINDS}
    result.problems = [problem for kind in KINDS for problem in told[kind]["problems"]]
    pauses = [result.gap_ms[kind] for kind in KINDS] + [pages["latency_ms"]["max"], result.page_gap_ms]
    failed = f"{pages['failed_requests']} of {pages['requests']}"
    report(f"| {what} | {' | '.join(f'{pause / 1000:.1f} s' for pause in pauses)} | {failed} |")
    assert not result.problems
    assert told["lock"] == "", "a lock was lost"
    active, _standby = active_and_standby(lab)
    assert_has_all(lab, active, folder, told["write"]["count"], told["make"]["count"])


def assert_has_all(lab: Lab, store: str, folder: str, records: int, files: int) -> None:
    """What was written is there: numbers from 0 without a gap, each once."""
    text = lab.host(store).check_output(f"cat {folder}/records; echo; cat {folder}/file-*")
    first, _blank, second = text.partition("\n\n")
    for found, count in ((first, records), (second, files)):
        numbers = [int(line) for line in found.splitlines()]
        # One more may have got there whose user did not live to be told.
        assert numbers[:count] == list(range(count))
        assert len(numbers) <= count + 1


def head() -> None:
    """Report the first rows of the table."""
    report("")
    columns = [*(f"pause, {kind}" for kind in KINDS.values()), "slowest page", "no page for", "pages that failed"]
    report(f"| fault of the storage | {' | '.join(columns)} |")
    report(f"| --- |{' --: |' * len(columns)}")
