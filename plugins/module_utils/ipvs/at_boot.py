# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that a systemd unit of ours brings back at each boot, by `ipvsadm --restore`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ..boot_unit import BootUnit, render_reading
from ..files import read_text
from .errors import BootUnitError, DeclarationError
from .model import FullService
from .module import Change
from .rules import render

UNIT = BootUnit("lvs-ipvs.service")

# IPVS tells by the addresses of this host whether a server is this host itself. Requests come later, with the VIPs.
AFTER = "network-online.target"
BEFORE = "keepalived.service"

PROGRAM = "ipvsadm"


def with_unit(module: Any, change: Change, services: Iterable[FullService] | None) -> Change:
    """Add to `change` that the unit brings `services` back at boot; None has no unit. `module` is an AnsibleModule."""
    text = None if services is None else unit_text(services)
    before, after = _state(read_text(UNIT.path), UNIT.is_enabled()), _state(text, text is not None)
    if before == after:
        return change
    return replace(
        change,
        needed=True,
        apply=partial(_apply, module, change, text),
        difference=partial(_difference, change, before, after),
    )


def unit_text(services: Iterable[FullService]) -> str:
    """Return the unit that brings `services` back."""
    rules = render(services).splitlines()
    return render_reading("IPVS table of this LVS director", AFTER, BEFORE, f"{PROGRAM} --restore", rules)


def _state(text: str | None, enabled: bool) -> dict[str, Any]:
    return {"boot": {str(UNIT.path): text}, "enabled_at_boot": enabled}


def _apply(module: Any, change: Change, text: str | None) -> None:
    """Change the kernel first: what it refuses is not for the next boot either."""
    if text is not None and module.get_bin_path(PROGRAM) is None:
        raise DeclarationError(f"at_boot: {PROGRAM}, which restores the table, is not installed; install its package")
    if change.needed:
        change.apply()
    run = partial(_run, module)
    if text is None:
        UNIT.remove(run)
    else:
        UNIT.enable(run, text)


def _run(module: Any, command: Sequence[str]) -> None:
    code, _out, error = module.run_command(list(command))
    if code:
        raise BootUnitError(command, error)


def _difference(change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    table = change.difference()
    return {"before": {**table["before"], **before}, "after": {**table["after"], **after}}
