# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of the role data_gate: whom it asks, how long it waits, what it answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "roles" / "data_gate" / "files"))
import lvs_data_gate
from lvs_data_gate import Gate, Server, Settings, Watch, handed_over, parse_configuration
from lvs_datum import Datum

DATA = [{"name": "www", "path": "/srv/www", "kind": "folder"}, {"name": "img", "path": "/srv/img", "kind": "folder"}]
WWW = Datum(**DATA[0])
PATIENT = 20.0
"""Seconds: time enough for whatever does answer, on however busy a machine."""


def configuration(port: int = 1, **service: Any) -> str:
    web = {"name": "web", "when_gone": "stop", "peers": [], "data": DATA[:1], **service}
    return json.dumps({"port": port, "listen": [port], "timeout": PATIENT, "services": [web]})


def gate_of(look: Callable[[Datum], str], text: str) -> Gate:
    gate = Gate(look)
    gate.configure(parse_configuration(text))
    return gate


def watch_of(look: Callable[[Datum], str], timeout: float = PATIENT) -> Watch:
    watch = Watch(WWW, look)
    watch.timeout = timeout
    return watch


def well(_datum: Datum) -> str:
    return ""


def gone(datum: Datum) -> str:
    return f"{datum.path} is not mounted"


def hang(_datum: Datum) -> str:
    time.sleep(60)
    return ""


def hang_while(dead: Path) -> Callable[[Datum], str]:
    """Make a file; the storage is dead while it is there."""
    dead.touch()
    return lambda datum: hang(datum) if dead.exists() else well(datum)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is known is out of date at once, peers have time enough, and nobody waits for children, as in the program."""
    monkeypatch.setattr(lvs_data_gate, "DATUM_FRESH", 0)
    monkeypatch.setattr(lvs_data_gate, "PEER_LIMIT", PATIENT)
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGCHLD, before)


def run(test: Awaitable[Any]) -> Any:
    async def limited() -> Any:
        return await asyncio.wait_for(test, 60)

    return asyncio.run(limited())


def at_once(question: Coroutine[Any, Any, Any]) -> Any:
    """Return what is answered without any waiting."""
    try:
        question.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("this waits")


async def served(gate: Gate, host: str = "127.0.0.1") -> tuple[str, int]:
    """A gate that answers at an address."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    await Server(gate.answer).listen(listener)
    return listener.getsockname()[:2]


async def said(port: int, request: bytes, host: str = "127.0.0.1") -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


# The configuration


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"port": 1}',
        configuration(when_gone="wait"),
        configuration(peers=["web2"]),
        configuration(data=[{"name": "www"}]),
        configuration(data=[{**DATA[0], "color": "red"}]),
    ],
)
def test_what_is_no_configuration(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        parse_configuration(text)


def test_a_changed_configuration_is_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, gate = tmp_path / "gate.json", Gate(well)
    settings = Settings(path, gate)

    async def status(name: str) -> int:
        settings.refresh()
        settings.refresh()
        return (await gate.answer(f"/ready/{name}"))[0]

    async def test() -> None:
        assert await status("web") == 404
        path.write_text(configuration(), encoding="utf-8")
        assert await status("web") == 200
        path.write_text(configuration(name="mail"), encoding="utf-8")
        assert (await status("web"), await status("mail")) == (404, 200)
        path.write_text("{", encoding="utf-8")
        assert await status("mail") == 200
        path.unlink()
        assert await status("mail") == 200

    run(test())
    complaints = capsys.readouterr().err.splitlines()
    assert len(complaints) == 3, complaints
    assert all(f"{path} is no configuration, so the last one stays in force" in line for line in complaints)


# A datum


def test_a_child_reports() -> None:
    reports = iter(["", "/srv/www is gone, ü"])

    async def test() -> None:
        watch = watch_of(lambda _datum: next(reports))
        assert await asyncio.gather(watch.problem(), watch.problem()) == ["", ""]
        assert await watch.problem() == "www: /srv/www is gone, ü"

    run(test())


def test_what_is_known_is_not_looked_at_again_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lvs_data_gate, "DATUM_FRESH", PATIENT)
    reports = iter(["first", "second"])

    async def test() -> None:
        watch = watch_of(lambda _datum: next(reports))
        for _time in range(2):
            assert await watch.problem() == "www: first"
        monkeypatch.setattr(lvs_data_gate, "DATUM_FRESH", 0)
        assert await watch.problem() == "www: second"

    run(test())


