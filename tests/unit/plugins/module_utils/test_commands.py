# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.commands import attempt


class Module:
    """What is asked of an Ansible module."""

    def __init__(self, run: Callable[..., tuple[int, str, str]]) -> None:
        self.run_command = run


def test_a_command_is_run() -> None:
    def run(command: list[str], handle_exceptions: bool, **more: Any) -> tuple[int, str, str]:
        assert (command, handle_exceptions, more) == (["ip", "-batch", "-"], False, {"data": "link"})
        return 1, "out", "error"

    assert attempt(Module(run), ("ip", "-batch", "-"), data="link") == (1, "out", "error")


def test_a_program_that_is_not_there_fails() -> None:
    def run(_command: list[str], **_more: Any) -> tuple[int, str, str]:
        raise FileNotFoundError(2, "No such file or directory", "ip")

    assert attempt(Module(run), ["ip"]) == (127, "", "[Errno 2] No such file or directory: 'ip'")
