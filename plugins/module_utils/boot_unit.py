# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A systemd unit of ours that restores what a module has set up at run time: at each boot, or whenever it got lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text

UNITS = Path("/etc/systemd/system")

Run = Callable[[Sequence[str]], object]
"""Runs a command; the caller decides how a failure is reported."""


def literal(text: str) -> str:
    """Return a text as it stands in a unit, where a percent sign begins a specifier."""
    return text.replace("%", "%%")


@dataclass(frozen=True)
class BootUnit:
    """A oneshot service, by its name."""

    name: str

    @property
    def path(self) -> Path:
        """Return its file."""
        return UNITS / self.name

    def is_enabled(self) -> bool:
        """Tell whether it is started at boot."""
        return (UNITS / "multi-user.target.wants" / self.name).is_symlink()

    def install(self, run: Run, text: str, restart: bool = True) -> None:
        """Write its file, and have it run now, as it is written there, and at each boot.

        Without `restart` it stays as it is if it runs: to stop it may undo what the caller has just done.
        """
        self.enable(run, text)
        run(["systemctl", "restart" if restart else "start", self.name])

    def enable(self, run: Run, text: str) -> None:
        """Write its file, and have it run at each boot from the next one on."""
        replace_text(self.path, text)
        run(["systemctl", "daemon-reload"])
        run(["systemctl", "enable", self.name])

    def stop(self, run: Run) -> None:
        """Stop it, if it is there; it starts again at the next boot."""
        if read_text(self.path) is not None:
            run(["systemctl", "stop", self.name])

    def remove(self, run: Run) -> None:
        """Stop it, take it out of the boot and remove its file. What it set up is left for the caller."""
        if read_text(self.path) is None:
            return
        run(["systemctl", "disable", "--now", self.name])
        replace_text(self.path, None)
        run(["systemctl", "daemon-reload"])


ONCE = ("Type=oneshot", "RemainAfterExit=yes")


def render(description: str, after: str, commands: Sequence[str]) -> str:
    """Return the text of a unit that runs `commands` once the units `after` are there."""
    return _render(description, after, [*ONCE, *(f"ExecStart={command}" for command in commands)])


def render_reading(description: str, after: str, before: str, command: str, lines: Sequence[str]) -> str:
    """Return the text of a unit that has `command` read `lines` once the units `after`, before the units `before`."""
    text = [f"StandardInputText={line}" for line in lines]
    return _render(description, after, [*ONCE, f"ExecStart={command}", "StandardInput=data", *text], before)


def render_watching(description: str, after: str, commands: Sequence[str], again: Sequence[str]) -> str:
    """Return the text of a unit that runs `commands`, and `again` whenever an interface or address has changed.

    The kernel drops the routes of an interface that goes down or loses its last address, as networkd has it when the
    cable is out, and nothing but a boot would bring ours back.
    """
    watch = f"ip monitor link address | while read -r change; do {'; '.join(again)}; done"
    return _render(
        description,
        after,
        [
            *(f"ExecStartPre={command}" for command in commands),
            f"ExecStart=/bin/sh -c '{watch}'",
            "Restart=always",
            "RestartSec=5",
        ],
    )


def _render(description: str, after: str, service: Sequence[str], before: str = "") -> str:
    return "\n".join(
        [
            "# Managed by lvs.cluster.",
            "[Unit]",
            f"Description={description}",
            f"Wants={after}",
            f"After={after}",
            *([f"Before={before}"] if before else []),
            "",
            "[Service]",
            *service,
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )
