# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves the replicated volume of a pair of storage hosts. Called by systemd, and by DRBD as its handler.

    lvs-storage take         become Primary, mount the volume, start the NFS server    (lvs-storage.service)
    lvs-storage release      the same backwards                                        (lvs-storage.service)
    lvs-storage show|hide    add and announce the floating addresses, or remove them   (lvs-storage-address.service)
    lvs-storage watch        tell keepalived whether this host may be active           (lvs-storage-watch.service)
    lvs-storage fence        the peer is gone: may this host go on alone?              (DRBD: fence-peer)
    lvs-storage split-brain  remember that both sides have changes of their own        (DRBD: split-brain)
    lvs-storage status       show what this host sees

Its settings are in /etc/lvs-cluster/storage.json; what it knows at the moment is in /run/lvs-storage.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ansible_collections.lvs.cluster.plugins.module_utils.drbd import packets, vote
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.status import Status, parse
from ansible_collections.lvs.cluster.plugins.module_utils.probe import arp, neighbor

SETTINGS = Path("/etc/lvs-cluster/storage.json")
RUN = Path("/run/lvs-storage")
VOTE = Path("/run/lvs-storage.vote")
"""In a folder that is there before us: keepalived ignores a file whose folder is missing."""
SPLIT_BRAIN = Path("/var/lib/lvs-cluster/storage-split-brain")
PROC = Path("/proc")
NFS_PORT = 2049
LISTENING = "0A"
UNITS = ("lvs-storage-address.service", "nfs-server.service", "nfsdcld.service")

PAUSE = 0.3
"""Seconds between two attempts."""
POLL = 0.1
"""Seconds between two looks at what is about to end."""
LOOK_INTERVAL = 0.5
RECONNECT_INTERVAL = 10.0
THAW_LIMIT = 3.0
"""Seconds that a host which lets go waits for a frozen volume before it gives up what nobody was told to be written."""
DETACH_LIMIT = 20.0
"""Seconds within which a disk is gone, and its volume down."""
START_LIMIT = 300.0
UNMOUNT_LIMIT = 40.0
TERM_AFTER, KILL_AFTER = 1.0, 4.0
"""Seconds after which programs that use the volume are asked to end, and ended."""


class StorageError(Exception):
    """Something that this program cannot mend; `str()` says what."""


def log(text: str) -> None:
    """Write to the journal."""
    print(text, flush=True)


def run(command: Sequence[str], limit: float = 60) -> tuple[int, str]:
    """Run a command; return its exit code and what it said."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return 124, f"it took longer than {limit:g} seconds"
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@dataclass(frozen=True)
class Host:
    """This host, as the settings describe it."""

    name: str
    minor: int
    path: str
    interface: str
    addresses: list[str]
    peer: str
    witnesses: list[str]
    witnesses_needed: int
    mount_options: str
    reboot_when_stuck: bool

    @property
    def device(self) -> str:
        """Return the replicated volume."""
        return f"/dev/drbd{self.minor}"

    @property
    def state_folder(self) -> Path:
        """Return what moves with the volume beside the user's data."""
        return Path(self.path) / ".lvs-storage"

    def status(self) -> Status | None:
        """Return what DRBD says."""
        try:
            return parse((PROC / "drbd").read_text(encoding="ascii"), self.minor)
        except FileNotFoundError:
            return None

    def drbdadm(self, *arguments: str, limit: float = 60) -> tuple[int, str]:
        """Run drbdadm for the volume."""
        return run(["drbdadm", *arguments, self.name], limit)

    def mount_points(self) -> list[str]:
        """Return where the volume is mounted, the innermost first."""
        number = f" 147:{self.minor} "  # the major number of DRBD
        lines = (PROC / "self/mountinfo").read_text(encoding="utf-8").splitlines()
        return [line.split()[4].replace("\\040", " ") for line in reversed(lines) if number in line]

    def runs_nfs(self) -> bool:
        """Tell whether somebody listens where NFS clients connect; /proc/fs/nfsd would wait for a frozen volume."""
        for table in ("tcp", "tcp6"):
            for line in _read(PROC / "net" / table).splitlines()[1:]:
                words = line.split()
                if len(words) > 3 and words[3] == LISTENING and words[1].endswith(f":{NFS_PORT:04X}"):
                    return True
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def phase() -> str:
    """Return what is being done with the volume."""
    return _read(RUN / "phase").strip() or "idle"


