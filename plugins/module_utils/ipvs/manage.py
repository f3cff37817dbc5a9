# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a module's parameters to what there is to do: read the kernel, compare. One function for each module."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from ..files import read_state
from . import drain, table
from .arguments import SERVER, SERVICE, SERVICE_KEY, SYNC_DAEMON, TIMEOUTS
from .at_boot import UNIT, sync_unit, sync_unit_text, unit_text, with_unit
from .connections import read_connections
from .declared import (
    read_identities,
    read_named_server,
    read_server,
    read_server_key,
    read_service,
    read_service_key,
    read_table,
)
from .difference import difference
from .edit import edited_server, edited_service, given_only
from .errors import DeclarationError, MissingServiceError, NotAllowedError
from .model import FullService, Server, ServiceKey, SyncDaemon
from .module import Change
from .owner import find_owners
from .plan import Operation, Phase, Policy, count, plan
from .settings import KERNEL_TIMEOUTS, edited_sync_daemon, edited_timeouts
from .shape import NOTHING, sync_daemon_to_dict, table_to_dict

Params = Mapping[str, Any]

CHECKERS = ("keepalived", "ldirectord")
"""Health checkers that remember what they were told."""


def gather(params: Params) -> dict[str, Any]:
    """Read everything for `ipvs_info`."""
    loaded = table.is_loaded()
    wanted = params["connections"]
    connections = {} if wanted is None else {"connections": read_connections(wanted) if loaded else []}
    found = table_to_dict(table.read_table()) if loaded else NOTHING
    return {
        "loaded": loaded,
        **found,
        "owner": asdict(find_owners()),
        "at_boot": UNIT.path.exists(),
        "checkers": [name for name in CHECKERS if read_state(name)],
        **connections,
    }


def manage_table(params: Params) -> Change:
    """Decide for `ipvs_table`."""
    wanted = read_table(params["services"])
    declared = {full.service.key for full in wanted}
    before = table.read_services(None if params["purge"] == "all" else declared)
    operations = plan(before, wanted, Policy(params["purge"], params["keep_weights"]))
    forbidden = [operation for operation in operations if operation.action not in params["allowed_actions"]]
    if forbidden:
        raise NotAllowedError(forbidden, params["allowed_actions"])
    return _change(operations, before)


def manage_table_and_boot(module: Any, params: Params) -> Change:
    """Decide for `ipvs_table` with all of its options; `module` is an AnsibleModule."""
    wanted = params["at_boot"]
    if wanted is None:
        return manage_table(params)
    if params["netns"]:
        raise DeclarationError("at_boot: at boot there is no other network namespace; leave out at_boot or netns")
    return with_unit(module, manage_table(params), UNIT, unit_text(read_table(params["services"])) if wanted else None)


def manage_service(params: Params) -> Change:
    """Decide for `ipvs_service`."""
    given = given_only(params, SERVICE)
    key = read_service_key(given_only(params, SERVICE_KEY))
    if params["state"] == "absent":
        existing = table.read_service(key)
        gone = () if existing is None else (Operation(Phase.DELETE_SERVICE, key, existing.service, None),)
        return _change(gone, _table_of(existing))
    existing = table.read_service(key)
    wanted = read_service(edited_service(existing.service if existing else None, given))
    before = _table_of(existing)
    return _change(plan(before, [FullService(wanted, ())], Policy()), before)


def manage_server(params: Params) -> Change:
    """Decide for `ipvs_server`."""
    key = read_service_key(given_only(params["service"], SERVICE_KEY), "service.")
    given = {name: value for name, value in given_only(params, SERVER).items() if name != "service"}
    identity = read_server_key(given, key)
    full = table.read_service(key)
    before = _table_of(full)
    existing = next((server for server in full.servers if server.key == identity), None) if full else None
    if params["state"] == "absent":
        gone = () if existing is None else (Operation(Phase.DELETE_SERVER, key, existing, None),)
        return _change(gone, before)
    wanted = read_server(edited_server(existing, given), key)
    if full is None:
        raise MissingServiceError(key)
    return _change(plan(before, [FullService(full.service, (wanted,))], Policy()), before)


