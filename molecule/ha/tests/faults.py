# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients of the cluster while something fails, and tables of what they saw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cluster import DIRECTORS, URLS, VIPS, has_vips
from lab import Clients, Lab, Load, report

ECHO = 7
CONNECTIONS = 10
"""That clients keep to each VIP."""


@dataclass
class Seen:
    """What clients saw; whole after the block."""

    gap_ms: float = 0
    failed: int = 0
    requests: int = 0
    survived: int = 0
    problems: list[str] = field(default_factory=list)


class Kept(Clients):
    """Connections that clients use all the time, `CONNECTIONS` to each VIP."""

    def __init__(self, lab: Lab, vips: tuple[str, ...] = VIPS) -> None:
        program = "/usr/local/lib/echo.py keep"
        super().__init__(lab.host("client1"), {vip: f"{program} {vip} {ECHO} {CONNECTIONS}" for vip in vips})

    @property
    def survived(self) -> int:
        return sum(result["survived"] for result in self.results.values())

    @property
    def problems(self) -> list[str]:
        return [problem for result in self.results.values() for problem in result["problems"]]


def row(*cells: str) -> None:
    """Report a row of a table, the first cell of which is a fault."""
    report(f"| {' | '.join(cells)} |")


def head(*cells: str) -> None:
    """Report the first rows of a table, whose figures are right-aligned."""
    report("")
    row(*cells)
    row("---", *["--:"] * (len(cells) - 1))


@contextmanager
def measured(lab: Lab, fault: str, timeout_ms: int = 250) -> Iterator[Seen]:
    """Clients of the service web, and those that keep connections, see what happens in this block."""
    seen = Seen()
    with Kept(lab) as kept, Load(lab.host("client1"), *URLS.values(), timeout_ms=timeout_ms) as load:
        yield seen
    gaps = [load.results[url]["gap_ms"] for url in URLS.values()]
    seen.gap_ms = max(gaps)
    seen.failed, seen.requests = load.total("failed_requests"), load.total("requests")
    seen.survived, seen.problems = kept.survived, kept.problems
    row(
        fault,
        *(f"{gap:.0f} ms" for gap in gaps),
        f"{seen.failed} of {seen.requests}",
        f"{seen.survived} of {CONNECTIONS * len(VIPS)}",
    )


def has_one_owner(lab: Lab) -> bool:
    """Tell whether one director has the VIPs, and nobody else answers for them."""
    holders = [name for name in DIRECTORS if has_vips(lab.host(name))]
    return len(holders) == 1 and all(
        len(lab.module("client1", "lvs.cluster.arp_probe", address=vip)["macs"]) == 1 for vip in VIPS
    )