def enter(name: str) -> None:
    """Remember what is being done with the volume."""
    RUN.mkdir(exist_ok=True)
    (RUN / "phase").write_text(name + "\n", encoding="utf-8")


# take and release


def take(host: Host) -> None:
    """Make this host the active one."""
    enter("taking")
    said = ""
    while True:
        code, message = host.drbdadm("primary")
        if code == 0:
            break
        if message != said:
            log(f"not yet: {message}")
            said = message
        time.sleep(PAUSE)
    if host.path not in host.mount_points():
        # 1 and 2: it was repaired.
        code, message = run(["e2fsck", "-p", host.device], limit=3600)
        if code > 2:
            raise StorageError(f"e2fsck -p {host.device}: {message}. Run 'e2fsck {host.device}' on this host")
        Path(host.path).mkdir(parents=True, exist_ok=True)
        code, message = run(["mount", "-t", "ext4", "-o", host.mount_options, host.device, host.path])
        if code:
            raise StorageError(f"mount {host.device} {host.path}: {message}")
    (host.state_folder / "nfsdcld").mkdir(mode=0o700, parents=True, exist_ok=True)
    # A server that has run before, for whatever reason, knows nothing of the clients that the volume remembers.
    code, message = run(["systemctl", "restart", "nfsdcld.service", "nfs-server.service"], START_LIMIT)
    if code == 0:
        code, message = run(["systemctl", "start", "lvs-storage-address.service"], START_LIMIT)
    if code or not host.runs_nfs():
        raise StorageError(f"the NFS server does not start: {message}. See 'systemctl status nfs-server'")
    enter("serving")
    log("serving")


def is_gentle() -> bool:
    """Tell whether the volume is taken out of service for good: then nobody waits for it, and users are left alone."""
    return (RUN / "gentle").exists()


def release(host: Host) -> None:
    """Let go of the volume, whatever has been reached of `take`. Raises StorageError."""
    enter("releasing")
    # It may be over before the watcher looks.
    write_vote(vote.OUT)
    hide(host)
    forced = False

    def waits_in_vain() -> bool:
        status = host.status()
        return status is not None and status.frozen and not status.is_connected

    def patiently(command: Sequence[str]) -> tuple[int, str]:
        """Run a command that hangs while the volume is frozen."""
        nonlocal forced
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        frozen_since: float | None = None
        while process.poll() is None:
            time.sleep(POLL)
            now = time.monotonic()
            frozen_since = (frozen_since or now) if waits_in_vain() else None
            if frozen_since and now - frozen_since > THAW_LIMIT:
                give_up_unconfirmed(host)
                forced, frozen_since = True, None
        return process.returncode, " ".join((process.stdout.read() if process.stdout else "").split())

    code, message = patiently(["systemctl", "stop", *UNITS])
    if code:
        log(f"systemctl stop: {message}")
    unmount(host, patiently)
    until = time.monotonic() + UNMOUNT_LIMIT
    while (status := host.status()) is not None and status.role == "Primary":
        code, message = patiently(["drbdadm", "secondary", host.name])
        if code and time.monotonic() > until:
            raise StorageError(f"drbdadm secondary: {message}")
        time.sleep(PAUSE if code else 0)
    if forced or (status is not None and status.disk in ("Diskless", "Failed")):
        begin_again(host)
    (RUN / "phase").unlink()
    log("released")


def give_up_unconfirmed(host: Host) -> None:
    """Have all that waits fail, so that the volume can be unmounted: no client was told that it is written.

    This is the way that DRBD has for it. The disk is left as it was when the peer was lost, and so is what DRBD knows
    of it: the data of the peer, newer or the same, will be followed without a split brain. So it has to be gone before
    anything goes on: a disk detached by force is `Failed` for a while, and DRBD would write on it that it has data of
    its own. Raises StorageError.
    """
    log("the volume is frozen and nobody answers: giving up what was not confirmed")
    message = host.drbdadm("detach", "--force", limit=DETACH_LIMIT)[1]
    until = time.monotonic() + DETACH_LIMIT
    while (status := host.status()) is not None and status.disk != "Diskless":
        if time.monotonic() > until:
            said = f": {message}" if message else ""
            raise StorageError(f"drbdadm detach --force: the disk is {status.disk} still{said}")
        time.sleep(POLL)
    code, message = host.drbdadm("resume-io")
    if code:
        log(f"drbdadm resume-io: {message}")


