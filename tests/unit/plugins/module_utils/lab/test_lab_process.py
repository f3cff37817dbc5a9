# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab import process
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError

Start = Callable[[str], "subprocess.Popen[bytes]"]
# A machine of two processes: both have the argument, one leads the session.
MACHINE = "import os, time; os.fork(); time.sleep(60)"


@pytest.fixture
def mark(tmp_path: Path) -> str:
    return f"ubd0={tmp_path}"


@pytest.fixture
def start(mark: str) -> Iterator[Start]:
    started = []

    def run(name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", MACHINE, "mem=384M", f"{mark}/{name}/root.cow,/base.img"]
        started.append(subprocess.Popen(command, start_new_session=True))
        wait_for(lambda: len(members(started[-1].pid)) == 2)
        return started[-1]

    yield run
    for child in started:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def members(group: int) -> list[int]:
    """Living processes of a process group."""
    output = subprocess.run(["ps", "-eo", "pid=,pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in output.splitlines()]
    return [int(pid) for pid, pgid, state in rows if int(pgid) == group and not state.startswith("Z")]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def test_no_machine(mark: str) -> None:
    assert process.find(f"{mark}/lb1/root.cow,") is None


def test_a_machine_is_its_leading_process(mark: str, start: Start) -> None:
    machine = start("lb1")
    assert process.find(f"{mark}/lb1/root.cow,") == process.Process(machine.pid, paused=False)


def test_machines_are_told_apart(mark: str, start: Start) -> None:
    one, other = start("lb1"), start("lb10")
    assert process.find(f"{mark}/lb1/root.cow,") == process.Process(one.pid, paused=False)
    assert {found.pid for found in process.find_all(f"{mark}/")} == {one.pid, other.pid}


def test_pause_and_resume(mark: str, start: Start) -> None:
    start("lb1")
    running = process.find(f"{mark}/lb1/")
    assert running
    process.pause(running)
    wait_for(lambda: process.find(f"{mark}/lb1/") == process.Process(running.pid, paused=True))
    process.resume(running)
    wait_for(lambda: process.find(f"{mark}/lb1/") == running)


def test_a_power_cut_ends_all_processes_and_no_others(mark: str, start: Start) -> None:
    machine, neighbour = start("lb1"), start("lb2")
    process.kill(process.Process(machine.pid, paused=False))
    assert members(machine.pid) == []
    assert len(members(neighbour.pid)) == 2
    assert process.find(f"{mark}/lb1/") is None


def test_a_power_cut_ends_a_paused_machine(mark: str, start: Start) -> None:
    machine = start("lb1")
    running = process.Process(machine.pid, paused=False)
    process.pause(running)
    process.kill(running)
    assert members(machine.pid) == []


def test_what_has_ended_already_can_be_killed() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    child.wait()
    process.kill(process.Process(child.pid, paused=False))


def test_processes_that_do_not_end_are_an_error(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = start("lb1")
    monkeypatch.setattr(process, "_KILL_TIMEOUT", 0.0)
    monkeypatch.setattr(process.signal, "SIGKILL", 0)  # signal 0 does nothing
    with pytest.raises(LabError, match=rf"its processes \(group {machine.pid}\) do not end"):
        process.kill(process.Process(machine.pid, paused=False))
    monkeypatch.undo()


def test_waiting_for_the_end(mark: str, start: Start) -> None:
    machine = start("lb1")
    assert not process.wait_until_gone(f"{mark}/lb1/", timeout=0)
    os.killpg(machine.pid, signal.SIGKILL)
    assert process.wait_until_gone(f"{mark}/lb1/", timeout=5)


def test_a_launched_program_has_a_session_and_a_console_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []
    real = subprocess.Popen

    def popen(command: list[str], **options: object) -> object:
        commands.append(command[:3])
        return real(command[3:], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(process.subprocess, "Popen", popen)
    console = tmp_path / "console.log"
    console.write_text("of the last boot")
    program = "import os; print(os.getsid(0) == os.getpid(), os.getcwd())"
    process.launch([sys.executable, "-c", program], "lvslab-demo", console)
    wait_for(lambda: console.read_text() == "True /\n")
    assert commands == [["nsenter", "--net=/run/netns/lvslab-demo", "--"]]
