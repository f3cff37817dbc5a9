# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the lab's kernel and images: hosts that cannot have a lab are told why, and builds leave nothing by halves."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

FILES = Path(__file__).parents[3] / "roles" / "lab" / "files"
BUILD = "source common.bash; make_workspace {folder} kind; touch $workspace/half; {then}"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder of programs that go before those of this host, which can run a lab then."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, says in {"uname": "Linux x86_64", "nc": "OpenBSD netcat", "df": "Avail\\n99999", "unshare": ""}.items():
        program(programs, name, f"printf '{says}\\n'")
    for name in ("ip", "nsenter", "ssh", "sysctl", "apt-get", "mmdebstrap", "mke2fs", "ssh-keygen", "resize2fs"):
        program(programs, name, "exit 1")
    return programs


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def refusal(host: Path, *options: str) -> str:
    """What `provide` says before it does anything."""
    cache = host.parent / "cache"
    environment = {**os.environ, "PATH": f"{host}:{os.environ['PATH']}", "HOME": str(host.parent)}
    command = [FILES / "provide", "--cache", cache, "--kernel", "packaged", *options]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stdout == ""
    assert not list(cache.glob("*/*"))
    return run.stderr


@pytest.mark.parametrize(
    ("name", "script", "words"),
    [
        ("uname", "echo Linux aarch64", "this is Linux aarch64, and User Mode Linux runs on x86-64 Linux only"),
        ("df", "printf 'Avail\\n100\\n'", "has 100 MiB left and the lab needs 3584: make room"),
        ("nc", "echo traditional", "apt-get install --no-install-recommends"),
    ],
)
def test_a_host_that_cannot_run_a_lab_is_told_why(host: Path, name: str, script: str, words: str) -> None:
    program(host, name, script)
    said = refusal(host)
    assert said.startswith("provide: this host cannot run the lab yet:\n- ")
    assert words in said


def test_everything_is_said_at_once(host: Path) -> None:
    program(host, "uname", "echo FreeBSD amd64")
    program(host, "df", "printf 'Avail\\n0\\n'")
    said = refusal(host)
    assert "this is FreeBSD amd64" in said
    assert "has 0 MiB left" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="only others than root are refused")
def test_others_than_root_are_refused(host: Path) -> None:
    assert "a lab needs root, for its network: run this as root" in refusal(host)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may try")
def test_a_host_without_tap_devices(host: Path) -> None:
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if not keyring.exists():
        pytest.skip("what is not installed is said first")
    program(host, "unshare", "echo 'open: No such file or directory'; exit 1")
    said = refusal(host)
    assert "this kernel makes no tap device or no bridge (open: No such file or directory): load the modules" in said


def start(folder: Path, then: str) -> subprocess.Popen[str]:
    command = BUILD.format(folder=folder, then=then)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent)}
    return subprocess.Popen(
        ["bash", "-c", command], cwd=FILES, env=environment, text=True, stderr=subprocess.PIPE, start_new_session=True
    )


def wait_for(folder: Path, pattern: str) -> Path:
    deadline = time.monotonic() + 60
    while not (found := list(folder.glob(pattern))):
        assert time.monotonic() < deadline, pattern
        time.sleep(0.02)
    return found[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lvs-cluster").mkdir()
    return tmp_path / "lvs-cluster"


def test_what_a_killed_build_has_left_goes_with_the_next_one(folder: Path) -> None:
    build = start(folder, "sleep 60")
    half = wait_for(folder, ".kind.tmp.*/half")
    os.killpg(build.pid, signal.SIGKILL)
    build.communicate()
    assert half.exists()
    build = start(folder, 'mkdir "$workspace/result"; mv "$workspace/result" ' + str(folder / "made"))
    assert build.wait(60) == 0
    build.communicate()
    assert (folder / "made").is_dir()
    assert not list(folder.glob(".kind.tmp.*"))


def test_a_build_that_is_ended_leaves_nothing(folder: Path) -> None:
    build = start(folder, "sleep 60 & wait $!")
    wait_for(folder, ".kind.tmp.*/half")
    build.terminate()
    assert build.wait(60) == 143
    build.communicate()
    assert not list(folder.glob(".kind.tmp.*"))


def test_of_two_builds_the_second_waits(folder: Path) -> None:
    first = start(folder, f"until [[ -e {folder}/go ]]; do sleep 0.05; done; touch {folder}/first")
    wait_for(folder, ".kind.tmp.*/half")
    second = start(folder, f"[[ -e {folder}/first ]]")
    assert second.stderr is not None
    assert second.stderr.readline() == "Waiting for another kind build to finish ...\n"
    (folder / "go").touch()
    assert (first.wait(60), second.wait(60)) == (0, 0)
    for build in (first, second):
        build.communicate()
    assert not list(folder.glob(".kind.tmp.*"))
