#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rsync_copies
short_description: Copies of folders of other hosts, kept up to date by rsync
version_added: 0.1.0
description:
  - Keeps a set of copies on this host, with what the program C(lvs-rsync) has to know of each, the systemd units that
    start it and watch the age, and the secret for the source. The role P(lvs.cluster.rsync_client#role) brings the
    program, and the keys of copies that come by ssh.
  - Waits for the first complete copy of each. What fails is reported when all have been tried, and systemd goes on
    trying.
  - A copy that now has another folder, source or way than before is made anew. Data are never removed.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  copies:
    description:
      - All copies of this host. Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the shared data.
        type: str
        required: true
      path:
        description: Folder, here and on the source. It is made if it is missing.
        type: path
        required: true
      server:
        description: Name of the source, for messages.
        type: str
        required: true
      source_address:
        description: Address of the source.
        type: str
        required: true
      direction:
        description: Whether this host fetches the data or its writer sends it.
        type: str
        choices: [pull, push]
        required: true
      transport:
        description: How the data comes; it is pushed by V(daemon) only.
        type: str
        choices: [daemon, ssh]
        required: true
      interval:
        description: Seconds between the end of a pull and the begin of the next one. A fifth of it is added at random.
        type: int
        default: 60
      max_age:
        description: Seconds after which a copy is too old.
        type: int
        default: 300
      delete:
        description: Whether what is no longer in the source goes here too.
        type: bool
        default: true
      exclude:
        description: Patterns of names, as of rsync, that are neither copied nor deleted.
        type: list
        elements: str
        default: []
      owner:
        description: Owner of the folder.
        type: str
        required: true
      group:
        description: Group of the folder.
        type: str
        required: true
      mode:
        description: Mode of the folder, in octal digits.
        type: str
        required: true
  secrets:
    description:
      - What lets this host in at the daemons of sources that it pulls from, by the names of the copies. Without one the
        secret that is here already stays.
    type: dict
    default: {}
  on_failure:
    description: Unit that systemd starts whenever a copy is found too old, such as C(alarm@%n.service).
    type: str
    default: ""
  ssh_user:
    description: User to come as by ssh.
    type: str
    default: lvs-rsync
  ssh_port:
    description: Port of ssh on the source.
    type: int
    default: 22
  first_copy_timeout:
    description: Seconds that the first copy of each may take.
    type: int
    default: 600
  purge:
    description: Whether to remove copies that O(copies) does not list, but for their data.
    type: bool
    default: true
  state:
    description:
      - V(absent) removes all copies, and the units that they share. Their data stay.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - rsync
  - systemd
attributes:
  diff_mode:
    description: Shows files, units and first copies before and after; of secrets and keys only that they change.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.rsync_copy_info
  - module: lvs.cluster.rsyncd_module
"""

EXAMPLES = r"""
- name: Copy the web servers' files every minute
  lvs.cluster.rsync_copies:
    copies:
      - name: www
        path: /srv/www
        server: store1
        source_address: 192.0.2.31
        direction: pull
        transport: daemon
        owner: root
        group: root
        mode: "0755"
    secrets:
      www: "{{ vault_www_secret }}"

- name: Copy nothing any more
  lvs.cluster.rsync_copies:
    state: absent
"""

RETURN = r"""
removed:
  description: Copies that are no more, or that were made anew.
  returned: success
  type: list
  elements: str
  sample: [old]
kept:
  description: Whether there are copies that a run with O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
"""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import boot_unit, folder
from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import copies, model, units
from ansible_collections.lvs.cluster.plugins.module_utils.rsync.copies import Copy

ATTEMPTS = 3
"""How often a first copy is tried."""
PAUSE = 5
"""Seconds between two attempts: the source may be changing, or a pull by the timer be at work."""


@dataclass(frozen=True)
class File:
    """What a file shall have; one without a text shall go."""

    text: str | None
    mode: int = 0o644
    is_secret: bool = False

    def is_at(self, path: Path) -> bool:
        """Tell whether a file is like this."""
        if self.text is None:
            return not path.exists()
        return read_text(path) == self.text and path.stat().st_mode & 0o7777 == self.mode

    def shown(self, text: str | None, what: str) -> str:
        """Return a text of it as it may be shown."""
        return f"({what}, not shown)\n" if self.is_secret and text is not None else text or ""


@dataclass(frozen=True)
class Unit:
    """What systemd knows of a unit; `is_behind` when its file has changed since."""

    is_active: bool
    is_behind: bool


class Reader:
    """The copies of this host, as they are and as they shall be."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.present = module.params["state"] == "present"
        self.given: list[dict[str, Any]] = (module.params["copies"] or []) if self.present else []
        self.secrets: dict[str, str] = module.params["secrets"]
        self.wanted = {each["name"]: _copy_of(each, module.params) for each in self.given}
        self.known = {copy.name: copy for copy in copies.configured()}
        unlisted = self.known.keys() - self.wanted.keys()
        others = {name for name in self.known.keys() & self.wanted.keys() if self._is_another(name)}
        removed = unlisted if module.params["purge"] or not self.present else set()
        self.gone = sorted(others | removed)
        self.kept = bool(unlisted - removed)
        self.starters = [unit for copy in self.wanted.values() for unit in units.starters(copy)]
        self.firsts = [
            copy for name, copy in self.wanted.items() if name in others or not (copies.COMPLETE / name).exists()
        ]

    def _is_another(self, name: str) -> bool:
        return self.known[name].origin != self.wanted[name].origin

    def bring(self) -> None:
        """Change what differs, and end."""
        self._check()
        files = {path: file for path, file in self._files().items() if not file.is_at(path)}
        folders = [] if self.present else [each for each in _folders() if each.exists()]
        known = self._units()
        behind = any(unit.is_behind for unit in known.values())
        stopped = {unit for name in self.gone for unit in units.starters(self.known[name])}
        restart = [unit for unit in self.starters if boot_unit.UNITS / unit in files or known[unit].is_behind]
        start = [unit for unit in self.starters if unit in stopped or not known[unit].is_active]
        enable = [unit for unit in self.starters if unit in stopped or not (_wants(unit) / unit).is_symlink()]
        actions = {"enable": enable, "restart": restart, "start": [unit for unit in start if unit not in restart]}
        diff = [
            *(
                part
                for copy in self.wanted.values()
                for part in folder.ensure(self.module, copy.path, owner=copy.owner, group=copy.group, mode=copy.mode)
            ),
            *self._diff(files, folders, actions),
        ]
        changed = bool(diff) or behind
        errors: list[str] = []
        if changed and not self.module.check_mode:
            self._stop()
            self._write(files)
            for each in folders:
                shutil.rmtree(each)
            if behind or any(path.parent == boot_unit.UNITS for path in files):
                self._systemctl("daemon-reload")
            errors = [error for copy in self.firsts for error in self._copy(copy)]
            for action, names in actions.items():
                if names:
                    self._systemctl(action, *names)
        if errors:
            self.module.fail_json(msg="\n".join(errors), changed=changed, diff=diff)
        self.module.exit_json(changed=changed, removed=self.gone, kept=self.kept, diff=diff)

    def _check(self) -> None:
        """Refuse what cannot work, before anything changes."""
        problems = []
        names = [each["name"] for each in self.given]
        for index, each in enumerate(self.given):
            name, where = each["name"], f"copies[{index}]"
            problems += model.name_problems("copies", "copy", names, index)
            if each["direction"] == "push" and each["transport"] == "ssh":
                problems.append(
                    f"{where}.transport: what is pushed comes by the daemon; write daemon, or pull as direction"
                )
            problems += [
                f"{where}.{key}: {each[key]} is too small; write 1 or more"
                for key in ("interval", "max_age")
                if each[key] < 1
            ]
            has_secret = self.secrets.get(name) or (name not in self.gone and _password(name).exists())
            if _needs_secret(self.wanted[name]) and not has_secret and not self.module.check_mode:
                problems.append(
                    f"secrets.{name}: there is none, here or given. The role rsync_server makes it on"
                    f" {each['server']}; run it there first, with this host among the readers"
                )
        if problems:
            self.module.fail_json(msg="\n".join(problems))

    def _files(self) -> Mapping[Path, File]:
        """Return the files that shall be there, and those that shall not."""
        files: dict[Path, File] = {}
        secret_folders = {_passwords(), copies.CONFIGURATION / "keys"}
        for name in self.gone:
            kept = set(_own_files(self.wanted[name])) if name in self.wanted else set()
            # The last trace goes last, so that a run that is cut off is completed by the next one.
            for path in (*_results(self.known[name]), *_own_files(self.known[name])):
                if path not in kept:
                    files[path] = File(None, is_secret=path.parent in secret_folders)
        shared = units.services(self.module.params["on_failure"])
        if self.wanted or not self.present:
            files.update({boot_unit.UNITS / unit: File(text if self.wanted else None) for unit, text in shared.items()})
        for copy in self.wanted.values():
            files[_configuration(copy.name)] = File(json.dumps(asdict(copy), indent=2, sort_keys=True) + "\n")
            files.update({boot_unit.UNITS / unit: File(text) for unit, text in units.starters(copy).items()})
            if _needs_secret(copy) and self.secrets.get(copy.name):
                files[_password(copy.name)] = File(f"{self.secrets[copy.name]}\n", 0o600, is_secret=True)
        return files

    def _diff(
        self, files: Mapping[Path, File], folders: Sequence[Path], actions: Mapping[str, Sequence[str]]
    ) -> list[dict[str, str]]:
        touched = sorted({unit for names in actions.values() for unit in names})
        return changed_parts(
            [
                *(
                    (str(path), file.shown(read_text(path), "as it was"), file.shown(file.text, "as it shall be"))
                    for path, file in files.items()
                ),
                ("folders", "".join(f"{each}\n" for each in folders), ""),
                ("first copies", "", "".join(f"{copy.name}\n" for copy in self.firsts)),
                ("started", "", "".join(f"{unit}\n" for unit in touched)),
            ]
        )

    def _units(self) -> Mapping[str, Unit]:
        """Ask systemd about the units of the wanted copies."""
        names = [*self.starters, *(unit for name in self.wanted for unit in units.instances(name))]
        if not names:
            return {}
        command = ["systemctl", "show", "--property=ActiveState,NeedDaemonReload", *names]
        _code, text, _error = self.module.run_command(command, check_rc=True)
        return {
            name: Unit("ActiveState=active" in block, "NeedDaemonReload=yes" in block)
            for name, block in zip(names, text.split("\n\n"))
        }

    def _stop(self) -> None:
        """Stop what the copies run that go, and let systemd forget what it knows of it."""
        for name in self.gone:
            starters = [unit for unit in units.starters(self.known[name]) if (boot_unit.UNITS / unit).exists()]
            if starters:
                self._systemctl("disable", "--now", *starters)
            # Of those that are not loaded, systemctl complains.
            for action in ("stop", "reset-failed"):
                self.module.run_command(["systemctl", action, *units.instances(name)])

    def _write(self, files: Mapping[Path, File]) -> None:
        """Bring files to what they shall be."""
        for path, file in files.items():
            if path.parent == _passwords():
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_text(path, file.text, file.mode)

    def _copy(self, copy: Copy) -> list[str]:
        """Wait for the first complete copy; return what went wrong."""
        limit: int = self.module.params["first_copy_timeout"]
        until = time.monotonic() + limit
        command = (
            ["timeout", str(limit), units.PROGRAM, "pull", copy.name]
            if copy.direction == "pull"
            else [units.PROGRAM, "wait", "--seconds", str(limit), copy.name]
        )
        attempts = 0
        while True:
            code, _out, error = self.module.run_command(command)
            if code == 0 or (copies.COMPLETE / copy.name).exists():
                return []
            attempts += code != copies.LOCKED
            if attempts == ATTEMPTS or copy.direction == "push" or time.monotonic() > until:
                return [f"{copy.name}: {error.strip() or f'there is no complete copy after {limit} s'}"]
            time.sleep(PAUSE)

    def _systemctl(self, *arguments: str) -> None:
        self.module.run_command(["systemctl", *arguments], check_rc=True)


def _copy_of(entry: Mapping[str, Any], params: Mapping[str, Any]) -> Copy:
    """Return a copy as `lvs-rsync` knows it."""
    values = {name: value for name, value in entry.items() if name not in ("source_address", "exclude")}
    return Copy(
        **values,
        address=entry["source_address"],
        exclude=tuple(entry["exclude"]),
        ssh_user=params["ssh_user"],
        ssh_port=params["ssh_port"],
    )


def _needs_secret(copy: Copy) -> bool:
    return copy.direction == "pull" and copy.transport == "daemon"


def _configuration(name: str) -> Path:
    return copies.CONFIGURATION / "copies" / f"{name}.json"


def _passwords() -> Path:
    return copies.CONFIGURATION / "passwords"


def _password(name: str) -> Path:
    return _passwords() / name


def _wants(unit: str) -> Path:
    return boot_unit.UNITS / units.wanted_by(unit)


def _folders() -> Sequence[Path]:
    """Return our folders that others have nothing in."""
    return [*(copies.CONFIGURATION / name for name in ("copies", "keys", "known_hosts")), copies.COMPLETE]


def _own_files(copy: Copy) -> list[Path]:
    """Return what is there for a copy of its kind."""
    keys = copies.CONFIGURATION / "keys"
    by_ssh = [keys / copy.name, keys / f"{copy.name}.pub", copies.CONFIGURATION / "known_hosts" / copy.name]
    return [
        *(boot_unit.UNITS / unit for unit in units.starters(copy)),
        *(by_ssh if copy.transport == "ssh" else []),
        *([_password(copy.name)] if _needs_secret(copy) else []),
        _configuration(copy.name),
    ]


def _results(copy: Copy) -> list[Path]:
    """Return what is noted of what a copy brought."""
    return [copies.COMPLETE / copy.name, copies.STATE / f"{copy.name}.json", copy.marker]


COPY = {
    "name": {"type": "str", "required": True},
    "path": {"type": "path", "required": True},
    "server": {"type": "str", "required": True},
    "source_address": {"type": "str", "required": True},
    "direction": {"type": "str", "choices": ["pull", "push"], "required": True},
    "transport": {"type": "str", "choices": ["daemon", "ssh"], "required": True},
    "interval": {"type": "int", "default": 60},
    "max_age": {"type": "int", "default": 300},
    "delete": {"type": "bool", "default": True},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "owner": {"type": "str", "required": True},
    "group": {"type": "str", "required": True},
    "mode": {"type": "str", "required": True},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "copies": {"type": "list", "elements": "dict", "options": COPY},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "on_failure": {"type": "str", "default": ""},
            "ssh_user": {"type": "str", "default": "lvs-rsync"},
            "ssh_port": {"type": "int", "default": 22},
            "first_copy_timeout": {"type": "int", "default": 600},
            "purge": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("copies",))],
        supports_check_mode=True,
    )
    Reader(module).bring()


if __name__ == "__main__":
    main()
