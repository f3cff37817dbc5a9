# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dry run of a playbook, as a second `ansible-playbook` with the options of this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

OPTIONS = {
    "inventory": "--inventory",
    "extra_vars": "--extra-vars",
    "module_path": "--module-path",
    "subset": "--limit",
    "forks": "--forks",
    "connection": "--connection",
    "remote_user": "--user",
    "private_key_file": "--private-key",
    "timeout": "--timeout",
    "ssh_common_args": "--ssh-common-args",
    "ssh_extra_args": "--ssh-extra-args",
    "become_method": "--become-method",
    "become_user": "--become-user",
    "tags": "--tags",
    "skip_tags": "--skip-tags",
}
FLAGS = {"become": "--become", "flush_cache": "--flush-cache"}
ENVIRONMENT = {
    "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
    "ANSIBLE_INJECT_INVOCATION": "true",
    "ANSIBLE_FORCE_COLOR": "false",
}


class DryRunError(Exception):
    """The run ended without results; `str()` is what it said."""


def run_dry(playbook: str, options: Mapping[str, Any], secrets: Mapping[str, Sequence[bytes]]) -> dict[str, Any]:
    """Run the playbook in check mode; return what `ansible.posix.json` wrote, and what went to standard error.

    `options` are those of Ansible's command line. `secrets` are passwords by the option that takes them from a file:
    who was asked for them once need not be asked again. Raises DryRunError.
    """
    with tempfile.TemporaryDirectory(prefix="lvs-cluster-") as folder:
        command = [*command_line(playbook, options), *_secret_options(secrets, Path(folder))]
        environment = {**os.environ, **ENVIRONMENT}
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    start = done.stdout.find("{\n")
    if start < 0:
        raise DryRunError((done.stderr or done.stdout).strip() or f"it ended with code {done.returncode}")
    # Other callbacks may have written something before and after it.
    results: dict[str, Any] = json.JSONDecoder().raw_decode(done.stdout, start)[0]
    return {**results, "stderr": done.stderr}


def command_line(playbook: str, options: Mapping[str, Any]) -> list[str]:
    """Return the command with the options that the user gave to this run."""
    words = [sys.executable, "-m", "ansible", "playbook", playbook, "--check", "--diff"]
    words += [word for name, word in FLAGS.items() if options.get(name)]
    for name, word in OPTIONS.items():
        value = options.get(name)
        values = value if isinstance(value, (list, tuple)) else [value]
        words += [f"{word}={each}" for each in values if each not in (None, "")]
    return words


def _secret_options(secrets: Mapping[str, Sequence[bytes]], folder: Path) -> Iterator[str]:
    for option, values in secrets.items():
        for number, value in enumerate(values):
            file = folder / f"{option.strip('-')}-{number}"
            file.touch(0o600)
            file.write_bytes(value)
            yield f"{option}={file}"
