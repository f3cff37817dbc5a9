# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.probe import http
from ansible_collections.lvs.cluster.plugins.module_utils.probe.http import (
    Answer,
    Outcome,
    Schedule,
    Target,
    parse_answer,
    parse_url,
    probe,
    summarize,
)
from hypothesis import given
from hypothesis import strategies as st

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Served-By: web1\r\n\r\nok"
HEADER = "X-Served-By"


class Server:
    """A server on loopback; `behave(connection, number)` answers the request with that number."""

    def __init__(self, behave):
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.requests = []
        self.address = self._listener.getsockname()
        self.url = f"http://127.0.0.1:{self.address[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # shutdown wakes the thread that waits in accept, close alone would not
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        number = 0
        with suppress(OSError):
            while True:
                connection, _peer = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()
                number += 1

    def _serve(self, connection, number):
        with connection, suppress(OSError):
            self.requests.append(connection.recv(65536))
            self._behave(connection, number)


@pytest.fixture
def serve():
    servers = []

    def start(behave=lambda connection, number: connection.sendall(OK)):
        servers.append(Server(behave))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


PATIENCE = 30_000
"""Milliseconds that an answer may take on a machine that is busy with other things."""


def ask(server, count=1, timeout=PATIENCE, interval=5):
    return probe(parse_url(server.url), Schedule(count, None, interval, timeout), HEADER)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class TestUrls:
    @pytest.mark.parametrize(
        ("url", "address", "line", "host"),
        [
            ("http://192.0.2.100", ("192.0.2.100", 80), "GET / HTTP/1.1", "192.0.2.100"),
            ("http://192.0.2.100:8080/a/b?c=d#e", ("192.0.2.100", 8080), "GET /a/b?c=d HTTP/1.1", "192.0.2.100:8080"),
            ("http://[2001:db8::1]:81/", ("2001:db8::1", 81, 0, 0), "GET / HTTP/1.1", "[2001:db8::1]:81"),
        ],
    )
    def test_a_url_says_where_and_what(self, url, address, line, host):
        target = parse_url(url)
        assert target.address == address
        assert target.family == (socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        assert target.request.decode().split("\r\n")[:2] == [line, f"Host: {host}"]
        assert target.request.endswith(b"\r\nConnection: close\r\n\r\n")

    def test_another_host_header(self):
        assert b"\r\nHost: www.example.org\r\n" in parse_url("http://192.0.2.100/", "www.example.org").request

    @pytest.mark.parametrize(
        "url", ["https://192.0.2.1/", "192.0.2.1", "http://", "http:///path", "ftp://192.0.2.1/", ""]
    )
    def test_what_is_no_http_url(self, url):
        with pytest.raises(ValueError, match="is no URL of the form http://ADDRESS"):
            parse_url(url)

    def test_a_port_out_of_range(self):
        with pytest.raises(ValueError, match="out of range"):
            parse_url("http://192.0.2.1:99999/")

    def test_a_name_that_nobody_knows(self, monkeypatch):
        def fail(*arguments, **options):
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(http.socket, "getaddrinfo", fail)
        with pytest.raises(ValueError, match=r"'no\.such\.name' is no address and no name that this host can resolve"):
            parse_url("http://no.such.name/")


class TestSchedules:
    @pytest.mark.parametrize("wrong", [{"count": 0}, {"duration": -1.0}, {"interval": 0}, {"timeout": 0}])
    def test_too_small(self, wrong):
        (name,) = wrong
        with pytest.raises(ValueError, match=f"^{name}: .* must be more than 0"):
            Schedule(**{"count": None, "duration": None, **wrong})

    def test_a_count_ends_after_so_many_requests(self):
        schedule = Schedule(3, None)
        assert [schedule.allows(99, started) for started in range(5)] == [True, True, True, False, False]

    def test_a_duration_ends_with_its_last_slot(self):
        schedule = Schedule(None, 0.1, interval=20)
        assert [schedule.allows(slot, slot) for slot in range(7)] == [True] * 5 + [False] * 2

    def test_slots(self):
        schedule = Schedule(1, None, interval=20)
        assert [schedule.slot_at(seconds) for seconds in (0.0, 0.019, 0.021, 1.001)] == [0, 0, 1, 50]
        assert schedule.start_of(50) == 1.0


class TestAnswers:
    def test_complete_by_its_length(self):
        assert parse_answer(OK, False, HEADER) == Answer(200, "web1")

    def test_the_header_is_found_in_any_case(self):
        assert parse_answer(OK, False, "x-served-by") == Answer(200, "web1")
        assert parse_answer(OK, False, "Server") == Answer(200, None)

    @pytest.mark.parametrize("length", range(len(OK)))
    def test_every_beginning_is_incomplete(self, length):
        assert parse_answer(OK[:length], False, HEADER) is None

    @pytest.mark.parametrize("length", range(len(OK)))
    def test_no_beginning_is_an_answer_when_the_connection_is_closed(self, length):
        with pytest.raises(ValueError):
            parse_answer(OK[:length], True, HEADER)

    def test_without_a_length_the_end_of_the_connection_counts(self):
        text = b"HTTP/1.0 503 Service Unavailable\r\n\r\nso"
        assert parse_answer(text, False, HEADER) is None
        assert parse_answer(text, True, HEADER) == Answer(503, None)

    @pytest.mark.parametrize(
        "text",
        [b"SSH-2.0-x", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200\r\nContent-Length: x\r\n\r\n"],
    )
    def test_no_http(self, text):
        with pytest.raises((ValueError, IndexError)):
            parse_answer(text, True, HEADER)

    @given(st.binary(max_size=100), st.booleans())
    def test_random_bytes(self, data, closed):
        with suppress(ValueError, IndexError):
            parse_answer(b"HTTP/" + data, closed, HEADER)


def good(start, server=None, latency=0.001):
    return Outcome(start, latency, Answer(200, server), None)


def bad(start, kind="connect_timeout", answer=None):
    return Outcome(start, 0.25, answer, kind)


class TestSummaries:
    def test_nothing_at_all(self):
        assert summarize([]) == {
            "requests": 0,
            "succeeded": 0,
            "failed_requests": 0,
            "statuses": {},
            "servers": {},
            "failures": {},
            "gap_ms": None,
            "gap_began_ms": None,
            "duration_ms": 0.0,
            "latency_ms": {},
        }

    def test_without_failures_the_gap_is_the_interval(self):
        result = summarize([good(0.0), good(0.02), good(0.041)])
        assert (result["gap_ms"], result["gap_began_ms"]) == (21.0, 20.0)
        assert result["failures"] == {}

    def test_an_outage_is_a_gap_between_the_successes_around_it(self):
        starts = [number * 0.02 for number in range(100)]
        result = summarize([bad(start) if 0.5 <= start < 1.5 else good(start) for start in starts])
        assert (result["gap_ms"], result["gap_began_ms"]) == (1020.0, 480.0)
        assert result["failures"] == {"connect_timeout": {"count": 50, "first_ms": 500.0, "last_ms": 1480.0}}
        assert (result["requests"], result["succeeded"], result["failed_requests"]) == (100, 50, 50)

    def test_a_gap_at_the_beginning(self):
        result = summarize([bad(0.0), bad(0.3), good(0.5), good(0.52)])
        assert (result["gap_ms"], result["gap_began_ms"]) == (500.0, 0.0)

    def test_a_gap_that_does_not_end(self):
        result = summarize([good(0.0), good(0.02), bad(0.04), bad(0.9)])
        assert (result["gap_ms"], result["gap_began_ms"]) == (880.0, 20.0)

    def test_without_any_success_there_is_no_gap_to_tell(self):
        result = summarize([bad(0.0), bad(0.02)])
        assert (result["gap_ms"], result["gap_began_ms"], result["latency_ms"]) == (None, None, {})

    def test_outcomes_come_in_any_order(self):
        assert summarize([good(0.04), good(0.0), good(0.02)])["gap_ms"] == 20.0

    def test_an_answer_with_an_error_is_an_answer_and_a_failure(self):
        result = summarize([good(0.0, "web1"), bad(0.02, "status_503", Answer(503, "web2")), good(0.04)])
        assert result["statuses"] == {"200": 2, "503": 1}
        assert result["servers"] == {"web1": 1, "web2": 1}
        assert result["failures"] == {"status_503": {"count": 1, "first_ms": 20.0, "last_ms": 20.0}}
        assert result["gap_ms"] == 40.0

    def test_latencies_are_those_of_successes(self):
        outcomes = [good(number / 100, latency=(number + 1) / 1000) for number in range(100)]
        assert summarize([*outcomes, bad(2.0)])["latency_ms"] == {"p50": 50.0, "p90": 90.0, "p99": 99.0, "max": 100.0}

    def test_one_latency(self):
        assert summarize([good(0.0)])["latency_ms"] == {"p50": 1.0, "p90": 1.0, "p99": 1.0, "max": 1.0}

    @given(st.lists(st.booleans(), min_size=1, max_size=60))
    def test_the_gap_is_the_longest_row_of_failures_and_one_interval(self, successes):
        result = summarize([good(number) if ok else bad(number) for number, ok in enumerate(successes)])
        if not any(successes):
            assert result["gap_ms"] is None
            return
        inner = "".join("x" if ok else "-" for ok in successes).strip("-").split("x")
        longest = max(len(row) + 1 for row in inner) if len(inner) > 2 else 0
        edges = (successes.index(True), successes[::-1].index(True))
        assert result["gap_ms"] == max(longest, *edges) * 1000.0


class TestRequests:
    def test_each_request_is_a_connection_of_its_own(self, serve):
        server = serve()
        result = ask(server, count=5)
        assert (result["requests"], result["succeeded"], result["statuses"]) == (5, 5, {"200": 5})
        assert result["servers"] == {"web1": 5}
        assert len(server.requests) == 5
        assert (result["address"], result["port"]) == server.address
        assert abs(result["began_at"] - time.time()) < 60

    def test_a_long_answer_in_pieces(self, serve):
        body = b"x" * 300_000

        def behave(connection, number):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            connection.sendall(body)

        assert ask(serve(behave))["succeeded"] == 1

    def test_slow_answers_delay_no_other_request(self, serve):
        def behave(connection, number):
            time.sleep(1)
            connection.sendall(OK)

        result = ask(serve(behave), count=10, interval=10)
        assert result["succeeded"] == 10
        # One after the other they take 10 seconds.
        assert result["duration_ms"] < 9000
        assert result["latency_ms"]["p50"] >= 1000

    def test_a_refused_connection(self):
        target = parse_url(f"http://127.0.0.1:{free_port()}/")
        result = probe(target, Schedule(2, None), HEADER)
        assert result["failures"]["refused"]["count"] == 2
        assert result["gap_ms"] is None

    def test_an_answer_that_does_not_come(self, serve):
        result = ask(serve(lambda connection, number: time.sleep(10)), timeout=500)
        assert list(result["failures"]) == ["answer_timeout"]

    def test_a_connection_that_is_not_accepted(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            # the kernel completes a connection or two for the backlog, then leaves SYNs unanswered
            result = probe(parse_url(url), Schedule(6, None, 5, 100), HEADER)
        assert result["failures"]["connect_timeout"]["count"] >= 3
        assert set(result["failures"]) <= {"connect_timeout", "answer_timeout"}

    def test_an_answer_that_is_cut_off(self, serve):
        assert list(ask(serve(lambda connection, number: connection.sendall(OK[:-1])))["failures"]) == ["malformed"]

    def test_an_answer_that_is_no_http(self, serve):
        assert list(ask(serve(lambda connection, number: connection.sendall(b"SSH-2.0\r\n")))["failures"]) == [
            "malformed"
        ]

    def test_a_reset(self, serve):
        def behave(connection, number):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

        assert list(ask(serve(behave))["failures"]) == ["reset"]

    def test_an_error_status(self, serve):
        result = ask(serve(lambda connection, number: connection.sendall(OK.replace(b"200", b"503"))))
        assert (list(result["failures"]), result["statuses"]) == (["status_503"], {"503": 1})

    def test_an_error_at_once(self):
        # a multicast address is no place to connect to
        target = Target(socket.AF_INET, ("224.0.0.1", 80), b"GET / HTTP/1.1\r\n\r\n")
        result = probe(target, Schedule(1, None, 5, 100), HEADER)
        assert list(result["failures"]) == ["unreachable"]

    def test_an_outage_is_measured(self, serve):
        def behave(connection, number):
            if not 10 <= number < 30:
                connection.sendall(OK)

        result = ask(serve(behave), count=40, interval=10)
        assert result["failures"]["malformed"]["count"] == 20
        assert 200 <= result["gap_ms"] <= result["duration_ms"]

    def test_a_duration(self, serve):
        result = probe(parse_url(serve().url), Schedule(None, 0.2, 20, PATIENCE), HEADER)
        assert result["requests"] + result["missed"] == 10

    def test_slots_that_were_slept_through_are_left_out_and_counted(self, serve, monkeypatch):
        # Slots so long that a busy machine does not sleep through more of them.
        run = http.Run(parse_url(serve().url), Schedule(None, 3.0, 300), HEADER, lambda: False)
        time.sleep(1.6)
        run.run()
        assert run.missed >= 5
        assert len(run.outcomes) + run.missed == 10

    def test_no_request_starts_after_the_duration_however_long_was_slept(self, serve):
        run = http.Run(parse_url(serve().url), Schedule(None, 0.2, 20), HEADER, lambda: False)
        time.sleep(0.5)
        run.run()
        assert (len(run.outcomes), run.missed) == (0, 10)

    def test_stopping_early(self, serve):
        result = probe(
            parse_url(serve().url), Schedule(None, 60.0), HEADER, stopped=iter([False] * 20 + [True] * 99).__next__
        )
        assert 0 < result["requests"] < 20


class TestProgram:
    """The file alone, as it is copied to a host."""

    @pytest.fixture
    def program(self, tmp_path):
        copy = tmp_path / "probe.py"
        with open(http.__file__, encoding="utf-8") as source:  # noqa: PTH123
            copy.write_text(source.read(), encoding="utf-8")
        return [sys.executable, "-I", str(copy), "--timeout", str(PATIENCE)]

    def test_json_on_one_line(self, program, serve):
        done = subprocess.run(
            [*program, "--url", serve().url, "--count", "3", "--json"], capture_output=True, text=True, check=True
        )
        assert done.stdout.count("\n") == 1
        assert json.loads(done.stdout)["succeeded"] == 3

    def test_text(self, program, serve):
        done = subprocess.run(
            [*program, "--url", serve().url, "--duration", "0.1"], capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout)["failed_requests"] == 0
        assert '\n  "gap_ms": ' in done.stdout

    def test_a_signal_ends_it_with_a_result(self, program, serve):
        asked = threading.Event()

        def answer(connection, _number):
            connection.sendall(OK)
            asked.set()

        running = subprocess.Popen([*program, "--url", serve(answer).url, "--duration", "60"], stdout=subprocess.PIPE)
        assert asked.wait(30)
        time.sleep(0.5)
        os.kill(running.pid, signal.SIGTERM)
        output, _errors = running.communicate(timeout=60)
        assert running.returncode == 0
        assert json.loads(output)["succeeded"] > 0

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (["--url", "https://x/", "--count", "1"], "is no URL of the form"),
            (["--url", "http://192.0.2.1/"], "one of the arguments --count --duration is required"),
            (["--url", "http://192.0.2.1/", "--count", "1", "--interval", "0"], "interval: 0 is too small"),
        ],
    )
    def test_wrong_arguments(self, program, arguments, complaint):
        done = subprocess.run([*program, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert complaint in done.stderr
