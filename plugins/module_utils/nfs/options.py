# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount options as nfs(5) and mount(8) have them, against those of a live mount: pure, no I/O.

The kernel can change the flags of a mount, such as nodev, at any time. All that NFS itself is asked for (vers, hard,
timeo, ...) holds from the mount on; a remount with another value fails (fs/nfs/super.c, nfs_compare_remount_data).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount

AUTOMOUNT = "x-systemd.automount"

FLAGS = {"nodev": "dev", "nosuid": "suid", "noexec": "exec", "nodiratime": "diratime"}
"""Flag of a mount -> the option that says that it is not set, which is the default."""

ATIMES = ("noatime", "strictatime", "relatime")

SWITCHES = {"nocto": "cto", "noac": "ac", "noresvport": "resvport", "fsc": "nofsc"}
"""What the kernel shows of an NFS mount if it is set -> the option that says that it is not, which is the default."""

RECOVERIES = ("hard", "soft", "softerr")

ONLY_WHEN_MOUNTING = {
    "bg",
    "fg",
    "retry",
    "_netdev",
    "nofail",
    "fail",
    "auto",
    "noauto",
    "comment",
    "defaults",
    "rw",
    "ro",
}
"""Options for mount(8), mount.nfs(8) and systemd, of which nothing shows later; rw and ro are seen to elsewhere."""

NEGOTIATED = ("rsize", "wsize")
"""The server may allow less than what is asked for."""

ALIASES = {"nfsvers": "vers", "positive": "pos"}


@dataclass(frozen=True)
class Difference:
    """One thing that a live mount has otherwise than wanted."""

    what: str
    live: str
    wanted: str
    by_remount: bool

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.what} is {self.live} and shall be {self.wanted}"


def keyword(option: str) -> str:
    """Return the part before `=`, under the newest of its names."""
    word = option.partition("=")[0]
    return ALIASES.get(word, word)


def value(option: str) -> str:
    """Return the part after `=`, as the kernel spells it."""
    text = option.partition("=")[2]
    return ALIASES.get(text, text)


def version_of(options: Sequence[str]) -> str:
    """Return the version of NFS that is asked for, an empty text for any; the last one counts."""
    version = ""
    for option in options:
        if keyword(option) == "vers":
            version = value(option)
        elif option in ("v3", "v4", "v4.0", "v4.1", "v4.2"):
            version = option[1:]
    return version


def fstype_of(options: Sequence[str]) -> str:
    """Return the type to mount: `nfs4` cannot be version 3."""
    return "nfs" if version_of(options).startswith("3") else "nfs4"


def access_of(options: Sequence[str]) -> str:
    """Return rw or ro; the last one counts."""
    return next((option for option in reversed(options) if option in ("rw", "ro")), "rw")


def is_automounted(options: Collection[str]) -> bool:
    """Tell whether systemd shall mount it when somebody touches it."""
    return AUTOMOUNT in options


def differences(options: Sequence[str], source: str, live: Mount, before: Sequence[str] = ()) -> list[Difference]:
    """Return what of a live mount is not as wanted. What the kernel does not show is not compared.

    `before` are the options by which it was mounted, so far as that is known: what they have and `options` leave to the
    default shall go.
    """
    found = []
    if live.source != source:
        found.append(Difference("source", live.source, source, by_remount=False))
    if live.fstype != fstype_of(options):
        found.append(Difference("type", live.fstype, fstype_of(options), by_remount=False))
    if live.access != access_of(options):
        found.append(Difference("access", live.access, access_of(options), by_remount=True))
    for now, then in _flags(options, live):
        found.append(Difference("a flag", now, then, by_remount=True))
    found += [Difference(what, now, then, by_remount=False) for what, now, then in _protocol(options, live, before)]
    return found


