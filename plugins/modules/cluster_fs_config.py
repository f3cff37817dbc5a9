#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_fs_config
short_description: Configuration of corosync and the lock manager for cluster file systems
version_added: 0.1.0
description:
  - Writes C(/etc/corosync/corosync.conf), C(/etc/dlm/dlm.conf) and a drop-in for each of the two systemd services.
    Where corosync is installed it checks its file before anything changes.
  - Beside them C(lvs-cluster-fs-merge.service), which boots this host if nodes that were all apart wait for each other,
    and it is not the one that stays.
  - Nothing is started, reloaded or restarted. M(lvs.cluster.cluster_fs_node) does that once all nodes have the files.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  corosync:
    description:
      - Content of C(corosync.conf). Every brace has to be on the line of its section's name or on its own. Required
        with
        O(state=present).
    type: str
  dlm:
    description:
      - Content of C(dlm.conf). It may have passwords of fence devices, so it is never shown, and only root can read the
        file. Required with O(state=present).
    type: str
  ocfs2:
    description:
      - Whether OCFS2 is used. Its modules are loaded and its stack is chosen when the lock manager starts.
    type: bool
    default: false
  state:
    description:
      - V(absent) removes all of it, and the key of corosync.
    type: str
    choices: [present, absent]
    default: present
attributes:
  diff_mode:
    description: Shows what differs before and after, except in C(dlm.conf).
    support: full
"""

EXAMPLES = r"""
- name: Configure the node
  lvs.cluster.cluster_fs_config:
    corosync: "{{ lookup('ansible.builtin.template', 'corosync.conf.j2') }}"
    dlm: "{{ lookup('ansible.builtin.template', 'dlm.conf.j2') }}"
"""

RETURN = r"""
files:
  description: The files that have changed, or would have in check mode.
  returned: success
  type: list
  elements: str
  sample: [/etc/corosync/corosync.conf]
"""

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import configuration, corosync, mounts
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text

HIDDEN = "(not shown, since it may have passwords)"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "corosync": {"type": "str"},
            "dlm": {"type": "str", "no_log": True},
            "ocfs2": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("corosync", "dlm"))],
        supports_check_mode=True,
    )
    wanted = _wanted(module)
    changed = {path: text for path, text in wanted.items() if read_text(path) != text}
    diff = [_diff(path, text) for path, text in changed.items()]
    if changed and not module.check_mode:
        if module.params["corosync"] is not None:
            _check(module)
        for path, text in changed.items():
            replace_text(path, text, 0o600 if path == configuration.DLM else 0o644)
            if text is None:
                with contextlib.suppress(OSError):  # others have something there
                    path.parent.rmdir()
        module.run_command(["systemctl", "daemon-reload"], check_rc=True)
    module.exit_json(changed=bool(changed), files=[str(path) for path in changed], diff=diff)


def _wanted(module: AnsibleModule) -> Mapping[Path, str | None]:
    """Return the files and what they shall have; None for those that shall go."""
    units = configuration.unit_files(module.params["ocfs2"])
    if module.params["state"] == "present":
        texts = {configuration.COROSYNC: module.params["corosync"], configuration.DLM: module.params["dlm"]}
        return {**{path: f"{mounts.MARK}\n{text.strip()}\n" for path, text in texts.items()}, **units}
    own = [path for path in (configuration.COROSYNC, configuration.DLM) if _is_own(path)]
    # The key belongs to the file that asks for it.
    keys = [Path(corosync.KEY)] if configuration.COROSYNC in own else []
    return dict.fromkeys([*own, *keys, *(path for path in units if path.exists())])


def _is_own(path: Path) -> bool:
    return (read_text(path) or "").startswith(mounts.MARK)


def _check(module: AnsibleModule) -> None:
    """Have corosync read its file, if it is installed."""
    program = module.get_bin_path("corosync")
    if not program:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(module.params["corosync"])
        file.flush()
        code, out, error = module.run_command([program, "-t", "-c", file.name])
    if code:
        module.fail_json(
            msg=f"corosync does not accept its configuration, so nothing was changed: {(error or out).strip()}"
        )


def _diff(path: Path, text: str | None) -> dict[str, str]:
    before = read_text(path) or ""
    if path in (configuration.DLM, Path(corosync.KEY)):
        before, text = (f"{HIDDEN}: {what}\n" if there else "" for there, what in ((before, "old"), (text, "new")))
    return {"before_header": str(path), "after_header": str(path), "before": before, "after": text or ""}


if __name__ == "__main__":
    main()
