# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPVS table of this network namespace: reading it, and applying plans to it.

Each function opens a socket of its own, which takes two system calls more and leaves nothing open. All raise IpvsError
whose message is for the user.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from . import codec, encode, uapi
from .errors import (
    ApplyError,
    KernelError,
    MalformedMessageError,
    NotLoadedError,
    PermissionDeniedError,
    SyncDaemonError,
)
from .explain import explain
from .model import (
    Address,
    AddressKey,
    FullService,
    Server,
    ServerEntry,
    ServerKey,
    Service,
    ServiceEntry,
    ServiceKey,
    SyncDaemon,
    Table,
    Timeouts,
)
from .netlink import Attributes, GenericNetlink, Request
from .plan import Operation, Phase

SIGNS_OF_IPVS = ("/proc/net/ip_vs", "/sys/module/ip_vs")
COMMANDS = {
    Phase.ADD_SERVICE: uapi.CMD_NEW_SERVICE,
    Phase.ADD_SERVER: uapi.CMD_NEW_DEST,
    Phase.UPDATE_SERVER: uapi.CMD_SET_DEST,
    Phase.QUIESCE_SERVER: uapi.CMD_SET_DEST,
    Phase.UPDATE_SERVICE: uapi.CMD_SET_SERVICE,
    Phase.DELETE_SERVER: uapi.CMD_DEL_DEST,
    Phase.DELETE_SERVICE: uapi.CMD_DEL_SERVICE,
}


def is_loaded(signs: tuple[str, ...] = SIGNS_OF_IPVS) -> bool:
    """Tell whether the kernel has IPVS now, without asking for it: to look up its netlink family would load it."""
    return any(Path(sign).exists() for sign in signs)


def read_table() -> Table:
    """Read everything that IPVS tells.

    The kernel hands out services and their servers in separate steps and promises no common moment: a service that
    disappears in between is returned without servers.
    """
    with _open() as kernel:
        daemons = _read_sync_daemons(kernel)
        info = _read_one(kernel, uapi.CMD_GET_INFO, "reading the version of IPVS")
        return Table(
            kernel=codec.decode_kernel_info(info, os.uname().release),
            timeouts=_read_timeouts(kernel),
            sync_daemons=daemons,
            services=_read_entries(kernel),
        )


def read_services(managed: Container[ServiceKey] | None = None) -> dict[ServiceKey, FullService]:
    """Read the configuration of all services, in a stable order; servers only of those that are `managed`.

    None is all. Without the kernel module there are none, and it is not loaded.
    """
    if not is_loaded():
        return {}
    with _open() as kernel:
        dump = kernel.dump(uapi.CMD_GET_SERVICE, "reading the IPVS services")
        services = {service.key: service for service in map(codec.decode_service_config, dump)}
        return {
            key: FullService(services[key], _read_servers(kernel, key) if managed is None or key in managed else ())
            for key in sorted(services, key=_order_of_service)
        }


def read_service(key: ServiceKey) -> FullService | None:
    """Read the configuration of one service and its servers, None if there is no such service."""
    if not is_loaded():
        return None
    name = f"reading {key}"
    with _open() as kernel:
        try:
            answers = kernel.request(uapi.CMD_GET_SERVICE, name, encode.encode_service_key(key))
        except KernelError as error:
            if error.errno == errno.ESRCH:
                return None
            raise
        return FullService(codec.decode_service_config(_only(answers, name)), _read_servers(kernel, key))


def read_server_entries(keys: Iterable[ServiceKey]) -> dict[ServiceKey, tuple[ServerEntry, ...]]:
    """Read the servers of some services with what the kernel counts; a service that does not exist has none."""
    if not is_loaded():
        return {}
    with _open() as kernel:
        return {key: _read_server_entries(kernel, key) for key in keys}


def apply(operations: Sequence[Operation]) -> None:
    """Make the changes of a plan, phase by phase.

    What stands in one phase does not depend on each other, so after a failure the phase is finished and the next one
    not begun: no server is taken away when one that should replace it did not come. Raises ApplyError.
    """
    with _open() as kernel:
        done = 0
        for _phase, group in groupby(operations, key=lambda operation: operation.phase):
            batch = list(group)
            errors = kernel.batch(map(_request, batch), "changing the IPVS table")
            done += len(batch)
            if errors:
                if set(errors.values()) == {errno.EPERM}:
                    raise PermissionDeniedError
                earlier = operations[: done - len(batch)]
                applied = [operation for position, operation in enumerate(batch) if position not in errors]
                refused = [(batch[position], explain(batch[position], code)) for position, code in errors.items()]
                raise ApplyError([*earlier, *applied], refused, operations[done:])


def read_timeouts() -> Timeouts | None:
    """Read the timeouts, None without the kernel module."""
    if not is_loaded():
        return None
    with _open() as kernel:
        return _read_timeouts(kernel)


def set_timeouts(timeouts: Timeouts) -> None:
    """Set all three timeouts."""
    with _open() as kernel:
        kernel.request(uapi.CMD_SET_CONFIG, "setting the IPVS timeouts", encode.encode_timeouts(timeouts))


