#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rsyncd_module
short_description: Modules of the rsync daemon, in rsyncd.conf beside those of others
version_added: 0.1.0
description:
  - Keeps sections of C(rsyncd.conf) and their secrets files. Each section stands between two comments that name its
    O(owner). Everything else in the file stays as it is, byte for byte.
  - Before the file is replaced, in one step, rsync reads the new one as a daemon that serves one connection from this
    host and ends. What it complains of and did not complain of before is an error.
  - The daemon reads the sections for each connection, so it needs no reload. RV(restart_needed) tells when it does.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  modules:
    description:
      - The modules. Required with O(state=present); with O(state=absent) those to remove, all of O(owner) without.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the module, of letters, digits, C(.), C(_) and C(-).
        type: str
        required: true
      path:
        description:
          - Folder that it offers. Required with O(state=present).
        type: str
        default: ""
      comment:
        description:
          - Text that is listed beside the name.
        type: str
        default: ""
      read_only:
        description:
          - Whether clients may not write.
        type: bool
        default: true
      write_only:
        description:
          - Whether clients may not read.
        type: bool
        default: false
      list:
        description:
          - Whether everybody may see in the list of modules that it is there.
        type: bool
        default: false
      use_chroot:
        description:
          - Whether the daemon locks itself into O(modules[].path).
        type: bool
        default: true
      uid:
        description:
          - User that reads and writes the files; rsync's default is C(nobody).
        type: str
        default: ""
      gid:
        description:
          - Group, or groups with blanks between them, of that user.
        type: str
        default: ""
      auth_users:
        description:
          - Who may log in, with C(:ro), C(:rw) or C(:deny) after the name, or C(@group). Without any, everybody may
            whose address is allowed.
        type: list
        elements: str
        default: []
      secrets:
        description:
          - Secrets of O(modules[].auth_users) by their names. Who has none here keeps the one in the secrets file, or
            gets a new one that is made on the host and never leaves it by this module.
        type: dict
        default: {}
      secrets_file:
        description:
          - The secrets file, which root owns with mode 0600. The default is C(/etc/lvs-cluster/rsync/secrets/NAME).
            Another one is written only if there are O(modules[].secrets).
        type: str
        default: ""
      hosts_allow:
        description:
          - Addresses, networks and names of hosts that may connect.
        type: list
        elements: str
        default: []
      hosts_deny:
        description:
          - Hosts that may not. The default is everybody who is not in O(modules[].hosts_allow).
        type: list
        elements: str
        default: ["*"]
      reverse_lookup:
        description:
          - Whether the daemon asks for the names of clients, which costs time where nobody answers.
        type: bool
        default: false
      max_connections:
        description:
          - How many clients may be connected at once; V(0) is without limit.
        type: int
        default: 0
      lock_file:
        description:
          - File by which O(modules[].max_connections) is counted. The default is C(/run/rsyncd-NAME.lock); modules that
            share one share the limit.
        type: str
        default: ""
      timeout:
        description:
          - Seconds after which a client that sends nothing is given up; V(0) is never.
        type: int
        default: 0
      exclude:
        description:
          - Patterns of names that the module hides, without blanks in them.
        type: list
        elements: str
        default: []
      include:
        description:
          - Patterns of names that it does not hide although O(modules[].exclude) says so.
        type: list
        elements: str
        default: []
      refuse_options:
        description:
          - Options of rsync that clients may not use.
        type: list
        elements: str
        default: []
      dont_compress:
        description:
          - Patterns of names that are not compressed.
        type: list
        elements: str
        default: []
      incoming_chmod:
        description:
          - Change of the modes of files that come in, as in C(chmod(1)).
        type: str
        default: ""
      outgoing_chmod:
        description:
          - Change of the modes of files that go out.
        type: str
        default: ""
      temp_dir:
        description:
          - Folder for files that are not complete, below O(modules[].path) and on the same file system.
        type: str
        default: ""
      transfer_logging:
        description:
          - Whether each file is logged.
        type: bool
        default: false
      log_file:
        description:
          - File to log to instead of syslog.
        type: str
        default: ""
      log_format:
        description:
          - Format of these lines.
        type: str
        default: ""
  globals:
    description:
      - Global parameters such as C(address) and C(port), by rsync's names. They stand after those of others, so they
        count. They go with O(state=absent), and when they are not given.
    type: dict
    default: {}
  owner:
    description:
      - Whose sections these are. Only sections of this owner are changed or purged.
    type: str
    default: default
  file:
    description:
      - The configuration file. It is removed when nothing is left in it.
    type: path
    default: /etc/rsyncd.conf
  purge:
    description:
      - Whether to remove sections of O(owner) that O(modules) does not list.
    type: bool
    default: true
  state:
    description:
      - V(absent) removes sections and their secrets files.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - rsync
