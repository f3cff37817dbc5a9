# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that drop a packet are found; whatever cannot be told is not guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nft.flows import (
    Packet,
    Ruleset,
    blocking_rule,
    read_ruleset,
)

WEB = Packet("input", 4, "tcp", destination="192.0.2.100", dport=80, state="new")
POLICY = "the policy drop of chain inet filter input"


def match(left: dict[str, Any], right: Any, operator: str = "==") -> dict[str, Any]:
    return {"match": {"op": operator, "left": left, "right": right}}


def port(right: Any) -> dict[str, Any]:
    return match({"payload": {"protocol": "tcp", "field": "dport"}}, right)


def daddr(right: Any, protocol: str = "ip") -> dict[str, Any]:
    return match({"payload": {"protocol": protocol, "field": "daddr"}}, right)


def state(right: Any) -> dict[str, Any]:
    return match({"ct": {"key": "state"}}, right, "in")


ACCEPT, DROP, REJECT = {"accept": None}, {"drop": None}, {"reject": None}


def ruleset(
    *rules: list[dict[str, Any]], policy: str = "drop", hook: str = "input", family: str = "inet", **chains: Any
) -> Ruleset:
    """A base chain, and chains without a hook by their names."""
    table = {"family": family, "table": "filter"}
    base = {**table, "name": hook, "type": "filter", "hook": hook, "prio": 0, "policy": policy}
    entries: list[dict[str, Any]] = [{"metainfo": {}}, {"table": {"family": family, "name": "filter"}}, {"chain": base}]
    entries += [{"chain": {**table, "name": name}} for name in chains]
    for name, listed in {hook: rules, **chains}.items():
        entries += [
            {"rule": {**table, "chain": name, "handle": number, "expr": rule}} for number, rule in enumerate(listed, 1)
        ]
    return read_ruleset(json.dumps({"nftables": entries}))


@pytest.mark.parametrize("text", ["", "no json", "{}", "[]"])
def test_without_nftables_nothing_is_blocked(text: str) -> None:
    assert blocking_rule(read_ruleset(text), WEB) is None


def test_a_policy_drops() -> None:
    assert blocking_rule(ruleset([port(22), ACCEPT]), WEB) == POLICY


@pytest.mark.parametrize("verdict", [DROP, REJECT])
def test_a_rule_drops(verdict: dict[str, Any]) -> None:
    (name,) = verdict
    found = blocking_rule(ruleset([port(22), ACCEPT], [{"counter": None}, verdict], policy="accept"), WEB)
    assert found == f"rule 2 ({name}) of chain inet filter input"


@pytest.mark.parametrize(
    "rule",
    [
        [port(80), ACCEPT],
        [port({"set": [22, 80]}), ACCEPT],
        [port({"set": [{"range": [1, 1024]}]}), ACCEPT],
        [port({"range": [1, 1024]}), {"counter": None}, ACCEPT],
        [daddr("192.0.2.100"), ACCEPT],
        [daddr({"prefix": {"addr": "192.0.2.0", "len": 24}}), ACCEPT],
        [daddr({"range": ["192.0.2.1", "192.0.2.200"]}), ACCEPT],
        [match({"meta": {"key": "l4proto"}}, "tcp"), ACCEPT],
        [match({"meta": {"key": "l4proto"}}, 6), ACCEPT],
        [match({"meta": {"key": "nfproto"}}, "ipv4"), ACCEPT],
        [state(["new", "established"]), ACCEPT],
        [match({"payload": {"protocol": "tcp", "field": "dport"}}, 22, "!="), ACCEPT],
        # What cannot be told may accept.
        [port("@allowed"), ACCEPT],
        [match({"meta": {"key": "mark"}}, 7), ACCEPT],
        [match({"meta": {"key": "iifname"}}, "eth0"), ACCEPT],
        [{"xt": None}],
        [{"limit": {"rate": 10}}, ACCEPT],
        [match({"payload": {"protocol": "ip", "field": "saddr"}}, "192.0.2.41"), ACCEPT],
    ],
)
def test_what_accepts_or_may_accept(rule: list[dict[str, Any]]) -> None:
    assert blocking_rule(ruleset(rule), WEB) is None


