# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS services as the kernel has them: what `lvs.cluster.ipvs_table` takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Dict = Mapping[str, Any]

KERNEL_METHODS = {"fullnat": "nat"}
"""What IPVS calls a method, where it is another name: the other half of fullnat is nftables'."""


def kernel_table(services: Iterable[Dict]) -> list[dict[str, Any]]:
    """The services of a plan, as plain data, without what only a health checker makes of them."""
    return [
        {
            **_identity(service),
            "scheduler": service["scheduler"],
            "flags": list(service["scheduler_flags"]),
            "one_packet": service["one_packet"],
            "servers": [_server(server) for server in service["real_servers"]],
            **({"persistence": _given(service["persistence"])} if service["persistence"] else {}),
        }
        for service in services
    ]


def _identity(service: Dict) -> dict[str, Any]:
    if service["fwmark"] is not None:
        return {"fwmark": service["fwmark"], "family": f"ipv{service['family']}"}
    return {name: service[name] for name in ("protocol", "vip", "port")}


def _server(server: Dict) -> dict[str, Any]:
    method = server["forwarding"]
    return {
        **{name: server[name] for name in ("address", "port", "weight", "upper_threshold", "lower_threshold")},
        "forwarding": KERNEL_METHODS.get(method, method),
        **({"tunnel": _given(server["tunnel"])} if server["tunnel"] else {}),
    }


def _given(options: Dict) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
