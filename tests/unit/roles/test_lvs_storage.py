# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of role storage_ha, on a simulated host: its files are below a folder, its commands are answered."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.packets import Connection, dump

PROGRAM = Path(__file__).parents[3] / "roles/storage_ha/files/lvs_storage.py"
READY = "Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----"
ACTIVE = "Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----"
STANDBY = "Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----"
LONELY = "WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown C r-----"
FROZEN = "WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C s-----"
DETACHED = "WFConnection ro:Primary/Unknown ds:Diskless/DUnknown C s-----"
GIVEN_UP = "WFConnection ro:Primary/Unknown ds:Diskless/DUnknown C r-----"
LOOKED_AT = "Device is held open by someone"
NFS = "  sl  local_address rem_address   st\n   0: 00000000:0801 00000000:0000 0A\n"


def load() -> Any:
    loader = SourceFileLoader("lvs_storage", str(PROGRAM))
    specification = spec_from_loader("lvs_storage", loader)
    assert specification
    module = module_from_spec(specification)
    sys.modules["lvs_storage"] = module  # dataclasses look it up
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


class Process:
    """A command that ends as soon as the host lets it."""

    def __init__(self, node: Node, command: Sequence[str]) -> None:
        self.node = node
        self.returncode: int | None = None
        self.line = " ".join(command)
        self.stdout = io.StringIO("")
        node.ran.append(self.line)

    def poll(self) -> int | None:
        if "s-----" in self.node.state and not self.line.startswith("drbdadm"):
            return None
        code, message = self.node.answer(self.line)
        self.stdout = io.StringIO(message)
        self.returncode = code
        return code


class Node:
    """A host of the pair."""

    def __init__(self, root: Path, program: Any) -> None:
        self.root = root
        self.program = program
        self.ran: list[str] = []
        self.answers: dict[str, Callable[[], tuple[int, str]]] = {}
        self.state = ""
        self.time = 1000.0
        self.due: list[tuple[float, Callable[[], Any]]] = []
        (root / "proc/net").mkdir(parents=True)
        (root / "proc/self").mkdir()
        (root / "run/lvs").mkdir(parents=True)
        (root / "var").mkdir()
        self.path = root / "srv"
        self.path.mkdir()
        self.host = program.Host(
            name="data", minor=0, path=str(self.path), interface="eth0", addresses=["192.0.2.30", "2001:db8::30"], peer="192.0.2.32",
            witnesses=["192.0.2.1"], witnesses_needed=1, mount_options="noatime", reboot_when_stuck=True,
        )  # fmt: skip
        self.has(READY)
        self.mounts(False)
        self.serves(False)
        self.on("drbdadm primary data", lambda: self.has(ACTIVE))
        self.on("drbdadm secondary data", lambda: self.has(READY))
        self.on("mount ", lambda: self.mounts(True))
        self.on("umount ", lambda: self.mounts(False))
        self.on("systemctl restart nfsdcld.service nfs-server.service", lambda: self.serves(True))
        self.on("systemctl stop ", lambda: self.serves(False))
        self.on("drbdadm detach --force data", lambda: self.has(DETACHED))
        self.on("drbdadm resume-io data", lambda: self.has(GIVEN_UP))

    def on(self, start: str, effect: Callable[[], Any], code: int = 0, message: str = "") -> None:
        self.answers[start] = lambda: (effect(), (code, message))[1]

    def answer(self, line: str) -> tuple[int, str]:
        start = next((start for start in reversed(self.answers) if line.startswith(start)), None)
        return self.answers[start]() if start else (0, "")

    def run(self, command: Sequence[str], limit: float = 60) -> tuple[int, str]:
        line = " ".join(command)
        self.ran.append(line)
        return self.answer(line)

    def has(self, state: str) -> None:
        self.state = state
        (self.root / "proc/drbd").write_text(f"version: 8.4.11\n 0: cs:{state}\n    ns:0 oos:0\n" if state else "")

    def mounts(self, there: bool) -> None:
        line = f"30 22 147:0 / {self.path} rw - ext4 /dev/drbd0 rw\n" if there else ""
        (self.root / "proc/self/mountinfo").write_text("22 1 98:0 / / rw - ext4 /dev/ubda rw\n" + line)

    def serves(self, there: bool) -> None:
        (self.root / "proc/net/tcp").write_text(NFS if there else NFS.splitlines()[0] + "\n")

    def later(self, seconds: float, effect: Callable[[], Any]) -> None:
        self.due.append((self.time + seconds, effect))

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        while self.due and self.time > self.due[0][0]:
            self.due.pop(0)[1]()

    @property
    def phase(self) -> str:
        return str(self.program.phase())

    @property
    def vote(self) -> int:
        return int((self.root / "run/vote").read_text())

    @property
    def reason(self) -> str:
        return str(json.loads((self.root / "run/lvs/state.json").read_text())["reason"])

    def is_active(self) -> None:
        self.has(ACTIVE)
        self.mounts(True)
        self.serves(True)
        self.program.enter("serving")


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    program = load()
    found = Node(tmp_path, program)
    monkeypatch.setattr(program, "RUN", tmp_path / "run/lvs")
    monkeypatch.setattr(program, "VOTE", tmp_path / "run/vote")
    monkeypatch.setattr(program, "SPLIT_BRAIN", tmp_path / "var/lvs/split-brain")
    monkeypatch.setattr(program, "PROC", tmp_path / "proc")
    monkeypatch.setattr(program, "run", found.run)
    monkeypatch.setattr(program.time, "sleep", found.sleep)
    monkeypatch.setattr(program.time, "monotonic", lambda: found.time)
    monkeypatch.setattr(program.subprocess, "Popen", lambda command, **_more: Process(found, command))
    for name in ("announce", "tickle"):
        monkeypatch.setattr(program, name, lambda *_: None)
    monkeypatch.setattr(program, "users_of", lambda _host: [])
    return found