@pytest.mark.parametrize(
    "rule",
    [
        [port(443), ACCEPT],
        [state(["established", "related"]), ACCEPT],
        [match({"meta": {"key": "iifname"}}, "lo"), ACCEPT],
        [match({"payload": {"protocol": "udp", "field": "dport"}}, 80), ACCEPT],
        [daddr("2001:db8::100", "ip6"), ACCEPT],
        [daddr("192.0.2.101"), ACCEPT],
        [{"limit": {"rate": 10}}, DROP],
        [{"counter": None}],
        [{"return": None}],
    ],
)
def test_what_does_not_accept(rule: list[dict[str, Any]]) -> None:
    assert blocking_rule(ruleset(rule), WEB) == POLICY


def test_a_drop_that_may_not_apply_blocks_nothing() -> None:
    assert blocking_rule(ruleset([{"limit": {"rate": 10}}, DROP], policy="accept"), WEB) is None


def test_jumps_are_followed() -> None:
    jump = [{"jump": {"target": "services"}}]
    assert blocking_rule(ruleset(jump, services=[[port(80), ACCEPT]]), WEB) is None
    assert blocking_rule(ruleset(jump, services=[[port(22), ACCEPT]]), WEB) == POLICY
    dropped = blocking_rule(ruleset(jump, policy="accept", services=[[DROP]]), WEB)
    assert dropped == "rule 1 (drop) of chain inet filter services"


def test_after_a_goto_the_policy_decides() -> None:
    goto = [{"goto": {"target": "services"}}]
    assert blocking_rule(ruleset(goto, [ACCEPT], services=[[port(22), ACCEPT]]), WEB) == POLICY


def test_a_jump_that_may_happen_may_accept() -> None:
    jump = [match({"meta": {"key": "mark"}}, 7), {"jump": {"target": "services"}}]
    assert blocking_rule(ruleset(jump, services=[[port(80), ACCEPT]]), WEB) is None
    assert blocking_rule(ruleset(jump, services=[[DROP]], policy="accept"), WEB) is None


def test_maps_of_verdicts() -> None:
    def states(**verdicts: Any) -> list[dict[str, Any]]:
        data = {"set": [[name, verdict] for name, verdict in verdicts.items()]}
        return [{"vmap": {"key": {"ct": {"key": "state"}}, "data": data}}]

    assert blocking_rule(ruleset(states(established=ACCEPT, invalid=DROP)), WEB) == POLICY
    assert blocking_rule(ruleset(states(new=ACCEPT)), WEB) is None
    assert blocking_rule(ruleset([{"vmap": {"key": {"meta": {"key": "mark"}}, "data": "@m"}}]), WEB) is None


def test_only_chains_of_the_packets_way_count() -> None:
    assert blocking_rule(ruleset(hook="forward"), WEB) is None
    assert blocking_rule(ruleset(family="ip6"), WEB) is None
    answer = Packet("forward", 4, "tcp", source="192.0.2.21", sport=80)
    assert blocking_rule(ruleset(hook="forward"), answer) == "the policy drop of chain inet filter forward"
    assert blocking_rule(ruleset([state(["established"]), ACCEPT], hook="forward"), answer) is None


def test_a_packet_of_any_protocol() -> None:
    anything = Packet("input", 4, destination="192.0.2.100", state="new")
    assert blocking_rule(ruleset([port(80), ACCEPT]), anything) is None
    assert blocking_rule(ruleset([daddr("192.0.2.1"), ACCEPT]), anything) == POLICY


def test_vrrp_by_name_and_number() -> None:
    advert = Packet("input", 4, "vrrp", source="192.0.2.12", destination="192.0.2.11")
    for wanted in ("vrrp", 112):
        assert blocking_rule(ruleset([match({"meta": {"key": "l4proto"}}, wanted), ACCEPT]), advert) is None
    assert blocking_rule(ruleset([port(80), ACCEPT]), advert) == POLICY
