# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs before and after a plan, in the form of Ansible's diff mode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .model import FullService, Server, Service, ServiceKey
from .plan import Operation, Phase
from .shape import server_to_dict, service_attributes

Dict = dict[str, Any]


def difference(operations: Iterable[Operation], table: Mapping[ServiceKey, FullService]) -> dict[str, Dict]:
    """Return {before, after}: dictionaries of services by name, in which servers are by name too.

    Of what is updated only the attributes that differ are there, of what is added or deleted all. `table` is the one
    before: a service that is deleted takes its servers with it.
    """
    sides: dict[str, Dict] = {"before": {}, "after": {}}
    for operation in operations:
        before, after = _attributes(operation.before), _attributes(operation.after)
        if operation.before is not None and operation.after is not None:
            same = {name for name in before if before[name] == after[name]}
            before, after = ({name: side[name] for name in side if name not in same} for side in (before, after))
        if operation.before is not None:
            _place(sides["before"], operation, before)
        if operation.after is not None:
            _place(sides["after"], operation, after)
        if operation.phase == Phase.DELETE_SERVICE:
            for server in table[operation.key].servers:
                lost = Operation(Phase.DELETE_SERVER, operation.key, server, None)
                _place(sides["before"], lost, server_to_dict(server))
    return sides


def _attributes(thing: Service | Server | None) -> Dict:
    if thing is None:
        return {}
    return service_attributes(thing) if isinstance(thing, Service) else server_to_dict(thing)


def _place(side: Dict, operation: Operation, attributes: Dict) -> None:
    service = side.setdefault(str(operation.key), {})
    if operation.kind == "service":
        service.update(attributes)
    else:
        service.setdefault("servers", {})[str(operation.subject.key)] = attributes
