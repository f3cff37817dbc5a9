# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPVS table of this network namespace."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import codec
from .errors import KernelError, MalformedMessageError, NotLoadedError, PermissionDeniedError
from .model import Address, AddressKey, ServerEntry, ServiceEntry, ServiceKey, Table
from .netlink import Attributes, GenericNetlink

SIGNS_OF_IPVS = ("/proc/net/ip_vs", "/sys/module/ip_vs")


def is_loaded(signs: tuple[str, ...] = SIGNS_OF_IPVS) -> bool:
    """Tell whether the kernel has IPVS now, without asking for it: to look up its netlink family would load it."""
    return any(Path(sign).exists() for sign in signs)


def read_table() -> Table:
    """Read everything that IPVS tells.

    The kernel hands out services and their servers in separate steps and promises no common moment: a service that
    disappears in between is returned without servers.

    Raises an IpvsError whose message is for the user.
    """
    with _open() as kernel:
        daemons = map(codec.decode_sync_daemon, kernel.dump(codec.CMD_GET_DAEMON, "reading the IPVS sync daemons"))
        return Table(
            kernel=codec.decode_kernel_info(_read_one(kernel, codec.CMD_GET_INFO, "reading the version of IPVS")),
            timeouts=codec.decode_timeouts(_read_one(kernel, codec.CMD_GET_CONFIG, "reading the IPVS timeouts")),
            sync_daemons=tuple(sorted(daemons, key=lambda daemon: daemon.role)),
            services=_read_services(kernel),
        )


@contextmanager
def _open() -> Iterator[GenericNetlink]:
    """Open the socket, and name the two errors that a user can do something about."""
    try:
        with GenericNetlink(codec.FAMILY_NAME) as kernel:
            yield kernel
    except KernelError as error:
        if error.errno == errno.EPERM:
            raise PermissionDeniedError from error
        if error.errno == errno.ENOENT:
            raise NotLoadedError from error
        raise


def _read_one(kernel: GenericNetlink, command: int, name: str) -> Attributes:
    answers = kernel.request(command, name)
    if len(answers) != 1:
        raise MalformedMessageError(f"{len(answers)} answers instead of one while {name}")
    return answers[0]


def _read_services(kernel: GenericNetlink) -> tuple[ServiceEntry, ...]:
    dump = map(codec.decode_service, kernel.dump(codec.CMD_GET_SERVICE, "reading the IPVS services"))
    # Early 7.1 kernels can show an entry twice while they resize the table.
    entries = {entry.service.key: entry for entry in dump}
    return tuple(
        ServiceEntry(entry.service, entry.counters, _read_servers(kernel, entry.service.key))
        for entry in sorted(entries.values(), key=lambda entry: _order_of_service(entry.service.key))
    )


def _read_servers(kernel: GenericNetlink, key: ServiceKey) -> tuple[ServerEntry, ...]:
    dump = kernel.dump(codec.CMD_GET_DEST, f"reading the servers of {key}", codec.encode_service_key(key))
    entries = {entry.server.key: entry for entry in (codec.decode_server(answer, key) for answer in dump)}
    return tuple(entries[key] for key in sorted(entries, key=lambda key: _order_of_address(key.address, key.port)))


def _order_of_service(key: ServiceKey) -> tuple[Any, ...]:
    if isinstance(key, AddressKey):
        return (0, *_order_of_address(key.vip, key.port), key.protocol)
    return (1, key.fwmark, key.family)


def _order_of_address(address: Address, port: int) -> tuple[int, int, int]:
    return (address.version, int(address), port)