def remount_commands(options: Sequence[str], live: Mount) -> list[list[str]]:
    """Return the commands that give a live mount its flags. They ask nothing of the server.

    The file system itself can be read-only too; a mount of it then has to wait.
    """
    flags = [name if name in options else opposite for name, opposite in FLAGS.items()]
    words = ["remount", "bind", access_of(options), *flags, _atime(options)]
    base = ["mount", "--no-canonicalize", "--internal-only", "--types", live.fstype]
    commands = [[*base, "--options", ",".join(words), live.source, live.path]]
    if access_of(options) == "rw" and "ro" in live.options:
        commands.insert(0, [*base, "--options", "remount,rw", live.source, live.path])
    return commands


def flags_after(options: Sequence[str], live: Mount) -> frozenset[str]:
    """Return the flags of a live mount once it has been remounted."""
    others = live.flags - {"rw", "ro", *FLAGS, *ATIMES}
    atime = _atime(options)
    set_now = {access_of(options), *(name for name in FLAGS if name in options)}
    return frozenset({*others, *set_now, *([] if atime == "strictatime" else [atime])})


def mount_command(options: Sequence[str], source: str, path: str) -> list[str]:
    """Return the command that mounts once, and says why if it cannot."""
    kept = [option for option in options if keyword(option) not in ("bg", "fg", "retry")]
    words = ",".join([*kept, "fg", "retry=0"])
    return ["mount", "--types", fstype_of(options), "--options", words, source, path]


TEMPORARY = ("Connection refused", "Connection timed out", "No route to host", "Network is unreachable", "Host is down")


def is_temporary(error: str) -> bool:
    """Tell whether what mount complains of may go away by itself: nobody answers."""
    return any(reason in error for reason in TEMPORARY)


def _flags(options: Sequence[str], live: Mount) -> list[tuple[str, str]]:
    """Return pairs of the flags that are and that shall be."""
    pairs = [
        (name, opposite) if name in live.flags else (opposite, name)
        for name, opposite in FLAGS.items()
        if (name in live.flags) != (name in options)
    ]
    now = next((each for each in ATIMES if each in live.flags), "strictatime")
    return [*pairs, *([(now, _atime(options))] if now != _atime(options) else [])]


def _atime(options: Sequence[str]) -> str:
    return next((option for option in reversed(options) if option in ATIMES), "relatime")


def _protocol(options: Sequence[str], live: Mount, before: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return what NFS was asked for otherwise, each with what it is, how it is and how it shall be."""
    shown = {keyword(option): value(option) for option in live.options if "=" in option}
    found = []
    wanted_version = version_of(options)
    version = shown.get("vers", "")
    if wanted_version and version != wanted_version and not version.startswith(f"{wanted_version}."):
        found.append(("vers", version, wanted_version))
    recovery = next((option for option in reversed(options) if option in RECOVERIES), "hard")
    now = next((each for each in RECOVERIES if each in live.options), "hard")
    if now != recovery:
        found.append(("recovery", now, recovery))
    for name, opposite in SWITCHES.items():
        if (name in live.options) != (name in options):
            pair = (name, opposite) if name in live.options else (opposite, name)
            found.append(("a switch", *pair))
    old, new = _values(before), _values(options)
    for name, wanted in new.items():
        if name in shown and not _is_as_wanted(name, shown[name], wanted, old.get(name, wanted)):
            found.append((name, shown[name], wanted))
    dropped = [name for name in old if name not in new and shown.get(name) == old[name]]
    return [*found, *((name, old[name], "its default") for name in dropped)]


def _values(options: Sequence[str]) -> dict[str, str]:
    """Return the options that have a value which the kernel may show."""
    values = {keyword(option): value(option) for option in options if "=" in option}
    return {name: text for name, text in values.items() if name not in ONLY_WHEN_MOUNTING and name != "vers"}


def _is_as_wanted(name: str, shown: str, wanted: str, before: str) -> bool:
    """Tell whether a value is what was asked for; of a size that has not changed, whether it is not more than that."""
    if name in NEGOTIATED and wanted == before and shown.isdecimal() and wanted.isdecimal():
        return int(shown) <= int(wanted)
    return shown == wanted
