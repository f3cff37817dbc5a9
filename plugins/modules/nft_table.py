#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nft_table
short_description: One nftables table, now and at each boot
version_added: 0.1.0
description:
  - Loads one table into the kernel in one transaction. Other tables are never touched.
  - The live table is compared with what the kernel makes of O(content), which is loaded into a network namespace of its
    own for that. So changes by hand are found and undone, and wrong syntax is found before anything changes. Counters
    are not compared.
  - Keeps the table in C(/etc/lvs-cluster/nftables/NAME.nft). The unit C(lvs-nftables.service) loads all files of that
    folder at boot. A drop-in has C(nftables.service) load them again when it is started or reloaded, since that flushes
    the whole ruleset.
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  name:
    description:
      - Name of the table, of letters, digits and C(_).
    type: str
    required: true
  family:
    description:
      - Address family of the table.
    type: str
    choices: [inet, ip, ip6, arp, bridge, netdev]
    default: inet
  content:
    description:
      - What stands between the braces of the table, as in C(nft(8)). Required with O(state=present).
      - Name interfaces by C(iifname) and C(oifname). C(iif) and C(oif) need the interface where the table is tried.
    type: str
  purge:
    description:
      - Whether rules go that O(content) does not have, or the whole table with O(state=absent). V(false) leaves the
        chains and rules of the last run in, after those of O(content), for the time in which clients may still need
        them. It tells them apart by their lines, so write a rule, and the closing brace of a chain, on a line of its
        own.
    type: bool
    default: true
  state:
    description:
      - V(absent) removes the table and its file, and with the last file the unit and the drop-in.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - nft (nftables)
  - unshare (util-linux)
  - systemd
attributes:
  check_mode:
    description:
      - Reports exactly what would change and changes nothing. Where nft is not installed yet, nothing is tried.
    support: full
  diff_mode:
    description: Shows the live table and all files before and after.
    support: full
notes:
  - It has to run as root.
"""

EXAMPLES = r"""
- name: Mark what belongs to a fwmark service
  lvs.cluster.nft_table:
    name: marks
    content: |
      chain prerouting {
        type filter hook prerouting priority mangle;
        ip daddr 192.0.2.100 tcp dport { 80, 443 } meta mark set 7
      }

- name: Remove the table
  lvs.cluster.nft_table:
    name: marks
    state: absent
"""

RETURN = r"""
table:
  description: The table after the run, as nft lists it; empty for none, and where it could not be tried.
  returned: success
  type: str
  sample: "table inet marks {\n\tset addresses {\n\t\ttype ipv4_addr\n\t}\n}\n"
kept:
  description: Whether there is something that a run with O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.nft import table as core

FOLDER = Path("/etc/lvs-cluster/nftables")
UNITS = Path("/etc/systemd/system")
UNIT = "lvs-nftables.service"
ENABLED = Path("sysinit.target.wants") / UNIT
DROP_IN = Path("nftables.service.d") / "lvs-cluster.conf"

# Counters do change, and names of services depend on the host.
LIST = ["--stateless", "--numeric", "list"]


