# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces and routes as preflight needs them, read from the output of iproute2. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.network.links import parse_links

SETTINGS = {
    "rp_filter": "ipv4/conf",
    "proxy_arp": "ipv4/conf",
    "disable_ipv6": "ipv6/conf",
    "accept_ra": "ipv6/conf",
}
"""Sysctl of an interface -> its folder below /proc/sys/net."""

ALL_COUNTS = ("rp_filter", "proxy_arp")
"""Of these the larger value of the interface and of `all` holds (ip-sysctl.rst)."""


def interfaces(output: str) -> list[dict[str, Any]]:
    """Read `ip -json -details address show`. The loopback is among them."""
    return [{**asdict(link), "addresses": list(map(str, link.addresses))} for link in parse_links(output)]


def routes(output: str) -> dict[str, dict[str, Any]]:
    """Read the answers of several `route get`, one JSON list after the other. What has no route has no answer."""
    return {
        entry["dst"]: {"interface": entry.get("dev"), "gateway": entry.get("gateway"), "type": entry.get("type")}
        for entry in _entries(output)
        if "dst" in entry
    }


def default_routes(*outputs: str) -> list[dict[str, Any]]:
    """Read the answers of `route show default`; `protocol` is `ra` for one that a router advertised."""
    return [
        {"interface": entry.get("dev"), "gateway": entry.get("gateway"), "protocol": entry.get("protocol")}
        for output in outputs
        for entry in _entries(output)
    ]


def _entries(output: str) -> Iterator[Mapping[str, Any]]:
    decoder, text = json.JSONDecoder(), output.lstrip()
    while text:
        entries, end = decoder.raw_decode(text)
        yield from entries
        text = text[end:].lstrip()


def effective(name: str, own: int | None, of_all: int | None) -> int | None:
    """The value of an interface's sysctl that holds."""
    if own is None or of_all is None or name not in ALL_COUNTS:
        return own
    return max(own, of_all)


def batch(destinations: Sequence[str]) -> str:
    """The input of `ip -batch -` that asks for the routes to `destinations`."""
    return "".join(f"route get {destination}\n" for destination in destinations)
