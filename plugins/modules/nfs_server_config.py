#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_server_config
short_description: Settings of the kernel's NFS server, in a file of their own and in the running server
version_added: 0.1.0
description:
  - Writes C(/etc/nfs.conf.d/lvs-cluster.conf) and has the NFS server run by it, now and at each boot.
  - What the kernel says of the running server decides whether something has to be done. Its number of threads is
    changed while it runs. For other settings it has to be restarted, which clients notice as a pause of O(grace_time);
    so that is done only when one of them really differs, and RV(reasons) says which.
  - With O(state=absent) the server goes on as before the first change. One that was not there or did not run is
    stopped, unless somebody else exports something.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  versions:
    description:
      - Versions of NFS to speak. V(3) needs more ports, rpcbind and rpc.statd, which M(lvs.cluster.nfs_rpcbind) may
        have masked.
    type: list
    elements: int
    choices: [3, 4]
    default: [4]
  threads:
    description:
      - Number of kernel threads, which is how many requests are served at a time.
    type: int
    default: 16
  lease_time:
    description:
      - Seconds after which a client that is not heard of loses its locks.
    type: int
    default: 15
  grace_time:
    description:
      - Seconds after a start in which clients reclaim their locks, and in which nobody can open a file anew. It should
        not be shorter than O(lease_time).
    type: int
    default: 15
  mountd_port:
    description:
      - TCP and UDP port of rpc.mountd, which only NFSv3 needs.
    type: int
    default: 20048
  statd_port:
    description:
      - TCP and UDP port of rpc.statd, which only NFSv3 needs.
    type: int
    default: 662
  lockd_port:
    description:
      - TCP and UDP port of the kernel's lock manager, which only NFSv3 needs.
    type: int
    default: 32803
  live:
    description:
      - Whether to start the server, and to restart it if need be. V(false) only writes the file, before the package is
        there, or for the host of a storage pair that has not got the data.
    type: bool
    default: true
  at_boot:
    description:
      - Whether the server shall start at boot. V(false) leaves that as it is, for a pair of storage hosts where it is
        started with the data.
    type: bool
    default: true
  state:
    description:
      - V(absent) removes the file and what it caused.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - nfs-kernel-server (or nfs-utils) that reads C(/etc/nfs.conf.d)
  - systemd
attributes:
  diff_mode:
    description: Shows the file, and settings of the running server, before and after.
    support: full
notes:
  - It has to run as root.
seealso:
  - module: lvs.cluster.nfs_export
  - module: lvs.cluster.nfs_rpcbind
"""

EXAMPLES = r"""
- name: Speak NFSv4 and nothing else
  lvs.cluster.nfs_server_config:

- name: Speak NFSv3 too
  lvs.cluster.nfs_server_config:
    versions: [3, 4]
"""

RETURN = r"""
restarted:
  description: Whether the running server was restarted.
  returned: success
  type: bool
  sample: true
reasons:
  description: Why the server was started, restarted or stopped.
  returned: success
  type: list
  elements: str
  sample: ["its lease time is 90 s and shall be 15 s"]
