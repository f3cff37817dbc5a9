# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between us and the kernel's IPVS; every message says what is wrong and what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence

MOST_SHOWN = 20
"""More operations than this are counted and not listed in a message."""


class IpvsError(Exception):
    """Base of all errors of this package; `str()` is the message for the user."""


class DeclarationError(IpvsError):
    """What the user declares is wrong."""


class NetnsError(IpvsError):
    """A network namespace cannot be entered."""

    def __init__(self, name: str, path: str, error: OSError) -> None:
        remedies = {
            errno.ENOENT: "'ip netns list' shows those that exist",
            errno.EINVAL: "this is not the file of a network namespace",
        }
        remedy = remedies.get(error.errno or 0, "run the task with 'become: true'")
        super().__init__(f"netns: {name} cannot be entered: {path}: {error.strerror}; {remedy}")


class BootUnitError(IpvsError):
    """systemd does not take the unit that restores services at boot."""

    def __init__(self, command: Sequence[str], error: str) -> None:
        super().__init__(
            f"at_boot: '{' '.join(command)}' failed: {error.strip()}. The table is as declared now; run again when the"
            " reason is gone"
        )


class MissingServiceError(IpvsError):
    """A server is to be put into a service that does not exist."""

    def __init__(self, service: object) -> None:
        super().__init__(
            f"service: there is no service {service}; make it first, with lvs.cluster.ipvs_service or"
            " lvs.cluster.ipvs_table"
        )


class NotAllowedError(IpvsError):
    """A plan has operations that the user did not allow."""

    def __init__(self, operations: Sequence[object], allowed: Sequence[str]) -> None:
        shown = ", ".join(str(operation) for operation in operations[:MOST_SHOWN])
        more = f" and {len(operations) - MOST_SHOWN} more" if len(operations) > MOST_SHOWN else ""
        super().__init__(
            f"nothing was changed, because allowed_actions is {list(allowed)} and this would be needed: {shown}{more}."
            " Allow it, or find out why the table is not as expected"
        )


class OwnedError(IpvsError):
    """Another program holds what is to be changed."""

    def __init__(self, objects: str, owner: object) -> None:
        super().__init__(
            f"{objects} of this network namespace are held by {owner}: make the change in its configuration. To make it"
            " here all the same, set override_owner: true; the other program is not told and may undo it"
        )


class ApplyError(IpvsError):
    """The kernel refused some of a plan: each list has operations, `refused` with the reason."""

    def __init__(
        self, applied: Sequence[object], refused: Sequence[tuple[object, str]], left: Sequence[object]
    ) -> None:
        self.applied = [str(operation) for operation in applied]
        self.refused = [f"{operation}: {reason}" for operation, reason in refused]
        self.not_tried = [str(operation) for operation in left]
        shown = "\n".join(f"- {line}" for line in self.refused[:MOST_SHOWN])
        more = f"\n- and {len(self.refused) - MOST_SHOWN} more" if len(self.refused) > MOST_SHOWN else ""
        super().__init__(
            f"the kernel refused {len(self.refused)} of the changes; {len(self.applied)} were made and"
            f" {len(self.not_tried)} not tried (see 'applied', 'refused' and 'not_tried'). Run again when the reason is"
            f" gone, it goes on from there:\n{shown}{more}"
        )


class MalformedMessageError(IpvsError):
    """The kernel sent bytes that we cannot read: a kernel newer than this client, or a defect of ours."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"the kernel's answer cannot be read: {problem}. Please report this with the output of 'uname -r'"
        )


class KernelError(IpvsError):
    """The kernel refused a request with `errno`, or the socket failed with it."""

    def __init__(self, code: int, request: str) -> None:
        super().__init__(f"{request} failed: {os.strerror(code)} (errno {code})")
        self.errno = code


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


class SyncDaemonError(IpvsError):
    """A sync daemon does not start."""

    def __init__(self, error: KernelError) -> None:
        remedies = {
            errno.EINVAL: "the kernel starts none as long as a server is of another family than its service (ipvs_info"
            " shows them); else one of the given values does not fit the interface",
            errno.EEXIST: "something else started one in this moment; find out what, and run again",
        }
        remedy = remedies.get(
            error.errno, "the interface has to be up and to have an address of the family of the group"
        )
        super().__init__(f"{error}: {remedy}. No daemon of this role was started")
