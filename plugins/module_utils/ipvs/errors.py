# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between us and the kernel's IPVS; every message says what is wrong and what to do."""

from __future__ import annotations

import os


class IpvsError(Exception):
    """Base of all errors of this package; `str()` is the message for the user."""


class MalformedMessageError(IpvsError):
    """The kernel sent bytes that we cannot read: a kernel newer than this client, or a defect of ours."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"the kernel's answer cannot be read: {problem}. Please report this with the output of 'uname -r'"
        )


class KernelError(IpvsError):
    """The kernel refused a request with `errno`, or the socket failed with it."""

    def __init__(self, errno: int, request: str) -> None:
        super().__init__(f"{request} failed: {os.strerror(errno)} (errno {errno})")
        self.errno = errno


class PermissionDeniedError(IpvsError):
    """The kernel wants more rights: even reading IPVS takes CAP_NET_ADMIN in the initial user namespace."""

    def __init__(self) -> None:
        super().__init__(
            "the kernel refuses access to IPVS, reading included, without CAP_NET_ADMIN: run the task with"
            " 'become: true'. In a container this takes one that is not rootless and has that capability"
        )


class NotLoadedError(IpvsError):
    """The generic netlink family of IPVS is missing."""

    def __init__(self) -> None:
        super().__init__(
            "the kernel module ip_vs is not loaded: load it with 'modprobe ip_vs' and name it in /etc/modules-load.d"
            " for the next boot (inside a container: on its host)"
        )
