# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From wanted NFS mounts to what has to be done on a host: pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.nfs import options as core
from ansible_collections.lvs.cluster.plugins.module_utils.storage.fstab import MARK, Entry
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import NFS, Mount, has_trap, stack

_SOURCE = re.compile(r"(\[[0-9a-fA-F:.]+(%\w+)?\]|[^\s:/\[\],]+):/\S*")
_BAD_OPTION = re.compile(r"[\s,]")

UNMOUNT, TRAP, UNTRAP, MOUNT, REMOUNT = "unmount", "trap", "untrap", "mount", "remount"
"""What can be done to a mount point, in the order in which it is done. A trap is an automount unit of systemd."""


@dataclass(frozen=True)
class Wanted:
    """One mount as it shall be."""

    path: str
    source: str
    options: tuple[str, ...]

    @property
    def entry(self) -> Entry:
        """Return its line of fstab."""
        return Entry(self.source, self.path, core.fstype_of(self.options), (*self.options, MARK))


@dataclass(frozen=True)
class Decision:
    """What to do to one mount point, in this order; what has to wait because it is in use; why it cannot be done."""

    actions: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    error: str = ""


def wanted_mounts(items: Sequence[Mapping[str, Any]]) -> tuple[list[Wanted], list[str]]:
    """Return the wanted mounts, and all that is wrong with what the user gives."""
    problems: list[str] = []
    wanted: dict[str, Wanted] = {}
    for index, item in enumerate(items):
        where = f"mounts[{index}]"
        path = item["path"].rstrip("/")
        options = tuple(dict.fromkeys(item["options"]))
        if not path.startswith("/"):
            problems.append(f"{where}.path: '{item['path']}' is no folder to mount on; write an absolute path")
        if not _SOURCE.fullmatch(item["source"]):
            problems.append(f"{where}.source: '{item['source']}' is no server and folder; write 192.0.2.31:/srv/www")
        problems += [
            f"{where}.options: '{option}' is no mount option; write one in each item"
            for option in options
            if not option or _BAD_OPTION.search(option)
        ]
        given = [option for option in options if option in ("rw", "ro")]
        if given and item["access"] and given[-1] != item["access"]:
            problems.append(f"{where}.options: '{given[-1]}' contradicts access {item['access']}; keep one of them")
        if not given:
            options = (item["access"] or "rw", *options)
        if path in wanted:
            problems.append(f"{where}.path: {path} is there twice; keep one")
        wanted[path] = Wanted(path, item["source"], options)
    return list(wanted.values()), problems


def problem_of_entry(wanted: Wanted, entry: Entry | None) -> str:
    """Return what of fstab stands in the way of a mount, an empty text for nothing."""
    if entry is None or entry.is_ours or entry.fstype in NFS:
        return ""
    what = f"fstab mounts {entry.source} ({entry.fstype}) there"
    return f"{wanted.path}: {what}; take that line away, or mount the shared data elsewhere"


def decide(
    wanted: Wanted, mounts: Sequence[Mount], before: Sequence[str], users: Sequence[str], force: bool
) -> Decision:
    """Return what to do to a mount point. `before` are the options by which it was mounted, `users` who uses it now."""
    here = stack(mounts, wanted.path)
    foreign = next((each for each in here if not each.is_nfs), None)
    if foreign:
        what = f"{foreign.source} ({foreign.fstype}) is mounted there"
        return Decision(error=f"{wanted.path}: {what}; unmount it, or mount the shared data elsewhere")
    trap, auto = has_trap(mounts, wanted.path), core.is_automounted(wanted.options)
    new = (
        *((UNTRAP,) if trap and not auto else ()),
        *((TRAP,) if auto and not trap else ()),
        *(() if auto else (MOUNT,)),
    )
    if not here:
        return Decision(new)
    found = core.differences(wanted.options, wanted.source, here[-1], before)
    reasons = [str(each) for each in found if not each.by_remount]
    if len(here) > 1:
        reasons.append(f"{len(here)} mounts lie on top of each other")
    if trap != auto:
        reasons.append("it is mounted on access" if trap else "it is not mounted on access")
    remount = (REMOUNT,) if any(each.by_remount for each in found) else ()
    if not reasons:
        return Decision(remount)
    if users and not force:
        if any(each.what in ("source", "type") for each in found):
            what = f"{'; '.join(reasons)}, but it is in use by {_some(users)}"
            return Decision(error=f"{wanted.path}: {what}; stop that, or set force")
        return Decision(remount, tuple(reasons))
    if trap == auto and len(here) > 1:
        lowest = core.differences(wanted.options, wanted.source, here[0], before)
        if all(each.by_remount for each in lowest):
            return Decision((*((UNMOUNT,) * (len(here) - 1)), *((REMOUNT,) if lowest else ())))
    return Decision((*((UNMOUNT,) * len(here)), *new))


def decide_to_remove(path: str, source: str, mounts: Sequence[Mount], users: Sequence[str], force: bool) -> Decision:
    """Return what to do to a mount point that is not wanted any more. What somebody else has mounted there stays."""
    here = [each for each in stack(mounts, path) if each.is_nfs and each.source == source]
    trap = (UNTRAP,) if has_trap(mounts, path) else ()
    if here and users and not force:
        return Decision(error=f"{path}: it is in use by {_some(users)}; stop that, or set force")
    return Decision((*((UNMOUNT,) * len(here)), *trap))


def describe(mounts: Sequence[Mount], path: str) -> list[str]:
    """Return lines for diffs of what is mounted on a path."""
    return [each.describe() for each in stack(mounts, path)]


def describe_after(wanted: Wanted | None, decision: Decision, mounts: Sequence[Mount], path: str) -> list[str]:
    """Return the lines for diffs after a decision. What the kernel will show of a new mount is not known before."""
    here = stack(mounts, path)
    left = here[: len(here) - decision.actions.count(UNMOUNT)]
    if wanted and REMOUNT in decision.actions and left:
        left[-1] = replace(left[-1], flags=core.flags_after(wanted.options, left[-1]))
    lines = [each.describe() for each in left]
    if wanted and (MOUNT in decision.actions or TRAP in decision.actions):
        how = "on access" if TRAP in decision.actions else "now"
        lines.append(
            f"{wanted.source} on {path} type {wanted.entry.fstype}, mounted {how} with {','.join(wanted.options)}"
        )
    return lines


def _some(users: Sequence[str]) -> str:
    more = len(users) - 3
    return ", ".join(users[:3]) + (f" and {more} more" if more > 0 else "")
