# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a service by HTTP, with a new connection for each request, and measure what a client sees of an interruption.

Requests start on a fixed schedule and wait for their answers side by side, so a slow one delays no other. A request
has succeeded when it was answered completely, within its timeout, with a status below 400. The *gap* is the longest
interval between the starts of two consecutive successful requests; where the first or last requests fail, it reaches to
the first or last request. It is exact to one interval of the schedule.

The file also works alone: copied to a host, `python3 probe.py --url http://192.0.2.100/ --duration 20 --json`
measures until the time is over, or until SIGTERM or SIGINT. Do not name the copy http.py: programs that run in the same
folder would take it for Python's own module.
"""

from __future__ import annotations

import argparse
import errno
import json
import math
import selectors
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

INTERVAL_MS = 20
TIMEOUT_MS = 250
SERVER_HEADER = "X-Served-By"
FAILURES = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
}


@dataclass(frozen=True)
class Target:
    """What to ask: a socket address, and the bytes of the request."""

    family: int
    address: tuple[Any, ...]
    request: bytes


@dataclass(frozen=True)
class Schedule:
    """When to ask: `count` requests or as many as fit in `duration` seconds; one every `interval` milliseconds.

    A request fails after `timeout` milliseconds.
    """

    count: int | None
    duration: float | None
    interval: int = INTERVAL_MS
    timeout: int = TIMEOUT_MS

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and value <= 0:
                raise ValueError(f"{name}: {value} is too small, it must be more than 0")

    def slot_at(self, seconds: float) -> int:
        """Return the number of the slot that has begun by then."""
        return int(seconds * 1000 / self.interval)

    def start_of(self, slot: int) -> float:
        """Return the seconds after which a slot begins."""
        return slot * self.interval / 1000

    def allows(self, slot: int, started: int) -> bool:
        """Tell whether a request may start in this slot of the schedule after `started` others."""
        if self.count is not None:
            return started < self.count
        return self.start_of(slot) < (self.duration or 0)


@dataclass(frozen=True)
class Answer:
    """A complete answer; `server` is what the server's header says, if it sent one."""

    status: int
    server: str | None


@dataclass(frozen=True)
class Outcome:
    """A finished request: when it started and how long it took (seconds), its answer or the kind of its failure."""

    start: float
    latency: float
    answer: Answer | None
    failure: str | None


def parse_url(url: str, host: str | None = None) -> Target:
    """Resolve the URL's host once; `host` replaces it in the request's Host header. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url!r} is no URL of the form http://ADDRESS[:PORT][/PATH]")
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(
            parts.hostname, parts.port or 80, type=socket.SOCK_STREAM
        )[0]
    except OSError as error:
        raise ValueError(f"{parts.hostname!r} is no address and no name that this host can resolve: {error}") from error
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    header = (
        f"GET {path} HTTP/1.1\r\nHost: {host or parts.netloc}\r\nUser-Agent: lvs.cluster\r\nConnection: close\r\n\r\n"
    )
    return Target(family, address, header.encode("ascii", "backslashreplace"))


def parse_answer(data: bytes, closed: bool, server_header: str) -> Answer | None:
    """Read an answer, or return None while there is more to come. Raises ValueError when it is no HTTP."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        if closed or not b"HTTP/".startswith(data[:5]):
            raise ValueError("the answer ends in its head, or is no HTTP")
        return None
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length")
    if length is None or len(body) < int(length):
        if not closed:
            return None
        if length is not None:
            raise ValueError("the connection was closed in the middle of the answer")
    return Answer(int(status_line.split()[1]), headers.get(server_header.lower()))


