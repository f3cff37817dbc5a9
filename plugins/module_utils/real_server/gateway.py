# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the answers of NAT services get back to the director: routing rules and a table of our own, as pure decisions.

Only what such a service sends is taken to the gateway: packets from the own address and the service's port. They look
up a routing table of ours, which has the gateway as its default route, and the network that the gateway is in, so that
the directors' health checks and neighbours are answered directly. The host's own routes are neither read nor changed.

A UDP server that is bound to no address gives none to the kernel when it answers: the route that is found decides which
one it gets. So there is a rule for such packets from the service's port too.

Rules and routes have the protocol `kernel`: systemd-networkd removes all others that it does not know when it restarts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any, TypeVar

from ansible_collections.lvs.cluster.plugins.module_utils.network.address import canonical
from ansible_collections.lvs.cluster.plugins.module_utils.network.links import Link, link_towards

Command = tuple[str, ...]

NUMBER = 8848
"""Of our table, in both families, and of our rules, whose priority lets them come before the host's main table."""

UNBOUND = {"-4": "0.0.0.0", "-6": "::"}  # noqa: S104 nothing is bound there
"""Source of a packet that has none before its route is found, by the option of `ip`."""

PROTOCOLS = {"ipproto-6": "tcp", "ipproto-17": "udp", "ipproto-132": "sctp"}
"""What `ip` prints where /etc/protocols is missing."""


@dataclass(frozen=True, order=True)
class Rule:
    """Packets that look up our table: from an address, and from a port or a range (`80`, `8000-8099`; None for all)."""

    source: str
    protocol: str | None = None
    port: str | None = None

    @property
    def family(self) -> str:
        """Return the option of `ip` for its family."""
        return family_option(self.source)

    def words(self) -> Command:
        """Return its description for `ip rule`."""
        # IPv6 compares no source before there is one, so such a rule is for all of what the host itself sends.
        source = ("all", "iif", "lo") if self.source == UNBOUND["-6"] else (self.source,)
        selector = () if self.port is None else ("ipproto", self.protocol or "", "sport", self.port)
        return ("priority", str(NUMBER), "from", *source, *selector, "lookup", str(NUMBER), "protocol", "kernel")


@dataclass(frozen=True, order=True)
class Route:
    """One route of our table; `gateway` is None for the network itself."""

    destination: str
    interface: str
    gateway: str | None = None

    @property
    def family(self) -> str:
        """Return the option of `ip` for its family."""
        return family_option(self.gateway or self.destination)

    @property
    def key(self) -> tuple[str, str]:
        """Return what another route of the table cannot have too."""
        return (self.destination, self.family)

    def words(self) -> Command:
        """Return its description for `ip route`."""
        # onlink: the gateway is in the network of the interface, which is known.
        via = () if self.gateway is None else ("via", self.gateway)
        flag = () if self.gateway is None else ("onlink",)
        return (self.destination, *via, "dev", self.interface, *flag, "table", str(NUMBER), "protocol", "kernel")


@dataclass(frozen=True)
class State:
    """Our rules and the routes of our table; observed or wanted."""

    rules: frozenset[Rule] = frozenset()
    routes: frozenset[Route] = frozenset()

    def to_dict(self) -> dict[str, object]:
        """Return the shape shown in diffs."""
        return {
            "rules": [asdict(rule) for rule in _sorted(self.rules)],
            "routes": [asdict(route) for route in _sorted(self.routes)],
        }


def family_option(address: str) -> str:
    """Return -4 or -6."""
    return "-6" if ":" in address else "-4"


def problems_of(gateways: Sequence[dict[str, Any]]) -> list[str]:
    """Return what is wrong with `gateways`, each with its path."""
    found = []
    for index, entry in enumerate(gateways):
        path = f"gateways[{index}]"
        bad = [key for key in ("source", "gateway") if canonical(entry[key]) is None]
        found += [f"{path}.{key}: '{entry[key]}' is no IP address; write one like 198.51.100.1" for key in bad]
        if not bad and family_option(entry["source"]) != family_option(entry["gateway"]):
            found.append(f"{path}.gateway: {entry['gateway']} is of another family than the source")
        found += [
            f"{path}.ports: '{port}' is no port; write one like 80, or 8000-8099"
            for port in entry["ports"]
            if not _is_port_or_range(port)
        ]
    return found or _problems_of_families({str(ip_address(entry["gateway"])) for entry in gateways})


