#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kernel_settings
short_description: Kernel modules and sysctls of a role, together and with a way back
version_added: 0.1.0
description:
  - Loads kernel modules and sets sysctls, now and at each boot. The modules come first, since many sysctls
    (C(net.ipv4.vs.*)) exist only once their module is loaded.
  - All of a role's settings are one call. A sysctl that is no longer listed, and all of them with O(state=absent), get
    the values back that they had before the first change; these are kept in C(/var/lib/lvs-cluster).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  name:
    description:
      - Whose settings these are. Names the files C(/etc/modules-load.d/lvs-NAME.conf) and
        C(/etc/sysctl.d/60-lvs-NAME.conf).
    type: str
    required: true
  modules:
    description:
      - Kernel modules to load. They stay loaded when they are no longer listed.
    type: list
    elements: str
    default: []
  sysctls:
    description:
      - Values of sysctls by name. A name with slashes is a path below C(/proc/sys), for interfaces with dots in their
        names.
    type: dict
    default: {}
  purge:
    description:
      - Whether sysctls that are no longer listed get the value back that they had before. V(false) leaves that, and the
        files' lines for them, to a later run, for the time in which clients may still need them.
    type: bool
    default: true
  state:
    description:
      - V(absent) removes the files and restores the sysctls.
    type: str
    choices: [present, absent]
    default: present
attributes:
  diff_mode:
    description: Shows modules, sysctls and files before and after.
    support: full
notes:
  - It has to run as root.
"""

EXAMPLES = r"""
- name: Prepare a director
  lvs.cluster.kernel_settings:
    name: director
    modules: [ip_vs, ip_vs_wlc]
    sysctls:
      net.ipv4.vs.expire_nodest_conn: 1

- name: Give everything back
  lvs.cluster.kernel_settings:
    name: director
    state: absent
"""

RETURN = r"""
sysctls:
  description: Values of the sysctls after the run.
  returned: success
  type: dict
  sample: {"net.ipv4.vs.expire_nodest_conn": "1"}
kept:
  description: Whether there is something that a run with O(purge=true) would remove.
  returned: success
  type: bool
  sample: false
"""

import platform
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils import kernel as core
from ansible_collections.lvs.cluster.plugins.module_utils import kernel_modules
from ansible_collections.lvs.cluster.plugins.module_utils.files import (
    read_state,
    read_text,
    replace_text,
    write_state,
)
from ansible_collections.lvs.cluster.plugins.module_utils.network import sysctl

ETC = Path("/etc")
SYS_MODULE = Path("/sys/module")
LIB_MODULES = Path("/lib/modules")

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "modules": {"type": "list", "elements": "str", "default": []},
    "sysctls": {"type": "dict", "default": {}},
    "purge": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class Kernel:
    """Brings the running kernel, and the files for the next boot, to what is wanted."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        present = module.params["state"] == "present"
        self.modules: list[str] = module.params["modules"] if present else []
        sysctls = module.params["sysctls"] if present else {}
        self.sysctls = {name: core.normal(value) for name, value in sysctls.items()}
        self.state = f"kernel_{module.params['name']}"
        self.remembered: dict[str, str] = read_state(self.state)
        file = f"lvs-{module.params['name']}.conf"
        modules_file, sysctls_file = ETC / "modules-load.d" / file, ETC / "sysctl.d" / f"60-{file}"
        keep = present and not module.params["purge"]
        old_modules = core.parse_modules(read_text(modules_file) or "") if keep else []
        old_sysctls = core.parse_sysctls(read_text(sysctls_file) or "") if keep else {}
        self.kept = not (set(old_modules) <= set(self.modules) and set(old_sysctls) <= set(self.sysctls))
        self.modules = list(dict.fromkeys(self.modules + old_modules))
        self.sysctls = {**self.sysctls, **{name: old_sysctls[name] for name in old_sysctls if name not in self.sysctls}}
        self.files = {
            modules_file: core.render_modules(self.modules),
            sysctls_file: core.render_sysctls(self.sysctls),
        }

    def run(self) -> None:
        """Compare, change what differs, and end the module."""
        observed = self.observe()
        wanted = core.wanted_settings(self.modules, self.sysctls, observed, self.remembered)
        before = {**observed.to_dict(), "files": {str(path): read_text(path) for path in self.files}}
        after = {**wanted.to_dict(), "files": {str(path): text for path, text in self.files.items()}}
        memory = core.values_to_remember(self.sysctls, observed, self.remembered)
        changed = before != after or memory != self.remembered
        if changed and not self.module.check_mode:
            self.apply(observed)
        diff = {"before": before, "after": after}
        self.module.exit_json(changed=changed, diff=diff, sysctls=dict(wanted.sysctls), kept=self.kept)

    def observe(self) -> core.Settings:
        """Return the wanted modules that are there, and the values of the sysctls that we set or have set."""
        built_in = kernel_modules.built_in(LIB_MODULES / platform.release())
        modules = tuple(name for name in self.modules if (SYS_MODULE / name).exists() or name in built_in)
        return core.Settings(modules, {name: read(name) for name in {**self.remembered, **self.sysctls}})

    def apply(self, observed: core.Settings) -> None:
        """Load modules, remember, set, and leave the files for the next boot."""
        for name in self.modules:
            if name not in observed.modules:
                self.load(name)
        observed = self.observe()
        missing = [name for name in self.sysctls if observed.sysctls[name] is None]
        if missing:
            self.module.fail_json(
                msg=f"sysctls: the running kernel, {platform.release()}, does not have {', '.join(missing)};"
                " leave them out, or list the kernel module that brings them"
            )
        wanted = core.wanted_settings(self.modules, self.sysctls, observed, self.remembered)
        memory = core.values_to_remember(self.sysctls, observed, self.remembered)
        # What is still to be restored stays remembered until it is.
        write_state(self.state, {**self.remembered, **memory})
        for name, value in wanted.sysctls.items():
            if value is not None and value != observed.sysctls[name]:
                self.write(name, value)
        for path, text in self.files.items():
            replace_text(path, text)
        write_state(self.state, memory)

    def load(self, name: str) -> None:
        """Load one kernel module."""
        if error := kernel_modules.load(self.module.run_command, name):
            self.module.fail_json(
                msg=f"modules: {name} cannot be loaded into the running kernel, {platform.release()}: {error}."
                " See whether the kernel has it, and whether a newer kernel waits for a reboot"
            )

    def write(self, name: str, value: str) -> None:
        """Set one sysctl."""
        try:
            sysctl.write(core.key_of(name), value)
        except OSError as error:
            self.module.fail_json(msg=f"sysctls: {name} cannot be set to {value}: {error.strerror}")


def read(name: str) -> str | None:
    """Return the value of a sysctl, or None if the running kernel does not have it."""
    key = core.key_of(name)
    return core.normal(sysctl.read_text(key)) if sysctl.exists(key) else None


def main() -> None:
    Kernel(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)).run()


if __name__ == "__main__":
    main()
