#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_fs_node
short_description: Run corosync and the lock manager of a node with the configuration that it has
version_added: 0.1.0
description:
  - Starts corosync and the lock manager dlm if they do not run, and has systemd start them at boot.
  - If they run with an older configuration, they take it over by a reload, which no other node notices. Only where that
    cannot do, the node is taken out and comes back, its cluster file systems unmounted and mounted again. That is
    refused
    while another node is missing, so that a rolling change stops at the first node that does not come back.
  - Use it with C(throttle=1), once all nodes have their files by M(lvs.cluster.cluster_fs_config).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  fencing:
    description:
      - Whether nodes that fail are fenced. V(false) only warns of what that means; C(dlm.conf) decides.
    type: bool
    default: true
  timeout:
    description:
      - How many seconds a node that was taken out may take to come back.
    type: int
    default: 120
  state:
    description:
      - V(absent) stops both services and keeps them from starting at boot. All cluster file systems have to be
        unmounted.
    type: str
    choices: [started, absent]
    default: started
attributes:
  diff_mode:
    description: There is no difference to show beside RV(actions).
    support: none
seealso:
  - module: lvs.cluster.cluster_fs_info
"""

EXAMPLES = r"""
- name: Start the node, or have it take over what has changed
  lvs.cluster.cluster_fs_node:
  throttle: 1
"""

RETURN = r"""
actions:
  description: What was done, or would be in check mode, out of V(enable), V(start), V(reload) and V(restart), or
    V(disable) and V(stop).
  returned: success
  type: list
  elements: str
  sample: [reload]
reason:
  description: Why a reload cannot do; empty if the node was not taken out.
  returned: success
  type: str
  sample: ''
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import corosync, dlm, mounts, state
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.configuration import COROSYNC, DLM, read_copy
from ansible_collections.lvs.cluster.plugins.module_utils.commands import attempt
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.storage import mountinfo, users
from ansible_collections.lvs.cluster.plugins.module_utils.storage.unit_name import escape_path

SERVICES = (corosync.SERVICE, dlm.SERVICE)
WITHOUT_FENCING = (
    "The cluster file systems run without fencing. A node that hangs or loses its network, and is not powered off, goes"
    " on writing with locks that the others have taken over: that destroys the file system. Set cluster_fs_fencing"
)