def manage_drain(params: Params) -> Change:
    """Decide for `ipvs_drain`."""
    if params["services"] is not None:
        wanted = read_identities(params["services"])
        before = table.read_services()
        present = {key: [server.key for server in full.servers] for key, full in before.items()}
        going = drain.leaving(before, drain.departures(present, wanted))
    else:
        named = [read_named_server(given, index) for index, given in enumerate(params["servers"])]
        before = table.read_services()
        going = drain.named(before, named)
    operations = drain.quiesce(going)
    return Change(
        objects=None,
        needed=bool(operations),
        apply=partial(table.apply, operations),
        difference=partial(difference, operations, before),
        result={"drained": drain.wait(going, 0)},
        settle=partial(_wait, going, params["timeout"]),
    )


def manage_timeouts(params: Params) -> Change:
    """Decide for `ipvs_timeouts`."""
    given = given_only(params, TIMEOUTS)
    edited_timeouts(KERNEL_TIMEOUTS, given)
    before = table.read_timeouts() or KERNEL_TIMEOUTS
    wanted = edited_timeouts(before, given)
    return Change(
        objects="timeouts",
        needed=wanted != before,
        apply=partial(table.set_timeouts, wanted),
        difference=partial(_differing, asdict(before), asdict(wanted)),
        result={"timeouts": asdict(wanted)},
    )


def manage_sync_daemon(module: Any, params: Params) -> Change:
    """Decide for `ipvs_sync_daemon`; `module` is an AnsibleModule."""
    at_boot = params["at_boot"]
    if at_boot is None:
        return _manage_sync_daemon(params)
    if params["netns"]:
        raise DeclarationError("at_boot: at boot there is no other network namespace; leave out at_boot or netns")
    text = None
    if at_boot and params["state"] == "present":
        # The unit has what is given: the kernel chooses the rest again.
        text = sync_unit_text(edited_sync_daemon(None, given_only(params, SYNC_DAEMON)))
    return with_unit(module, _manage_sync_daemon(params), sync_unit(params["role"]), text)


def _manage_sync_daemon(params: Params) -> Change:
    given = given_only(params, SYNC_DAEMON)
    wanted = None
    if params["state"] == "present":
        edited_sync_daemon(None, given)
    running = next((daemon for daemon in table.read_sync_daemons() if daemon.role == params["role"]), None)
    if params["state"] == "present":
        wanted = edited_sync_daemon(running, given)
    return Change(
        objects="sync_daemons",
        needed=wanted != running,
        apply=partial(_replace_daemon, running, wanted),
        difference=partial(_differing, _known(running), _known(wanted)),
        result={"sync_daemon": _daemon(wanted)},
    )


def _change(operations: Sequence[Operation], before: Mapping[ServiceKey, FullService]) -> Change:
    return Change(
        objects="services",
        needed=bool(operations),
        apply=partial(table.apply, operations),
        difference=partial(difference, operations, before),
        result={"changes": count(operations)},
    )


def _wait(going: Mapping[ServiceKey, Sequence[Server]], timeout: float) -> dict[str, Any]:
    return {"drained": drain.wait(going, timeout)}


def _table_of(full: FullService | None) -> dict[ServiceKey, FullService]:
    return {} if full is None else {full.service.key: full}


def _replace_daemon(running: SyncDaemon | None, wanted: SyncDaemon | None) -> dict[str, Any]:
    """Stop the running daemon and start the wanted one; return what runs then, with what the kernel chose."""
    if wanted is not None:
        _check_interface(wanted.interface)
    if running is not None:
        table.stop_sync_daemon(running)
    if wanted is None:
        return {}
    table.start_sync_daemon(wanted)
    return {
        "sync_daemon": next((_daemon(each) for each in table.read_sync_daemons() if each.role == wanted.role), None)
    }


def _check_interface(name: str) -> None:
    """Notice a wrong interface before the running daemon is stopped for it."""
    try:
        socket.if_nametoindex(name)
    except OSError:
        raise DeclarationError(
            f"interface: there is no interface {name} in this network namespace; 'ip link' shows those that exist"
        ) from None


def _daemon(daemon: SyncDaemon | None) -> dict[str, Any] | None:
    return sync_daemon_to_dict(daemon) if daemon else None


def _known(daemon: SyncDaemon | None) -> dict[str, Any]:
    """Return what is known of a daemon, without what the kernel will choose."""
    return {name: value for name, value in (_daemon(daemon) or {}).items() if value is not None}


def _differing(before: Params, after: Params) -> dict[str, dict[str, Any]]:
    return {
        "before": {name: value for name, value in before.items() if name not in after or after[name] != value},
        "after": {name: value for name, value in after.items() if name not in before or before[name] != value},
    }
