# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a machine of a lab into a wanted state: the plan of decide.py carried out."""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..files import write_atomically
from . import mconsole, process, ssh
from .command_line import command_line, mark
from .console import wait_for_boot
from .decide import ABSENT, PAUSED, STARTED, STOPPED, Action, Machine, Plan, decide
from .layout import LabFiles
from .model import LabError, MachineSpec, duplicate_addresses, spec_from_dict
from .network import Network

_SHUTDOWN_TIMEOUT = 60.0  # seconds


class Lab:
    """The machines of one lab in a cache folder."""

    def __init__(self, cache: Path, name: str) -> None:
        self.files = LabFiles(cache, name)
        self._network = Network(self.files.namespace, self.files.folder)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep all others who change labs out; a killed owner lets go by itself."""
        self.files.lock.parent.mkdir(parents=True, exist_ok=True)
        with self.files.lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def names(self) -> list[str]:
        """Return the names of all machines, half-made ones included."""
        folder = self.files.machines
        return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []

    def observe(self, name: str) -> Machine:
        """Return the machine as it is now."""
        spec = self._stored_spec(name)
        running = process.find(self._mark(name))
        if running:
            return Machine(PAUSED if running.paused else STARTED, spec)
        return Machine(STOPPED if self.files.machine(name).folder.is_dir() else ABSENT, spec)

    def plan(self, name: str, state: str, options: Mapping[str, Any], force: bool) -> tuple[Machine, Plan]:
        """Return the machine as it is and what has to be done; change nothing.

        ``options`` are those parts of a spec that the caller gave; the stored spec has the others.
        """
        now = self.observe(name)
        if state == STARTED and options:
            return now, decide(now, state, self._wanted_spec(name, now.spec, options))
        return now, decide(now, state, None, force)

    def carry_out(self, name: str, plan: Plan) -> None:
        """Do all steps of a plan. The lock must be held."""
        for action in plan.actions:
            if action is Action.STORE:
                self._store(_spec_of(plan.after))
            elif action is Action.LAUNCH:
                self._launch(_spec_of(plan.after))
            elif action is Action.DELETE:
                self._delete(name)
            elif action is Action.SHUT_DOWN:
                mconsole.command(self.files.machine(name).control_socket, "cad")
            else:
                self._signal(name, action)

    def wait_until_up(self, name: str, timeout: float) -> None:
        """Return when systemd in the machine says running; raise LabError otherwise."""
        wait_for_boot(self.files.machine(name).console, process.Watch(self._mark(name)).is_alive, timeout)

    def wait_until_down(self, name: str) -> None:
        """Return when the machine has ended; raise LabError if it does not."""
        if not process.wait_until_gone(self._mark(name), _SHUTDOWN_TIMEOUT):
            raise LabError(f"it has not shut down within {_SHUTDOWN_TIMEOUT:g} s; force: true cuts its power")

    def remains(self) -> bool:
        """Tell whether anything of the lab is left."""
        return self.files.folder.exists() or self._network.exists()

    def address_owner(self, segment: str, address: str) -> str | None:
        """Return the machine that has an address on a segment, or None."""
        nics = {name: spec.nics for name in self.names() if (spec := self._stored_spec(name))}
        owners = [
            name
            for name, own in nics.items()
            for nic in own
            if nic.segment == segment and address in (text.partition("/")[0] for text in nic.addresses)
        ]
        return owners[0] if owners else None

    def kill_strays(self) -> None:
        """End processes of the lab whose files somebody has removed. The lock must be held."""
        for stray in process.find_all(f"{mark(self.files.machines)}/"):
            process.kill(stray)

    def remove_if_empty(self) -> None:
        """Remove fence server, namespace and folder once the last machine has gone. The lock must be held."""
        if not self.names():
            for server in process.find_all(self.files.fencing_mark):
                process.kill(server)
            self._network.remove()
            if self.files.folder.exists():
                shutil.rmtree(self.files.folder)

    def _mark(self, name: str) -> str:
        return f"{mark(self.files.machine(name).overlay)},"

    def _stored_spec(self, name: str) -> MachineSpec | None:
        try:
            return spec_from_dict(json.loads(self.files.machine(name).spec.read_text()))
        except (OSError, ValueError, KeyError, LabError):
            # Never written, or by another version of the collection: as good as half-made.
            return None

    def _wanted_spec(self, name: str, stored: MachineSpec | None, options: Mapping[str, Any]) -> MachineSpec:
        data = {**(stored.to_dict() if stored else {}), **options, "lab": self.files.lab, "name": name}
        missing = [option for option in ("kernel", "image", "memory", "nics") if not data.get(option)]
        if missing:
            raise LabError(f"to make the machine, these options are missing: {', '.join(missing)}")
        spec = spec_from_dict(data)
        command_line(spec, self.files)  # raises LabError if it would be too long
        return spec

    def _store(self, spec: MachineSpec) -> None:
        self._check_parts(spec)
        self._check_neighbours(spec)
        files = self.files.machine(spec.name)
        self._link_parts(spec)
        write_atomically(self.files.ssh_config, ssh.lab_config(self.files))
        write_atomically(files.ssh_config, ssh.machine_config(spec, self.files))
        for disk in spec.disks:
            _make_disk(self.files.disk(spec.name, disk), disk.size)
        write_atomically(files.spec, json.dumps(spec.to_dict(), indent=2) + "\n")

    def _link_parts(self, spec: MachineSpec) -> None:
        """Leave links to kernel and image in the lab's folder: later machines are to be made from the same ones.

        An image's folder is called SUITE-VERSION-HASH.
        """
        self.files.folder.mkdir(parents=True, exist_ok=True)
        suite = Path(spec.image).name.partition("-")[0]
        for link, target in ((self.files.kernel, spec.kernel), (self.files.image(suite), spec.image)):
            temporary = link.with_suffix(".new")
            temporary.unlink(missing_ok=True)
            temporary.symlink_to(target)
            temporary.replace(link)

    def _check_parts(self, spec: MachineSpec) -> None:
        for part in (f"{spec.kernel}/linux", f"{spec.kernel}/modules.img", f"{spec.image}/base.img"):
            if not Path(part).exists():
                raise LabError(f"{part} does not exist; playbook lab_up makes kernel and image")

    def _check_neighbours(self, spec: MachineSpec) -> None:
        others = {name: stored for name in self.names() if (stored := self._stored_spec(name))}
        problems = duplicate_addresses({**{name: other.nics for name, other in others.items()}, spec.name: spec.nics})
        if problems:
            raise LabError("; ".join(problems))

    def _launch(self, spec: MachineSpec) -> None:
        self._check_parts(spec)
        files = self.files.machine(spec.name)
        self._network.ensure(spec.name, spec.nics)
        # A killed kernel leaves its control folder, which would hold up the next one.
        shutil.rmtree(files.control, ignore_errors=True)
        process.launch(command_line(spec, self.files), self.files.namespace, files.console)

    def _signal(self, name: str, action: Action) -> None:
        running = process.find(self._mark(name))
        if not running:
            return
        if action is Action.CUT_POWER:
            process.kill(running)
        elif action is Action.PAUSE:
            process.pause(running)
        else:
            process.resume(running)

    def _delete(self, name: str) -> None:
        self._close_ssh(name)
        spec = self._stored_spec(name)
        self._network.remove_taps(name, len(spec.nics) if spec else 0)
        shutil.rmtree(self.files.machine(name).folder)

    def _close_ssh(self, name: str) -> None:
        """End the ssh processes that keep shared connections to the machine open."""
        for path in self.files.machine(name).folder.glob("ssh-*"):
            command = ["ssh", "-F", "/dev/null", "-o", f"ControlPath={path}", "-O", "exit", name]
            subprocess.run(command, capture_output=True, check=False)  # pylint: disable=ansible-bad-function


def _spec_of(machine: Machine) -> MachineSpec:
    if machine.spec is None:
        raise LabError("a plan to start a machine has a spec")
    return machine.spec


def _make_disk(path: Path, size: int) -> None:
    """Make an empty disk of ``size`` MiB; one that exists keeps what is on it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with path.open("wb") as file:
            file.truncate(size << 20)
