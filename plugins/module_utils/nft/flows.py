# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules of nftables drop a packet for certain: pure, from `nft -j list ruleset`.

What this cannot tell (marks, sets by name, matches of xtables) counts as open, and an open rule that may accept ends
the search: a finding is never a guess. An accept in one base chain does not overrule a drop in another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Rule = Mapping[str, Any]
ChainKey = tuple[str, str, str]  # family, table, name

MOST_JUMPS = 16
"""The kernel's own limit of nested chains."""

NO_CONDITIONS = ("counter", "log", "mangle", "notrack")
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "icmpv6": 58, "vrrp": 112, "sctp": 132}


@dataclass(frozen=True)
class Packet:
    """A packet that comes in by the network. None is what is not known of it."""

    hook: str
    """`input` or `forward`."""
    family: int
    protocol: str | None = None
    source: str | None = None
    destination: str | None = None
    sport: int | None = None
    dport: int | None = None
    state: str | None = None


@dataclass(frozen=True)
class Ruleset:
    """The filter chains of a network namespace and their rules."""

    chains: Mapping[ChainKey, Mapping[str, Any]] = field(default_factory=dict)
    rules: Mapping[ChainKey, Sequence[Rule]] = field(default_factory=dict)


def read_ruleset(output: str) -> Ruleset:
    """Read the output of `nft -j list ruleset`; what is no JSON is an empty ruleset."""
    chains: dict[ChainKey, Mapping[str, Any]] = {}
    rules: dict[ChainKey, list[Rule]] = {}
    try:
        entries = json.loads(output)["nftables"]
    except (ValueError, KeyError, TypeError):
        return Ruleset()
    for entry in entries:
        if "chain" in entry:
            chain = entry["chain"]
            chains[(chain["family"], chain["table"], chain["name"])] = chain
        elif "rule" in entry:
            rule = entry["rule"]
            rules.setdefault((rule["family"], rule["table"], rule["chain"]), []).append(rule)
    return Ruleset(chains, rules)


def blocking_rule(ruleset: Ruleset, packet: Packet) -> str | None:
    """Name the rule or policy that certainly drops `packet`, or None."""
    families = ("inet", "ip" if packet.family == 4 else "ip6")
    for key, chain in ruleset.chains.items():
        if key[0] in families and chain.get("type") == "filter" and chain.get("hook") == packet.hook:
            verdict = _walk(ruleset, key, packet, 0)
            if verdict == "continue" and chain.get("policy") == "drop":
                return f"the policy drop of chain {' '.join(key)}"
            if verdict not in ("accept", "open", "continue"):
                return verdict
    return None


def _walk(ruleset: Ruleset, key: ChainKey, packet: Packet, depth: int) -> str:
    """What a chain does: accept, continue (its end), open (cannot be told), or else the rule that drops."""
    for rule in ruleset.rules.get(key, ()):
        matches, verdicts = _read_rule(rule["expr"], packet)
        if matches is False:
            continue
        for verdict in verdicts:
            outcome = _follow(ruleset, key, rule, verdict, packet, depth)
            if outcome == "continue":
                continue
            if matches is True and outcome != "open":
                return "continue" if outcome == "return" else outcome
            if outcome in ("accept", "return", "open"):
                return "open"
    return "continue"


def _follow(ruleset: Ruleset, key: ChainKey, rule: Rule, verdict: Mapping[str, Any], packet: Packet, depth: int) -> str:
    (name,) = verdict
    if name in ("drop", "reject"):
        return f"rule {rule.get('handle', '?')} ({name}) of chain {' '.join(key)}"
    if name in ("accept", "return"):
        return name
    if name in ("jump", "goto") and depth < MOST_JUMPS:
        outcome = _walk(ruleset, (key[0], key[1], verdict[name]["target"]), packet, depth + 1)
        return "return" if name == "goto" and outcome == "continue" else outcome
    return "open"


