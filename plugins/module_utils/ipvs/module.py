# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules for IPVS do alike: enter the namespace, respect owners and check mode, and end with a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import netns
from .errors import ApplyError, IpvsError, OwnedError
from .owner import find_owners

Dict = dict[str, Any]

OBJECTS = {
    "services": "the services and servers",
    "sync_daemons": "the sync daemons",
    "timeouts": "the timeouts",
}


@dataclass(frozen=True)
class Change:
    """What there is to do. `objects` is a key of OBJECTS, or None if it does not matter who holds them.

    `difference` makes {before, after}, for diff mode. `apply` makes the change, and may return what of the result is
    known only then. `settle` waits for what follows from the change, or from that of an earlier run.
    """

    objects: str | None
    needed: bool
    apply: Callable[[], Dict | None]
    difference: Callable[[], Mapping[str, Dict]]
    result: Dict = field(default_factory=dict)
    settle: Callable[[], Dict] | None = None


def run(module: Any, decide: Callable[[Mapping[str, Any]], Change]) -> None:
    """Run a module that changes something: `decide` reads the kernel and says what there is to do."""
    try:
        enter_netns(module)
        change = decide(module.params)
        result = dict(change.result)
        if change.needed:
            if change.objects and not module.params["override_owner"]:
                _respect_owner(change.objects)
            if not module.check_mode:
                result.update(change.apply() or {})
        if change.settle and not module.check_mode:
            result.update(change.settle())
        if module._diff:
            result["diff"] = change.difference()
    except ApplyError as error:
        module.fail_json(
            msg=str(error),
            changed=bool(error.applied),
            applied=error.applied,
            refused=error.refused,
            not_tried=error.not_tried,
        )
    except IpvsError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=change.needed, **result)


def run_info(module: Any, gather: Callable[[Mapping[str, Any]], Dict]) -> None:
    """Run a module that only reads."""
    try:
        enter_netns(module)
        result = gather(module.params)
    except IpvsError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


def enter_netns(module: Any) -> None:
    """Go to the network namespace that the user names. Raises NetnsError."""
    if module.params["netns"]:
        netns.enter(module.params["netns"])


def _respect_owner(objects: str) -> None:
    owner = getattr(find_owners(), objects)
    if owner is not None:
        raise OwnedError(OBJECTS[objects], owner)