def test_one_child_looks_at_all_times() -> None:
    async def test() -> None:
        watch = watch_of(lambda _datum: str(os.getpid()))
        seen = {await watch.problem(), await watch.problem()}
        assert len(seen) == 1
        assert seen != {f"www: {os.getpid()}"}

    run(test())


def test_data_that_are_not_needed_any_more_need_no_child() -> None:
    async def test() -> None:
        gate = gate_of(lambda _datum: str(os.getpid()), configuration())
        _status, text = await gate.answer("/ready/web")
        process = int(text.rpartition(" ")[2])
        gate.configure(parse_configuration(configuration()))
        os.kill(process, 0)
        gate.configure(parse_configuration(configuration(data=[])))
        while Path(f"/proc/{process}").exists():
            await asyncio.sleep(0.05)

    run(test())


def test_a_child_has_nothing_of_the_program_s_in_its_hands() -> None:
    def look(_datum: Datum) -> str:
        return " ".join(path.name for path in Path("/proc/self/fd").iterdir())

    async def test() -> str:
        with socket.create_server(("127.0.0.1", 0)):
            return await watch_of(look).problem()

    # Standard ones, two pipes, and the listing itself.
    assert len(run(test()).split()) == 1 + 6


@pytest.mark.parametrize("end", [lambda _datum: os._exit(1), lambda _datum: 1 / 0])
def test_a_child_that_ends_without_a_word(end: Callable[[Datum], str]) -> None:
    expected = "www: /srv/www cannot be looked at: the process that did has ended"
    assert run(watch_of(end).problem()) == expected


def test_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    expected = "www: /srv/www cannot be looked at: Resource temporarily unavailable"
    assert run(watch_of(well).problem()) == expected


NO_ANSWER = "www: /srv/www does not answer within 0.1 s"


def test_what_hangs_is_not_waited_for_again() -> None:
    async def test() -> None:
        watch = watch_of(hang, 0.1)
        assert await watch.problem() == NO_ANSWER
        assert at_once(watch.problem()) == NO_ANSWER
        watch.close()

    run(test())


def test_a_child_that_hangs_for_long_is_ended_and_another_one_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lvs_data_gate, "DATUM_END", 0.3)
    dead = tmp_path / "dead"

    async def test() -> None:
        watch = watch_of(hang_while(dead), 0.1)
        assert await watch.problem() == NO_ANSWER
        dead.unlink()
        while await watch.problem():
            await asyncio.sleep(0.05)

    run(test())


def test_a_late_answer_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lvs_data_gate, "DATUM_FRESH", PATIENT)
    late = tmp_path / "late"

    def look(_datum: Datum) -> str:
        # In the child, which has no event loop, and which ends even if nobody lets it go on.
        end = time.monotonic() + PATIENT
        while not late.exists() and time.monotonic() < end:
            time.sleep(0.02)
        return ""

    async def test() -> None:
        watch = watch_of(look, 0.1)
        assert await watch.problem() == NO_ANSWER
        late.touch()
        while at_once(watch.problem()):
            await asyncio.sleep(0.02)

    run(test())


def test_beside_a_child_that_cannot_be_ended_there_is_no_other_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    kill = os.kill
    monkeypatch.setattr(os, "kill", lambda process, _signal: ended.append(process))
    monkeypatch.setattr(lvs_data_gate, "DATUM_END", 0.2)
    dead = tmp_path / "dead"

    async def test() -> None:
        watch = watch_of(hang_while(dead), 0.1)
        assert await watch.problem() == NO_ANSWER
        dead.unlink()
        # A second child would answer.
        while not ended:
            await asyncio.sleep(0.02)
            assert at_once(watch.problem()) == NO_ANSWER
        assert len(ended) == 1
        kill(ended[0], signal.SIGKILL)
        while await watch.problem():
            await asyncio.sleep(0.02)

    run(test())


