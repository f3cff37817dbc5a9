#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rsync_copy_info
short_description: How old the copies of shared data on a host are
version_added: 0.1.0
description:
  - Reads what is known on this host of the copies of the role P(lvs.cluster.rsync_client#role) and of the pushes of the
    role P(lvs.cluster.rsync_server#role).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  name:
    description:
      - Only the copy of this name.
    type: str
  sources:
    description:
      - Folders of this host that others copy, of which to read the generation.
    type: list
    elements: path
    default: []
"""

EXAMPLES = r"""
- name: Look how old the copies are
  lvs.cluster.rsync_copy_info:
  register: result

- name: Insist on fresh copies
  ansible.builtin.assert:
    that: result.copies | rejectattr('fresh') | length == 0
"""

RETURN = r"""
copies:
  description: Copies on this host.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the shared data.
      type: str
    path:
      description: Folder of the copy.
      type: str
    direction:
      description: V(pull) or V(push).
      type: str
    transport:
      description: V(daemon) or V(ssh).
      type: str
    server:
      description: Name of the source.
      type: str
    age:
      description: Seconds since the last complete copy; null if there never was one.
      type: int
    max_age:
      description: Seconds that it may be old.
      type: int
    fresh:
      description: Whether it is not older.
      type: bool
    generation:
      description: Generation of the data, as the source's marker names it.
      type: str
    last_error:
      description: Why the last attempt failed; empty if it did not.
      type: str
  sample:
    - name: www
      path: /srv/www
      direction: pull
      transport: daemon
      server: store1
      age: 17
      max_age: 300
      fresh: true
      generation: 2026-11-27T10:00:00Z 1c3b5d7f
      last_error: ""
pushes:
  description: Pushes from this host, by data and target.
  returned: success
  type: list
  elements: dict
  sample:
    - name: www@web1
      target: rsync://lvs-cluster@192.0.2.21/www/
      last_attempt: 1795773600
      last_complete: 1795773600
      last_error: ""
sources:
  description: The generations of O(sources).
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The folder.
      type: str
    generation:
      description: The generation that copies of it shall become; null where the folder has no marker.
      type: str
    changing:
      description: Whether its writer is at work, so that nobody copies.
      type: bool
  sample:
    - path: /srv/www
      generation: 2026-11-27T10:00:00Z 1c3b5d7f
      changing: false
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import copies

ARGUMENTS = {"name": {"type": "str"}, "sources": {"type": "list", "elements": "path", "default": []}}


def generation_of(folder: str) -> dict[str, Any]:
    """Return what the marker of a source says."""
    marker = copies.read_marker(Path(folder) / copies.MARKER)
    if marker is None:
        return {"path": folder, "generation": None, "changing": False}
    generation = marker.generation.partition(" ")[2] if marker.is_changing else marker.generation
    return {"path": folder, "generation": generation, "changing": marker.is_changing}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    name = module.params["name"]
    found = [status for status in copies.statuses(time.time()) if name in (None, status.name)]
    if name and not found:
        module.fail_json(msg=f"name: there is no copy {name} on this host")
    module.exit_json(
        changed=False,
        copies=[asdict(status) for status in found],
        pushes=copies.pushes(),
        sources=[generation_of(folder) for folder in module.params["sources"]],
    )


if __name__ == "__main__":
    main()
