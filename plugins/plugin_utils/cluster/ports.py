# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports of a service: one, a list, a range, or a list with ranges in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, show
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Port
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, Spec

MOST_PORTS = 64
"""Without a fwmark each port is an IPVS service with health checks of its own; more of them want one fwmark service."""

PORT = Port()


@dataclass(frozen=True)
class Ports(Spec):
    """Ports without repetition, read as a tuple of numbers in the order in which they are written."""

    def read(self, value: object, where: str, problems: Problems) -> object:
        """The ports, or INVALID."""
        if not isinstance(value, (list, tuple)):
            return self._read_all([value], [where], where, problems)
        if not value:
            problems.add(where, "the list is empty", f"write at least one: {self.describe()}")
            return INVALID
        return self._read_all(value, [f"{where}[{index}]" for index in range(len(value))], where, problems)

    def _read_all(
        self, values: list[object] | tuple[object, ...], paths: list[str], where: str, problems: Problems
    ) -> object:
        read = [_read_item(value, path, problems) for value, path in zip(values, paths)]
        valid = [ports for ports in read if ports is not None]
        if len(valid) < len(read):
            return INVALID
        ports = [port for item in valid for port in item]
        if len(set(ports)) < len(ports):
            twice = next(port for port, times in Counter(ports).items() if times > 1)
            problems.add(where, f"{twice} stands in the list twice", "write each once")
            return INVALID
        return tuple(ports)

    def _description(self) -> str:
        return f"{PORT.describe()}, a range in quotes such as '8000-8009', or a list of such"


def _read_item(value: object, where: str, problems: Problems) -> range | None:
    """The ports of one number or range, or None."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9} *[-:] *[0-9]{1,9}", value):
        first, last = (int(number) for number in re.findall(r"[0-9]+", value))
        if 1 <= first < last <= PORT.maximum:
            return range(first, last + 1)
        fix = f"write the lower port first, both from {PORT.describe()}"
        problems.add(where, f"{show(value)} is not a range of ports", fix)
        return None
    port = PORT.read(value, where, problems)
    return range(port, port + 1) if isinstance(port, int) else None


def as_ranges(ports: Iterable[int]) -> tuple[str, ...]:
    """Ports as text, in ascending order, neighbours together: 80, 81, 443 -> `80-81`, `443`."""
    ranges: list[list[int]] = []
    for port in sorted(ports):
        if ranges and ranges[-1][-1] == port - 1:
            ranges[-1] = [ranges[-1][0], port]
        else:
            ranges.append([port])
    return tuple("-".join(map(str, each)) for each in ranges)
