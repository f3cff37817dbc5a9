# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of shared data: pulled, pushed, and how old they are.

The roles rsync_server and rsync_client also install this file as a program of its own, `lvs-rsync`, so it needs nothing
of the collection.

A source has a *marker*, a file in its folder. Nothing is copied, and above all nothing is deleted, without it: the
folder of a volume that is not mounted has none. Its first line names the *generation* of the data, or says that it is
being changed. Of a copy, too, the marker says that before a file changes, and names the new generation last.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import grp
import json
import os
import pwd
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MARKER = ".lvs-cluster-generation"
OURS = "--exclude=/.lvs-cluster-*"
"""The marker, and what becomes one."""
CHANGING = "changing"
"""First word of a marker while the writer is at work."""

CONFIGURATION = Path("/etc/lvs-cluster/rsync")
STATE = Path("/var/lib/lvs-cluster/rsync")
COMPLETE = Path("/var/lib/lvs-cluster/copies")
"""One file for each copy, whose time is that of the last complete one."""
LOCKS = Path("/run/lvs-cluster")

USER = "lvs-cluster"
"""Who logs in to the daemons."""

PARTIAL = "--filter=R .~tmp~/"
"""Where --delay-updates keeps files; what a run that was killed left there goes with the next deletion."""

ATTEMPTS = 3
BUSY_SECONDS, BUSY_STEP = 20, 2
"""How long a pull waits for a writer that is at work."""

VANISHED = 24
"""rsync's exit status when files went after they were listed, as those of writers without generations may."""

PUSH_PROGRAM = "lvs-rsync-push"
"""The name by which lsyncd calls this program."""

LOCKED = os.EX_TEMPFAIL
"""Exit status of this program while another run is at work."""

LSYNCD_AGAIN = 5
"""Exit status after which lsyncd tries again; after some of rsync's it would end, or take a part for the whole."""

PUSH_PAUSE = 2
"""Seconds before a push that failed ends, and so is tried again."""

COMPLAINT = 500
"""How much of what rsync complains of is kept, in characters."""


class CopyError(Exception):
    """A copy is not complete; the message says why."""


class BusyError(CopyError):
    """The writer is at work."""


class LockedError(CopyError):
    """Another run is at work."""


@dataclass(frozen=True)
class Copy:
    """A copy on this host, as the role writes it into its configuration."""

    name: str
    path: str
    direction: str
    transport: str
    address: str
    interval: int
    max_age: int
    delete: bool
    exclude: tuple[str, ...]
    owner: str
    group: str
    mode: str
    server: str = ""
    ssh_user: str = "lvs-rsync"
    ssh_port: int = 22

    @property
    def marker(self) -> Path:
        """Where its marker is."""
        return Path(self.path) / MARKER

    @property
    def origin(self) -> tuple[str, str, str, str]:
        """What makes it another copy when it changes: folder, source and way."""
        return self.path, self.server, self.direction, self.transport


@dataclass(frozen=True)
class Marker:
    """What a marker says, and since when, in nanoseconds."""

    text: str
    time: int

    @property
    def generation(self) -> str:
        """Its first line."""
        return first_line(self.text)

    @property
    def is_changing(self) -> bool:
        """Tell whether the writer is at work."""
        return self.generation.split(" ")[0] == CHANGING


@dataclass(frozen=True)
class Status:
    """What is known of a copy; ages in seconds, None if there never was a complete one."""

    name: str
    path: str
    direction: str
    transport: str
    server: str
    age: int | None
    max_age: int
    fresh: bool
    generation: str
    last_error: str

    def message(self) -> str:
        """Return it as a sentence."""
        if self.age is None:
            text = f"the copy {self.name} in {self.path} has never been complete"
        else:
            text = f"the copy {self.name} in {self.path} is {self.age} s old; it may be {self.max_age} s"
        return text + (f"; last error: {self.last_error}" if self.last_error and not self.fresh else "")


def first_line(text: str) -> str:
    """Return the first line, without its end."""
    return (text.splitlines() or [""])[0].strip()


def parse_copy(text: str) -> Copy:
    """Return a copy from its configuration, JSON."""
    values = json.loads(text)
    known = {name: value for name, value in values.items() if name in Copy.__dataclass_fields__}
    return Copy(**{**known, "exclude": tuple(known.get("exclude", ()))})


