# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the kernel's NFS server: the text of our nfs.conf, and what differs from what runs. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

SERVER = "nfs-server.service"
LISTEN = "0A"
"""State of a listening TCP socket in /proc/net/tcp (include/net/tcp_states.h)."""


@dataclass(frozen=True)
class Ports:
    """Ports of the helpers that NFSv3 needs and NFSv4 does not."""

    mountd: int
    statd: int
    lockd: int

    def to_dict(self) -> dict[str, int]:
        """Return the ports by the names of the helpers."""
        return {"mountd": self.mountd, "statd": self.statd, "lockd": self.lockd}


@dataclass(frozen=True)
class Settings:
    """What is wanted."""

    versions: tuple[int, ...]
    threads: int
    lease_time: int
    grace_time: int
    ports: Ports


@dataclass(frozen=True)
class Running:
    """What the kernel says of the running server; threads are 0 while it is stopped."""

    threads: int
    versions: tuple[int, ...]
    lease_time: int | None
    grace_time: int | None
    listening: frozenset[int]


def render(settings: Settings) -> str:
    """Return the text of our file in nfs.conf.d. Helpers of NFSv3 stand in it only where there is NFSv3."""
    sections: dict[str, dict[str, object]] = {
        "nfsd": {
            # The kernel has it no more; but rpc.mountd would open ports for it.
            "vers2": "n",
            "vers3": _yes(3 in settings.versions),
            "vers4": _yes(4 in settings.versions),
            "threads": settings.threads,
            "lease-time": settings.lease_time,
            "grace-time": settings.grace_time,
        }
    }
    if 3 in settings.versions:
        ports = settings.ports
        sections["mountd"] = {"port": ports.mountd}
        sections["statd"] = {"port": ports.statd}
        sections["lockd"] = {"port": ports.lockd, "udp-port": ports.lockd}
    lines = ["# Managed by lvs.cluster."]
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key}={value}" for key, value in values.items())]
    return "\n".join([*lines, ""])


def reasons_to_restart(settings: Settings, running: Running) -> list[str]:
    """Return what of the running server a restart is needed for; its threads are not among that."""
    reasons = []
    if set(running.versions) != set(settings.versions):
        reasons.append(f"it speaks NFS {_list(running.versions)} and shall speak {_list(settings.versions)}")
    for name, now, wanted in (
        ("lease time", running.lease_time, settings.lease_time),
        ("grace time", running.grace_time, settings.grace_time),
    ):
        if now != wanted:
            reasons.append(f"its {name} is {now} s and shall be {wanted} s")
    if 3 in settings.versions:
        reasons += [
            f"{name} does not listen on port {port}"
            for name, port in settings.ports.to_dict().items()
            if port not in running.listening
        ]
    return reasons


def parse_versions(text: str) -> tuple[int, ...]:
    """Return the main versions of /proc/fs/nfsd/versions, such as `-3 +4 +4.1`."""
    found = {word[1:] for word in text.split() if word.startswith("+")}
    return tuple(
        version for version in (3, 4) if str(version) in found or any(w.startswith(f"{version}.") for w in found)
    )


def parse_listening(*tables: str) -> frozenset[int]:
    """Return the TCP ports that somebody listens on, of the texts of /proc/net/tcp and tcp6."""
    ports = set()
    for text in tables:
        for line in text.splitlines()[1:]:
            words = line.split()
            if len(words) > 3 and words[3] == LISTEN:
                ports.add(int(words[1].rpartition(":")[2], 16))
    return frozenset(ports)


def problems_of(settings: Settings) -> list[str]:
    """Return what is wrong with what the user gives, all at once."""
    problems = []
    if not settings.versions:
        problems.append("versions: it is empty; write 4, or 3 and 4")
    problems += [
        f"{name}: {value} is too small; write 1 or more"
        for name, value in (
            ("threads", settings.threads),
            ("lease_time", settings.lease_time),
            ("grace_time", settings.grace_time),
        )
        if value < 1
    ]
    problems += _problems_of_ports(settings.ports) if 3 in settings.versions else []
    return problems


def _problems_of_ports(ports: Ports) -> list[str]:
    problems = []
    holders: dict[int, str] = {111: "rpcbind", 2049: "the NFS server"}
    for name, port in ports.to_dict().items():
        if not 0 < port < 2**16:
            problems.append(f"{name}_port: {port} is no port; write one from 1 to 65535")
        holder = holders.setdefault(port, name)
        if holder != name:
            problems.append(f"{name}_port: {port} is the port of {holder}; give it another one")
    return problems


def _yes(value: bool) -> str:
    return "y" if value else "n"


def _list(versions: Collection[int]) -> str:
    return " and ".join(map(str, sorted(versions))) or "no version"