HIDE = [
    "ip address delete 192.0.2.30/32 dev eth0",
    "ip address delete 2001:db8::30/128 dev eth0",
]
STOP = "systemctl stop lvs-storage-address.service nfs-server.service nfsdcld.service"


def test_take(node: Node) -> None:
    node.program.take(node.host)
    assert node.ran == [
        "drbdadm primary data",
        "e2fsck -p /dev/drbd0",
        f"mount -t ext4 -o noatime /dev/drbd0 {node.path}",
        "systemctl restart nfsdcld.service nfs-server.service",
        "systemctl start lvs-storage-address.service",
    ]
    assert node.phase == "serving"
    assert (node.path / ".lvs-storage/nfsdcld").is_dir()


def test_take_waits_until_drbd_lets_it(node: Node) -> None:
    tries = iter([11, 11, 0])

    def primary() -> tuple[int, str]:
        code = next(tries)
        assert node.phase == "taking"
        return (code, "State change failed: Multiple primaries not allowed by config" if code else "")

    node.answers["drbdadm primary data"] = primary
    node.program.take(node.host)
    assert node.ran.count("drbdadm primary data") == 3


def test_take_after_a_repair(node: Node) -> None:
    node.on("e2fsck", lambda: None, 1, "recovering journal")
    node.program.take(node.host)
    assert node.phase == "serving"


def test_take_leaves_a_broken_file_system_alone(node: Node) -> None:
    node.on("e2fsck", lambda: None, 4, "UNEXPECTED INCONSISTENCY")
    with pytest.raises(
        node.program.StorageError, match=r"UNEXPECTED INCONSISTENCY\. Run 'e2fsck /dev/drbd0' on this host"
    ):
        node.program.take(node.host)
    assert not any(line.startswith("mount ") for line in node.ran)


def test_take_notices_that_nobody_listens(node: Node) -> None:
    node.on("systemctl restart", lambda: None)
    with pytest.raises(node.program.StorageError, match="the NFS server does not start"):
        node.program.take(node.host)


def test_release(node: Node) -> None:
    node.is_active()
    node.program.release(node.host)
    assert node.ran == [*HIDE, STOP, f"umount {node.path}", "drbdadm secondary data"]
    assert node.vote == -254
    assert node.phase == "idle"


def test_release_of_nothing(node: Node) -> None:
    node.program.release(node.host)
    assert node.ran == [*HIDE, STOP]


def test_release_of_a_frozen_volume_gives_up_what_nobody_was_told(node: Node) -> None:
    node.is_active()
    node.has(FROZEN)
    node.on("drbdadm secondary data", lambda: node.has(GIVEN_UP.replace("Primary", "Secondary")))
    node.program.release(node.host)
    assert node.ran == [
        *HIDE,
        STOP,
        "drbdadm detach --force data",
        "drbdadm resume-io data",
        f"umount {node.path}",
        "drbdadm secondary data",
        "drbdadm down data",
        "drbdadm adjust data",
    ]


