#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rsync_sources
short_description: Folders that other hosts copy, each with a marker
version_added: 0.1.0
description:
  - Makes the folders, and gives each a marker, C(.lvs-cluster-generation). Without it nothing is copied, and above all
    nothing is deleted, by the copies that M(lvs.cluster.rsync_copies) keeps.
  - A folder that had its marker and has lost it is an error, before anything changes. Its volume may not be mounted,
    and with a new marker all copies would be emptied.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  sources:
    description:
      - All folders of this host that others copy. Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the shared data.
        type: str
        required: true
      path:
        description: The folder.
        type: path
        required: true
      owner:
        description: Its owner; without it that stays.
        type: str
      group:
        description: Its group; without it that stays.
        type: str
      mode:
        description: Its mode, in octal digits; without it that stays.
        type: str
  purge:
    description: Whether to take the markers from folders that O(sources) does not list.
    type: bool
    default: true
  state:
    description:
      - V(absent) takes all markers. The folders and the data in them stay.
    type: str
    choices: [present, absent]
    default: present
attributes:
  diff_mode:
    description: Shows folders, markers, and what is remembered of them, before and after.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.rsync_copies
  - module: lvs.cluster.rsyncd_module
"""

EXAMPLES = r"""
- name: Let others copy the web servers' files
  lvs.cluster.rsync_sources:
    sources:
      - name: www
        path: /srv/www
        owner: www-data
        group: www-data
        mode: "0755"

- name: Let nobody copy anything any more
  lvs.cluster.rsync_sources:
    state: absent
"""

RETURN = r"""
kept:
  description: Whether there are markers that a run with O(purge=true) would take.
  returned: success
  type: bool
  sample: false
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import folder
from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import model
from ansible_collections.lvs.cluster.plugins.module_utils.rsync.copies import MARKER

NOTES = Path("/var/lib/lvs-cluster/sources")
"""A file for each folder that has been given a marker, by the name of the data: where it is."""
FIRST = "first\n"
"""The marker of data that nobody has published yet."""


class Sources:
    """The folders of this host that others copy, as they are and as they shall be."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        present = module.params["state"] == "present"
        self.given: list[dict[str, Any]] = (module.params["sources"] or []) if present else []
        self.wanted = {each["name"]: each["path"] for each in self.given}
        notes = sorted(NOTES.iterdir()) if NOTES.is_dir() else []
        self.known = {note.name: (read_text(note) or "").rstrip("\n") for note in notes}
        unlisted = self.known.keys() - self.wanted.keys()
        self.gone = unlisted if module.params["purge"] or not present else set()
        self.kept = bool(unlisted - self.gone)

    def bring(self) -> None:
        """Change what differs, and end."""
        self._check()
        files = {path: text for path, text in self._files().items() if read_text(path) != text}
        parts = [
            part
            for each in self.given
            for part in folder.ensure(
                self.module, each["path"], owner=each["owner"], group=each["group"], mode=each["mode"]
            )
        ]
        parts += changed_parts((str(path), read_text(path) or "", text or "") for path, text in files.items())
        if not self.module.check_mode:
            for path, text in files.items():
                replace_text(path, text)
            if not self.wanted:
                with contextlib.suppress(OSError):  # there are others, or there is none
                    NOTES.rmdir()
        self.module.exit_json(changed=bool(parts), kept=self.kept, diff=parts)

    def _check(self) -> None:
        """Refuse what must not be, before anything changes."""
        problems = []
        names = [each["name"] for each in self.given]
        for index, each in enumerate(self.given):
            name, path = each["name"], each["path"]
            problems += model.name_problems("sources", "source", names, index)
            if self.known.get(name) == path and not (Path(path) / MARKER).exists():
                problems.append(
                    f"sources[{index}].path: {path} has lost its marker {MARKER}. If its volume is not mounted, mount"
                    " it; readers copy and delete nothing meanwhile. If the folder is right as it is, run"
                    f" 'lvs-rsync publish {path}' there, and this again"
                )
        if problems:
            self.module.fail_json(msg="\n".join(problems))

    def _files(self) -> Mapping[Path, str | None]:
        """Return markers and notes; None for those that shall not be. A note comes and goes after its marker."""
        files: dict[Path, str | None] = {}
        for name, path in self.known.items():
            is_elsewhere = name in self.wanted and self.wanted[name] != path
            if (name in self.gone or is_elsewhere) and path not in self.wanted.values():
                files[Path(path) / MARKER] = None
        files.update({NOTES / name: None for name in sorted(self.gone)})
        for name, path in self.wanted.items():
            if read_text(Path(path) / MARKER) is None:
                files[Path(path) / MARKER] = FIRST
            files[NOTES / name] = f"{path}\n"
        return files


SOURCE = {
    "name": {"type": "str", "required": True},
    "path": {"type": "path", "required": True},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str"},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "sources": {"type": "list", "elements": "dict", "options": SOURCE},
            "purge": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("sources",))],
        supports_check_mode=True,
    )
    Sources(module).bring()


if __name__ == "__main__":
    main()