class Node:
    """The two services of this host."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.actions: list[str] = []
        self.reason = ""

    def start(self) -> None:
        """Have them run with the configuration that is there."""
        self._enable()
        if not all(self._is_active(name) for name in SERVICES):
            self._do("start", lambda: self._systemctl("start", dlm.SERVICE))
            return
        self._corosync()
        if "restart" not in self.actions:
            self._dlm()

    def stop(self) -> None:
        """Stop them, and have them stay so."""
        mounted = [mount.path for mount in mountinfo.read() if mount.fstype in ("gfs2", "ocfs2")]
        if mounted and not self.module.check_mode:
            self.module.fail_json(msg=f"unmount {', '.join(mounted)} first: the lock manager cannot go before")
        if any(self._is_enabled(name) for name in SERVICES):
            self._do("disable", lambda: self._systemctl("disable", *SERVICES))
        if any(self._is_active(name) for name in SERVICES):
            self._do("stop", lambda: self._systemctl("stop", *SERVICES))

    def _corosync(self) -> None:
        """Compare what corosync has read with its file, and have it read that."""
        before, wanted = read_text(read_copy(COROSYNC)), read_text(COROSYNC) or ""
        if before == wanted:
            return
        if before is None:
            self._restart("it was started before this collection came")
            return
        quorum = state.look(self._run).quorum
        reason = corosync.needs_restart(before, wanted, quorum.own_id if quorum else None)
        if reason:
            self._restart(reason)
            return
        self._do("reload", self._reload_corosync)

    def _reload_corosync(self) -> None:
        code, out, error = self._run(["corosync-cfgtool", "-R"])
        if code:
            self.module.fail_json(msg=f"corosync refuses to read its configuration again: {(error or out).strip()}")
        self._note(COROSYNC)

    def _dlm(self) -> None:
        before, wanted = read_text(read_copy(DLM)), read_text(DLM) or ""
        if before == wanted:
            return
        reason = "it was started before this collection came" if before is None else dlm.needs_restart(before, wanted)
        if reason:
            self._restart(reason)
            return
        self._do("reload", self._reload_dlm)

    def _reload_dlm(self) -> None:
        self._run(["dlm_tool", "reload_config"])
        self._note(DLM)

    def _note(self, file: Any) -> None:
        replace_text(read_copy(file), read_text(file), 0o600)

    def _restart(self, reason: str) -> None:
        """Take the node out and let it come back."""
        self.reason = reason
        self._refuse_if_alone(reason)
        self._do("restart", self._out_and_in)

    def _refuse_if_alone(self, reason: str) -> None:
        seen = state.look(self._run)
        missing = [node.name for node in seen.nodes if not node.joined]
        if seen.daemon and seen.daemon.fencing:
            missing.append("a node that is being fenced")
        if missing:
            self.module.fail_json(
                msg=f"this node has to be taken out for a moment ({reason}), and that has to wait: missing already:"
                f" {', '.join(missing)}. Bring that back first, then run this again"
            )

    def _out_and_in(self) -> None:
        units = [escape_path(path) for path in self._mounted()]
        for name in units:
            self._systemctl("stop", mounts.SERVICE.replace("@", f"@{name}"))
            self._systemctl("stop", f"{name}.mount", check=False)
        for path in self._mounted():
            for name in units:
                self._systemctl("start", mounts.SERVICE.replace("@", f"@{name}"))
            self.module.fail_json(msg=f"{path} cannot be unmounted: {users.explain(path)}. This node stays as it was")
        self._systemctl("stop", *SERVICES)
        self._systemctl("start", dlm.SERVICE)
        for name in units:
            self._systemctl("start", mounts.SERVICE.replace("@", f"@{name}"))
        deadline = time.monotonic() + self.module.params["timeout"]
        while len(self._mounted()) < len(units) or not state.look(self._run).to_dict()["quorate"]:
            if time.monotonic() > deadline:
                self.module.fail_json(msg=f"this node has not come back within {self.module.params['timeout']} s")
            time.sleep(1)

    def _mounted(self) -> list[str]:
        now = mountinfo.read()
        return [path for path in state.own_mount_points() if mountinfo.top(now, path)]

    def _enable(self) -> None:
        if not all(self._is_enabled(name) for name in SERVICES):
            self._do("enable", lambda: self._systemctl("enable", *SERVICES))

    def _do(self, name: str, action: Callable[[], None]) -> None:
        if name not in self.actions:
            self.actions.append(name)
        if not self.module.check_mode:
            action()

    def _is_active(self, unit: str) -> bool:
        return bool(self._run(["systemctl", "is-active", "--quiet", unit])[0] == 0)

    def _is_enabled(self, unit: str) -> bool:
        return bool(self._run(["systemctl", "is-enabled", "--quiet", unit])[0] == 0)

    def _systemctl(self, *arguments: str, check: bool = True) -> None:
        code, _out, error = self._run(["systemctl", *arguments])
        if code and check:
            log = self._run(["journalctl", "--unit", arguments[-1], "--lines", "5", "--output", "cat"])[1]
            self.module.fail_json(msg=f"systemctl {' '.join(arguments)}: {error.strip()}; its log: {log.strip()}")

    def _run(self, command: Sequence[str]) -> tuple[int, str, str]:
        return attempt(self.module, command)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "fencing": {"type": "bool", "default": True},
            "timeout": {"type": "int", "default": 120},
            "state": {"type": "str", "choices": ["started", "absent"], "default": "started"},
        },
        supports_check_mode=True,
    )
    node = Node(module)
    if module.params["state"] == "started":
        if not module.params["fencing"]:
            module.warn(WITHOUT_FENCING)
        node.start()
    else:
        node.stop()
    module.exit_json(changed=bool(node.actions), actions=node.actions, reason=node.reason)


if __name__ == "__main__":
    main()