# A service


def test_reasons_of_all_data() -> None:
    gate = gate_of(lambda datum: gone(datum) if datum.name == "img" else "", configuration(data=DATA))
    assert run(gate.answer("/ready/web")) == (503, "img: /srv/img is not mounted")
    gate = gate_of(gone, configuration(data=DATA))
    assert run(gate.answer("/data/web")) == (503, "www: /srv/www is not mounted\nimg: /srv/img is not mounted")


def test_ready() -> None:
    for path in ("/ready/web", "/data/web"):
        assert run(gate_of(well, configuration()).answer(path)) == (200, "ready")
    assert run(gate_of(gone, configuration(data=[])).answer("/ready/web")) == (200, "ready")


@pytest.mark.parametrize("path", ["/", "", "/ready", "/ready/", "/ready/mail", "/ready/web/", "/other/web"])
def test_paths_that_do_not_exist(path: str) -> None:
    assert run(gate_of(well, configuration()).answer(path))[0] == 404


def test_what_changes_is_told_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    here = tmp_path / "here"
    gate = gate_of(lambda datum: "" if here.exists() else gone(datum), configuration())

    async def test() -> None:
        for _time in range(2):
            await gate.answer("/ready/web")
        here.touch()
        for _time in range(2):
            await gate.answer("/ready/web")

    run(test())
    assert capsys.readouterr().out == "web: www: /srv/www is not mounted\nweb: ready\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize(("peer", "status"), [(well, 503), (gone, 200), (hang, 200)])
def test_peers(host: str, peer: Callable[[Datum], str], status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if peer is hang:
        monkeypatch.setattr(lvs_data_gate, "PEER_LIMIT", 0.1)

    async def test() -> tuple[int, str]:
        address, port = await served(gate_of(peer, configuration()), host)
        mine = gate_of(gone, configuration(port, when_gone="serve", peers=["127.0.0.2", address]))
        return await mine.answer("/ready/web")

    problem = "www: /srv/www is not mounted"
    serving = f"ready: no server has its data, serving all the same\n{problem}"
    assert run(test()) == (status, problem if status == 503 else serving)


def test_with_stop_nobody_asks_a_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(lvs_data_gate, "ask")
    assert run(gate_of(gone, configuration(peers=["127.0.0.1"])).answer("/ready/web"))[0] == 503
    assert run(gate_of(well, configuration(when_gone="serve", peers=["127.0.0.1"])).answer("/ready/web"))[0] == 200


def test_a_peer_that_is_too_slow_has_what_it_said_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lvs_data_gate, "PEER_FRESH", 0)
    monkeypatch.setattr(lvs_data_gate, "PEER_KEPT", PATIENT)
    takes = iter([0, 60])

    async def ask(_address: str, _port: int, _path: str) -> bool:
        await asyncio.sleep(next(takes))
        return True

    monkeypatch.setattr(lvs_data_gate, "ask", ask)
    gate = gate_of(gone, configuration(when_gone="serve", peers=["192.0.2.22"]))

    async def status() -> int:
        return (await gate.answer("/ready/web"))[0]

    async def test() -> None:
        assert await status() == 503
        monkeypatch.setattr(lvs_data_gate, "PEER_LIMIT", 0.1)
        assert await status() == 503
        monkeypatch.setattr(lvs_data_gate, "PEER_KEPT", 0)
        assert await status() == 200

    run(test())


def test_a_late_answer_of_a_peer_counts_for_the_next_one_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lvs_data_gate, "PEER_LIMIT", 0.1)
    monkeypatch.setattr(lvs_data_gate, "PEER_FRESH", PATIENT)
    late: list[asyncio.Future[bool]] = []

    async def ask(_address: str, _port: int, _path: str) -> bool:
        late.append(asyncio.get_running_loop().create_future())
        return await late[0]

    monkeypatch.setattr(lvs_data_gate, "ask", ask)
    gate = gate_of(gone, configuration(when_gone="serve", peers=["192.0.2.22"]))

    async def test() -> None:
        assert (await gate.answer("/ready/web"))[0] == 200
        late[0].set_result(True)
        assert (await gate.answer("/ready/web"))[0] == 503

    run(test())
    assert len(late) == 1


