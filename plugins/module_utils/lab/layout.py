# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files of a lab are, and what its namespace is called."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .model import Disk, LabError, check_lab_name, check_machine_name

# Linux: the path of a unix socket has at most 107 characters.
MAX_SOCKET_PATH = 107


def default_cache() -> str:
    """Return the collection's cache folder of the current user."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return str(base / "lvs-cluster")


@dataclass(frozen=True)
class MachineFiles:
    """Files of one machine; ``folder`` exists exactly as long as the machine does."""

    folder: Path

    @property
    def spec(self) -> Path:
        """What the machine was last started with, as JSON."""
        return self.folder / "spec.json"

    @property
    def overlay(self) -> Path:
        """The root disk: what the machine wrote over the image."""
        return self.folder / "root.cow"

    @property
    def console(self) -> Path:
        """All that the machine printed since it was last started."""
        return self.folder / "console.log"

    @property
    def ssh_config(self) -> Path:
        """The machine's entry, which the lab's ssh_config includes."""
        return self.folder / "ssh_config"

    @property
    def control(self) -> Path:
        """Folder that the kernel makes for its control socket."""
        return self.folder / "uml"

    @property
    def control_socket(self) -> Path:
        """Socket that takes the kernel's console commands (mconsole)."""
        return self.control / "mconsole"

    @property
    def ssh_socket(self) -> str:
        """Socket that ssh sessions of one user share; %r is the user's name for ssh."""
        return f"{self.folder}/ssh-%r"


@dataclass(frozen=True)
class LabFiles:
    """Files of a lab; ``folder`` exists exactly as long as the lab has a machine."""

    cache: Path
    lab: str

    def __post_init__(self) -> None:
        check_lab_name(self.lab)

    @property
    def lock(self) -> Path:
        """Held while labs are changed; outside of the lab's folder, which can vanish."""
        return self.cache / "labs" / ".lock"

    @property
    def folder(self) -> Path:
        """All of the lab's files are here."""
        return self.cache / "labs" / self.lab

    @property
    def machines(self) -> Path:
        """One folder per machine."""
        return self.folder / "machines"

    @property
    def ssh_config(self) -> Path:
        """For ``ssh -F`` and for Ansible."""
        return self.folder / "ssh_config"

    @property
    def kernel(self) -> Path:
        """Link to the kernel that machines are made with."""
        return self.folder / "kernel"

    def image(self, suite: str) -> Path:
        """Link to the image that machines of this Debian release are made with."""
        return self.folder / f"image-{suite}"

    @property
    def fencing(self) -> Path:
        """What the fence server was last started with, as JSON."""
        return self.folder / "fencing.json"

    @property
    def fencing_log(self) -> Path:
        """What it printed: every request and its answer."""
        return self.folder / "fencing.log"

    @property
    def fencing_secret(self) -> Path:
        """What proves to it that a request comes from a machine of this lab."""
        return self.folder / "fencing.secret"

    @property
    def fencing_mark(self) -> str:
        """The argument by which its process is known; the slash keeps lab `a` apart from lab `ab`."""
        return f"lab-fencing={self.folder}/"

    @property
    def namespace(self) -> str:
        """Name of the network namespace."""
        return f"lvslab-{self.lab}"

    def machine(self, name: str) -> MachineFiles:
        """Return the files of one machine; raise LabError if its paths would be too long."""
        check_machine_name(name)
        files = MachineFiles(self.machines / name)
        # ssh appends a dot and 16 characters while it makes its socket.
        longest = max(len(str(files.control_socket)), len(files.ssh_socket) - 2 + len("root.") + 16)
        if longest > MAX_SOCKET_PATH:
            raise LabError(
                f"the folder {files.folder} has too long a name for unix sockets "
                f"({longest} characters, {MAX_SOCKET_PATH} are allowed); use a shorter cache folder, lab or machine "
                "name"
            )
        return files

    def disk(self, machine: str, disk: Disk) -> Path:
        """Return the file behind a disk."""
        owner = self.folder / "shared" if disk.shared else self.machines / machine
        return owner / f"{disk.name}.disk"
