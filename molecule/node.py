# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many modules and commands on one machine of the lab in a single ssh command."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ansible
from lab import PROJECT, Lab

NODE_SIDE = Path(__file__).with_name("node_side.py")
FOLDER = "/run/lvs-cluster-test"
RUN_STEPS = f"python3 {FOLDER}/node_side.py {FOLDER}/collection"
ANSIBLE = Path(ansible.__file__).parent
PLUGINS = PROJECT / "plugins"
COLLECTION = Path("ansible_collections/lvs/cluster")

Step = Mapping[str, Any]


def module(name: str, check: bool = False, **parameters: Any) -> Step:
    """Return the step that runs a module of ours, with diff mode on."""
    return {"module": name, "parameters": {**parameters, "_ansible_check_mode": check, "_ansible_diff": True}}


def command(line: str) -> Step:
    """Return the step that runs a shell command, which has to succeed."""
    return {"command": line}


SAVE = command("ipvsadm --save --numeric")
CLEAR = command("ipvsadm --clear")


class Node:
    """One machine, with the collection on it."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name

    def install(self, archive: Path) -> None:
        """Copy the collection, and what of ansible-core its modules use, to the machine; `archive` is made for that."""
        pack(archive)
        self.ssh(f"mkdir -p {FOLDER}")
        for file in (archive, NODE_SIDE):
            self.ssh(f"cat > {FOLDER}/{file.name}", file.read_bytes())
        self.ssh(f"python3 -m zipfile --extract {FOLDER}/{archive.name} {FOLDER}/collection")

    def ssh(self, line: str, data: bytes = b"") -> bytes:
        """Run a shell command on the machine; fail with its messages when it does."""
        words = ["ssh", "-F", str(self.lab.ssh_config), self.name, line]
        done = subprocess.run(words, input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def run(self, *steps: Step) -> list[Any]:
        """Run steps one after the other; return the results of modules and the output of commands."""
        results = self.ssh(RUN_STEPS, json.dumps(steps).encode())
        answers: list[Any] = json.loads(results)
        return answers


def pack(archive: Path) -> None:
    """Make the archive that a module is imported from, like the one inside the script that Ansible sends."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        # Its own imports what exists on a controller only.
        target.writestr("ansible/__init__.py", f"__version__ = {ansible.__version__!r}\n")
        for file in (ANSIBLE / "module_utils").rglob("*.py"):
            target.write(file, f"ansible/{file.relative_to(ANSIBLE)}")
        files = [file for folder in ("modules", "module_utils") for file in (PLUGINS / folder).rglob("*.py")]
        packages = {parent for file in files for parent in (COLLECTION / file.relative_to(PROJECT)).parents}
        for package in packages - {Path()}:
            target.writestr(f"{package}/__init__.py", "")  # Python finds no package without one in an archive
        for file in files:
            if file.name != "__init__.py":
                target.write(file, COLLECTION / file.relative_to(PROJECT))
