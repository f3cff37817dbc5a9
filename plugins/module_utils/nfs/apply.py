# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the NFS mounts of this host, in fstab and in the kernel, to what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts
from ansible_collections.lvs.cluster.plugins.module_utils.files import (
    read_state,
    read_text,
    write_atomically,
    write_state,
)
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import mounts as core
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.host import Host, MountError
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.options import differences, is_automounted
from ansible_collections.lvs.cluster.plugins.module_utils.storage import mountinfo
from ansible_collections.lvs.cluster.plugins.module_utils.storage.fstab import Entry, entries, replace
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import stack

FSTAB = Path("/etc/fstab")
STATE = "nfs_mounts"


class Mounts:
    """The wanted mounts, and those of ours that are not wanted any more."""

    def __init__(self, wanted: Sequence[core.Wanted], timeout: float, force: bool, purge: bool) -> None:
        self.wanted = {each.path: each for each in wanted}
        self.force = force
        self.host = Host(timeout)
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.live = mountinfo.read()
        self.fstab = read_text(FSTAB) or ""
        # A line of ours is the authority; what else is on the same path is not.
        self.entries = {each.path: each for each in sorted(entries(self.fstab), key=lambda each: each.is_ours)}
        # Path -> its source, and whether we have made the folder.
        self.state: dict[str, dict[str, Any]] = read_state(STATE)
        ours = {path: entry.source for path, entry in self.entries.items() if entry.is_ours}
        ours = {**{path: known["source"] for path, known in self.state.items()}, **ours}
        leftovers = {path: source for path, source in sorted(ours.items()) if path not in self.wanted}
        self.gone = leftovers if purge else {}
        self.keeps = bool(leftovers) and not purge
        self.decisions = {path: self._decide(path) for path in (*self.wanted, *self.gone)}
        self.errors += [each.error for each in self.decisions.values() if each.error]
        self.text = self._text()
        self.behind = self.text != self.fstab or self.host.is_behind(list(self.wanted))

    def bring(self, check: bool) -> bool:
        """Change what differs; return whether anything did, or would if this is only a check."""
        todo = {path: list(each.actions) for path, each in self.decisions.items() if each.actions}
        forgotten = any(path in self.state for path in self.gone)
        if check:
            return self.behind or forgotten or any(self._would(path, actions) for path, actions in todo.items())
        changed = self.behind
        if self.behind:
            self._write(self.text)
        for path in self.gone:
            changed = self._guard(path, todo.get(path, []), self._remove) or changed
        for path in self.wanted:
            changed = self._guard(path, todo.get(path, []), self._bring) or changed
        # What failed gets its old line back.
        if self._text() != self.text:
            self._write(self._text())
        self._remember()
        return changed

    def report(self) -> list[dict[str, Any]]:
        """Return the wanted mounts as they are now, and warn of what is not as it should be."""
        live = mountinfo.read()
        mounted = [path for path in self.wanted if stack(live, path)]
        answers = self.host.answering(mounted)
        for path, each in self.wanted.items():
            waits = self.decisions[path].waits
            if waits:
                what = "it is in use, so this takes effect when it is mounted the next time"
                self.warnings.append(f"{path}: {'; '.join(waits)}; {what}")
            if path in answers and not answers[path]:
                self.warnings.append(f"{path}: {each.source} does not answer within {self.host.timeout:g} s")
        return [
            {
                "path": path,
                "source": each.source,
                "mounted": path in answers,
                "answers": answers.get(path),
                "waits": list(self.decisions[path].waits),
            }
            for path, each in self.wanted.items()
        ]

    def diff(self) -> list[dict[str, str]]:
        """Return fstab and the live mounts before and after, if they differ."""
        paths = list(self.decisions)
        before = [f"{line}\n" for path in paths for line in core.describe(self.live, path)]
        after = [
            f"{line}\n"
            for path in paths
            for line in core.describe_after(self.wanted.get(path), self.decisions[path], self.live, path)
        ]
        unread = "systemd has not read it since it changed" if self.behind and self.text == self.fstab else ""
        parts = [
            (str(FSTAB), self.fstab, self.text),
            (f"{FSTAB}, for systemd", unread, ""),
            ("NFS mounts", "".join(before), "".join(after)),
        ]
        return changed_parts(parts)

    def _decide(self, path: str) -> core.Decision:
        """Decide what to do to a path. Who uses it is looked for only if it would be unmounted."""
        users: list[str] = []
        for _look in range(2):
            wanted = self.wanted.get(path)
            if wanted is None:
                decision = core.decide_to_remove(path, self.gone[path], self.live, users, self.force)
            else:
                entry = self.entries.get(path)
                problem = core.problem_of_entry(wanted, entry)
                before = entry.options if entry else ()
                decision = core.decide(wanted, self.live, before, users, self.force)
                decision = core.Decision(error=problem) if problem else decision
            if core.UNMOUNT not in decision.actions or users:
                break
            users = self.host.users(path, self.live)
            if not users:
                break
        return decision

    def _text(self) -> str:
        """Return fstab as it shall be; a path that cannot be brought there keeps its line."""
        failed = {path for path, each in self.decisions.items() if each.error}
        lines: dict[str, Entry | None] = {path: each.entry for path, each in self.wanted.items() if path not in failed}
        lines.update({path: None for path in self.gone if path not in failed})
        return replace(self.fstab, lines)

    def _would(self, path: str, actions: Sequence[str]) -> bool:
        """Tell whether these actions will change anything: a mount does not if the server is away."""
        return list(actions) != [core.MOUNT] or self.host.is_reachable(self.wanted[path].source)

    def _write(self, text: str) -> None:
        """Give fstab this text, and have systemd read it."""
        if text != (read_text(FSTAB) or ""):
            write_atomically(FSTAB, text)
        self.host.systemctl("daemon-reload")

    def _guard(self, path: str, actions: list[str], function: Any) -> bool:
        """Do something to a path, and go on with the others if it cannot be done; tell whether anything changed."""
        try:
            return bool(function(path, actions))
        except MountError as error:
            self.decisions[path] = core.Decision(error=str(error))
            self.errors.append(str(error))
            self._restore(path)
            return True

    def _remove(self, path: str, actions: list[str]) -> bool:
        """Unmount a path and forget it."""
        self.host.stop_trying(path)
        for action in actions:
            self._act(path, action)
        known = self.state.pop(path, None)
        if known and known.get("made_folder"):
            self.host.remove_folder(path)
        return bool(actions or known)

    def _bring(self, path: str, actions: list[str]) -> bool:
        """Do what was decided for a path, and see whether the kernel has it as wanted."""
        wanted = self.wanted[path]
        if self.entries.get(path) != wanted.entry:
            self.host.stop_trying(path)
        known = self.state.get(path, {})
        self.state[path] = {"source": wanted.source, "made_folder": bool(known.get("made_folder"))}
        self._remember()
        done = [self._act(path, action) for action in actions]
        here = stack(mountinfo.read(), path)
        if here and core.MOUNT in actions:
            found = [str(each) for each in differences(wanted.options, wanted.source, here[-1])]
            if found:
                self.errors.append(
                    f"{path}: mounted, but {'; '.join(found)}; write the options as the kernel takes them"
                )
        return any(done)

    def _act(self, path: str, action: str) -> bool:
        """Do one thing; tell whether it changed something."""
        made = action in (core.MOUNT, core.TRAP) and self._make_folder(path)
        if action == core.UNMOUNT:
            self.host.unmount(path, self.force)
        elif action in (core.TRAP, core.UNTRAP):
            self.host.set_trap(path, wanted=action == core.TRAP)
        elif action == core.REMOUNT:
            self.host.remount(self.wanted[path].options, stack(mountinfo.read(), path)[-1])
        else:
            wanted = self.wanted[path]
            if not self.host.mount(wanted.entry):
                what = "systemd goes on trying" if "bg" in wanted.options else "it is mounted at the next boot"
                self.warnings.append(f"{path}: {wanted.source} does not answer, so it is not mounted yet; {what}")
                return made
        return True

    def _make_folder(self, path: str) -> bool:
        """Make a mount point, and remember that it is ours; tell whether that was needed."""
        if not self.host.make_folder(path):
            return False
        self.state[path]["made_folder"] = True
        self._remember()
        return True

    def _restore(self, path: str) -> None:
        """Mount again what was on a path before."""
        entry, had = self.entries.get(path), stack(self.live, path)
        if (
            path in self.wanted
            and entry
            and had
            and not stack(mountinfo.read(), path)
            and not is_automounted(entry.options)
        ):
            try:
                self.host.mount(entry)
            except MountError as error:
                self.errors.append(f"{path}: what was mounted there cannot be mounted any more: {error}")

    def _remember(self) -> None:
        """Keep what has to be known to remove our mounts."""
        if self.state != read_state(STATE):
            write_state(STATE, self.state)
