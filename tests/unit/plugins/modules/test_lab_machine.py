# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab import control, layout, machine, mconsole, process
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError, Nic
from ansible_collections.lvs.cluster.plugins.module_utils.lab.process import Process
from ansible_collections.lvs.cluster.plugins.modules import lab_machine

NICS = [{"segment": "lan", "addresses": ["192.0.2.11/24"]}]


class Host:
    """Stands in for the host's processes and network; files are real, in the test's own folder."""

    def __init__(self, root: Path) -> None:
        self.cache = root / "cache"
        self.kernel, self.image = root / "kernel", root / "trixie-13.7-e710f2b63c0a"
        for file in (self.kernel / "linux", self.kernel / "modules.img", self.image / "base.img"):
            file.parent.mkdir(exist_ok=True)
            file.touch()
        self.running: dict[str, Process] = {}  # by the mark of their root disk
        self.taps: dict[str, int] = {}
        self.namespace = False
        self.boots_with = "lvs-lab-boot: running \n"
        self.hears_ctrl_alt_del = True
        self.done: list[str] = []

    def folder(self, name: str) -> Path:
        return self.cache / "labs" / "demo" / "machines" / name

    # What module_utils/lab/process.py offers.
    def find(self, mark: str) -> Process | None:
        return next(iter(self.find_all(mark)), None)

    def find_all(self, mark: str) -> list[Process]:
        return [found for disk, found in self.running.items() if disk.startswith(mark)]

    def launch(self, command: Sequence[str], _namespace: str, console: Path) -> None:
        disk = next(argument for argument in command if argument.startswith("ubd0="))
        self.running[disk] = Process(len(self.running) + 1000, paused=False)
        console.write_text(self.boots_with)
        self.done.append("launch")

    def kill(self, victim: Process) -> None:
        self.running = {disk: found for disk, found in self.running.items() if found != victim}
        self.done.append("kill")

    def pause(self, running: Process) -> None:
        self._replace(running, Process(running.pid, paused=True))

    def resume(self, running: Process) -> None:
        self._replace(running, Process(running.pid, paused=False))

    def _replace(self, old: Process, new: Process) -> None:
        self.running = {disk: new if found == old else found for disk, found in self.running.items()}

    def wait_until_gone(self, mark: str, timeout: float) -> bool:
        return not self.find(mark)

    # What mconsole.py offers.
    def command(self, control_socket: Path, text: str) -> str:
        self.done.append(text)
        if self.hears_ctrl_alt_del:
            self.running = {
                disk: found for disk, found in self.running.items() if str(control_socket.parent.parent) not in disk
            }
        return "OK"

    # What network.py offers.
    def ensure(self, name: str, nics: Sequence[Nic]) -> None:
        self.namespace = True
        self.taps[name] = len(nics)

    def remove_taps(self, name: str, count: int) -> None:
        assert self.taps.pop(name, 0) == count

    def remove(self) -> None:
        self.namespace = False

    def exists(self) -> bool:
        return self.namespace


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    stand_in = Host(tmp_path)
    for name in ("find", "find_all", "launch", "kill", "pause", "resume", "wait_until_gone"):
        monkeypatch.setattr(process, name, getattr(stand_in, name))
    monkeypatch.setattr(mconsole, "command", stand_in.command)
    monkeypatch.setattr(machine, "Network", lambda _namespace, _owner: stand_in)
    monkeypatch.setattr(control.os, "geteuid", lambda: 0)
    monkeypatch.setattr(layout, "MAX_SOCKET_PATH", 1000)  # the test's folder has a long name
    return stand_in


Lab = Callable[..., dict[str, Any]]


@pytest.fixture
def lab(host: Host, run: Lab) -> Lab:
    """Return lab(**parameters): the module's result for machine lb1 of lab demo, which is described in full."""

    def call(check: bool = False, described: bool = True, **parameters: Any) -> dict[str, Any]:
        description = {"kernel": str(host.kernel), "image": str(host.image), "memory": 384, "nics": NICS}
        names = {"lab": "demo", "name": "lb1", "cache_dir": str(host.cache)}
        return run(lab_machine, check=check, **{**names, **(description if described else {}), **parameters})

    return call


@pytest.mark.parametrize("state", ["started", "stopped", "paused", "absent"])
def test_a_name_is_needed(lab: Lab, state: str) -> None:
    for missing in (None, ""):
        result = lab(state=state, name=missing)
        assert result["msg"] == "Lab 'demo': name says which machine is meant; it is missing"