attributes:
  check_mode:
    description:
      - Reports exactly what would change and changes nothing. Where rsync is not installed yet, nothing is tried.
    support: full
  diff_mode:
    description: Shows the file before and after, and of secrets files who has a secret and whether it changes.
    support: full
notes:
  - It has to run as root.
"""

EXAMPLES = r"""
- name: Let two real servers read a folder
  lvs.cluster.rsyncd_module:
    modules:
      - name: www
        path: /srv/www
        uid: root
        gid: root
        auth_users: [reader]
        hosts_allow: [192.0.2.21, 192.0.2.22]

- name: Let one host write, with a secret that is known already
  lvs.cluster.rsyncd_module:
    owner: uploads
    modules:
      - name: uploads
        path: /srv/uploads
        read_only: false
        auth_users: [writer]
        secrets:
          writer: "{{ vault_writer_secret }}"
        hosts_allow: [192.0.2.31]

- name: Remove both
  lvs.cluster.rsyncd_module:
    owner: "{{ item }}"
    state: absent
  loop: [default, uploads]
"""

RETURN = r"""
modules:
  description: The owner's modules after the run.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "www", "secrets_file": "/etc/lvs-cluster/rsync/secrets/www"}]
kept:
  description: Whether there is something that a run with O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
includes:
  description: Directives that read other files. Modules in those are not seen.
  returned: success
  type: list
  elements: str
  sample: ["&include /etc/rsyncd.d"]
restart_needed:
  description: Whether global parameters changed, of which the daemon reads some only when it starts.
  returned: success
  type: bool
  sample: false
