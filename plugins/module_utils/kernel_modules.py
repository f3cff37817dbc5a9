# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel modules of this host."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.commands import Run
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text


def built_in(folder: Path) -> set[str]:
    """Return the modules that are part of the kernel whose modules are in `folder`."""
    text = read_text(folder / "modules.builtin") or ""
    return {Path(line).name.partition(".")[0].replace("-", "_") for line in text.splitlines()}


def load(run: Run, name: str) -> str:
    """Load a module; return why that failed, an empty text if it did not."""
    code, _out, error = run(["modprobe", name])
    return error.strip() if code else ""
