# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's main() in this process, with its commands answered by the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partialmethod
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.lvs.cluster.plugins.module_utils import boot_unit, files
from ansible_collections.lvs.cluster.plugins.module_utils.network import sysctl

Answer = tuple[int, str, str]


class Commands:
    """Stands in for run_command: answers by the first words of the command and keeps what was run."""

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        self.answers = dict(answers or {})
        self.run: list[str] = []

    def __call__(
        self, _module: basic.AnsibleModule, command: Sequence[str], check_rc: bool = False, **_more: Any
    ) -> Answer:
        line = " ".join(command)
        self.run.append(line)
        answer = next(
            (self.answers[start] for start in sorted(self.answers, key=len, reverse=True) if line.startswith(start)),
            (0, "", ""),
        )
        if check_rc and answer[0]:
            _module.fail_json(msg=answer[2])
        return answer


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Commands that all succeed and print nothing until the test says otherwise."""
    stand_in = Commands()
    monkeypatch.setattr(basic.AnsibleModule, "run_command", partialmethod(stand_in))
    return stand_in


@pytest.fixture
def host_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that modules read and write of a host: units/, sys/ for /proc/sys, state/ for what they remember."""
    monkeypatch.setattr(boot_unit, "UNITS", tmp_path / "units")
    monkeypatch.setattr(sysctl, "_PROC_SYS", tmp_path / "sys")
    for function in (files.read_state, files.write_state):
        monkeypatch.setattr(function, "__defaults__", (tmp_path / "state",))
    return tmp_path


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Return run(module, check=False, **parameters) -> the module's result, with `failed` always set."""

    def call(module: ModuleType, check: bool = False, **parameters: Any) -> dict[str, Any]:
        arguments = {**parameters, "_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            module.main()
        result: dict[str, Any] = json.loads(capfd.readouterr().out)
        return {"failed": False, **result}

    return call
