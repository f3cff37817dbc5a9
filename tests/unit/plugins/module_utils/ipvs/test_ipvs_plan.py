# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.difference import difference
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FullService,
    Server,
    ServerKey,
    Service,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Operation, Phase, Policy, count, plan
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.strategies import TABLES
from hypothesis import given
from hypothesis import strategies as st

WEB = AddressKey("tcp", IPv4Address("192.0.2.100"), 80)
TLS = AddressKey("tcp", IPv4Address("192.0.2.100"), 443)
PURGES = ("none", "servers", "all")


def service(key=WEB, **changes):
    return replace(Service(key, "wlc", (), None, one_packet=False), **changes)


def server(number, weight=1, key=WEB, **changes):
    return replace(Server(ServerKey(IPv4Address(f"192.0.2.{number}"), key.port), "dr", weight, 0, 0, None), **changes)


def full(*servers, key=WEB, **changes):
    return FullService(service(key, **changes), servers)


def by_key(services):
    return {each.service.key: each for each in services}


def lines(before, wanted, **policy):
    return [str(operation) for operation in plan(by_key(before), wanted, Policy(**policy))]


def applied(table, operation):
    """Return the table after one operation, as the kernel would have it."""
    table = dict(table)
    if operation.phase == Phase.DELETE_SERVICE:
        del table[operation.key]
    elif operation.phase == Phase.ADD_SERVICE:
        assert operation.key not in table
        table[operation.key] = FullService(operation.after, ())
    elif operation.phase == Phase.UPDATE_SERVICE:
        table[operation.key] = replace(table[operation.key], service=operation.after)
    else:
        known = {each.key: each for each in table[operation.key].servers}
        assert (operation.subject.key in known) == (operation.before is not None)
        known.pop(operation.subject.key, None)
        if operation.after is not None:
            known[operation.after.key] = operation.after
        table[operation.key] = replace(table[operation.key], servers=tuple(known.values()))
    return table


def prefixes(before, operations):
    """Return the table after each operation."""
    tables = [by_key(before)]
    for operation in operations:
        tables.append(applied(tables[-1], operation))
    return tables


def plain(table):
    return {key: (each.service, frozenset(each.servers)) for key, each in table.items()}


def weighted(table, key):
    return {each.key for each in table[key].servers if each.weight > 0} if key in table else set()


def test_nothing_to_do():
    assert lines([full(server(21))], [full(server(21))], purge="all") == []


def test_the_order_of_phases():
    before = [full(server(21), server(22), server(23)), full(key=TLS)]
    other = AddressKey("udp", WEB.vip, 53)
    wanted = [
        full(server(24), server(22, weight=0), server(23, weight=5), scheduler="rr"),
        full(server(31, key=other), key=other),
    ]
    assert lines(before, wanted, purge="all") == [
        "add service udp 192.0.2.100:53",
        "add server 192.0.2.24:80 of tcp 192.0.2.100:80",
        "add server 192.0.2.31:53 of udp 192.0.2.100:53",
        "update server 192.0.2.23:80 of tcp 192.0.2.100:80",
        "update server 192.0.2.22:80 of tcp 192.0.2.100:80",
        "update service tcp 192.0.2.100:80",
        "delete server 192.0.2.21:80 of tcp 192.0.2.100:80",
        "delete service tcp 192.0.2.100:443",
    ]


def test_a_server_gets_its_weight_before_another_loses_it():
    before = [full(server(21, weight=1), server(22, weight=0))]
    assert lines(before, [full(server(21, weight=0), server(22, weight=1))]) == [
        "update server 192.0.2.22:80 of tcp 192.0.2.100:80",
        "update server 192.0.2.21:80 of tcp 192.0.2.100:80",
    ]


@pytest.mark.parametrize(
    ("purge", "expected"),
    [
        ("none", []),
        ("servers", ["delete server 192.0.2.22:80 of tcp 192.0.2.100:80"]),
        ("all", ["delete server 192.0.2.22:80 of tcp 192.0.2.100:80", "delete service tcp 192.0.2.100:443"]),
    ],
)
def test_purge(purge, expected):
    before = [full(server(21), server(22)), full(server(21, key=TLS), key=TLS)]
    assert lines(before, [full(server(21))], purge=purge) == expected


def test_purge_all_of_nothing_deletes_everything():
    assert lines([full(server(21))], [], purge="all") == ["delete service tcp 192.0.2.100:80"]


def test_weights_are_kept_but_everything_else_changes():
    before = {WEB: full(server(21, weight=0), server(22, weight=0))}
    wanted = [full(server(21, weight=5), server(22, weight=5, upper_threshold=9), server(23, weight=5))]
    operations = plan(before, wanted, Policy(keep_weights=True))
    assert [operation.after for operation in operations] == [
        server(23, weight=5),
        server(22, weight=0, upper_threshold=9),
    ]


