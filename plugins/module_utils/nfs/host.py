# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to mounts on a host, each time in a child process that is given up if the server is away."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.child import Child, Outcome, call_bounded, run_bounded
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import options as core
from ansible_collections.lvs.cluster.plugins.module_utils.storage import mountinfo
from ansible_collections.lvs.cluster.plugins.module_utils.storage.fstab import Entry
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount, below, stack
from ansible_collections.lvs.cluster.plugins.module_utils.storage.unit_name import escape_path
from ansible_collections.lvs.cluster.plugins.module_utils.storage.users import users_of

NFS_PORT = 2049
SYSTEMD_SECONDS = 90
"""What systemd is asked for touches no mount, so it may be slow, but it does not hang."""


class MountError(Exception):
    """Something that could not be done, in words."""


class Host:
    """This host; a server has `timeout` seconds each time."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout

    def run(self, command: Sequence[str]) -> Outcome:
        """Run a command."""
        return run_bounded(command, self.timeout)

    def systemctl(self, *arguments: str) -> None:
        """Have systemd do something."""
        outcome = run_bounded(["systemctl", *arguments], SYSTEMD_SECONDS)
        if outcome.code != 0:
            raise MountError(f"'systemctl {' '.join(arguments)}' failed: {outcome.error.strip()}")

    def users(self, path: str, mounts: Sequence[Mount]) -> list[str]:
        """Return who uses a mount: processes, and mounts inside of it."""
        inside = [f"the mount {each}" for each in below(mounts, path)]
        return [*inside, *users_of(path, self.timeout)]

    def unmount(self, path: str, force: bool) -> None:
        """Take the uppermost mount off. One whose server is away is taken out of sight, since nobody uses it."""
        count = len(stack(mountinfo.read(), path))
        command = ["umount", "--no-canonicalize", "--internal-only"]
        outcome = self.run([*command, *(["--lazy"] if force else []), path])
        if outcome.code is None and len(stack(mountinfo.read(), path)) == count:
            outcome = self.run([*command, "--lazy", path])
        if outcome.code not in (0, None) and len(stack(mountinfo.read(), path)) == count:
            raise MountError(f"{path}: {outcome.error.strip()}")

    def make_folder(self, path: str) -> bool:
        """Make a mount point; return whether that was needed."""

        def make() -> str:
            try:
                Path(path).mkdir(parents=True)
            except FileExistsError:
                return "" if Path(path).is_dir() else "it is no folder"
            except OSError as error:
                return f"it cannot be made: {error.strerror}"
            return "made"

        answer: str = call_bounded(make, self.timeout, "it is on a mount that does not answer")
        if answer not in ("", "made"):
            raise MountError(f"{path}: {answer}")
        return answer == "made"

    def has_folder(self, path: str) -> bool:
        """Tell whether there is a mount point."""
        return bool(call_bounded(lambda: os.path.lexists(path), self.timeout, True))

    def remove_folder(self, path: str) -> None:
        """Remove a mount point if it is empty."""

        def remove() -> None:
            with contextlib.suppress(OSError):  # the user has something there
                Path(path).rmdir()

        call_bounded(remove, self.timeout)

    def mount(self, entry: Entry) -> bool:
        """Mount now; return whether that worked. What may work later is left to systemd."""
        unit = f"{escape_path(entry.path)}.mount"
        if self.is_trying(unit):
            return self._appears(entry.path)
        outcome = self.run(core.mount_command(entry.options, entry.source, entry.path))
        if outcome.code == 0 or stack(mountinfo.read(), entry.path):
            return True
        if outcome.code is not None and not core.is_temporary(outcome.error):
            raise MountError(f"{entry.path}: {outcome.error.strip() or f'mount failed with {outcome.code}'}")
        self.systemctl("start", "--no-block", unit)
        return False

    def remount(self, options: Sequence[str], live: Mount) -> None:
        """Give a live mount other flags."""
        for command in core.remount_commands(options, live):
            outcome = self.run(command)
            if outcome.code != 0:
                raise MountError(f"{live.path}: the remount failed: {outcome.error.strip()}")

    def set_trap(self, path: str, wanted: bool) -> None:
        """Have systemd mount a path on access, or not."""
        self.systemctl("start" if wanted else "stop", f"{escape_path(path)}.automount")

    def is_behind(self, paths: Sequence[str]) -> bool:
        """Tell whether systemd has not read fstab since it changed, as after a run that was cut off."""
        units = [f"{escape_path(path)}.mount" for path in paths]
        command = ["systemctl", "show", "--property", "NeedDaemonReload", "--value", *units]
        return bool(units) and "yes" in run_bounded(command, SYSTEMD_SECONDS).out.split()

    def is_trying(self, unit: str) -> bool:
        """Tell whether systemd tries to mount this right now."""
        return self.run(["systemctl", "is-active", unit]).out.strip() == "activating"

    def stop_trying(self, path: str) -> None:
        """Have systemd give up a mount that it tries to make, since something else is wanted now."""
        unit = f"{escape_path(path)}.mount"
        if self.is_trying(unit):
            self.systemctl("stop", unit)

    def answering(self, paths: Sequence[str]) -> dict[str, bool]:
        """Tell of each mount whether its server answers; all are asked at once."""
        children = {path: Child(_asking(path)) for path in paths}
        deadline = time.monotonic() + self.timeout
        return {path: bool(child.result(deadline, False)) for path, child in children.items()}

    def is_reachable(self, source: str) -> bool:
        """Tell whether the server of a mount takes connections."""
        server = source.rpartition(":/")[0].strip("[]")

        def connect() -> bool:
            with socket.create_connection((server, NFS_PORT), self.timeout):
                return True

        return bool(call_bounded(connect, self.timeout, False))

    def _appears(self, path: str) -> bool:
        deadline = time.monotonic() + self.timeout
        while not stack(mountinfo.read(), path):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True


def _asking(path: str) -> Callable[[], bool]:
    def ask() -> bool:
        os.statvfs(path)
        return True

    return ask