def begin_again(host: Host) -> None:
    """Take the volume down and up: only so is a disk accepted again that was given up. Raises StorageError."""
    until = time.monotonic() + DETACH_LIMIT
    # Somebody may look at the device that was just unmounted, such as udev.
    while (answer := host.drbdadm("down"))[0]:
        if time.monotonic() > until:
            raise StorageError(f"drbdadm down: {answer[1]}")
        time.sleep(PAUSE)
    code, message = host.drbdadm("adjust")
    if code:
        log(f"drbdadm adjust: {message}")


def unmount(host: Host, patiently: Callable[[Sequence[str]], tuple[int, str]]) -> None:
    """Unmount the volume, and end what uses it. Raises StorageError."""
    start = time.monotonic()
    while points := host.mount_points():
        code, message = patiently(["umount", points[0]])
        if code == 0:
            continue
        waited = time.monotonic() - start
        users = list(users_of(host))
        if is_gentle():
            raise StorageError(f"{points[0]} is in use by {', '.join(users_shown(users)) or 'the kernel'}: {message}")
        if waited > UNMOUNT_LIMIT:
            raise StorageError(f"umount {points[0]}: {message}")
        if users and waited > TERM_AFTER:
            number = signal.SIGKILL if waited > KILL_AFTER else signal.SIGTERM
            log(f"ending what uses {points[0]}: {', '.join(users_shown(users))}")
            for pid in users:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        time.sleep(PAUSE)


def users_of(host: Host) -> Iterator[int]:
    """Yield the processes that have something of the volume open."""
    number = os.makedev(147, host.minor)
    for folder in PROC.glob("[0-9]*"):
        links = [folder / "cwd", folder / "root", folder / "exe"]
        with contextlib.suppress(OSError):
            links += list((folder / "fd").iterdir())
        for link in links:
            with contextlib.suppress(OSError):
                if link.stat().st_dev == number:
                    yield int(folder.name)
                    break


def users_shown(pids: Sequence[int]) -> list[str]:
    """Return the names of processes."""
    return [f"{_read(PROC / str(pid) / 'comm').strip() or '?'} ({pid})" for pid in pids]


def reboot(reason: str) -> None:
    """Restart this host without any further ceremony: as long as it is Primary the other one cannot take over."""
    log(f"rebooting, since this host cannot let go of the volume: {reason}")
    time.sleep(1)  # for the journal
    (PROC / "sys/kernel/sysrq").write_text("1", encoding="ascii")
    (PROC / "sysrq-trigger").write_text("b", encoding="ascii")


# show and hide


def show(host: Host) -> None:
    """Add the floating addresses, and tell neighbours and clients where they are now."""
    for address in host.addresses:
        # Never a source of connections of our own.
        options = ["preferred_lft", "0", "nodad"] if ":" in address else []
        length = 128 if ":" in address else 32
        code, message = run(["ip", "address", "replace", f"{address}/{length}", "dev", host.interface, *options])
        if code:
            raise StorageError(f"ip address replace {address}: {message}")
    clients = packets.load(_read(host.state_folder / "clients"))
    for pause in (0, 0.2, 0.4):
        time.sleep(pause)
        for address in host.addresses:
            announce(host.interface, address)
        for connection in clients:
            tickle(connection)


def hide(host: Host) -> None:
    """Remove the floating addresses."""
    for address in host.addresses:
        length = 128 if ":" in address else 32
        run(["ip", "address", "delete", f"{address}/{length}", "dev", host.interface])


def announce(interface: str, address: str) -> None:
    """Tell all neighbours that this host has an address now."""
    target = ip_address(address)
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(arp.ETHERTYPE)) as wire:
            wire.bind((interface, arp.ETHERTYPE))
            mac = wire.getsockname()[4]
            if target.version == 4:
                wire.send(arp.pack_question(mac, target, target))
        if target.version == 6:
            with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as wire:
                wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
                wire.bind((address, 0))
                scope = socket.if_nametoindex(interface)
                wire.sendto(packets.unsolicited_advertisement(target, mac), ("ff02::1", 0, 0, scope))
    except OSError as error:
        log(f"cannot announce {address}: {error}")


