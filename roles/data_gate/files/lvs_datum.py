# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate is told: services and their data. And the look at a datum, which may never return."""

from __future__ import annotations

import contextlib
import errno
import gc
import ipaddress
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

COPIES = Path("/var/lib/lvs-cluster/copies")
MOUNTINFO = Path("/proc/self/mountinfo")
KINDS = ("mount", "copy", "folder")
POLICIES = ("serve", "stop")
END = b"\0"


@dataclass(frozen=True)
class Datum:
    """Data that a service needs: a `mount`, a `copy` that may not be older than `max_age` seconds, or a `folder`.

    `marker` is a file in it, without which it is the wrong data.
    """

    name: str
    path: str
    kind: str
    fstype: str | None = None
    source: str | None = None
    max_age: int | None = None
    marker: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: kind {self.kind!r} is none of {', '.join(KINDS)}")
        if self.kind == "copy" and (self.max_age is None or "/" in self.name):
            raise ValueError(f"{self.name}: a copy has a max_age, and no / in its name")


@dataclass(frozen=True)
class Service:
    """A service: its data, what happens when no server has them, and the addresses of the other servers."""

    name: str
    when_gone: str
    peers: tuple[str, ...]
    data: tuple[Datum, ...]

    def __post_init__(self) -> None:
        if self.when_gone not in POLICIES:
            raise ValueError(f"{self.name}: when_gone {self.when_gone!r} is none of {', '.join(POLICIES)}")


@dataclass(frozen=True)
class Configuration:
    """The services of this host by name, the port at which peers are asked, the seconds that data have to answer."""

    port: int
    timeout: float
    services: Mapping[str, Service]


def parse_configuration(text: str) -> Configuration:
    """Read the configuration, which is JSON. Raises ValueError, KeyError or TypeError if it is none."""
    tree = json.loads(text)
    services = [
        Service(
            name=each["name"],
            when_gone=each["when_gone"],
            # A name would have to be looked up, which may take any time.
            peers=tuple(str(ipaddress.ip_address(peer)) for peer in each["peers"]),
            data=tuple(Datum(**datum) for datum in each["data"]),
        )
        for each in tree["services"]
    ]
    return Configuration(int(tree["port"]), float(tree["timeout"]), {each.name: each for each in services})


@dataclass(frozen=True)
class Mount:
    """A line of mountinfo; `parent` is the id of the mount that it is mounted on."""

    id: int
    parent: int
    point: str
    fstype: str
    source: str