def test_another_port_is_another_server():
    nat = {"forwarding": "nat"}
    before = [full(server(21, **nat))]
    moved = replace(server(21, **nat), key=ServerKey(IPv4Address("192.0.2.21"), 8080))
    assert lines(before, [full(moved)], purge="servers") == [
        "add server 192.0.2.21:8080 of tcp 192.0.2.100:80",
        "delete server 192.0.2.21:80 of tcp 192.0.2.100:80",
    ]


def test_counts():
    before = [full(server(21), server(22)), full(server(21, key=TLS), key=TLS)]
    operations = plan(by_key(before), [full(server(21, weight=3), server(23))], Policy(purge="all"))
    assert count(operations) == {
        "services": {"add": 0, "update": 0, "delete": 1},
        "servers": {"add": 1, "update": 1, "delete": 1},
    }


def test_an_operation_on_nothing_is_a_defect():
    with pytest.raises(ValueError, match="an operation on nothing"):
        str(Operation(Phase.ADD_SERVICE, WEB, None, None))


@given(TABLES, TABLES)
def test_with_purge_all_the_result_is_what_is_wanted_and_a_second_plan_is_empty(before, wanted):
    result = prefixes(before, plan(by_key(before), wanted, Policy(purge="all")))[-1]
    assert plain(result) == plain(by_key(wanted))
    assert plan(result, wanted, Policy(purge="all")) == ()


@given(TABLES, TABLES, st.sampled_from(PURGES), st.booleans())
def test_every_policy_converges(before, wanted, purge, keep_weights):
    policy = Policy(purge, keep_weights)
    result = prefixes(before, plan(by_key(before), wanted, policy))[-1]
    assert plan(result, wanted, policy) == ()


@given(TABLES, TABLES, st.sampled_from(["none", "servers"]))
def test_what_is_not_declared_stays(before, wanted, purge):
    result = prefixes(before, plan(by_key(before), wanted, Policy(purge)))[-1]
    declared = {each.service.key: {server.key for server in each.servers} for each in wanted}
    for each in before:
        key = each.service.key
        if key not in declared:
            assert result[key] == each
        elif purge == "none":
            assert set(each.servers) <= set(result[key].servers) | {
                server for server in each.servers if server.key in declared[key]
            }


@given(TABLES, TABLES, st.sampled_from(PURGES), st.booleans())
def test_stopped_anywhere_a_service_has_a_server_with_a_weight(before, wanted, purge, keep_weights):
    tables = prefixes(before, plan(by_key(before), wanted, Policy(purge, keep_weights)))
    for key in tables[0]:
        if weighted(tables[0], key) and weighted(tables[-1], key):
            for table in tables:
                assert weighted(table, key), key


@given(TABLES, TABLES, st.data())
def test_a_run_that_was_stopped_anywhere_is_completed_by_the_next(before, wanted, data):
    policy = Policy(purge="all")
    tables = prefixes(before, plan(by_key(before), wanted, policy))
    stopped = data.draw(st.sampled_from(tables))
    result = prefixes(stopped.values(), plan(stopped, wanted, policy))[-1]
    assert plain(result) == plain(by_key(wanted))


class TestDifference:
    def test_only_what_differs(self):
        before = {WEB: full(server(21), server(22)), TLS: full(server(21, key=TLS), key=TLS)}
        wanted = [full(server(21, weight=0), server(22), scheduler="rr")]
        assert difference(plan(before, wanted, Policy(purge="all")), before) == {
            "before": {
                "tcp 192.0.2.100:80": {"scheduler": "wlc", "servers": {"192.0.2.21:80": {"weight": 1}}},
                "tcp 192.0.2.100:443": {
                    "scheduler": "wlc",
                    "flags": [],
                    "persistence": None,
                    "one_packet": False,
                    "servers": {
                        "192.0.2.21:443": {
                            "address": "192.0.2.21",
                            "port": 443,
                            "forwarding": "dr",
                            "weight": 1,
                            "upper_threshold": 0,
                            "lower_threshold": 0,
                            "tunnel": None,
                        }
                    },
                },
            },
            "after": {"tcp 192.0.2.100:80": {"scheduler": "rr", "servers": {"192.0.2.21:80": {"weight": 0}}}},
        }

    def test_nothing(self):
        assert difference((), {}) == {"before": {}, "after": {}}

    @given(TABLES, TABLES)
    def test_backwards_it_is_the_other_way_round(self, before, wanted):
        there = difference(plan(by_key(before), wanted, Policy(purge="all")), by_key(before))
        back = difference(plan(by_key(wanted), before, Policy(purge="all")), by_key(wanted))
        assert there["before"] == back["after"]
        assert there["after"] == back["before"]
