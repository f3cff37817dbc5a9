# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells by HTTP whether this host has the data that its services need. A director's health check asks it.

`GET /ready/SERVICE` is 200, or 503 with a line for each datum that is not there. With the policy `serve` it is 200 too
while no other server has its data either. `GET /data/SERVICE` is the same without that exception: other servers ask it.

One process, one thread. What touches a file system happens in a child process, since a call to a dead storage server
may never return. Nothing is imported but the standard library, of Python 3.9.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lvs_datum import END, Child, Configuration, Datum, Service, examine, parse_configuration

CONFIGURATION = Path("/etc/lvs-cluster/data_gate.json")

# Seconds
DATUM_FRESH = 0.5
DATUM_END = 10.0
"""How long a child may hang. The mount that it hangs in may not be the one any more that is there now."""
PEER_FRESH = 1.0
PEER_LIMIT = 0.7
"""How long to wait for a peer. One that waits for its own datum takes longer: nobody knows then that it has it."""
PEER_END = 5.0
"""How long a peer may take, for the next one who asks."""
PEER_KEPT = 6.0
"""How long a peer has what it said last, if it says nothing more: it may be busy."""

READY = "ready"
SERVING_ALL_THE_SAME = "ready: no server has its data, serving all the same"

CLIENT_LIMIT = 5.0
"""Seconds that a client may take to send its request, and to take the answer."""
CLIENTS = 256
REQUEST_BYTES = 8192
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}

Answer = Callable[[str], Awaitable["tuple[int, str]"]]
"""Returns the status and the text for a path."""


class Watch:
    """A datum, what was last seen of it, and the child that looks at it: never more than one."""

    def __init__(self, datum: Datum, look: Callable[[Datum], str] = examine) -> None:
        self.timeout = 1.0
        self._datum = datum
        self._look = look
        self._problem = ""
        self._seen = float("-inf")
        self._child: Child | None = None
        self._looks = False
        self._heard = bytearray()
        self._verdict: asyncio.Future[None] | None = None
        self._timers: tuple[asyncio.TimerHandle, ...] = ()

    async def problem(self) -> str:
        """Say what is wrong with the datum; nothing if it is well. While the child hangs the answer is known."""
        if not self._looks and time.monotonic() - self._seen >= DATUM_FRESH:
            self._begin()
        if self._verdict:
            await asyncio.wait({self._verdict})
        return f"{self._datum.name}: {self._problem}" if self._problem else ""

    def close(self) -> None:
        """End the child."""
        if self._child:
            self._child.kill()

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            if self._child is None:
                self._child = Child(lambda: self._look(self._datum))
                loop.add_reader(self._child.answers, self._hear, self._child)
            self._child.ask()
        except OSError as error:
            self._settle(f"{self._datum.path} cannot be looked at: {error.strerror}")
            return
        self._looks = True
        self._heard.clear()
        self._verdict = loop.create_future()
        text = f"{self._datum.path} does not answer within {self.timeout:g} s"
        self._timers = (
            loop.call_later(self.timeout, self._settle, text),
            # Where this does not help, as with a block device, the child stays, and no other one is started.
            loop.call_later(DATUM_END, self._child.kill),
        )

    def _hear(self, child: Child) -> None:
        data = os.read(child.answers, 65536)
        if data:
            self._heard += data
            if data.endswith(END):
                self._stop_looking()
                self._settle(self._heard[: -len(END)].decode())
            return
        asyncio.get_running_loop().remove_reader(child.answers)
        child.close()
        self._child = None
        self._stop_looking()
        if self._verdict:
            self._settle(f"{self._datum.path} cannot be looked at: the process that did has ended")

    def _stop_looking(self) -> None:
        self._looks = False
        for timer in self._timers:
            timer.cancel()

    def _settle(self, problem: str) -> None:
        self._problem, self._seen = problem, time.monotonic()
        verdict, self._verdict = self._verdict, None
        if verdict:
            verdict.set_result(None)


class Peer:
    """Another server of a service, and what it said last of its data."""

    def __init__(self, address: str, port: int, service: str) -> None:
        self._address = address
        self._port = port
        self._path = f"/data/{service}"
        self._ready = False
        self._seen = float("-inf")
        self._question: asyncio.Task[None] | None = None

    async def has_its_data(self) -> bool:
        """Tell whether it has its data. One that is too slow has what it said last, if that was not long ago."""
        if self._question is None and time.monotonic() - self._seen >= PEER_FRESH:
            self._question = asyncio.ensure_future(self._ask())
        if self._question:
            await asyncio.wait({self._question}, timeout=PEER_LIMIT)
        return self._ready and time.monotonic() - self._seen < PEER_KEPT

    async def _ask(self) -> None:
        try:
            self._ready = await asyncio.wait_for(ask(self._address, self._port, self._path), PEER_END)
            self._seen = time.monotonic()
        except asyncio.TimeoutError:
            pass  # nobody knows
        finally:
            self._question = None


async def first_true(questions: Iterable[Coroutine[Any, Any, bool]]) -> bool:
    """Tell whether one of these says yes, as soon as one does."""
    tasks = {asyncio.ensure_future(question) for question in questions}
    found = False
    while tasks and not found:
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        found = any(task.result() for task in done)
    for task in tasks:
        task.cancel()
    return found


async def ask(address: str, port: int, path: str) -> bool:
    """Tell whether a server answers 200."""
    try:
        reader, writer = await asyncio.open_connection(address, port)
    except OSError:
        return False
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: lvs-data-gate\r\n\r\n".encode())
        status_line = await reader.readline()
    except (OSError, ValueError):
        return False
    finally:
        writer.transport.abort()
    return status_line.split()[1:2] == [b"200"]