def _read_rule(expressions: Sequence[Mapping[str, Any]], packet: Packet) -> tuple[bool | None, list[Mapping[str, Any]]]:
    """Whether the rule matches (None: cannot be told), and what it then does."""
    matches: bool | None = True
    verdicts: list[Mapping[str, Any]] = []
    for expression in expressions:
        (name,) = expression
        if name == "match":
            one = _matches(expression["match"], packet)
            matches = False if one is False or matches is False else (None if one is None else matches)
        elif name in ("accept", "drop", "reject", "return", "jump", "goto"):
            verdicts.append(expression)
        elif name == "vmap":
            verdicts.extend(_of_map(expression["vmap"], packet))
        elif name == "xt":
            # A match or a target of iptables that nft cannot read: it may do anything.
            matches, verdicts = None if matches else matches, [{"queue": None}]
        elif name not in NO_CONDITIONS:
            matches = None if matches else matches
    return matches, verdicts


def _of_map(vmap: Mapping[str, Any], packet: Packet) -> list[Mapping[str, Any]]:
    """The verdict that a map has for the packet, or one that counts as open."""
    value, data = _value_of(vmap["key"], packet), vmap["data"]
    if value is None or not isinstance(data, Mapping):
        return [{"queue": None}]
    for key, verdict in data.get("set", ()):
        answer = _equals(value, key)
        if answer is not False:
            return [verdict] if answer else [{"queue": None}]
    return []


def _matches(match: Mapping[str, Any], packet: Packet) -> bool | None:
    left, operator, right = match["left"], match["op"], match["right"]
    payload = left.get("payload", {}) if isinstance(left, Mapping) else {}
    if payload.get("protocol") in PROTOCOLS and packet.protocol not in (None, payload["protocol"]):
        return False
    if payload.get("protocol") in ("ip", "ip6") and (payload["protocol"] == "ip") != (packet.family == 4):
        return False
    value = _value_of(left, packet)
    answer = None if value is None else _equals(value, right)
    if operator in ("==", "in"):
        return answer
    return (None if answer is None else not answer) if operator == "!=" else None


def _value_of(left: Any, packet: Packet) -> Any:
    """What the packet has where a match looks, or None."""
    if not isinstance(left, Mapping) or not left:
        return None
    kind, where = next(iter(left.items()))
    if kind == "payload":
        return {
            "saddr": packet.source,
            "daddr": packet.destination,
            "sport": packet.sport,
            "dport": packet.dport,
            "protocol": packet.protocol,
            "nexthdr": packet.protocol,
        }.get(where.get("field"))
    if kind == "meta":
        versions = {4: "ipv4", 6: "ipv6"}
        return {
            "l4proto": packet.protocol,
            "protocol": "ip" if packet.family == 4 else "ip6",
            "nfproto": versions[packet.family],
            "iifname": _Outside(),
            "iif": _Outside(),
        }.get(where.get("key"))
    return packet.state if kind == "ct" and where.get("key") == "state" else None


class _Outside:
    """The interface that a packet comes in by: not known, but not the loopback."""


def _equals(value: Any, right: Any) -> bool | None:
    if isinstance(right, Mapping) and "set" in right:
        right = right["set"]
    if isinstance(right, list):
        answers = [_equals(value, item) for item in right]
        return True if True in answers else (None if None in answers else False)
    if isinstance(value, _Outside):
        return False if right == "lo" else None
    if isinstance(right, Mapping):
        return _within(value, right)
    if isinstance(right, str) and right.startswith("@"):
        return None
    if value in PROTOCOLS and right in (value, PROTOCOLS[value]):
        return True
    return bool(_canonical(value) == _canonical(right))


def _within(value: Any, right: Mapping[str, Any]) -> bool | None:
    """Whether a value lies in a range or a network."""
    try:
        if "prefix" in right:
            network = ip_network(f"{right['prefix']['addr']}/{right['prefix']['len']}", strict=False)
            return ip_address(value) in network
        first, last = right["range"]
        if isinstance(value, int):
            return bool(first <= value <= last)
        return int(ip_address(first)) <= int(ip_address(value)) <= int(ip_address(last))
    except (KeyError, ValueError, TypeError):
        return None


def _canonical(value: Any) -> Any:
    try:
        return ip_address(value) if isinstance(value, str) else value
    except ValueError:
        return value