def read_sync_daemons() -> tuple[SyncDaemon, ...]:
    """Read the running sync daemons, none without the kernel module."""
    if not is_loaded():
        return ()
    with _open() as kernel:
        return _read_sync_daemons(kernel)


def start_sync_daemon(daemon: SyncDaemon) -> None:
    """Start a sync daemon; none of its role may run."""
    name = f"starting the IPVS sync daemon ({daemon.role}, {daemon.interface})"
    try:
        with _open() as kernel:
            kernel.request(uapi.CMD_NEW_DAEMON, name, encode.encode_sync_daemon(daemon))
    except KernelError as error:
        raise SyncDaemonError(error) from error


def stop_sync_daemon(daemon: SyncDaemon) -> None:
    """Stop a running sync daemon.

    A daemon that has just started may stop before its first moment of processor time. That is EINTR to the kernel
    (kthread_stop), and the one result that it never answers (netlink_rcv_skb): to wait for an answer is to wait for
    ever. So another request goes with it, which is answered.
    """
    name = f"stopping the IPVS sync daemon ({daemon.role})"
    requests = (Request(uapi.CMD_DEL_DAEMON, encode.encode_sync_daemon(daemon)), Request(uapi.CMD_GET_INFO, b""))
    with _open() as kernel:
        errors = kernel.batch(requests, name)
        if errors:
            raise KernelError(next(iter(errors.values())), name)


@contextmanager
def _open() -> Iterator[GenericNetlink]:
    """Open the socket, which makes the kernel load ip_vs; name the errors that a user can do something about."""
    try:
        kernel = GenericNetlink(uapi.FAMILY_NAME)
    except KernelError as error:
        if error.errno == errno.ENOENT:
            raise NotLoadedError from error
        raise
    try:
        with kernel:
            yield kernel
    except KernelError as error:
        if error.errno == errno.EPERM:
            raise PermissionDeniedError from error
        raise


def _request(operation: Operation) -> Request:
    """Return the request for an operation: objects whole, what is deleted by its identity."""
    before, after = operation.before, operation.after
    if isinstance(after, Service):
        attributes = encode.encode_service(after)
    else:
        attributes = encode.encode_service_key(operation.key)
        if after is not None:
            attributes += encode.encode_server(after)
        elif isinstance(before, Server):
            attributes += encode.encode_server_key(before.key)
    return Request(COMMANDS[operation.phase], attributes)


def _read_one(kernel: GenericNetlink, command: int, name: str) -> Attributes:
    return _only(kernel.request(command, name), name)


def _only(answers: Sequence[Attributes], name: str) -> Attributes:
    if len(answers) != 1:
        raise MalformedMessageError(f"{len(answers)} answers instead of one while {name}")
    return answers[0]


def _read_timeouts(kernel: GenericNetlink) -> Timeouts:
    return codec.decode_timeouts(_read_one(kernel, uapi.CMD_GET_CONFIG, "reading the IPVS timeouts"))


def _read_sync_daemons(kernel: GenericNetlink) -> tuple[SyncDaemon, ...]:
    daemons = map(codec.decode_sync_daemon, kernel.dump(uapi.CMD_GET_DAEMON, "reading the IPVS sync daemons"))
    return tuple(sorted(daemons, key=lambda daemon: daemon.role))


def _read_entries(kernel: GenericNetlink) -> tuple[ServiceEntry, ...]:
    dump = map(codec.decode_service, kernel.dump(uapi.CMD_GET_SERVICE, "reading the IPVS services"))
    # Early 7.1 kernels can show an entry twice while they resize the table.
    entries = {entry.service.key: entry for entry in dump}
    return tuple(
        ServiceEntry(entries[key].service, entries[key].counters, _read_server_entries(kernel, key))
        for key in sorted(entries, key=_order_of_service)
    )


def _read_server_entries(kernel: GenericNetlink, key: ServiceKey) -> tuple[ServerEntry, ...]:
    entries = {entry.server.key: entry for entry in (codec.decode_server(each, key) for each in _dump(kernel, key))}
    return tuple(entries[key] for key in sorted(entries, key=_order_of_server))


def _read_servers(kernel: GenericNetlink, key: ServiceKey) -> tuple[Server, ...]:
    servers = {server.key: server for server in (codec.decode_server_config(each, key) for each in _dump(kernel, key))}
    return tuple(servers[key] for key in sorted(servers, key=_order_of_server))


def _dump(kernel: GenericNetlink, key: ServiceKey) -> list[Attributes]:
    return kernel.dump(uapi.CMD_GET_DEST, f"reading the servers of {key}", encode.encode_service_key(key))


def _order_of_service(key: ServiceKey) -> tuple[Any, ...]:
    if isinstance(key, AddressKey):
        return (0, *_order_of_address(key.vip, key.port), key.protocol)
    return (1, key.fwmark, key.family)


def _order_of_server(key: ServerKey) -> tuple[int, int, int]:
    return _order_of_address(key.address, key.port)


def _order_of_address(address: Address, port: int) -> tuple[int, int, int]:
    return (address.version, int(address), port)