"""

import contextlib
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_state, read_text, replace_text, write_state
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import server as core
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.live import live_table

FILE = Path("/etc/nfs.conf.d/lvs-cluster.conf")
NFSD = Path("/proc/fs/nfsd")
NET = Path("/proc/net")
STATE = "nfs_server"

ARGUMENTS = {
    "versions": {"type": "list", "elements": "int", "choices": [3, 4], "default": [4]},
    "threads": {"type": "int", "default": 16},
    "lease_time": {"type": "int", "default": 15},
    "grace_time": {"type": "int", "default": 15},
    "mountd_port": {"type": "int", "default": 20048},
    "statd_port": {"type": "int", "default": 662},
    "lockd_port": {"type": "int", "default": 32803},
    "live": {"type": "bool", "default": True},
    "at_boot": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class Server:
    """The NFS server of this host."""

    def __init__(self, module: AnsibleModule, settings: core.Settings) -> None:
        self.module = module
        self.settings = settings
        self.before = read_text(FILE)
        self.installed = self.asks("cat")
        self.enabled = self.installed and self.asks("is-enabled", "--quiet")
        self.running = running()
        # What was before our first change; `installed` is false if there was no server.
        self.memory: dict[str, Any] = read_state(STATE)

    def ensure(self) -> None:
        """Have the file, and the server run by it."""
        text = core.render(self.settings)
        steps: list[tuple[str, ...]] = []
        reasons: list[str] = []
        threads = False
        if self.module.params["live"] and not self.is_missing():
            if self.module.params["at_boot"] and not self.enabled:
                steps.append(("enable", core.SERVER))
            if self.running.threads == 0:
                reasons = ["it does not run"]
                steps.append(("restart", core.SERVER))
            else:
                reasons = core.reasons_to_restart(self.settings, self.running)
                steps += [("restart", *self.to_restart())] if reasons else []
                threads = not reasons and self.running.threads != self.settings.threads
        changed = self.before != text or bool(steps) or threads
        if changed and not self.module.check_mode:
            if not self.memory:
                before = {"installed": self.installed, "enabled": self.enabled, "active": self.running.threads > 0}
                write_state(STATE, before)
            replace_text(FILE, text)
            if threads:
                (NFSD / "threads").write_text(f"{self.settings.threads}\n", encoding="ascii")
            self.do(steps)
            self.see_to_it()
        self.end(changed, text, steps, reasons, threads)

    def remove(self) -> None:
        """Remove the file, and leave the server as it was before us."""
        steps: list[tuple[str, ...]] = []
        reasons: list[str] = []
        if self.before is not None and self.running.threads > 0:
            if self.memory.get("active") or live_table():
                reasons = ["its settings are those of the host again"]
                steps.append(("restart", core.SERVER))
            else:
                reasons = ["it did not run before"]
                steps.append(("stop", core.SERVER))
        if self.memory and self.enabled and not self.memory.get("enabled") and not live_table():
            steps.append(("disable", core.SERVER))
        changed = self.before is not None or bool(steps) or bool(self.memory)
        if changed and not self.module.check_mode:
            replace_text(FILE, None)
            with contextlib.suppress(OSError):  # others have something there
                FILE.parent.rmdir()
            self.do(steps)
            write_state(STATE, {})
        self.end(changed, None, steps, reasons, threads=False)

    def is_missing(self) -> bool:
        """Tell whether there is no server to start, which only check mode puts up with."""
        if not self.installed and not self.module.check_mode:
            self.module.fail_json(msg="there is no NFS server on this host; install nfs-kernel-server first")
        return not self.installed

    def to_restart(self) -> list[str]:
        """Return the units to restart. rpc.statd is no part of the server, as other programs may need it too."""
        stale = 3 in self.settings.versions and self.settings.ports.statd not in self.running.listening
        return [*(["rpc-statd.service"] if stale else []), core.SERVER]

    def see_to_it(self) -> None:
        """End the module if the server does not run as it shall after all."""
        if not self.module.params["live"]:
            return
        now = running()
        wrong = core.reasons_to_restart(self.settings, now) if now.threads else ["it does not run"]
        if wrong:
            self.module.fail_json(
                msg=f"the NFS server was restarted, but {'; '.join(wrong)}. See whether another file of"
                f" {FILE.parent} says otherwise, and 'systemctl status {core.SERVER}'"
            )

    def do(self, steps: list[tuple[str, ...]]) -> None:
        """Run these commands of systemctl."""
        for step in steps:
            code, _out, error = self.module.run_command(["systemctl", *step])
            if code:
                self.module.fail_json(msg=f"'systemctl {' '.join(step)}' failed: {error.strip()}")

    def asks(self, *question: str) -> bool:
        """Ask systemd something about the server."""
        code, _out, _error = self.module.run_command(["systemctl", *question, core.SERVER])
        return bool(code == 0)

    def end(
        self, changed: bool, text: str | None, steps: list[tuple[str, ...]], reasons: list[str], threads: bool
    ) -> None:
        """End the module and say what was done to the server."""
        restarted = self.running.threads > 0 and any(step[0] == "restart" for step in steps)
        now = [f"threads: {self.running.threads}\n"] if threads else []
        then = [f"threads: {self.settings.threads}\n"] if threads else []
        then += [f"{step[0]}: {' '.join(step[1:])}\n" for step in steps] + [f"reason: {reason}\n" for reason in reasons]
        parts = [(str(FILE), self.before or "", text or ""), ("NFS server", "".join(now), "".join(then))]
        diff = changed_parts(parts)
        result: dict[str, Any] = {"changed": changed, "restarted": restarted, "reasons": reasons, "diff": diff}
        if reasons:
            verb = steps[0][0] if len(steps) == 1 else " and ".join(step[0] for step in steps)
            result["msg"] = f"{verb} of the NFS server, since {'; '.join(reasons)}"
        self.module.exit_json(**result)


def running() -> core.Running:
    """Return what the kernel says of the server."""
    seconds = [_number(read_text(NFSD / f"nfsv4{name}time")) for name in ("lease", "grace")]
    return core.Running(
        threads=_number(read_text(NFSD / "threads")) or 0,
        versions=core.parse_versions(read_text(NFSD / "versions") or ""),
        lease_time=seconds[0],
        grace_time=seconds[1],
        listening=core.parse_listening(*(read_text(NET / name) or "" for name in ("tcp", "tcp6"))),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdecimal() else None


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params
    settings = core.Settings(
        versions=tuple(sorted(set(given["versions"]))),
        threads=given["threads"],
        lease_time=given["lease_time"],
        grace_time=given["grace_time"],
        ports=core.Ports(given["mountd_port"], given["statd_port"], given["lockd_port"]),
    )
    server = Server(module, settings)
    if given["state"] == "absent":
        server.remove()
    if problems := core.problems_of(settings):
        module.fail_json(msg="\n".join(problems))
    server.ensure()


if __name__ == "__main__":
    main()
