# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the kernel refused an operation, and what to do about it. Pure."""

from __future__ import annotations

import errno
import os

from .model import Server, Service
from .plan import Operation

RACE = "something else changed the table in this moment; find out what, and run again"


def explain(operation: Operation, code: int) -> str:
    """Return the reason and the remedy behind the errno with which the kernel refused an operation."""
    text = f"{os.strerror(code)} (errno {code})"
    remedy = _remedy(operation, code)
    return f"{text}: {remedy}" if remedy else text


def _remedy(operation: Operation, code: int) -> str:
    wanted = operation.after
    if isinstance(wanted, Service) and code == errno.ENOENT:
        return _missing_modules(wanted)
    if code in (errno.ESRCH, errno.ENOENT, errno.EEXIST):
        return RACE
    if code == errno.EAFNOSUPPORT:
        return "this kernel has no IPv6, or it is switched off"
    if code == errno.EINVAL and isinstance(wanted, Server):
        return _invalid_server(operation, wanted)
    return ""


def _missing_modules(service: Service) -> str:
    """Say what NEW_SERVICE and SET_SERVICE mean by ENOENT: the kernel has tried to load these modules itself."""
    modules = [f"the scheduler {service.scheduler} (module ip_vs_{service.scheduler})"]
    engine = service.persistence.engine if service.persistence else None
    if engine:
        modules.append(f"the persistence engine {engine} (module ip_vs_pe_{engine})")
    return (
        f"the kernel cannot find {' or '.join(modules)}: check the name, and try modprobe. The module may be blocked,"
        " or in another package of this kernel; for a container it has to be loaded on the host"
    )


def _invalid_server(operation: Operation, server: Server) -> str:
    if operation.key.version != server.key.address.version:
        return (
            "a server of another family than its service cannot be added while a sync daemon runs; stop the daemon"
            " (lvs.cluster.ipvs_sync_daemon), or use a server of the same family"
        )
    # With lo down a fresh network namespace has no table of local addresses, and the kernel takes any for a broadcast.
    return (
        f"{server.key.address} has to be a unicast address, a link-local one has to be this host's own, and the"
        " interface lo has to be up in this network namespace"
    )
