# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of real servers do alike: they bring a host from one state to another, and a unit keeps it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import BootUnit
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text


class State(Protocol):
    """What is observed or wanted."""

    def to_dict(self) -> dict[str, object]:
        """Return the shape shown in diffs."""


class HostChange:
    """A change of this host by `module`, an AnsibleModule; `unit` brings it back at each boot."""

    def __init__(self, module: Any, unit: BootUnit) -> None:
        self.module = module
        self.unit = unit
        self.diff: dict[str, dict[str, object]] = {}

    def run(self, command: Sequence[str], hint: str = "") -> str:
        """Run a command that has to succeed; return its output."""
        code, out, error = self.module.run_command(list(command))
        if code:
            message = f"'{' '.join(command)}' failed: {error.strip()}{hint}. The next run goes on from here"
            self.module.fail_json(msg=message)
        return str(out)

    def shown(self, command: Sequence[str]) -> str:
        """Return the output of a command that fails where there is nothing to show; half of a list is nothing too."""
        code, out, _error = self.module.run_command(list(command))
        return "" if code else str(out)

    def report(
        self, observed: State, wanted: State, unit: str | None, files: Mapping[Path, str | None] | None = None
    ) -> bool:
        """Set the diff; return whether anything differs. `unit` and `files` are texts for the boot, or None."""
        texts = {self.unit.path: unit, **(files or {})}
        self.diff = {
            "before": {
                **observed.to_dict(),
                "boot": {str(path): read_text(path) for path in texts},
                "enabled_at_boot": self.unit.is_enabled(),
            },
            "after": {
                **wanted.to_dict(),
                "boot": {str(path): text for path, text in texts.items()},
                "enabled_at_boot": unit is not None,
            },
        }
        return self.diff["before"] != self.diff["after"]

    def exit(self, changed: bool, wanted: State, kept: bool = False) -> None:
        """End the module; `kept` tells whether something stays that is not declared."""
        self.module.exit_json(changed=changed, diff=self.diff, kept=kept, **wanted.to_dict())
