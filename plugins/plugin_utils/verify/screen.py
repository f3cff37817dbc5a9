# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay out a report as one screen of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import Line
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify import screen_data
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.directors import asked_by
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import (
    ClusterReport,
    DirectorFinding,
    RealServerFinding,
    RequestsFinding,
    ServerFinding,
    ServiceFinding,
    TableFinding,
    VipFinding,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.rows import NOTHING, Block, Row, tone_of
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.table import endpoint

WIDTH = 96
MOST_ROWS = 12
"""Of a longer list only what is wrong is shown, and the first of what is well."""


@dataclass(frozen=True)
class Symbols:
    """The marks of a screen, one column each."""

    well: str
    wrong: str
    open: str
    rule: str
    arrow: str


UNICODE = Symbols("✔", "✘", "·", "─", "→")
ASCII = Symbols("+", "!", ".", "-", ">")


def symbols_for(encoding: str | None) -> Symbols:
    """Choose the marks that an output with this encoding can show."""
    try:
        "".join(vars(UNICODE).values()).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def render(report: ClusterReport, symbols: Symbols) -> list[Line]:
    """Return the screen of a cluster."""
    return [line for block in _Screen(symbols).blocks(report) if block for line in (Line(""), *block)]


class _Screen:
    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols

    def blocks(self, report: ClusterReport) -> Iterator[list[Line]]:
        """Yield the parts of the screen, which an empty line separates."""
        yield [Line(f"LVS cluster {report.name}", "title"), Line(self._symbols.rule * WIDTH)]
        yield self._section("Directors", map(_director, report.directors))
        yield self._section("VIPs", map(_vip, report.vips))
        for service in report.services:
            yield self._service(service)
        tables = (row for table in report.tables for row in _table_rows(table))
        yield self._section("IPVS table, compared with the declaration", tables)
        yield self._section("Real servers", (row for server in report.real_servers for row in _real_server(server)))
        for block in screen_data.blocks(report.shared_data):
            yield self._block(block)
        yield self._section("Not checked", (Row("open", (text,)) for text in report.not_checked))
        yield self._verdict(report)

    def _section(self, title: str, rows: Iterable[Row]) -> list[Line]:
        lines = self._table(list(rows))
        return [Line(title, "title"), *lines] if lines else []

    def _block(self, block: Block) -> list[Line]:
        last = [line for row in block.last for line in self._wrap(row.tone, "  ".join(row.cells))]
        return [Line(block.title, "title"), *self._table(block.rows, block.columns, block.numbers), *last]

    def _service(self, service: ServiceFinding) -> list[Line]:
        head = f"Service {service.name}: {service.protocol} {endpoint(service.vip, service.port)}, {_how(service)}"
        with_answers = any(server.answers is not None for server in service.servers)
        titles = ("server", "address", "state", "weight", "connections", *(["answers"] if with_answers else []))
        rows = [_server(server, with_answers) for server in service.servers]
        lines = self._table(rows, titles, numbers=(3, 4, 5))
        if service.requests:
            lines += self._wrap(tone_of(service.requests), _requests(service.requests))
        return [Line(head, "title"), *lines]

    def _table(self, rows: Sequence[Row], titles: Sequence[str] = (), numbers: Sequence[int] = ()) -> list[Line]:
        """Align rows in columns; `numbers` are the columns that are aligned to the right."""
        shown = _fold(rows)
        cells = [*([tuple(titles)] if titles else []), *(row.cells for row in shown)]
        widths = [
            max(len(row[column]) for row in cells if column < len(row))
            for column in range(max(map(len, cells), default=0))
        ]

        def align(row: Sequence[str]) -> str:
            padded = (
                text.rjust(width) if column in numbers else text.ljust(width)
                for column, (text, width) in enumerate(zip(row, widths, strict=False))
            )
            return "  ".join(padded)

        lines = [Line(f"    {align(titles)}".rstrip())] if titles else []
        for row in shown:
            lines += self._wrap(row.tone, align(row.cells).rstrip())
        hidden = len(rows) - len(shown)
        return [*lines, *([Line(f"    and {hidden} more, all well")] if hidden else [])]

    def _wrap(self, tone: str, text: str) -> list[Line]:
        mark = {"well": self._symbols.well, "wrong": self._symbols.wrong}.get(tone, self._symbols.open)
        wrapped = textwrap.wrap(text, WIDTH - 4, drop_whitespace=False, break_long_words=False, break_on_hyphens=False)
        first, *rest = wrapped or [""]
        return [Line(f"  {mark} {first}".rstrip(), tone), *(Line(f"    {more.strip()}", tone) for more in rest)]

    def _verdict(self, report: ClusterReport) -> list[Line]:
        if not report.problems:
            text = "Everything that was checked is as declared." if report.not_checked else "Everything is as declared."
            return self._wrap("well", text)
        count = "1 problem" if len(report.problems) == 1 else f"{len(report.problems)} problems"
        lines = [Line(count, "title")]
        for number, problem in enumerate(report.problems, 1):
            lines += _indented(f"{number:3}. ", problem.what, "wrong")
            lines += _indented(f"     {self._symbols.arrow} ", problem.remedy, "plain")
        return lines


def _indented(start: str, text: str, tone: str) -> list[Line]:
    wrapped = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [Line(each, tone) for each in wrapped]


def _fold(rows: Sequence[Row]) -> list[Row]:
    """Leave out rows that are well when there are too many to read."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    room = MOST_ROWS - sum(row.tone != "well" for row in rows)
    shown = []
    for row in rows:
        if row.tone == "well":
            room -= 1
            if room < 0:
                continue
        shown.append(row)
    return shown


def _director(director: DirectorFinding) -> Row:
    role = "active" if director.vips else "standby"
    held = [*director.vips, *(f"gateway {gateway}" for gateway in director.nat_gateways)]
    holds = f"holds {names(held)}" if held else "holds no VIP"
    if director.sync_daemons is None:
        sync = "IPVS not read"
    else:
        sync = f"sync {' and '.join(director.sync_daemons)}" if director.sync_daemons else "no sync daemon"
    return Row(tone_of(director), (director.host, role, holds, sync))


def _vip(vip: VipFinding) -> Row:
    holder = names(vip.holders) or "nobody"
    if vip.answers is None:
        answered = "nobody asked the network"
        return Row("wrong" if vip.problems else "open", (vip.vip, f"held by {holder}", answered))
    who = names(f"{host or 'a stranger'} ({mac})" for mac, host in vip.answers) or "nobody"
    return Row(tone_of(vip), (vip.vip, f"held by {holder}", f"{asked_by(vip.vip)} is answered by {who}"))


def _how(service: ServiceFinding) -> str:
    persistence = "" if service.persistence_timeout is None else f", persistent for {service.persistence_timeout} s"
    mark = "" if service.fwmark is None else f"fwmark {service.fwmark}, "
    return f"{mark}{service.forwarding.upper()}, {service.scheduler}{persistence}"


def _server(server: ServerFinding, with_answers: bool) -> Row:
    state = f"OUT OF ROTATION on {names(server.out_on)}" if server.out_on else _state_of_weight(server.weight)
    cells = (
        server.host,
        endpoint(server.address, server.port),
        state,
        _number(server.weight),
        _number(server.connections),
    )
    return Row(_tone_of_server(server), (*cells, _number(server.answers)) if with_answers else cells)


def _state_of_weight(weight: int | None) -> str:
    if weight is None:
        return "unknown"
    return "in rotation" if weight else "weight 0, as declared"


def _tone_of_server(server: ServerFinding) -> str:
    return tone_of(server) if server.out_on or server.weight else "open"


def _number(number: int | None) -> str:
    return NOTHING if number is None else str(number)


def _requests(requests: RequestsFinding) -> str:
    text = f"{requests.succeeded} of {requests.requests} requests from {requests.client} answered"
    if requests.gap_ms is None:
        return text
    speed = f"median {requests.median_ms:.1f} ms, slowest {requests.slowest_ms:.1f} ms"
    return f"{text}; {speed}; longest gap {requests.gap_ms:.0f} ms"


def _table_rows(table: TableFinding) -> Iterator[Row]:
    if not table.differences:
        yield Row("well", (table.host, "as declared"))
    for difference in table.differences:
        yield Row("wrong", (table.host, difference))


def _real_server(server: RealServerFinding) -> Iterator[Row]:
    if server.bound is None:
        yield Row("open", (server.host, "its VIPs were not looked at"))
    elif server.bound or server.problems:
        arp = {True: ", silent in ARP", False: ", NOT SILENT IN ARP", None: ""}[server.silent]
        yield Row(tone_of(server), (server.host, f"has bound {names(server.bound) or 'no VIP'}{arp}"))
    for way in server.ways:
        for difference in way.differences or ("as declared",):
            yield Row(tone_of(way), (server.host, f"{way.what}: {difference}"))
    for mount in server.mounts:
        yield Row(tone_of(mount), (server.host, f"{mount.path}: {mount.state}"))
    for gate in server.gates:
        yield Row(tone_of(gate), (server.host, f"data of {gate.service}: {gate.state}"))
