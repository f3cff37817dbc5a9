# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that a test can change: its units, sysctls and memory are below a folder, its commands are answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import BootUnit


class SimulatedHost:
    """Base of hosts whose network the test decides on; `root` is that of the fixture `host_root`."""

    def __init__(self, root: Path, commands: Any) -> None:
        self.root = root
        self.commands = commands

    def sysctl(self, key: str) -> Path:
        return self.root / "sys" / key

    def unit_text(self, unit: BootUnit) -> str:
        return (self.root / "units" / unit.name).read_text()

    def enable(self, unit: BootUnit) -> None:
        link = self._link(unit)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to("x")

    def disable(self, unit: BootUnit) -> None:
        self._link(unit).unlink()

    def _link(self, unit: BootUnit) -> Path:
        return self.root / "units/multi-user.target.wants" / unit.name

    def changes(self) -> list[str]:
        """Return the commands that were run and do more than look."""
        return [line for line in self.commands.run if not line.startswith("ip -json")]