class Gate:
    """Answers for the services of a configuration."""

    def __init__(self, look: Callable[[Datum], str] = examine) -> None:
        self._look = look
        self._services: Mapping[str, Service] = {}
        self._watches: dict[Datum, Watch] = {}
        self._peers: dict[str, list[Peer]] = {}
        self._told: dict[str, str] = {}

    def configure(self, configuration: Configuration) -> None:
        """Take over a configuration. What is known of data that stay is kept."""
        self._services = configuration.services
        data = {datum for service in self._services.values() for datum in service.data}
        for datum in self._watches.keys() - data:
            self._watches[datum].close()
        self._watches = {datum: self._watches.get(datum) or Watch(datum, self._look) for datum in data}
        for watch in self._watches.values():
            watch.timeout = configuration.timeout
        self._peers = {
            name: [Peer(address, configuration.port, name) for address in service.peers]
            for name, service in self._services.items()
        }

    async def answer(self, path: str) -> tuple[int, str]:
        """Return the status and the text for a path."""
        question, _slash, name = path.lstrip("/").partition("/")
        service = self._services.get(name)
        if service is None or question not in ("data", "ready"):
            return 404, "there is /ready/SERVICE and /data/SERVICE, for the services of this host"
        found = await asyncio.gather(*(self._watches[datum].problem() for datum in service.data))
        problems = "\n".join(problem for problem in found if problem)
        status, text = (503, problems) if problems else (200, READY)
        if question == "ready":
            asks = problems and service.when_gone == "serve"
            if asks and not await first_true(peer.has_its_data() for peer in self._peers[name]):
                status, text = 200, f"{SERVING_ALL_THE_SAME}\n{problems}"
            self._tell(name, text)
        return status, text

    def _tell(self, name: str, text: str) -> None:
        """Write into the journal what has changed."""
        if self._told.get(name, READY) != text:
            sys.stdout.write(f"{name}: {text}\n")
            sys.stdout.flush()
        self._told[name] = text


class Settings:
    """The file with the configuration. It is read again when it has changed, so nobody has to tell the gate."""

    def __init__(self, path: Path, gate: Gate) -> None:
        self._path = path
        self._gate = gate
        self._read: tuple[int, ...] | None = None

    def refresh(self) -> None:
        """Hand a changed configuration to the gate. What is none leaves the last one in force."""
        try:
            version = self._version()
            if version == self._read:
                return
            self._read = version
            self._gate.configure(parse_configuration(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            sys.stderr.write(f"{self._path} is no configuration, so the last one stays in force: {error!r}\n")

    def _version(self) -> tuple[int, ...]:
        try:
            now = self._path.stat()
        except OSError:
            return ()
        return now.st_ino, now.st_mtime_ns, now.st_size


class Server:
    """Answers the requests of at most `CLIENTS` clients at a time."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._clients = 0

    async def listen(self, listener: socket.socket) -> asyncio.AbstractServer:
        """Serve the clients of a listening socket."""
        return await asyncio.start_server(self._client, sock=listener, limit=REQUEST_BYTES)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            if self._clients <= CLIENTS:
                await self._serve(reader, writer)
        except (OSError, asyncio.TimeoutError):
            pass  # gone, or too slow
        finally:
            self._clients -= 1
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), CLIENT_LIMIT)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            request = b""
        method, status, text = await self._respond(request)
        writer.write(response(status, text, head_only=method == "HEAD"))
        writer.write_eof()
        # A connection that is closed while its client still sends takes the answer from it.
        await asyncio.wait_for(_drain(reader), CLIENT_LIMIT)

    async def _respond(self, request: bytes) -> tuple[str, int, str]:
        """Return the method of a request, and the status and text that answer it."""
        words = request.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
            return "", 400, "this is no request that the gate understands"
        method, target, _version = words
        if method not in ("GET", "HEAD"):
            return method, 405, "the gate answers GET and HEAD"
        return (method, *await self._answer(unquote(target.partition("?")[0])))


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(REQUEST_BYTES):
        pass


def response(status: int, text: str, head_only: bool) -> bytes:
    """Return an answer, without its text where only the head is wanted."""
    body = f"{text}\n".encode("utf-8", "backslashreplace")
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if head_only else body)


def handed_over(environment: Mapping[str, str], process: int) -> range:
    """Return the descriptors of the sockets that systemd hands to this process (sd_listen_fds(3))."""
    ours = environment.get("LISTEN_PID") == str(process)
    return range(3, 3 + int(environment.get("LISTEN_FDS", "0"))) if ours else range(0)


async def run(listeners: Iterable[socket.socket], configuration: Path) -> None:
    """Serve until the process is ended."""
    # The kernel buries the children: all that matters is the end of their pipes.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gate = Gate()
    settings = Settings(configuration, gate)

    async def answer(path: str) -> tuple[int, str]:
        settings.refresh()
        return await gate.answer(path)

    server = Server(answer)
    servers = [await server.listen(listener) for listener in listeners]
    await asyncio.gather(*(each.serve_forever() for each in servers))


def main() -> None:
    """Serve at the sockets of systemd."""
    descriptors = handed_over(os.environ, os.getpid())
    if not descriptors:
        sys.exit("lvs_data_gate: systemd hands over the socket: start lvs-data-gate.socket")
    asyncio.run(run([socket.socket(fileno=descriptor) for descriptor in descriptors], CONFIGURATION))


if __name__ == "__main__":
    main()