def tickle(connection: packets.Connection) -> None:
    """Have a client notice that its connection is gone."""
    family = socket.AF_INET6 if ":" in connection.address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP) as wire:
            wire.bind((connection.address, 0))
            wire.sendto(packets.tickle(connection), (connection.client, 0))
    except OSError as error:
        log(f"cannot reach {connection.client}: {error}")


# watch


@dataclass
class Watcher:
    """Looks at this host all the time and writes the vote that keepalived reads."""

    host: Host
    frozen_since: float | None = None
    unserved_since: float | None = None
    reconnected: float = 0.0
    said: str = ""
    saved: list[packets.Connection] = field(default_factory=list)
    saving: threading.Thread | None = None

    def run(self) -> None:
        """Look until the end."""
        RUN.mkdir(exist_ok=True)
        first = True
        while True:
            self.look()
            notify("READY=1\nWATCHDOG=1" if first else "WATCHDOG=1")
            first = False
            time.sleep(LOOK_INTERVAL)

    def look(self) -> None:
        """Look once."""
        status, now = self.host.status(), time.monotonic()
        seen = self.see(status, now)
        given = vote.vote(seen)
        self.write(given, seen)
        if seen.serves and status is not None and not status.frozen:
            self.save_clients()
        if status is None or status.is_connected:
            SPLIT_BRAIN.unlink(missing_ok=True)
        elif status.connection == "StandAlone" and now - self.reconnected > RECONNECT_INTERVAL:
            self.reconnected = now
            if not SPLIT_BRAIN.exists():
                self.host.drbdadm("connect", limit=10)

    def see(self, status: Status | None, now: float) -> vote.Seen:
        """Return what there is to see."""
        host, doing = self.host, phase()
        frozen = status is not None and status.frozen
        self.frozen_since = (self.frozen_since or now) if frozen else None
        serves = doing == "serving" and host.path in host.mount_points() and host.runs_nfs()
        self.unserved_since = None if serves or doing != "serving" else (self.unserved_since or now)
        lonely = status is not None and not status.is_connected and doing == "idle"
        return vote.Seen(
            drbd=status,
            phase=doing,
            serves=serves,
            frozen_for=now - (self.frozen_since or now),
            unserved_for=now - (self.unserved_since or now),
            failed_ago=failed_ago(),
            witnesses=len(answering(host.witnesses)) if lonely else 0,
            witnesses_needed=host.witnesses_needed,
        )

    def write(self, given: vote.Vote, seen: vote.Seen) -> None:
        """Write the vote for keepalived, and the reason for people."""
        write_vote(given.value)
        details = {"vote": given.value, "reason": given.reason, "phase": seen.phase}
        if _read(RUN / "state.json") != json.dumps(details):
            temporary = RUN / "state.json.new"
            temporary.write_text(json.dumps(details), encoding="utf-8")
            temporary.replace(RUN / "state.json")
        if given.reason != self.said:
            self.said = given.reason
            log(f"{given.value}: {given.reason}")

    def save_clients(self) -> None:
        """Keep on the volume who is connected, for the host that serves next. A thread may wait for a frozen volume."""
        tables = [_read(PROC / "net" / name) for name in ("tcp", "tcp6")]
        found = packets.connections(tables, self.host.addresses, NFS_PORT)
        # Right after a start nobody has come back yet.
        if not found or found == self.saved or (self.saving is not None and self.saving.is_alive()):
            return
        self.saved = found
        self.saving = threading.Thread(target=self._save, args=(packets.dump(found),), daemon=True)
        self.saving.start()

    def _save(self, text: str) -> None:
        try:
            with (self.host.state_folder / "clients").open("w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            log(f"cannot keep the list of clients: {error}")


def write_vote(value: int) -> None:
    """Tell keepalived, which waits for the file to be closed."""
    text = f"{value}\n"
    if _read(VOTE) != text:
        VOTE.write_text(text, encoding="ascii")


def notify(text: str) -> None:
    """Tell systemd."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
            wire.sendto(text.encode(), "\0" + address[1:] if address.startswith("@") else address)


def failed_ago() -> float | None:
    """Return the seconds since the last failure."""
    try:
        return time.time() - (RUN / "failed").stat().st_mtime
    except FileNotFoundError:
        return None


def has_failed(reason: str) -> None:
    """Remember a failure."""
    log(reason)
    RUN.mkdir(exist_ok=True)
    (RUN / "failed").write_text(reason + "\n", encoding="utf-8")


# fence


def fence(host: Host) -> int:
    """Return what DRBD understands: 5 lets this host go on, or begin, alone; 1 leaves everything as it is."""
    status = host.status()
    was_active = status is not None and status.role == "Primary"
    until = time.monotonic() + (vote.ASK_LIMIT_ACTIVE if was_active else vote.ASK_LIMIT_STANDBY)
    while True:
        refusal = question(host, was_active).refusal()
        if refusal is None:
            log("the peer does not answer, and it has no address of ours: this host may serve alone")
            return 5
        status = host.status()
        if time.monotonic() > until or (status is not None and status.is_connected):
            log(f"this host may not serve alone: {refusal}")
            return 1
        time.sleep(PAUSE)


def question(host: Host, was_active: bool) -> vote.Question:
    """Ask everybody at once."""
    with ThreadPoolExecutor() as pool:
        others = [] if was_active else [pool.submit(has_owner, address) for address in host.addresses]
        answers = answering([*host.witnesses, host.peer])
        return vote.Question(
            was_active=was_active,
            witnesses=len(answers - {host.peer}),
            needed=host.witnesses_needed,
            peer_answers=host.peer in answers,
            address_answers=any(other.result() for other in others),
        )


def has_owner(address: str) -> bool:
    """Tell whether another host of this network has an address. One that cannot be asked for counts as answering."""
    target = ip_address(address)
    code, out = run(neighbor.route_command(target, None), limit=5)
    try:
        return code != 0 or bool(neighbor.probe(neighbor.parse_route(out, target, None), target, 2, 250)["macs"])
    except neighbor.NeighborError as error:
        log(str(error))
        return True


def answering(addresses: Sequence[str], wait: float = 0.5) -> set[str]:
    """Return those that answer an ICMP echo request."""
    if not addresses:
        return set()
    with ThreadPoolExecutor(max_workers=len(addresses)) as pool:
        answers = pool.map(lambda address: (address, answers_echo(address, wait)), addresses)
        return {address for address, answered in answers if answered}


def answers_echo(address: str, wait: float) -> bool:
    """Ask twice, and wait that many seconds altogether."""
    version = ip_address(address).version
    kind = (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, socket.IPPROTO_ICMPV6)
    identifier = (os.getpid() ^ hash(address)) & 0xFFFF
    try:
        with socket.socket(kind[0], socket.SOCK_RAW, kind[1]) as wire:
            wire.connect((address, 0))
            for sequence in (1, 2):
                wire.send(packets.echo_request(version, identifier, sequence))
                until = time.monotonic() + wait / 2
                while (rest := until - time.monotonic()) > 0:
                    wire.settimeout(rest)
                    try:
                        if packets.is_echo_reply(version, wire.recv(2048), identifier):
                            return True
                    except socket.timeout:
                        break
    except OSError:
        pass  # no route, no neighbour
    return False


def show_status(host: Host) -> None:
    """Print what this host sees."""
    status = host.status()
    result: dict[str, Any] = {"drbd": asdict(status) if status else None, "split_brain": SPLIT_BRAIN.exists()}
    with contextlib.suppress(ValueError):
        result.update(json.loads(_read(RUN / "state.json")))
    print(json.dumps(result, indent=2))


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; return the exit code."""
    host = Host(**json.loads(SETTINGS.read_text(encoding="utf-8")))
    action = arguments[0] if arguments else ""
    if action == "fence":
        return fence(host)
    if action == "split-brain":
        SPLIT_BRAIN.parent.mkdir(parents=True, exist_ok=True)
        SPLIT_BRAIN.write_text("", encoding="ascii")
        return 0
    actions: dict[str, Callable[[], None]] = {
        "take": lambda: take(host),
        "release": lambda: release(host),
        "show": lambda: show(host),
        "hide": lambda: hide(host),
        "watch": lambda: Watcher(host).run(),
        "status": lambda: show_status(host),
    }
    if action not in actions:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        actions[action]()
    except StorageError as failure:
        has_failed(str(failure))
        if action == "release" and host.reboot_when_stuck and not is_gentle():
            reboot(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
