# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director's ldirectord.cf before and after, in the terms of the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import ConfigurationError
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.effective import protocol_of
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.parse import parse
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.values import write_host
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.files import file_change, service_action
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.table import describe_services

Dict = Mapping[str, Any]


def describe_ldirectord(result: Dict, declared: Sequence[Dict]) -> Iterator[Change]:
    """Describe what `ldirectord_config` would change. `declared` services say how real servers are called."""
    diff = result.get("diff") or {}
    before, after = (_services(diff.get(side) or "") for side in ("before", "after"))
    if bool(before) != bool(after):
        yield Change("~", f"ldirectord {'keeps' if after else 'no longer keeps'} the IPVS table and checks the servers")
    else:
        yield from describe_services(before, after, declared)
    yield from file_change(diff.get("before_header", "ldirectord.cf"), diff.get("before"), diff.get("after"))
    yield from service_action("ldirectord", diff)


def _services(text: str) -> dict[str, Any]:
    """The services of a file, as `ipvs_table` shows them; none of one that somebody else wrote with mistakes."""
    try:
        return {_name(virtual): _service(virtual) for virtual in parse(text).virtuals}
    except ConfigurationError:
        return {}


def _name(virtual: Virtual) -> str:
    if virtual.host is None:
        return f"fwmark {virtual.fwmark} ipv{virtual.family}"
    return f"{protocol_of(virtual)} {write_host(virtual.host)}:{virtual.port}"


def _service(virtual: Virtual) -> dict[str, Any]:
    servers = {f"{write_host(real.host)}:{real.port}": {"weight": real.weight} for real in virtual.real}
    return {"scheduler": virtual.scheduler, "servers": servers}