"""

import contextlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import conf, model, secrets, trial

SECRETS = Path("/etc/lvs-cluster/rsync/secrets")
OTHERS = "others, by hand"


class Daemon:
    """The configuration of the daemon: its file, and the secrets files of the modules."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.owner: str = module.params["owner"]
        # A link stays one; its target is replaced.
        self.file = Path(os.path.realpath(module.params["file"]))
        self.before = _read(self.file)
        self.secrets: dict[Path, str | None] = {}

    def install(self) -> None:
        """Have the given modules, and of the owner no others unless they are kept."""
        given = self.module.params["modules"]
        globals_ = {str(name): str(value) for name, value in self.module.params["globals"].items()}
        modules = [_with_files(_module_of(entry)) for entry in given]
        self._check(modules, given, globals_)
        for each, entry in zip(modules, given):
            self._want_secrets(each, entry)
        wanted = conf.Wanted(
            self.owner, {each.name: each.render() for each in modules}, model.render_parameters(globals_)
        )
        pure = conf.edit(self.before or "", wanted)
        after = pure if self.module.params["purge"] else conf.edit(self.before or "", wanted, purge=False)
        self._check_back(after, modules)
        self._finish(after, kept=after != pure)

    def remove(self) -> None:
        """Remove the given modules of the owner, or all that it has."""
        names = {entry["name"] for entry in self.module.params["modules"] or ()}
        left = [
            part
            for part in conf.parse(self.before or "")
            if part.owner != self.owner or (names and part.name not in names)
        ]
        self._finish(conf.render(left), kept=False)

    def _check(self, modules: list[model.Module], given: list[dict[str, Any]], globals_: dict[str, str]) -> None:
        text = self.before or ""
        taken = dict.fromkeys(conf.foreign_sections(text), OTHERS)
        taken.update({key: owner for key, owner in conf.owners(text).items() if owner != self.owner})
        problems = [*model.problems_of(modules, taken), *model.global_problems(globals_)]
        for index, (each, entry) in enumerate(zip(modules, given)):
            users = model.needs_secret(each.auth_users)
            problems += secrets.problems_of(f"modules[{index}].secrets", users, entry["secrets"])
        if problems:
            self.module.fail_json(msg="\n".join(problems))

    def _want_secrets(self, module: model.Module, entry: dict[str, Any]) -> None:
        path = Path(module.secrets_file)
        users = model.needs_secret(module.auth_users)
        if users and (path.parent == SECRETS or entry["secrets"]):
            existing = secrets.parse(read_text(path) or "")
            self.secrets[path] = secrets.render(secrets.completed(users, entry["secrets"], existing))

    def _check_back(self, text: str, modules: list[model.Module]) -> None:
        """Insist on rsync finding in the file what it shall."""
        found = {section.key: section for section in conf.sections(text)}
        for each in modules:
            section = found.get(conf.squeeze(each.name))
            expected = {conf.squeeze(name): value for name, value in each.parameters().items()}
            if section is None or dict(section.parameters) != expected:
                self.module.fail_json(
                    msg=f"{self.file}: rsync would not read [{each.name}] as it is meant, for what stands around it;"
                    " look for lines before it that end in a backslash, and for lines after it that have no section"
                )

    def _finish(self, after: str, kept: bool) -> None:
        """Bring the files from what they are to what they shall be, and end."""
        for path in self._old_secrets(after):
            self.secrets.setdefault(path, None)
        stale = {path: text for path, text in self.secrets.items() if text != read_text(path) or _is_open(path)}
        changed = after != (self.before or "") or bool(stale)
        diff = self._diff(after, stale)
        self._try(after)
        if changed and not self.module.check_mode:
            for path, text in stale.items():
                if text is not None:
                    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    replace_text(path, text, 0o600)
            if after != (self.before or ""):
                self._replace(after)
            for path, text in stale.items():
                if text is None:
                    replace_text(path, None)
            for folder in (SECRETS, SECRETS.parent, SECRETS.parent.parent):
                with contextlib.suppress(OSError):  # others have something there
                    folder.rmdir()
        ours = [part.name for part in conf.parse(after) if part.owner == self.owner and part.name]
        self.module.exit_json(
            changed=changed,
            modules=[{"name": name, "secrets_file": _secrets_file(after, name)} for name in ours],
            kept=kept,
            includes=conf.directives(after),
            restart_needed=_globals(after) != _globals(self.before or ""),
            diff=diff,
        )

    def _old_secrets(self, after: str) -> set[Path]:
        """Return the secrets files in our folder that no section asks for any more."""
        text = self.before or ""
        asked = {_secrets_file(after, section.name) for section in conf.sections(after)}
        used = {_secrets_file(text, part.name) for part in conf.parse(text) if part.owner == self.owner}
        return {Path(path) for path in used - asked if Path(path).parent == SECRETS}

    def _try(self, after: str) -> None:
        """Ask rsync about the new file, if there is one and rsync."""
        program = self.module.get_bin_path("rsync")
        if program is None:
            if self.module.check_mode or not after:
                return
            self.module.fail_json(msg="rsync is not installed on this host; install its package, rsync, first")
        if not after or after == self.before:
            return
        known = set(self._complaints(program, self.before or ""))
        new = [line for line in self._complaints(program, after) if line not in known]
        if new:
            self.module.fail_json(
                msg=f"rsync does not accept the new {self.file}, so the old one stays: {'; '.join(new)}"
            )

    def _complaints(self, program: str, text: str) -> list[str]:
        with tempfile.NamedTemporaryFile("w", prefix="lvs-cluster-", errors="surrogateescape", newline="") as file:
            file.write(text)
            file.flush()
            try:
                found = trial.complaints(program, Path(file.name))
            except OSError as error:
                self.module.warn(f"rsync could not be asked about the new {self.file}: {error}")
                return []
            return [line.replace(file.name, str(self.file)) for line in found]

    def _replace(self, after: str) -> None:
        """Replace the file; its owner and mode stay."""
        if not after:
            replace_text(self.file, None)
            return
        stat = self.file.stat() if self.file.exists() else None
        replace_text(self.file, after, stat.st_mode & 0o7777 if stat else 0o644)
        if stat and (stat.st_uid, stat.st_gid) != (0, 0):
            os.chown(self.file, stat.st_uid, stat.st_gid)

    def _diff(self, after: str, stale: dict[Path, str | None]) -> list[dict[str, str]]:
        parts = [(str(self.file), self.before or "", after)]
        for path, text in stale.items():
            old = read_text(path)
            parts.append((str(path), secrets.masked(old, None), secrets.masked(text, old)))
        return changed_parts(parts)