def test_nothing_goes_on_while_the_disk_is_only_failed(node: Node) -> None:
    """DRBD would write on it that it has data of its own."""
    node.is_active()
    node.has(FROZEN)
    node.on("drbdadm detach --force data", lambda: node.has(DETACHED.replace("Diskless", "Failed")))
    gone = node.time + node.program.THAW_LIMIT + 5
    node.later(gone - node.time, lambda: node.has(DETACHED))

    def resume() -> None:
        assert node.state == DETACHED
        node.has(GIVEN_UP)

    node.on("drbdadm resume-io data", resume)
    node.on("drbdadm secondary data", lambda: node.has(GIVEN_UP.replace("Primary", "Secondary")))
    node.program.release(node.host)
    assert node.time > gone
    assert "drbdadm resume-io data" in node.ran


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [(124, "it took longer than 20 seconds", ": it took longer than 20 seconds"), (0, "", "")],
    ids=["refused", "slow"],
)
def test_a_disk_that_does_not_go_is_left_frozen(
    node: Node, monkeypatch: pytest.MonkeyPatch, code: int, message: str, said: str
) -> None:
    settings(node, monkeypatch)
    node.is_active()
    node.has(FROZEN)
    node.on("drbdadm detach --force data", lambda: None, code, message)
    (node.root / "proc/sys/kernel").mkdir(parents=True)
    assert node.program.main(["release"]) == 1
    assert "drbdadm resume-io data" not in node.ran
    reason = f"drbdadm detach --force: the disk is UpToDate still{said}\n"
    assert (node.root / "run/lvs/failed").read_text() == reason
    assert (node.root / "proc/sysrq-trigger").exists()


def loses_its_disk(node: Node) -> None:
    node.is_active()
    node.on("drbdadm secondary data", lambda: node.has("Connected ro:Secondary/Primary ds:Diskless/UpToDate C r-----"))


def test_a_device_that_is_looked_at_is_taken_down_later(node: Node) -> None:
    loses_its_disk(node)
    answers = iter([(11, LOOKED_AT)] * 3 + [(0, "")])
    node.answers["drbdadm down data"] = lambda: next(answers)
    node.program.release(node.host)
    assert node.ran[-5:] == [*["drbdadm down data"] * 4, "drbdadm adjust data"]


def test_a_device_that_is_looked_at_for_ever(node: Node) -> None:
    loses_its_disk(node)
    node.on("drbdadm down data", lambda: None, 11, LOOKED_AT)
    with pytest.raises(node.program.StorageError, match=f"drbdadm down: {LOOKED_AT}"):
        node.program.release(node.host)


def test_release_waits_a_little_for_the_peer(node: Node) -> None:
    node.is_active()
    node.has(FROZEN)
    node.later(1, lambda: node.has(ACTIVE))
    node.program.release(node.host)
    assert "drbdadm detach --force data" not in node.ran
    assert node.phase == "idle"