class Exchange:
    """One request on its way, without ever waiting. `outcome` is None until it is over."""

    def __init__(self, target: Target, server_header: str, begin: float, timeout: float) -> None:
        self.outcome: Outcome | None = None
        self.socket = socket.socket(target.family, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        self._server_header = server_header
        self._begin = begin
        self._start = time.monotonic()
        self.deadline = self._start + timeout
        self._unsent = target.request
        self._received = b""
        self._connected = False
        code = self.socket.connect_ex(target.address)
        if code not in (0, errno.EINPROGRESS):
            self._fail(_kind_of(code))

    @property
    def events(self) -> int:
        """What to wait for next: being able to write until the request is out, then something to read."""
        return selectors.EVENT_WRITE if self._unsent else selectors.EVENT_READ

    def advance(self) -> None:
        """Do what is possible now that the socket is ready."""
        try:
            if self._unsent:
                self._write()
            else:
                self._read()
        except OSError as error:
            self._fail(_kind_of(error.errno))
        except (ValueError, IndexError):
            self._fail("malformed")

    def expire(self) -> None:
        """Give up, as the time is over."""
        self._fail("answer_timeout" if self._connected else "connect_timeout")

    def _write(self) -> None:
        code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, "connect")
        self._connected = True
        self._unsent = self._unsent[self.socket.send(self._unsent) :]

    def _read(self) -> None:
        data = self.socket.recv(65536)
        self._received += data
        answer = parse_answer(self._received, not data, self._server_header)
        if answer:
            failure = None if answer.status < 400 else f"status_{answer.status}"
            self._finish(answer, failure)

    def _fail(self, kind: str) -> None:
        self._finish(None, kind)

    def _finish(self, answer: Answer | None, failure: str | None) -> None:
        start = self._start - self._begin
        self.outcome = Outcome(start, time.monotonic() - self._start, answer, failure)


def _kind_of(code: int | None) -> str:
    return FAILURES.get(code or 0) or errno.errorcode.get(code or 0, "unknown").lower()


class Run:
    """Sends requests by a schedule and collects their outcomes.

    `missed` counts the slots of the schedule that went by while this process did not get to run: after a pause it does
    not catch up with a burst, which would measure the burst.
    """

    def __init__(self, target: Target, schedule: Schedule, server_header: str, stopped: Callable[[], bool]) -> None:
        self.outcomes: list[Outcome] = []
        self.missed = 0
        self._target = target
        self._schedule = schedule
        self._server_header = server_header
        self._stopped = stopped
        self._begin = time.monotonic()
        self._next_slot = 0
        self._started = 0

    def run(self) -> None:
        """Send all requests and wait for their outcomes."""
        with selectors.DefaultSelector() as selector:
            while self._may_start() or selector.get_map():
                self._start_due(selector)
                for key, _events in selector.select(self._pause(selector)):
                    key.data.advance()
                    self._settle(selector, key.data)
                self._expire(selector)

    def _may_start(self) -> bool:
        return not self._stopped() and self._schedule.allows(self._next_slot, self._started)

    def _start_due(self, selector: selectors.BaseSelector) -> None:
        slot = self._schedule.slot_at(time.monotonic() - self._begin)
        while self._next_slot < slot and self._may_start():
            self.missed += 1
            self._next_slot += 1
        if slot < self._next_slot or not self._may_start():
            return
        self._next_slot += 1
        self._started += 1
        exchange = Exchange(self._target, self._server_header, self._begin, self._schedule.timeout / 1000)
        selector.register(exchange.socket, exchange.events, exchange)
        self._settle(selector, exchange)

    def _pause(self, selector: selectors.BaseSelector) -> float:
        """Return the seconds until there is something to do even if no socket gets ready."""
        times = [key.data.deadline for key in selector.get_map().values()]
        if self._may_start():
            times.append(self._begin + self._schedule.start_of(self._next_slot))
        return max(0.0, min(times, default=0.0) - time.monotonic())

    def _expire(self, selector: selectors.BaseSelector) -> None:
        now = time.monotonic()
        for exchange in [key.data for key in selector.get_map().values() if key.data.deadline <= now]:
            exchange.expire()
            self._settle(selector, exchange)

    def _settle(self, selector: selectors.BaseSelector, exchange: Exchange) -> None:
        """Collect the exchange if it is over, else wait for what it needs next."""
        if exchange.outcome is None:
            selector.modify(exchange.socket, exchange.events, exchange)
            return
        selector.unregister(exchange.socket)
        exchange.socket.close()
        self.outcomes.append(exchange.outcome)


