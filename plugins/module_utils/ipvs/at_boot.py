# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd units of ours bring back at each boot by `ipvsadm`: services, and sync daemons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ..boot_unit import BootUnit, render, render_reading
from ..files import read_text
from .errors import BootUnitError, DeclarationError
from .model import FullService, SyncDaemon
from .module import Change
from .rules import render as render_rules

UNIT = BootUnit("lvs-ipvs.service")

# IPVS tells by the addresses of this host whether a server is this host itself. Requests come later, with the VIPs.
AFTER = "network-online.target"
BEFORE = "keepalived.service"

PROGRAM = "ipvsadm"


def with_unit(module: Any, change: Change, unit: BootUnit, text: str | None) -> Change:
    """Add to `change` that `unit` has this text, None for no such unit. `module` is an AnsibleModule."""
    before, after = _state(unit, read_text(unit.path), unit.is_enabled()), _state(unit, text, text is not None)
    if before == after:
        return change
    return replace(
        change,
        needed=True,
        apply=partial(_apply, module, change, unit, text),
        difference=partial(_difference, change, before, after),
    )


def sync_unit(role: str) -> BootUnit:
    """Return the unit of the sync daemon of this role."""
    return BootUnit(f"lvs-sync-{role}.service")


def sync_unit_text(daemon: SyncDaemon) -> str:
    """Return the unit that starts a sync daemon; one that runs already is no failure."""
    options = {
        "mcast-interface": daemon.interface,
        "syncid": daemon.sync_id,
        "sync-maxlen": daemon.max_length,
        "mcast-group": daemon.group,
        "mcast-port": daemon.port,
        "mcast-ttl": daemon.ttl,
    }
    words = " ".join(f"--{name} {value}" for name, value in options.items() if value is not None)
    command = f"-{PROGRAM} --start-daemon {daemon.role} {words}"
    return render(f"IPVS sync daemon ({daemon.role}) of this LVS director", AFTER, [command])


def unit_text(services: Iterable[FullService]) -> str:
    """Return the unit that brings `services` back."""
    rules = render_rules(services).splitlines()
    return render_reading("IPVS table of this LVS director", AFTER, BEFORE, f"{PROGRAM} --restore", rules)


def _state(unit: BootUnit, text: str | None, enabled: bool) -> dict[str, Any]:
    return {"boot": {str(unit.path): text}, "enabled_at_boot": enabled}


def _apply(module: Any, change: Change, unit: BootUnit, text: str | None) -> dict[str, Any] | None:
    """Change the kernel first: what it refuses is not for the next boot either."""
    if text is not None and module.get_bin_path(PROGRAM) is None:
        raise DeclarationError(f"at_boot: {PROGRAM}, which the unit runs, is not installed; install its package")
    result = change.apply() if change.needed else None
    run = partial(_run, module)
    if text is None:
        unit.remove(run)
    else:
        unit.enable(run, text)
    return result


def _run(module: Any, command: Sequence[str]) -> None:
    code, _out, error = module.run_command(list(command))
    if code:
        raise BootUnitError(command, error)


def _difference(change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    table = change.difference()
    return {"before": {**table["before"], **before}, "after": {**table["after"], **after}}