def _read(path: Path) -> str | None:
    """Return a file's text with its line ends as they are, or None."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_open(path: Path) -> bool:
    """Tell whether a secrets file can be read by others than root."""
    try:
        return path.stat().st_mode & 0o7777 != 0o600
    except OSError:
        return False


def _module_of(entry: dict[str, Any]) -> model.Module:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    del values["secrets"]
    return model.Module(**values)


def _with_files(module: model.Module) -> model.Module:
    """Name the files that the module needs and the user did not name."""
    if model.needs_secret(module.auth_users) and not module.secrets_file:
        module = replace(module, secrets_file=str(SECRETS / module.name))
    if module.max_connections > 0 and not module.lock_file:
        module = replace(module, lock_file=f"/run/rsyncd-{module.name}.lock")
    return module


def _secrets_file(text: str, name: str) -> str:
    for section in conf.sections(text):
        if section.name == name:
            return dict(section.parameters).get("secretsfile", "")
    return ""


def _globals(text: str) -> list[conf.Section]:
    return [section for section in conf.sections(text) if section.key in ("", conf.GLOBAL_SECTION)]


TEXT = {"type": "str", "default": ""}
WORDS = {"type": "list", "elements": "str", "default": []}
NUMBER = {"type": "int", "default": 0}
YES = {"type": "bool", "default": True}
NO = {"type": "bool", "default": False}

MODULE_SPEC = {
    "name": {"type": "str", "required": True},
    "path": TEXT,
    "comment": TEXT,
    "read_only": YES,
    "write_only": NO,
    "list": NO,
    "use_chroot": YES,
    "uid": TEXT,
    "gid": TEXT,
    "auth_users": WORDS,
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "secrets_file": {**TEXT, "no_log": False},  # a path
    "hosts_allow": WORDS,
    "hosts_deny": {**WORDS, "default": ["*"]},
    "reverse_lookup": NO,
    "max_connections": NUMBER,
    "lock_file": TEXT,
    "timeout": NUMBER,
    "exclude": WORDS,
    "include": WORDS,
    "refuse_options": WORDS,
    "dont_compress": WORDS,
    "incoming_chmod": TEXT,
    "outgoing_chmod": TEXT,
    "temp_dir": TEXT,
    "transfer_logging": NO,
    "log_file": TEXT,
    "log_format": TEXT,
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "modules": {"type": "list", "elements": "dict", "options": MODULE_SPEC},
            "globals": {"type": "dict", "default": {}},
            "owner": {"type": "str", "default": "default"},
            "file": {"type": "path", "default": "/etc/rsyncd.conf"},
            "purge": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("modules",))],
        supports_check_mode=True,
    )
    if not model.NAME.fullmatch(module.params["owner"]):
        module.fail_json(msg=f"owner: '{module.params['owner']}' is no name; write letters, digits and . _ -")
    daemon = Daemon(module)
    if module.params["state"] == "absent":
        daemon.remove()
    daemon.install()


if __name__ == "__main__":
    main()
