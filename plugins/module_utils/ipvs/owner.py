# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the IPVS table of this network namespace: which programs run in it now, whatever is installed.

keepalived counts by its processes. Its checker manages services, servers and timeouts; keepalived that only does VRRP
has no checker and leaves them alone. Both kinds have the same name, so the checker is told by its pid file: the process
that is named in it, or that holds it open (keepalived does so since 2.2.8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
RUN = Path("/run")
CHECKER_PID_FILES = ("checkers*.pid", "*_checkers.pid", "keepalived/checkers*.pid", "keepalived/*_checkers.pid")
DOCKER_NAMESPACES = "docker/netns"
KUBERNETES_INTERFACE = "kube-ipvs0"
"""kube-proxy in its IPVS mode has the addresses of its services on this interface."""


@dataclass(frozen=True)
class Owner:
    """A running program."""

    name: str
    pid: int

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


@dataclass(frozen=True)
class Owners:
    """Who holds what in this network namespace; None for what is free."""

    services: Owner | None
    sync_daemons: Owner | None
    timeouts: Owner | None


@dataclass(frozen=True)
class Process:
    """A process as /proc shows it."""

    pid: int
    name: str
    arguments: tuple[str, ...]
    in_namespace: bool


def find_owners(proc: Path = PROC, run: Path = RUN) -> Owners:
    """Look at all processes, and decide."""
    namespace = _namespace(proc / "self/ns/net")
    processes = tuple(_processes(proc, namespace))
    here = [process for process in processes if process.in_namespace]
    keepalived = [process for process in here if process.name.startswith("keepalived")]
    checker = _first("keepalived's checker process", _checkers(keepalived, proc, run))
    ldirectord = _first("ldirectord", (process for process in here if _is_ldirectord(process)))
    kubernetes = _kube_proxy(here, proc)
    docker = _docker(processes, namespace, run)
    return Owners(
        services=checker or ldirectord or kubernetes or docker,
        sync_daemons=_first("keepalived", keepalived),
        timeouts=checker or kubernetes or docker,
    )


def _processes(proc: Path, namespace: tuple[int, int] | None) -> Iterator[Process]:
    """Yield the processes whose names come into question; only for those more is read than the name."""
    for folder in proc.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            name = (folder / "comm").read_text(encoding="utf-8", errors="replace").rstrip("\n")
            if not name.startswith(("keepalived", "ldirectord", "perl", "kube-proxy", "k3s", "dockerd")):
                continue
            command = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue  # it has ended meanwhile
        here = namespace is not None and _namespace(folder / "ns/net") == namespace
        yield Process(int(folder.name), name, tuple(command.rstrip("\0").split("\0")), here)


def _namespace(path: Path) -> tuple[int, int] | None:
    """Identify a network namespace by the file that stands for it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _first(name: str, processes: Iterable[Process]) -> Owner | None:
    return next((Owner(name, process.pid) for process in sorted(processes, key=lambda each: each.pid)), None)


def _checkers(keepalived: Iterable[Process], proc: Path, run: Path) -> Iterator[Process]:
    written = set(pids_in_files(CHECKER_PID_FILES, run))
    processes = {process.pid: process for process in keepalived}
    for process in processes.values():
        # The parent holds its children's pid files open too.
        is_child = parent_of(process.pid, proc) in processes
        holds_pid_file = is_child and any("checkers" in name for name in _open_files(process.pid, proc))
        if process.name == "keepalived_ipvs" or process.pid in written or holds_pid_file:
            yield process


def pids_in_files(patterns: Iterable[str], run: Path = RUN) -> Iterator[int]:
    """Yield what stands in the pid files of these names; the processes may have ended long ago."""
    for pattern in patterns:
        for file in run.glob(pattern):
            with suppress(OSError, ValueError):
                yield int(file.read_text(encoding="ascii"))


def parent_of(pid: int, proc: Path = PROC) -> int:
    """Return the parent of a process, 0 if it has ended. It comes after the name, which may have any characters."""
    try:
        return int(
            (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
        )
    except (OSError, ValueError, IndexError):
        return 0


def _open_files(pid: int, proc: Path) -> Iterator[str]:
    """Yield the base names of the files that a process holds open."""
    try:
        for descriptor in (proc / str(pid) / "fd").iterdir():
            yield descriptor.readlink().name
    except OSError:
        return


def _is_ldirectord(process: Process) -> bool:
    """Tell a ldirectord, which shows as itself or as the perl that runs it: perl -w /usr/sbin/ldirectord start."""
    programs = (Path(argument).name for argument in process.arguments[:3])
    return process.name.startswith("ldirectord") or (process.name.startswith("perl") and "ldirectord" in programs)


def _kube_proxy(here: Iterable[Process], proc: Path) -> Owner | None:
    """Find kube-proxy, also inside k3s, if it is in its IPVS mode."""
    try:
        devices = (proc / "self/net/dev").read_text(encoding="utf-8")
    except OSError:
        return None
    if f"{KUBERNETES_INTERFACE}:" not in devices:
        return None
    return _first("kube-proxy", (process for process in here if process.name.startswith(("kube-proxy", "k3s"))))


def _docker(processes: Iterable[Process], namespace: tuple[int, int] | None, run: Path) -> Owner | None:
    """Find dockerd if this is one of the namespaces that it made, such as the one of Swarm's ingress."""
    files = (run / DOCKER_NAMESPACES).glob("*")
    if namespace is None or not any(_namespace(file) == namespace for file in files):
        return None
    return _first("Docker (dockerd)", (process for process in processes if process.name == "dockerd"))
