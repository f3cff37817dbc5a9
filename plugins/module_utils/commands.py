# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running commands from a module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

Run = Callable[[Sequence[str]], "tuple[int, str, str]"]
"""Runs a command; returns its exit code, output and complaints."""


def attempt(module: AnsibleModule, command: Sequence[str], **more: Any) -> tuple[int, str, str]:
    """Run a command; a program that is not there counts as one that fails."""
    try:
        result: tuple[int, str, str] = module.run_command(list(command), handle_exceptions=False, **more)
    except OSError as error:
        return 127, "", str(error)
    return result