def load(name: str) -> Copy:
    """Return the copy of this name."""
    try:
        return parse_copy((CONFIGURATION / "copies" / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CopyError(f"there is no copy {name} on this host") from None


def configured() -> list[Copy]:
    """Return all copies of this host."""
    return [load(file.stem) for file in sorted((CONFIGURATION / "copies").glob("*.json"))]


# How rsync is called


def host_part(address: str) -> str:
    """Return an address as it stands in a URL."""
    return f"[{address}]" if ":" in address else address


def source_of(copy: Copy, name: str = "") -> str:
    """Return what rsync calls the source, or one file in it."""
    if copy.transport == "ssh":
        return f"{copy.ssh_user}@{host_part(copy.address)}:/{name}"
    return f"rsync://{USER}@{host_part(copy.address)}/{copy.name}/{name}"


def connection_options(copy: Copy) -> list[str]:
    """Return the options by which rsync gets to the source, within bounded times."""
    if copy.transport != "ssh":
        return ["--timeout=60", "--contimeout=15", f"--password-file={CONFIGURATION}/passwords/{copy.name}"]
    options = [
        *("-F", "/dev/null", "-p", str(copy.ssh_port), "-i", f"{CONFIGURATION}/keys/{copy.name}"),
        *("-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=15"),
        *("-o", f"UserKnownHostsFile={CONFIGURATION}/known_hosts/{copy.name}"),
        *("-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes"),
    ]
    return ["--timeout=60", "-e", f"ssh {' '.join(options)}"]


def copy_options(copy: Copy) -> list[str]:
    """Return the options of the copy itself.

    Files come into place at the end, one after the other and each at once. Deletion is after that, and not at all when
    the source could not be read as a whole.
    """
    return [
        *("--archive", "--numeric-ids", "--delay-updates"),
        *(["--delete-after", PARTIAL] if copy.delete else []),
        OURS,
        *(f"--exclude={pattern}" for pattern in copy.exclude),
    ]


def push_options(options: Iterable[str]) -> list[str]:
    """Return the options that lsyncd gives to rsync, made safe.

    lsyncd has rsync delete also what only seems to be gone, after an error of the source. The marker goes last.
    """
    given = [option for option in options if option != "--ignore-errors"]
    # With a list of names on standard input there is nothing else that could be deleted.
    whole = "--include-from=-" not in given
    replaced = [word for option in given for word in (_safe_delete(whole) if option == "--delete" else [option])]
    return [OURS, *replaced]


def _safe_delete(whole: bool) -> list[str]:
    return ["--delete-after", PARTIAL] if whole else ["--delete-after"]


def complaint(code: int, output: str) -> str:
    """Return in one line what rsync complained of."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith("rsync error:")] or lines
    return ("; ".join(telling) or f"rsync ended with status {code}")[-COMPLAINT:]


def run(command: Sequence[str]) -> None:
    """Run rsync.

    :raises CopyError: if it fails
    """
    with _installed():
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
        )
    if done.returncode not in (0, VANISHED):
        raise CopyError(complaint(done.returncode, done.stderr))


@contextlib.contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise CopyError("rsync is not installed on this host") from None


# Files of ours


def write(path: Path, text: str, time_ns: int | None = None, mode: int = 0o644) -> None:
    """Replace a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".lvs-cluster-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
        if time_ns is not None:
            os.utime(name, ns=(time_ns, time_ns))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def read_marker(path: Path) -> Marker | None:
    """Return a marker, or None where there is none."""
    try:
        return Marker(path.read_text(encoding="utf-8", errors="replace"), path.stat().st_mtime_ns)
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_state(name: str) -> dict[str, Any]:
    """Return what is remembered under a name; nothing of a file that is no JSON."""
    try:
        state = json.loads((STATE / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def remember(name: str, **values: Any) -> None:
    """Remember values under a name, beside those that are remembered there."""
    write(STATE / f"{name}.json", json.dumps({**read_state(name), **values}, indent=2, sort_keys=True) + "\n")


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Keep others out while the block runs.

    :raises LockedError: if another one is in
    """
    LOCKS.mkdir(parents=True, exist_ok=True)
    with (LOCKS / f"rsync-{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"another run copies {name}") from None
        yield


# On a reader


def pull(copy: Copy) -> str:
    """Copy from the source until it is complete; return the generation."""
    with locked(copy.name):
        remember(copy.name, last_attempt=int(time.time()))
        try:
            marker = _pulled(copy)
        except CopyError as error:
            remember(copy.name, last_error=str(error))
            raise
        write(copy.marker, marker.text, marker.time)
        note_complete(copy.name, marker)
        return marker.generation


def _pulled(copy: Copy) -> Marker:
    if not Path(copy.path).is_dir():
        raise CopyError(f"{copy.path} is no folder on this host")
    command = ["rsync", *copy_options(copy), *connection_options(copy), source_of(copy), f"{copy.path}/"]
    for _attempt in range(ATTEMPTS):
        before = _settled_marker(copy)
        _announce(copy, before)
        run(command)
        _give_to_owner(copy)
        if _source_marker(copy) == before:
            return before
    raise CopyError(f"the source changed during each of {ATTEMPTS} copies")


def _announce(copy: Copy, coming: Marker) -> None:
    """Have our own marker say that another generation is coming, before the first file of it comes into place."""
    ours = read_marker(copy.marker)
    if ours is not None and ours.generation != coming.generation:
        write(copy.marker, f"{CHANGING} {coming.generation}\n")


def _settled_marker(copy: Copy) -> Marker:
    """Return the marker of the source, once the writer is not at work."""
    end = time.monotonic() + BUSY_SECONDS
    while (marker := _source_marker(copy)).is_changing:
        if time.monotonic() > end:
            raise BusyError(f"the writer has been changing the source for more than {BUSY_SECONDS} s")
        time.sleep(BUSY_STEP)
    return marker


def _source_marker(copy: Copy) -> Marker:
    with tempfile.TemporaryDirectory(prefix="lvs-rsync-") as folder:
        target = Path(folder) / "marker"
        try:
            run(["rsync", "--times", *connection_options(copy), source_of(copy, MARKER), str(target)])
        except CopyError as error:
            if "No such file" not in str(error):
                raise
        marker = read_marker(target)
    if marker is None:
        raise CopyError(
            f"the source has no {MARKER}, so nothing was copied or deleted: its folder is empty, or its volume is not"
            f" mounted. If it is right as it is, run 'lvs-rsync publish FOLDER' on {copy.server or copy.address}"
        )
    return marker


def _give_to_owner(copy: Copy) -> None:
    """Give the folder what is declared for it, since rsync made it like the source's, by numbers."""
    folder = Path(copy.path)
    stat = folder.stat()
    owner, group = _user_id(copy.owner), _group_id(copy.group)
    if (stat.st_uid, stat.st_gid) != (owner, group):
        os.chown(folder, owner, group)
    if stat.st_mode & 0o7777 != int(copy.mode, 8):
        folder.chmod(int(copy.mode, 8))


def _user_id(name: str) -> int:
    return int(name) if name.isdecimal() else pwd.getpwnam(name).pw_uid


def _group_id(name: str) -> int:
    return int(name) if name.isdecimal() else grp.getgrnam(name).gr_gid


def note_complete(name: str, marker: Marker) -> None:
    """Note that the copy is complete now."""
    remember(name, last_error="", generation=marker.generation, arrived=[marker.text, marker.time])
    write(COMPLETE / name, marker.generation + "\n")


def received(copy: Copy) -> bool:
    """Note a complete push if the marker has arrived anew; return whether it has."""
    marker = read_marker(copy.marker)
    if marker is None or marker.is_changing:
        return False
    if read_state(copy.name).get("arrived") == [marker.text, marker.time] and (COMPLETE / copy.name).exists():
        return False
    note_complete(copy.name, marker)
    return True


def status_of(copy: Copy, now: float) -> Status:
    """Return what is known of a copy."""
    state = read_state(copy.name)
    try:
        age = max(0, int(now - (COMPLETE / copy.name).stat().st_mtime))
    except FileNotFoundError:
        age = None
    return Status(
        name=copy.name,
        path=copy.path,
        direction=copy.direction,
        transport=copy.transport,
        server=copy.server,
        age=age,
        max_age=copy.max_age,
        fresh=age is not None and age <= copy.max_age,
        generation=str(state.get("generation", "")),
        last_error=str(state.get("last_error", "")),
    )


def statuses(now: float) -> list[Status]:
    """Return what is known of all copies on this host."""
    return [status_of(copy, now) for copy in configured()]


# On a source


def publish(folder: Path, command: Sequence[str], now: float) -> int:
    """Begin a new generation, of what the command makes of the folder; return the command's status.

    Nobody copies while it runs, nor after it failed.
    """
    marker = folder / MARKER
    if not folder.is_dir():
        raise CopyError(f"{folder} is no folder")
    generation = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))} {secrets.token_hex(4)}"
    if command:
        write(marker, f"{CHANGING} {generation}\n")
        code = subprocess.run(command, check=False).returncode  # pylint: disable=ansible-bad-function
        if code:
            return code
    write(marker, generation + "\n")
    return 0


def renew(folder: Path) -> None:
    """Give the marker a new time, so that it goes to all readers again; one that is missing is not made."""
    marker = read_marker(folder / MARKER)
    if marker is None:
        raise CopyError(f"{folder} has no {MARKER}, so nothing is pushed: is its volume mounted?")
    if not marker.is_changing:
        os.utime(folder / MARKER)


def push(arguments: Sequence[str]) -> int:
    """Do what lsyncd wants of rsync, if the source has its marker, and send that last; return a status for lsyncd."""
    *options, source, target = arguments
    secret = next((option for option in options if option.startswith("--password-file=")), "")
    name = f"push-{Path(secret).name}"
    try:
        marker = read_marker(Path(source) / MARKER)
        if marker is None:
            raise CopyError(f"{source} has no {MARKER}, so nothing is pushed or deleted: is its volume mounted?")
        if not marker.is_changing:
            _pass_on(["rsync", *push_options(options), source, target])
        run(["rsync", "--times", "--perms", "--timeout=60", "--contimeout=15", secret, f"{source}{MARKER}", target])
        if marker.is_changing:
            raise BusyError(f"the writer is changing {source}")
    except CopyError as error:
        sys.stderr.write(f"{target}: {error}\n")
        remember(name, target=target, last_attempt=int(time.time()), last_error=str(error))
        time.sleep(0.2 if isinstance(error, BusyError) else PUSH_PAUSE)
        return LSYNCD_AGAIN
    remember(name, target=target, last_attempt=int(time.time()), last_complete=int(time.time()), last_error="")
    return 0


def _pass_on(command: Sequence[str]) -> None:
    """Run rsync with our standard input."""
    with _installed():
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            command, stderr=subprocess.PIPE, text=True, errors="replace", check=False
        )
    if done.returncode not in (0, VANISHED):
        raise CopyError(complaint(done.returncode, done.stderr))


