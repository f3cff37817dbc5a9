# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An existing object with what a user gives of it: the declaration of the whole, for the modules that edit one object.

What is not given stays. Pure; `declared` checks the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model import Server, Service
from .shape import server_to_dict, service_attributes

Dict = dict[str, Any]


def given_only(parameters: Mapping[str, Any], names: Mapping[str, Any]) -> Dict:
    """Return those of the module's parameters that have a name in `names` and are given, nested ones too."""
    return {
        name: given_only(value, value) if isinstance(value, Mapping) else value
        for name, value in parameters.items()
        if name in names and value is not None
    }


def edited_service(existing: Service | None, given: Dict) -> Dict:
    """Return the declaration of a service: `existing` with what is `given`."""
    if existing is None:
        return given
    before = service_attributes(existing)
    if given.get("scheduler", existing.scheduler) != existing.scheduler:
        del before["flags"]  # they are those of the scheduler
    persistence = _edited_persistence(before.pop("persistence"), given.get("persistence"))
    return {**before, **given, "persistence": persistence}


def edited_server(existing: Server | None, given: Dict) -> Dict:
    """Return the declaration of a server: `existing` with what is `given`."""
    if existing is None:
        return given
    before = server_to_dict(existing)
    tunnel = before.pop("tunnel")
    if given.get("forwarding", "tun") == "tun" and tunnel is not None:
        other_type = given.get("tunnel", {}).get("type", tunnel["type"]) != tunnel["type"]
        # Port and checksum are those of a type.
        given = {**given, "tunnel": {**({} if other_type else tunnel), **given.get("tunnel", {})}}
    return {**before, **given}


def _edited_persistence(before: Dict | None, given: Dict | None) -> Dict | None:
    if before is None or given is None or given.get("timeout") == 0:
        return before if given is None else given
    if "netmask" in given or "prefix" in given:
        before = {name: before[name] for name in before if name not in ("netmask", "prefix")}
    return {**before, **given}