def test_a_new_machine_needs_a_description(lab: Lab, host: Host) -> None:
    assert lab(described=False)["msg"].startswith(
        "Lab 'demo', machine 'lb1': there is no such machine yet, and to make one kernel, image and nics are needed"
    )
    result = lab(memory=None, kernel=None)
    assert result["msg"] == (
        "Lab 'demo', machine 'lb1': to make the machine, these options are missing: kernel, memory"
    )
    assert not host.folder("lb1").exists()


def test_check_mode_makes_nothing(lab: Lab, host: Host) -> None:
    result = lab(check=True)
    assert result["changed"]
    assert not host.cache.exists()
    assert host.done == []
    assert result["diff"]["before"] == {"state": "absent"}
    assert result["diff"]["after"]["state"] == "started"


def test_a_machine_is_made(lab: Lab, host: Host) -> None:
    result = lab()
    assert result["changed"]
    assert result["machine"]["nics"] == [
        {"segment": "lan", "addresses": ["192.0.2.11/24"], "gateways": [], "mtu": None},
    ]
    assert result["namespace"] == "lvslab-demo"
    assert result["console"] == str(host.folder("lb1") / "console.log")
    assert json.loads((host.folder("lb1") / "spec.json").read_text())["memory"] == 384
    assert (host.cache / "labs/demo/kernel").resolve() == host.kernel
    assert (host.cache / "labs/demo/image-trixie").resolve() == host.image
    assert Path(result["ssh_config"]).exists()
    assert host.taps == {"lb1": 1}


def test_check_and_real_run_show_the_same_difference(lab: Lab) -> None:
    assert lab(check=True)["diff"] == lab()["diff"]


def test_a_second_run_changes_nothing(lab: Lab, host: Host) -> None:
    lab()
    host.done.clear()
    assert not lab()["changed"]
    assert not lab(described=False)["changed"]
    assert host.done == []


def test_a_running_machine_is_not_changed(lab: Lab) -> None:
    lab()
    assert "it is up with other values of memory" in lab(memory=512)["msg"]


def test_a_stopped_machine_gets_a_new_description(lab: Lab, host: Host) -> None:
    lab()
    lab(state="stopped")
    result = lab(described=False, memory=512)
    assert result["changed"]
    assert (result["diff"]["before"]["memory"], result["diff"]["after"]["memory"]) == (384, 512)
    assert json.loads((host.folder("lb1") / "spec.json").read_text())["memory"] == 512


def test_shutdown_and_start_keep_the_disk(lab: Lab, host: Host) -> None:
    lab(disks=[{"name": "data", "size": 1}])
    disk = host.folder("lb1") / "data.disk"
    assert disk.stat().st_size == 1 << 20
    disk.write_text("precious")
    host.done.clear()
    assert lab(described=False, state="stopped")["changed"]
    assert not lab(described=False, state="stopped")["changed"]
    assert lab(described=False)["changed"]
    assert host.done == ["cad", "launch"]
    assert disk.read_text() == "precious"


def test_a_machine_that_does_not_shut_down(lab: Lab, host: Host) -> None:
    lab()
    host.hears_ctrl_alt_del = False
    assert lab(state="stopped")["msg"] == (
        "Lab 'demo', machine 'lb1': it has not shut down within 60 s; force: true cuts its power"
    )
    assert lab(state="stopped", force=True)["changed"]
    assert host.running == {}


def test_a_killed_kernels_control_folder_does_not_hold_up_the_next_one(lab: Lab, host: Host) -> None:
    lab()
    (host.folder("lb1") / "uml").mkdir()
    lab(state="stopped", force=True)
    lab()
    assert not (host.folder("lb1") / "uml").exists()


def test_pause_and_go_on(lab: Lab, host: Host) -> None:
    lab()
    assert lab(state="paused", check=True)["changed"]
    assert not next(iter(host.running.values())).paused
    assert lab(state="paused")["changed"]
    assert not lab(state="paused")["changed"]
    assert lab()["changed"]
    assert not next(iter(host.running.values())).paused


