#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: corosync_key
short_description: The key by which the nodes of a corosync cluster know each other
version_added: 0.1.0
description:
  - Makes C(/etc/corosync/authkey) by C(corosync-keygen) where there is none, reads it, or gives it the content of the
    key of
    another node. Only root can read the file.
  - A running corosync takes another key over by M(lvs.cluster.cluster_fs_node).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  key:
    description:
      - The key in base64, as another run of this module has returned it.
      - Without it the key of this host stays as it is.
    type: str
  create:
    description:
      - Whether to make a key if there is none and O(key) is not given.
    type: bool
    default: false
attributes:
  diff_mode:
    description: Never shows the key.
    support: none
notes:
  - Use it with C(no_log), since the key is in the result.
"""

EXAMPLES = r"""
- name: Make a key on the first node
  lvs.cluster.corosync_key:
    create: true
  register: first
  no_log: true
  run_once: true

- name: Give it to the others
  lvs.cluster.corosync_key:
    key: "{{ first.key }}"
  no_log: true
"""

RETURN = r"""
key:
  description: The key in base64; null if there is none. In check mode there is none before it is made.
  returned: success
  type: str
  sample: null
"""

import base64
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import corosync
from ansible_collections.lvs.cluster.plugins.module_utils.files import write_atomically

FILE = Path(corosync.KEY)


def main() -> None:
    module = AnsibleModule(
        argument_spec={"key": {"type": "str", "no_log": True}, "create": {"type": "bool", "default": False}},
        supports_check_mode=True,
    )
    before = FILE.read_bytes() if FILE.exists() else None
    changed = False
    if module.params["key"]:
        wanted = base64.b64decode(module.params["key"])
        changed = before != wanted or _is_open()
        if changed and not module.check_mode:
            write_atomically(FILE, wanted, 0o400)
    elif before is None and module.params["create"]:
        changed = True
        if not module.check_mode:
            FILE.parent.mkdir(parents=True, exist_ok=True)
            module.run_command(["corosync-keygen", "-k", str(FILE)], check_rc=True)
    now = FILE.read_bytes() if FILE.exists() else None
    module.exit_json(changed=changed, key=base64.b64encode(now).decode() if now else None)


def _is_open() -> bool:
    """Tell whether others than root can read the file."""
    status = FILE.stat()
    return bool(status.st_mode & 0o077) or status.st_uid != 0


if __name__ == "__main__":
    main()
