#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nft_table
short_description: An nftables table of the collection's own
version_added: 0.1.0
description:
  - Loads one nftables table, now and at each boot, and touches no other one. A change is one transaction, in which the
    old table is replaced by the new one.
  - The table in the kernel is compared with what the kernel makes of O(content), which is loaded for that into a
    network namespace that nobody uses. So a rule that was changed by hand is found and put right, and a mistake in
    O(content) is told before anything changes.
  - A systemd unit of our own, C(lvs-nftables.service), loads the tables at boot, and again whenever C(nftables.service)
    has been started or reloaded, which flushes all tables.
author: lvs.cluster contributors (@lvs-cluster)
options:
  name:
    description:
      - Name of the table.
    type: str
    required: true
  family:
    description:
      - Family of the table.
    type: str
    choices: [inet, ip, ip6, arp, bridge, netdev]
    default: inet
  content:
    description:
      - Body of the table (what stands between its braces) in the syntax of C(nft). Required with O(state=present).
    type: str
  state:
    description:
      - V(absent) removes the table and its file, and with the last one the unit.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - nftables 0.9.3 or newer
  - unshare of util-linux
  - systemd
attributes:
  check_mode:
    description: Reports exactly what would change and changes nothing. Without nftables every table is reported as new.
    support: full
  diff_mode:
    description: Shows the table as the kernel lists it, before and after, and the files for the next boot.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: full
notes:
  - It has to run as root.
"""

EXAMPLES = r"""
- name: Mark the packets of a service
  lvs.cluster.nft_table:
    name: lvs_marks
    content: |
      chain prerouting {
          type filter hook prerouting priority mangle; policy accept;
          ip daddr 192.0.2.100 tcp dport { 80, 443 } meta mark set 7
      }

- name: Remove it
  lvs.cluster.nft_table:
    name: lvs_marks
    state: absent
"""

RETURN = r"""
table:
  description: The table as the kernel lists it after the run; empty if there is none.
  returned: success
  type: str
"""

import contextlib
from collections.abc import Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import BootUnit
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.nft.table import (
    FOLDER,
    UNIT_TEXT,
    Listing,
    Table,
    read_listing,
)

UNIT = BootUnit("lvs-nftables.service", wanted_by="sysinit.target")

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "family": {"type": "str", "choices": ["inet", "ip", "ip6", "arp", "bridge", "netdev"], "default": "inet"},
    "content": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


LIST = 'nft --stateless --json "$@" && nft --stateless "$@"'
"""Lists a table twice: on one line for comparison, and to be read."""


class Nft:
    """Brings one table, its file and the unit to what is wanted."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.table = Table(module.params["family"], module.params["name"], module.params["content"] or "")
        self.installed = module.get_bin_path("nft") is not None

    def ensure(self) -> None:
        """Load the table if the kernel has another one or none, and keep it for the next boot."""
        if not self.installed and not self.module.check_mode:
            self.module.fail_json(msg="nft: there is no such program; install the package nftables")
        live, wanted = self._live(), self._wanted()
        is_loaded = live.says == wanted.says
        after = live if is_loaded else wanted
        changed = self._report(live, after, self.table.text(), UNIT.reported(UNIT_TEXT, enabled=True))
        if changed and not self.module.check_mode:
            replace_text(self.table.path, self.table.text())
            if not is_loaded:
                self._run(["nft", "--file", str(self.table.path)])
            UNIT.install(self._run, UNIT_TEXT)
        self.module.exit_json(changed=changed, diff=self.diff, table=wanted.text)

    def remove(self) -> None:
        """Remove the table and its file, and the unit with the last one."""
        live = self._live()
        is_last = not set(FOLDER.glob("*.nft")) - {self.table.path}
        unit = UNIT.reported(None, enabled=False) if is_last else UNIT.observed()
        changed = self._report(live, Listing(), None, unit)
        if changed and not self.module.check_mode:
            if is_last:
                UNIT.remove(self._run)
            if live.text:
                self._run(["nft", "delete", "table", self.table.family, self.table.name])
            replace_text(self.table.path, None)
            if is_last:
                with contextlib.suppress(OSError):  # others have files there, or it is not there
                    FOLDER.rmdir()
                    FOLDER.parent.rmdir()
        self.module.exit_json(changed=changed, diff=self.diff, table="")

    def _live(self) -> Listing:
        """Return what the kernel has."""
        if not self.installed:
            return Listing()
        code, out, _error = self.module.run_command(["sh", "-c", LIST, "sh", *self.table.listing])
        return Listing() if code else read_listing(out)

    def _wanted(self) -> Listing:
        """Return what the kernel makes of the wanted table, in a namespace that ends with the command."""
        if not self.installed:
            return Listing(self.table.text(), self.table.text())
        command = ["unshare", "--net", "sh", "-c", f"nft --file - && {LIST}", "sh", *self.table.listing]
        code, out, error = self.module.run_command(command, data=self.table.text())
        if code:
            hint = " (has this kernel nf_tables?)" if "not supported" in error else ""
            self.module.fail_json(msg=f"content: nft refuses it, and nothing was changed: {error.strip()}{hint}")
        return read_listing(out)

    def _report(self, before: Listing, after: Listing, text: str | None, unit: dict[str, object]) -> bool:
        """Set the diff; return whether anything differs."""
        path = self.table.path
        self.diff = {
            "before": {"table": before.text, "file": {str(path): read_text(path)}, **UNIT.observed()},
            "after": {"table": after.text, "file": {str(path): text}, **unit},
        }
        return self.diff["before"] != self.diff["after"]

    def _run(self, command: Sequence[str]) -> None:
        code, _out, error = self.module.run_command(list(command))
        if code:
            self.module.fail_json(msg=f"'{' '.join(command)}' failed: {error.strip()}. The next run goes on from here")


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=[("state", "present", ["content"])], supports_check_mode=True
    )
    nft = Nft(module)
    if module.params["state"] == "present":
        nft.ensure()
    else:
        nft.remove()


if __name__ == "__main__":
    main()