def _problems_of_families(gateways: set[str]) -> list[str]:
    """Our table has one default route of each family."""
    families = [sorted(each for each in gateways if family_option(each) == option) for option in ("-4", "-6")]
    return [
        f"gateways: {' and '.join(family)} are of one family; answers can take one gateway of each family"
        for family in families
        if len(family) > 1
    ]


def _is_port_or_range(text: str) -> bool:
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    return match is not None and 0 < int(match[1]) <= int(match[2] or match[1]) < 65536


def wanted_state(gateways: Iterable[dict[str, Any]], links: Sequence[Link]) -> State:
    """Return what shall be there for `gateways` (`source`, `gateway`, `protocol`, `ports`).

    :raises ValueError: if a gateway is in the network of no interface; it names all of them.
    """
    rules, routes, missing = set(), set(), {}
    for entry in gateways:
        source, gateway = (str(ip_address(entry[key])) for key in ("source", "gateway"))
        rules |= _rules(source, entry["protocol"], entry["ports"])
        link = link_towards(links, gateway)
        if link is None:
            missing[gateway] = f"gateways: {gateway} is in the network of no interface of this host"
            continue
        networks = {str(own.network) for own in link.addresses if ip_address(gateway) in own.network}
        routes |= {Route(network, link.name) for network in networks if not network.endswith(("/32", "/128"))}
        routes.add(Route("default", link.name, gateway))
    if missing:
        raise ValueError("\n".join(missing.values()))
    return State(frozenset(rules), frozenset(routes))


def _rules(source: str, protocol: str, ports: Sequence[str]) -> set[Rule]:
    if not ports:
        return {Rule(source)}
    sources = [source, UNBOUND[family_option(source)]] if protocol == "udp" else [source]
    return {Rule(each, protocol, port) for each in sources for port in ports}


def parse_rules(output: str) -> frozenset[Rule]:
    """Return our rules in the output of `ip -json rule show`."""
    return frozenset(
        _parse_rule(entry)
        for entry in json.loads(output or "[]")
        if entry.get("priority") == NUMBER and entry.get("table") == str(NUMBER)
    )


def _parse_rule(entry: dict[str, Any]) -> Rule:
    port = None
    if "sport_start" in entry:
        port = f"{entry['sport_start']}-{entry['sport_end']}"
    elif "sport" in entry:
        port = str(entry["sport"])
    protocol: str | None = entry.get("ipproto")
    source = entry["src"] if "srclen" not in entry else f"{entry['src']}/{entry['srclen']}"
    if source == "all" and entry.get("iif") == "lo":
        source = UNBOUND["-6"]
    return Rule(source, PROTOCOLS.get(protocol or "", protocol), port)


def parse_routes(output: str) -> frozenset[Route]:
    """Return the routes in the output of `ip -json route show table ...`."""
    entries = [entry for entry in json.loads(output or "[]") if "dev" in entry]
    return frozenset(Route(entry["dst"], entry["dev"], entry.get("gateway")) for entry in entries)


def commands(observed: State, wanted: State) -> list[Command]:
    """Return the commands that lead from one state to the other: routes before the rules that need them."""
    kept = {route.key for route in wanted.routes}
    new_routes, old_routes = wanted.routes - observed.routes, observed.routes - wanted.routes
    new_rules, old_rules = wanted.rules - observed.rules, observed.rules - wanted.rules
    return [
        *(("ip", route.family, "route", "replace", *route.words()) for route in _sorted(new_routes)),
        *(("ip", rule.family, "rule", "add", *rule.words()) for rule in _sorted(new_rules)),
        *(("ip", rule.family, "rule", "delete", *rule.words()) for rule in _sorted(old_rules)),
        *(
            ("ip", route.family, "route", "delete", *route.words())
            for route in _sorted(old_routes)
            if route.key not in kept
        ),
    ]


def without_purge(observed: State, wanted: State) -> State:
    """Return `wanted` with what is there beside it."""
    replaced = {route.key for route in wanted.routes}
    kept = {route for route in observed.routes if route.key not in replaced}
    return State(wanted.rules | observed.rules, wanted.routes | kept)


Described = TypeVar("Described", Rule, Route)


def _sorted(items: Iterable[Described]) -> list[Described]:
    return sorted(items, key=str)


def route_commands(wanted: State) -> list[str]:
    """Return the commands that restore the routes, whether they are there or not."""
    return [f"ip {route.family} route replace {' '.join(route.words())}" for route in _sorted(wanted.routes)]


def rule_commands(wanted: State) -> list[str]:
    """Return the commands that restore the rules at boot; one that is there already is no failure."""
    return [f"-ip {rule.family} rule add {' '.join(rule.words())}" for rule in _sorted(wanted.rules)]
