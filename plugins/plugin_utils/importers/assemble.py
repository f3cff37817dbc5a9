# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services as they were found -> the result of an import, the same way for all formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .dump import dump
from .hosts import HostBook
from .model import FoundService, Imported, Known, Loss
from .services import ServiceImporter, nat_gateway


def assemble(
    name: str,
    found: Sequence[FoundService],
    known: Known,
    losses: list[Loss],
    *,
    host_names: Mapping[str, str] | None = None,
    directors: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
) -> Imported:
    """Make the result for the format `name`.

    `host_names` are what the file calls real servers, by address; `directors` addresses or names; `variables` others
    than `lvs_services`. `losses` are those that the format's reader has found.
    """
    balancers = HostBook(known, {}, ())
    for director in directors:
        called = balancers.add(director, 4)
        for version in sorted({each.family for each in found}) if called in known.hosts else ():
            balancers.add(called, version)
    # A VIP is on the directors, so a server with its address is the director itself.
    vips = {each.vip for each in found if each.vip} | {vip for mark in known.marks.values() for vip in mark.vips}
    excluded = vips | _addresses(balancers.hosts()) | balancers.hosts().keys()
    names = {address: name for address, name in (host_names or {}).items() if name not in balancers.hosts()}
    hosts = HostBook(known, names, excluded)
    services = ServiceImporter(known, hosts, losses).make(found)
    gateway = nat_gateway(known, services, losses)
    return Imported(
        format=name,
        variables={
            "lvs_services": [dump(service) for service in services],
            **({"lvs_nat_gateway": gateway[0] if len(gateway) == 1 else list(gateway)} if gateway else {}),
            **(variables or {}),
        },
        directors=balancers.hosts(),
        real_servers=hosts.hosts(),
        losses=tuple(sorted(losses, key=_position)),
    )


def _addresses(hosts: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The addresses of hosts; one without `lvs_address` is called by it."""
    own = [variables.get("lvs_address", name) for name, variables in hosts.items()]
    return {address for each in own for address in ([each] if isinstance(each, str) else each)}


def _position(loss: Loss) -> tuple[bool, int]:
    """In the order of lines; what the format cannot say comes last."""
    return loss.line is None, loss.line or 0