def test_release_ends_what_uses_the_volume(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.is_active()
    killed: list[tuple[int, int]] = []
    users = [4711]
    monkeypatch.setattr(node.program, "users_of", lambda _host: users)

    def kill(pid: int, number: int) -> None:
        killed.append((pid, number))
        if number == 9:
            users.clear()
            node.on("umount ", lambda: node.mounts(False))

    monkeypatch.setattr(node.program.os, "kill", kill)
    node.on("umount ", lambda: None, 32, "target is busy")
    node.program.release(node.host)
    assert killed[0] == (4711, 15)
    assert killed[-1] == (4711, 9)
    assert node.phase == "idle"


def settings(node: Node, monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    file = node.root / "storage.json"
    file.write_text(json.dumps({**node.program.asdict(node.host), **more}))
    monkeypatch.setattr(node.program, "SETTINGS", file)


def test_a_gentle_release_ends_nothing(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.is_active()
    (node.root / "run/lvs/gentle").touch()
    settings(node, monkeypatch)
    monkeypatch.setattr(node.program, "users_of", lambda _host: [os.getpid()])
    node.on("umount ", lambda: None, 32, "target is busy")
    assert node.program.main(["release"]) == 1
    assert (node.root / "run/lvs/failed").read_text().startswith(f"{node.path} is in use by")
    assert not (node.root / "proc/sysrq-trigger").exists()


@pytest.mark.parametrize("reboots", [True, False])
def test_what_cannot_be_released(node: Node, monkeypatch: pytest.MonkeyPatch, reboots: bool) -> None:
    settings(node, monkeypatch, reboot_when_stuck=reboots)
    node.is_active()
    node.on("umount ", lambda: None, 32, "target is busy")
    (node.root / "proc/sys/kernel").mkdir(parents=True)
    assert node.program.main(["release"]) == 1
    trigger = node.root / "proc/sysrq-trigger"
    assert trigger.exists() is reboots
    assert (node.root / "run/lvs/failed").read_text() == f"umount {node.path}: target is busy\n"


def test_a_failure_is_remembered(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(node, monkeypatch)
    node.on("mount ", lambda: None, 32, "wrong fs type")
    assert node.program.main(["take"]) == 1
    node.program.Watcher(node.host).look()
    assert (node.vote, node.reason) == (-254, "it has just failed to serve the volume")


def test_unknown_actions(node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    settings(node, monkeypatch)
    assert node.program.main([]) == 2
    assert "lvs-storage take" in capsys.readouterr().err


def test_show_announces_and_wakes_clients(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Connection("192.0.2.30", 2049, "192.0.2.21", 754)
    (node.path / ".lvs-storage").mkdir()
    (node.path / ".lvs-storage/clients").write_text(dump([client]))
    announced: list[str] = []
    woken: list[Connection] = []
    monkeypatch.setattr(node.program, "announce", lambda _interface, address: announced.append(address))
    monkeypatch.setattr(node.program, "tickle", woken.append)
    node.program.show(node.host)
    assert node.ran == [
        "ip address replace 192.0.2.30/32 dev eth0",
        "ip address replace 2001:db8::30/128 dev eth0 preferred_lft 0 nodad",
    ]
    assert set(announced) == {"192.0.2.30", "2001:db8::30"}
    assert set(woken) == {client}


@pytest.mark.parametrize(("state", "vote"), [("", -254), (READY, 0), (STANDBY, 0), (LONELY, -254)])
def test_votes_of_a_host_that_does_not_serve(
    node: Node, monkeypatch: pytest.MonkeyPatch, state: str, vote: int
) -> None:
    monkeypatch.setattr(node.program, "answering", lambda _addresses: set())
    node.has(state)
    node.program.Watcher(node.host).look()
    assert node.vote == vote


def test_a_lonely_host_asks_the_witnesses(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node.program, "answering", set)
    node.has(LONELY)
    node.program.Watcher(node.host).look()
    assert node.vote == 0


def test_the_active_host_votes_for_itself_until_it_freezes(node: Node) -> None:
    watcher = node.program.Watcher(node.host)
    node.is_active()
    watcher.look()
    assert node.vote == 100
    node.has(FROZEN)
    watcher.look()
    assert node.vote == 0
    node.time += 9
    watcher.look()
    assert node.vote == -254


def test_an_nfs_server_may_be_restarted(node: Node) -> None:
    watcher = node.program.Watcher(node.host)
    node.is_active()
    node.serves(False)
    watcher.look()
    assert node.vote == 100
    node.time += 21
    watcher.look()
    assert (node.vote, node.reason) == (-254, "the NFS server does not run")


def test_clients_are_kept_on_the_volume(node: Node) -> None:
    watcher = node.program.Watcher(node.host)
    node.is_active()
    (node.path / ".lvs-storage").mkdir()
    with (node.root / "proc/net/tcp").open("a") as file:
        file.write("   1: 1E0200C0:0801 150200C0:02F2 01\n")
    watcher.look()
    assert watcher.saving is not None
    watcher.saving.join()
    assert json.loads((node.path / ".lvs-storage/clients").read_text()) == [["192.0.2.30", 2049, "192.0.2.21", 754]]


def test_it_connects_again_but_not_after_a_split_brain(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node.program, "answering", lambda _addresses: set())
    settings(node, monkeypatch)
    watcher = node.program.Watcher(node.host)
    node.has("StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----")
    watcher.look()
    watcher.look()
    assert node.ran == ["drbdadm connect data"]
    assert node.program.main(["split-brain"]) == 0
    node.time += 60
    watcher.look()
    assert node.ran == ["drbdadm connect data"]
    node.has(READY)
    watcher.look()
    assert not node.program.SPLIT_BRAIN.exists()


@pytest.mark.parametrize(
    ("state", "answering", "address", "code"),
    [
        (FROZEN, {"192.0.2.1"}, False, 5),
        (FROZEN, set(), False, 1),
        (FROZEN, {"192.0.2.1", "192.0.2.32"}, False, 1),
        (LONELY, {"192.0.2.1"}, False, 5),
        (LONELY, {"192.0.2.1", "192.0.2.32"}, False, 5),
        (LONELY, {"192.0.2.1"}, True, 1),
        (LONELY, {"192.0.2.32"}, False, 1),
    ],
)
def test_fence(
    node: Node, monkeypatch: pytest.MonkeyPatch, state: str, answering: set[str], address: bool, code: int
) -> None:
    node.has(state)
    settings(node, monkeypatch)
    monkeypatch.setattr(node.program, "answering", lambda _addresses: answering)
    monkeypatch.setattr(node.program, "has_owner", lambda _address: address)
    assert node.program.main(["fence"]) == code


def test_fence_ends_when_the_peer_is_back(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.has(FROZEN)

    def answering(_addresses: Sequence[str]) -> set[str]:
        node.has(ACTIVE)
        return {"192.0.2.1", "192.0.2.32"}

    monkeypatch.setattr(node.program, "answering", answering)
    assert node.program.fence(node.host) == 1
    assert node.time == 1000


def test_status(node: Node, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    settings(node, monkeypatch)
    node.is_active()
    node.program.Watcher(node.host).look()
    capsys.readouterr()
    assert node.program.main(["status"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["vote"], shown["phase"], shown["split_brain"], shown["drbd"]["role"]) == (
        100,
        "serving",
        False,
        "Primary",
    )