def _never() -> bool:
    return False


def probe(
    target: Target, schedule: Schedule, server_header: str, stopped: Callable[[], bool] = _never
) -> dict[str, Any]:
    """Send the requests and return what `summarize` makes of them, and when they began (seconds since the epoch)."""
    address, port, *_scope = target.address
    began_at = round(time.time(), 3)
    run = Run(target, schedule, server_header, stopped)
    run.run()
    about = {"address": address, "port": port, "began_at": began_at, "missed": run.missed}
    return {**about, **summarize(run.outcomes)}


def summarize(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Count the outcomes. Times are milliseconds since the first request."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.start)
    successes = [outcome for outcome in ordered if outcome.failure is None]
    answers = [outcome.answer for outcome in ordered if outcome.answer]
    return {
        "requests": len(ordered),
        "succeeded": len(successes),
        "failed_requests": len(ordered) - len(successes),
        "statuses": dict(sorted(Counter(str(answer.status) for answer in answers).items())),
        "servers": dict(sorted(Counter(answer.server for answer in answers if answer.server).items())),
        "failures": _failures(ordered),
        **_gap(ordered, successes),
        "duration_ms": _milliseconds(ordered[-1].start - ordered[0].start) if ordered else 0.0,
        "latency_ms": _latencies([outcome.latency for outcome in successes]),
    }


def _failures(ordered: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    kinds: dict[str, list[float]] = {}
    for outcome in ordered:
        if outcome.failure:
            kinds.setdefault(outcome.failure, []).append(_milliseconds(outcome.start))
    return {
        kind: {"count": len(starts), "first_ms": starts[0], "last_ms": starts[-1]}
        for kind, starts in sorted(kinds.items())
    }


def _gap(ordered: Sequence[Outcome], successes: Sequence[Outcome]) -> dict[str, float | None]:
    """Return the longest interval without a success and when it began; there is none without any success."""
    if not successes:
        return {"gap_ms": None, "gap_began_ms": None}
    marks = [ordered[0].start, *(outcome.start for outcome in successes), ordered[-1].start]
    length, began = max((later - earlier, earlier) for earlier, later in zip(marks, marks[1:]))
    return {"gap_ms": _milliseconds(length), "gap_began_ms": _milliseconds(began)}


def _latencies(seconds: Iterable[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {}
    ranks = {f"p{percent}": math.ceil(percent / 100 * len(ordered)) - 1 for percent in (50, 90, 99)}
    return {
        **{name: _milliseconds(ordered[rank]) for name, rank in ranks.items()},
        "max": _milliseconds(ordered[-1]),
    }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description="Ask a service by HTTP and measure the longest gap between answers.")
    parser.add_argument("--url", required=True, help="http://ADDRESS[:PORT][/PATH]")
    parser.add_argument("--host", help="Host header, if it is not the URL's")
    amount = parser.add_mutually_exclusive_group(required=True)
    amount.add_argument("--count", type=int, help="number of requests")
    amount.add_argument("--duration", type=float, help="seconds")
    parser.add_argument("--interval", type=int, default=INTERVAL_MS, help="milliseconds between two requests")
    parser.add_argument("--timeout", type=int, default=TIMEOUT_MS, help="milliseconds that a request may take")
    parser.add_argument("--server-header", default=SERVER_HEADER, help="header in which the server says its name")
    parser.add_argument("--json", action="store_true", help="print the result on one line")
    options = parser.parse_args(arguments)
    try:
        target = parse_url(options.url, options.host)
        schedule = Schedule(options.count, options.duration, options.interval, options.timeout)
    except ValueError as error:
        parser.error(str(error))
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: signals.append(received))
    result = probe(target, schedule, options.server_header, lambda: bool(signals))
    sys.stdout.write(json.dumps(result, indent=None if options.json else 2) + "\n")


if __name__ == "__main__":
    main()