def test_a_failed_unit_is_an_error_also_later_and_the_machine_stays(lab: Lab, host: Host) -> None:
    host.boots_with = "lvs-lab-boot: degraded nginx.service \n"
    for _attempt in range(2):
        assert "systemd says degraded; failed units: nginx.service." in lab()["msg"]
    assert len(host.running) == 1


def test_without_waiting_nobody_asks_for_the_report(lab: Lab, host: Host) -> None:
    host.boots_with = ""
    assert lab(boot_timeout=0)["changed"]


def test_two_machines_with_one_address(lab: Lab, host: Host) -> None:
    lab()
    assert lab(name="lb2")["msg"] == (
        "Lab 'demo', machine 'lb2': address 192.0.2.11 on segment 'lan' belongs to lb1 and lb2; give each its own"
    )
    assert not host.folder("lb2").exists()


def test_a_missing_image_is_named(lab: Lab, host: Host) -> None:
    assert lab(image="/nowhere")["msg"] == (
        "Lab 'demo', machine 'lb1': /nowhere/base.img does not exist; playbook lab_up makes kernel and image"
    )
    assert not host.folder("lb1").exists()


def test_removal(lab: Lab, host: Host) -> None:
    lab()
    lab(name="lb2", nics=[{"segment": "lan"}])
    assert lab(state="absent", check=True)["changed"]
    assert lab(state="absent")["changed"]
    assert not host.folder("lb1").exists()
    assert (host.namespace, host.taps) == (True, {"lb2": 1})
    assert not lab(state="absent")["changed"]


def test_the_last_machine_takes_the_lab_with_it(lab: Lab, host: Host) -> None:
    lab()
    lab(state="absent")
    assert not host.namespace
    assert [entry.name for entry in (host.cache / "labs").iterdir()] == [".lock"]


def test_a_whole_lab_is_removed(lab: Lab, host: Host) -> None:
    lab()
    lab(name="lb2", nics=[{"segment": "lan"}])
    result = lab(name=None, all_machines=True, described=False, state="absent", check=True)
    assert result["diff"] == {"before": {"machines": ["lb1", "lb2"]}, "after": {"machines": []}}
    assert len(host.running) == 2
    assert lab(name=None, all_machines=True, described=False, state="absent")["changed"]
    assert (host.running, host.namespace) == ({}, False)
    assert not (host.cache / "labs" / "demo").exists()
    assert not lab(name=None, all_machines=True, described=False, state="absent")["changed"]


@pytest.mark.parametrize("parameters", [{"state": "stopped", "name": None}, {"state": "absent", "name": "lb1"}])
def test_all_machines_only_means_removal(lab: Lab, parameters: dict[str, Any]) -> None:
    result = lab(all_machines=True, **parameters)
    assert result["msg"].endswith(": all_machines goes with state: absent and without a name")


def test_half_made_machines_are_finished_or_removed(lab: Lab, host: Host) -> None:
    for leftover in ("lb1", "lb2"):
        host.folder(leftover).mkdir(parents=True)
        (host.folder(leftover) / "spec.json").write_text("{")
    assert lab()["changed"]
    assert lab(name=None, all_machines=True, described=False, state="absent")["changed"]
    assert not host.folder("lb2").exists()


def test_machines_whose_files_are_gone_are_ended(lab: Lab, host: Host) -> None:
    host.running[f"ubd0={host.folder('lost')}/root.cow,/base"] = Process(7, paused=False)
    lab(name=None, all_machines=True, described=False, state="absent")
    assert host.running == {}


def test_without_root_only_check_mode_works(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control.os, "geteuid", lambda: 1000)
    assert lab()["msg"] == (
        "Lab 'demo', machine 'lb1': a lab needs root, for its network; run ansible-playbook as root"
    )
    assert lab(check=True)["changed"]


def test_a_machine_that_cannot_be_is_named_once(lab: Lab) -> None:
    assert lab(memory=5)["msg"] == "Lab 'demo': machine 'lb1': memory of 5 MiB is too little; give it at least 128"


def test_an_error_of_the_network_is_the_modules(lab: Lab, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise LabError("'ip netns add' failed: no")

    monkeypatch.setattr(host, "ensure", fail)
    assert lab()["msg"] == "Lab 'demo', machine 'lb1': 'ip netns add' failed: no"


def test_the_default_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/me")
    assert lab_machine.default_cache() == "/var/cache/me/lvs-cluster"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert lab_machine.default_cache() == "/home/me/.cache/lvs-cluster"