class Table:
    """One table: in the kernel, in its file, and what has systemd load it."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.family: str = module.params["family"]
        self.name: str = module.params["name"]
        self.purge: bool = module.params["purge"]
        self.file = FOLDER / f"{self.name}.nft"
        self.unit = UNITS / UNIT
        self.drop_in = UNITS / DROP_IN
        self.nft: str | None = module.get_bin_path("nft")
        self.live = self._list()

    def install(self, content: str) -> None:
        """Make the table what `content` says, now and at boot."""
        body = content if self.purge else core.with_old_rules(content, read_text(self.file) or "")
        text = core.render_file(self.family, self.name, body)
        if self.nft is None:
            self._end_without_nft(text)
            return
        wanted = self._tried(text)
        units = {
            self.unit: core.render_unit(self.nft, str(FOLDER)),
            self.drop_in: core.render_drop_in(self.nft, str(FOLDER)),
        }
        stays = (UNITS / ENABLED).is_symlink() and all(read_text(path) == unit for path, unit in units.items())
        changed = wanted != self.live or text != read_text(self.file) or not stays
        diff = self._diff(wanted, {self.file: text, **units})
        if changed and not self.module.check_mode:
            if wanted != self.live:
                self._nft(["--file", "-"], data=text)
            replace_text(self.file, text)
            if not stays:
                self._replace_units(units)
                self._systemctl("enable", UNIT)
        self.module.exit_json(changed=changed, table=wanted, kept=body != content, diff=diff)

    def remove(self) -> None:
        """Remove the table, its file and, with the last file, what loads it."""
        others = set(FOLDER.glob("*.nft")) - {self.file}
        files: dict[Path, None] = dict.fromkeys([self.file] if others else [self.file, self.unit, self.drop_in])
        changed = bool(self.live) or any(path.exists() for path in files)
        if not self.purge:
            self.module.exit_json(changed=False, table=self.live, kept=changed)
        diff = self._diff("", files)
        if changed and not self.module.check_mode:
            if not others:
                if self.unit.exists():
                    # Its stop leaves the tables alone.
                    self._systemctl("disable", "--now", UNIT)
                self._replace_units({self.unit: None, self.drop_in: None})
            replace_text(self.file, None)
            for folder in (FOLDER, FOLDER.parent, self.drop_in.parent):
                with contextlib.suppress(OSError):  # others have something there
                    folder.rmdir()
            if self.live:
                self._nft(["delete", "table", self.family, self.name])
        self.module.exit_json(changed=changed, table="", kept=False, diff=diff)

    def _replace_units(self, units: Mapping[Path, str | None]) -> None:
        for path, text in units.items():
            replace_text(path, text)
        self._systemctl("daemon-reload")

    def _list(self) -> str:
        """Return the live table as nft lists it, or an empty text for none."""
        if self.nft is None:
            return ""
        code, out, error = self.module.run_command([self.nft, *LIST, "table", self.family, self.name])
        if code and not core.is_missing(error):
            self.module.fail_json(msg=f"nft cannot list table {self.family} {self.name}: {core.explain(error)}")
        return "" if code else out

    def _tried(self, text: str) -> str:
        """Return what the kernel makes of `text`, tried in a network namespace that ends with the command."""
        script = f'"$0" --file - && exec "$0" {" ".join(LIST)} ruleset'
        code, out, error = self.module.run_command(["unshare", "--net", "sh", "-c", script, self.nft], data=text)
        if code:
            self.module.fail_json(
                msg=f"nft does not accept table {self.family} {self.name}, so nothing was changed:"
                f" {core.explain(error)}"
            )
        if not core.is_one_table(out):
            self.module.fail_json(
                msg=f"content: it ends table {self.family} {self.name} and goes on with another one;"
                " write only what stands between the braces of the table"
            )
        return str(out)

    def _nft(self, arguments: list[str], data: str | None = None) -> None:
        code, _out, error = self.module.run_command([self.nft, *arguments], data=data)
        if code:
            self.module.fail_json(
                msg=f"nft failed on table {self.family} {self.name}, so the live one stays: {core.explain(error)}"
            )

    def _end_without_nft(self, text: str) -> None:
        if not self.module.check_mode:
            self.module.fail_json(msg="nft is not installed on this host; install its package, nftables, first")
        self.module.exit_json(changed=True, table="", kept=False, diff=self._diff(text, {self.file: text}))

    def _systemctl(self, *arguments: str) -> None:
        self.module.run_command(["systemctl", *arguments], check_rc=True)

    def _diff(self, table: str, files: Mapping[Path, str | None]) -> list[dict[str, str]]:
        """Return table and files before and after, those that differ."""
        parts = [(f"table {self.family} {self.name}", self.live, table)]
        parts += [(str(path), read_text(path) or "", text or "") for path, text in files.items()]
        return changed_parts(parts)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "family": {"type": "str", "choices": list(core.FAMILIES), "default": "inet"},
            "content": {"type": "str"},
            "purge": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("content",))],
        supports_check_mode=True,
    )
    name = module.params["name"]
    if not core.NAME.fullmatch(name):
        module.fail_json(msg=f"name: '{name}' is no name of a table; write letters, digits and '_', a letter first")
    table = Table(module)
    if module.params["state"] == "absent":
        table.remove()
    table.install(module.params["content"])


if __name__ == "__main__":
    main()