def test_peers_are_not_asked_for_each_director(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def ask(address: str, port: int, path: str) -> bool:
        asked.append((address, port, path))
        await asyncio.sleep(0 if address == "192.0.2.22" else 60)
        return False

    monkeypatch.setattr(lvs_data_gate, "ask", ask)
    monkeypatch.setattr(lvs_data_gate, "PEER_LIMIT", 0.1)
    monkeypatch.setattr(lvs_data_gate, "PEER_FRESH", PATIENT)
    gate = gate_of(gone, configuration(8889, when_gone="serve", peers=["192.0.2.22", "2001:db8::23"]))

    async def test() -> None:
        answers = await asyncio.gather(*(gate.answer("/ready/web") for _director in range(3)))
        assert [status for status, _text in answers] == [200, 200, 200]
        assert (await gate.answer("/ready/web"))[0] == 200

    run(test())
    assert sorted(asked) == [("192.0.2.22", 8889, "/data/web"), ("2001:db8::23", 8889, "/data/web")]


# HTTP


def talk(request: bytes, look: Callable[[Datum], str] = well) -> bytes:
    async def test() -> bytes:
        _address, port = await served(gate_of(look, configuration()))
        return await said(port, request)

    return bytes(run(test()))


def test_get() -> None:
    assert talk(b"GET /ready/web?a=b HTTP/1.1\r\nHost: x\r\n\r\n") == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n"
        b"Cache-Control: no-store\r\nConnection: close\r\n\r\nready\n"
    )
    answer = talk(b"GET /%72eady/web HTTP/1.0\r\n\r\n", gone)
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert answer.endswith(b"\r\n\r\nwww: /srv/www is not mounted\n")


def test_head() -> None:
    answer = talk(b"HEAD /ready/web HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 6\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /ready/web HTTP/1.1\r\n\r\nbody", 405),
        (b"GET /ready/mail HTTP/1.1\r\n\r\n", 404),
        (b"GET ready HTTP/1.1\r\n\r\n", 400),
        (b"GET /ready/web\r\n\r\n", 400),
        (b"\x16\x03\x01\r\n\r\n", 400),
        (b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\n\r\n", 400),
    ],
)
def test_what_is_refused(request_: bytes, status: int) -> None:
    assert talk(request_).startswith(b"HTTP/1.1 %d " % status)


def test_clients_that_are_slow_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lvs_data_gate, "CLIENT_LIMIT", 0.3)
    assert talk(b"GET /ready/web HTT") == b""


def test_too_many_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lvs_data_gate, "CLIENTS", 1)
    monkeypatch.setattr(lvs_data_gate, "CLIENT_LIMIT", 60)

    async def test() -> None:
        _address, port = await served(gate_of(well, configuration()))

        async def answer() -> bytes:
            with contextlib.suppress(ConnectionResetError):
                return await said(port, b"GET /ready/web HTTP/1.0\r\n\r\n")
            return b""

        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await answer() == b""
        writer.close()
        while not (await answer()).startswith(b"HTTP/1.1 200 "):
            await asyncio.sleep(0.02)

    run(test())


def test_sockets_of_systemd() -> None:
    given = {"LISTEN_PID": "7", "LISTEN_FDS": "2"}
    assert list(handed_over(given, 7)) == [3, 4]
    assert list(handed_over(given, 8)) == []
    assert list(handed_over({}, 7)) == []


def test_the_whole_program(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    path.write_text(configuration(data=[{**DATA[0], "path": str(tmp_path)}]), encoding="utf-8")

    async def test() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            program = asyncio.ensure_future(lvs_data_gate.run([listener], path))
            await asyncio.sleep(0)
            answer = await said(listener.getsockname()[1], b"GET /ready/web HTTP/1.0\r\n\r\n")
            program.cancel()
            return answer

    assert run(test()).endswith(b"\r\n\r\nready\n")