def pushes() -> list[dict[str, Any]]:
    """Return what is known of the pushes from this host."""
    return [{"name": file.stem[len("push-") :], **read_state(file.stem)} for file in sorted(STATE.glob("push-*.json"))]


def make_secret(file: Path) -> None:
    """Write a new secret to a file that only its owner can read."""
    write(file, secrets.token_urlsafe(32) + "\n", mode=0o600)


# The program


def wait(copy: Copy, seconds: float) -> None:
    """Wait until there is a complete copy."""
    end = time.monotonic() + seconds
    while True:
        if copy.direction == "push":
            received(copy)
        if (COMPLETE / copy.name).exists():
            return
        if time.monotonic() > end:
            raise CopyError(status_of(copy, time.time()).message())
        time.sleep(0.5)


def check(copy: Copy) -> str:
    """Return how old a copy is.

    :raises CopyError: if it is too old
    """
    if copy.direction == "push":
        received(copy)
    status = status_of(copy, time.time())
    if not status.fresh:
        raise CopyError(status.message())
    return status.message()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lvs-rsync", description="Copies of the cluster's shared data.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in {
        "pull": "copy from the source now",
        "received": "note that a push is complete, if it is",
        "check": "fail if the copy is too old",
        "wait": "wait for a first complete copy",
    }.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("name")
        if name == "wait":
            command.add_argument("--seconds", type=float, default=60)
    commands.add_parser("status", help="show all copies, as JSON")
    command = commands.add_parser("publish", help="begin a new generation of a source")
    command.add_argument("folder", type=Path)
    command.add_argument("run", nargs="*", help="what changes the folder; nobody copies while it runs")
    commands.add_parser("renew", help="have the marker pushed again").add_argument("folder", type=Path)
    commands.add_parser("secret", help="make a secret").add_argument("file", type=Path)
    return parser


def _do(options: argparse.Namespace) -> int:
    name: str = options.command
    if name == "publish":
        return publish(options.folder, options.run, time.time())
    if name == "renew":
        renew(options.folder)
    elif name == "secret":
        make_secret(options.file)
    elif name == "status":
        status = {"copies": [asdict(each) for each in statuses(time.time())], "pushes": pushes()}
        sys.stdout.write(f"{json.dumps(status, indent=2)}\n")
    elif name == "pull":
        sys.stdout.write(f"{options.name} is complete: {pull(load(options.name))}\n")
    elif name == "received":
        received(load(options.name))
    elif name == "wait":
        wait(load(options.name), options.seconds)
    else:
        sys.stdout.write(f"{check(load(options.name))}\n")
    return 0


def main(program: str, arguments: Sequence[str]) -> int:
    """Run one command; return the exit status."""
    # lsyncd calls it as it would rsync.
    if Path(program).name == PUSH_PROGRAM:
        return push(arguments)
    try:
        return _do(_parser().parse_args(arguments))
    except CopyError as error:
        sys.stderr.write(f"{error}\n")
        return LOCKED if isinstance(error, LockedError) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[0], sys.argv[1:]))