def unescape(text: str) -> str:
    r"""Undo the escapes of mountinfo: a space, for one, is \040 there."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def parse_mountinfo(text: str) -> list[Mount]:
    """Return the mounts. How many fields come before the dash varies."""
    mounts = []
    for line in text.splitlines():
        before, dash, after = line.partition(" - ")
        first, last = before.split(" "), after.split(" ")
        if dash and len(first) > 4 and len(last) > 1:
            mounts.append(Mount(int(first[0]), int(first[1]), unescape(first[4]), last[0], unescape(last[1])))
    return mounts


def visible_mount(mounts: Iterable[Mount], path: str) -> Mount | None:
    """Return what one sees mounted at `path`: of several mounts the last one, none of those that others hide.

    The way goes down from the root and, at each folder, up the mounts that are stacked there, as the kernel goes.
    """
    mounts = list(mounts)
    ids = {mount.id for mount in mounts if mount.parent != mount.id}
    on_top = {(mount.parent, mount.point): mount for mount in mounts if mount.parent != mount.id}
    here = next((mount for mount in mounts if mount.point == "/" and mount.parent not in ids), None)
    parts = [part for part in path.split("/") if part]
    points = ["/" + "/".join(parts[:depth]) for depth in range(len(parts) + 1)]
    for point in points:
        while here and (here.id, point) in on_top:
            here = on_top[here.id, point]
    return here if here and here.point == points[-1] else None


def same_source(wanted: str, found: str) -> bool:
    """Tell whether both name the same folder of the same server, or the same device."""
    if wanted.startswith("/dev/"):
        return os.path.realpath(wanted) == os.path.realpath(found)
    return _plain(wanted) == _plain(found)


def _plain(source: str) -> tuple[str, str]:
    host, _colon, folder = source.rpartition(":/")
    try:
        host = str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        host = host.lower()
    return host, folder.rstrip("/")


def mount_problem(datum: Datum, mount: Mount | None) -> str:
    """Say what is wrong with what is mounted there; nothing if it is what is wanted."""
    if mount is None or mount.fstype == "autofs":
        return f"{datum.path} is not mounted"
    if datum.fstype not in (None, mount.fstype) and (datum.fstype, mount.fstype) != ("nfs", "nfs4"):
        return f"{datum.path} is {mount.source} of type {mount.fstype}, not of type {datum.fstype}"
    if datum.source is not None and not same_source(datum.source, mount.source):
        return f"{datum.path} is {mount.source}, not {datum.source}"
    return ""


def examine(datum: Datum) -> str:
    """Say what is wrong with a datum; nothing if it is well."""
    try:
        problem = ""
        if datum.kind == "mount":
            problem = mount_problem(datum, find_mount(datum.path))
        elif datum.kind == "copy":
            problem = copy_problem(datum)
        if not problem:
            have_answer(datum)
    except OSError as error:
        return f"{datum.path}: {error.strerror}"
    return problem


def find_mount(path: str) -> Mount | None:
    """Return what is mounted at `path`, after having it mounted where an automount waits for the first access."""
    point = str(Path(path).parent.resolve() / Path(path).name)
    found = _visible(point)
    if found and found.fstype == "autofs":
        os.statvfs(point)
        found = _visible(point)
    return found


def _visible(point: str) -> Mount | None:
    text = MOUNTINFO.read_text(encoding="utf-8", errors="surrogateescape")
    return visible_mount(parse_mountinfo(text), point)


def copy_problem(datum: Datum) -> str:
    """Say what is wrong with the time at which a copy was last complete."""
    try:
        finished = (COPIES / datum.name).stat().st_mtime
    except FileNotFoundError:
        return f"{datum.path} is a copy that was never complete"
    return age_problem(datum, time.time() - finished)


def age_problem(datum: Datum, age: float) -> str:
    """Say what is wrong with a copy that was complete `age` seconds ago."""
    limit = datum.max_age or 0
    if age > limit:
        return f"{datum.path} is a copy of {age:.0f} s ago, at most {limit} s are allowed"
    if age < -limit:
        return f"{datum.path} is a copy that is dated {-age:.0f} s ahead of this host's clock"
    return ""


def have_answer(datum: Datum) -> None:
    """Have the file system answer. Raises OSError."""
    os.statvfs(datum.path)
    try:
        # Some file systems know the answer to the above by heart.
        with os.scandir(datum.path) as entries:
            next(entries, None)
    except PermissionError:
        pass  # an answer, too
    if datum.marker:
        try:
            Path(datum.path, datum.marker).stat()
        except FileNotFoundError:
            raise OSError(errno.ENOENT, f"there is no {datum.marker} in it") from None


class Child:
    """A child process that runs a function whenever it is asked to: to make one each time costs more than the look.

    `answers` is a pipe with the results, each with `END`. It ends when the child does.
    """

    def __init__(self, function: Callable[[], str]) -> None:
        questions, self._asks = os.pipe()
        self.answers, results = os.pipe()
        try:
            self._process = os.fork()
            if not self._process:
                _run_child(function, questions, results)
        except OSError:
            self.close()
            raise
        finally:
            os.close(questions)
            os.close(results)
        os.set_blocking(self.answers, False)

    def ask(self) -> None:
        """Have it run the function. Raises OSError."""
        os.write(self._asks, b"?")

    def kill(self) -> None:
        """End it, if it can be ended and has not just ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)

    def close(self) -> None:
        """Close the pipes."""
        os.close(self._asks)
        os.close(self.answers)


def _run_child(function: Callable[[], str], questions: int, results: int) -> NoReturn:
    try:
        # What the parent has open is not for here: connections of its clients would never end. Nor shall what it has
        # left be tidied up here, which closes files by their numbers.
        gc.freeze()
        low, high = sorted((questions, results))
        for first, last in ((3, low), (low + 1, high), (high + 1, os.sysconf("SC_OPEN_MAX"))):
            os.closerange(first, last)
        while os.read(questions, 1):
            os.write(results, function().encode("utf-8", "backslashreplace") + END)
    finally:
        os._exit(0)
