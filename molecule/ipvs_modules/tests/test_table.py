# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table as a whole: check mode, purging, guards, keeping weights, from any table to any other, failures half-way."""

from __future__ import annotations

import random
from typing import Any

import pytest
from lab import report
from node import RUN_STEPS, SAVE, Node, Step, command, module

VIP = "192.0.2.100"
WEB = {
    "vip": VIP,
    "port": 80,
    "servers": [{"address": "192.0.2.21", "weight": 5}, {"address": "192.0.2.22", "upper_threshold": 9}],
}
MAIL = {"vip": VIP, "port": 25, "scheduler": "sh"}
WEB_OF_ONE = {**WEB, "servers": [{"address": "192.0.2.22", "weight": 2}]}
# With what ipvsadm --save leaves out
SHOWN = ("--numeric --thresholds", "--timeout", "--daemon")
DUMP = command("; ".join(["ipvsadm --save --numeric", *(f"ipvsadm --list {what}" for what in SHOWN)]))


def table(*services: dict[str, Any], **more: Any) -> Step:
    return module("ipvs_table", services=list(services), **more)


def check(step: Step) -> Step:
    """Return the same step in check mode."""
    return {**step, "parameters": {**step["parameters"], "_ansible_check_mode": True}}


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(table(WEB_OF_ONE, MAIL, purge="all"), id="table"),
        pytest.param(module("ipvs_service", vip=VIP, port=80, scheduler="rr"), id="service"),
        pytest.param(module("ipvs_service", vip=VIP, port=80, state="absent"), id="service-absent"),
        pytest.param(module("ipvs_server", service={"vip": VIP, "port": 80}, address="192.0.2.29"), id="server"),
        pytest.param(module("ipvs_timeouts", udp=77), id="timeouts"),
        pytest.param(module("ipvs_sync_daemon", role="master", interface="eth0", sync_id=9), id="daemon"),
    ],
)
def test_check_mode_says_what_will_happen_and_changes_nothing(node: Node, step: Step) -> None:
    undo = command("ipvsadm --set 900 120 300; ipvsadm --stop-daemon master 2>/dev/null || true")
    _web, before, dry, after, wet, again, changed, _undone = node.run(
        table(WEB), DUMP, check(step), DUMP, step, step, DUMP, undo
    )
    assert dry["changed"], dry
    assert after == before
    assert wet["changed"], wet
    assert wet["diff"].keys() == dry["diff"].keys()
    if step["module"] != "ipvs_sync_daemon":  # what the kernel will choose is not known before
        assert wet == dry
    assert changed != before
    assert again["changed"] is False, again
    assert again["diff"] == {"before": {}, "after": {}}


def test_the_difference_has_what_differs_and_nothing_else(node: Node) -> None:
    _web, result = node.run(table(WEB), table(WEB_OF_ONE, purge="servers"))
    gone = {"forwarding": "dr", "weight": 5, "upper_threshold": 0, "lower_threshold": 0, "tunnel": None}
    name = f"tcp {VIP}:80"
    before = {"192.0.2.21:80": {"address": "192.0.2.21", "port": 80, **gone}}
    assert result["diff"] == {
        "before": {name: {"servers": {**before, "192.0.2.22:80": {"weight": 1, "upper_threshold": 9}}}},
        "after": {name: {"servers": {"192.0.2.22:80": {"weight": 2, "upper_threshold": 0}}}},
    }


def test_purge(node: Node) -> None:
    _both, none, saved_none, servers, saved_servers, everything, saved_everything = node.run(
        table(WEB, MAIL),
        table(WEB_OF_ONE),
        SAVE,
        table(WEB_OF_ONE, purge="servers"),
        SAVE,
        table(WEB_OF_ONE, purge="all"),
        SAVE,
    )
    assert none["changes"]["servers"] == {"add": 0, "update": 1, "delete": 0}
    assert "192.0.2.21" in saved_none
    assert servers["changes"]["servers"]["delete"] == 1
    assert "192.0.2.21" not in saved_servers
    assert ":25" in saved_servers
    assert everything["changes"]["services"]["delete"] == 1
    assert ":25" not in saved_everything


def test_weights_of_a_health_checker_are_kept(node: Node) -> None:
    _web, _checked, result, saved = node.run(
        table(WEB),
        command(f"ipvsadm --edit-server -t {VIP}:80 -r 192.0.2.21:80 -g -w 0"),
        table({**WEB, "servers": [*WEB["servers"], {"address": "192.0.2.23", "weight": 4}]}, keep_weights=True),  # type: ignore[misc]
        SAVE,
    )
    assert result["changes"]["servers"] == {"add": 1, "update": 0, "delete": 0}
    assert "-r 192.0.2.21:80 -g -w 0" in saved
    assert "-r 192.0.2.23:80 -g -w 4" in saved


def test_actions_that_are_not_allowed_stop_everything(node: Node) -> None:
    _web, before, result, after = node.run(
        table(WEB), DUMP, table(WEB_OF_ONE, MAIL, purge="all", allowed_actions=["add"]), DUMP
    )
    assert result["failed"]
    assert result["msg"] == (
        "nothing was changed, because allowed_actions is ['add'] and this would be needed:"
        f" update server 192.0.2.22:80 of tcp {VIP}:80, delete server 192.0.2.21:80 of tcp {VIP}:80."
        " Allow it, or find out why the table is not as expected"
    )
    assert after == before


def test_a_run_that_fails_half_way_tells_how_far_it_came_and_the_next_one_finishes(node: Node) -> None:
    """The kernel refuses a scheduler that does not exist, and a server of that service with it."""
    wrong = {**MAIL, "scheduler": "nosuch", "servers": [{"address": "192.0.2.21"}]}
    _old, failed, saved, finished, again = node.run(
        table({"vip": VIP, "port": 22}),
        table(WEB, wrong, purge="all"),
        SAVE,
        table(WEB, MAIL, purge="all"),
        table(WEB, MAIL, purge="all"),
    )
    assert failed["failed"]
    assert failed["changed"]
    assert f"add service tcp {VIP}:80" in failed["applied"]
    assert any(
        line.startswith(f"add service tcp {VIP}:25: No such file or directory (errno 2)") for line in failed["refused"]
    )
    assert "modprobe" in failed["msg"]
    # What goes away goes only after what replaces it has come.
    assert f"delete service tcp {VIP}:22" in failed["not_tried"]
    assert f"-A -t {VIP}:22 -s wlc" in saved
    assert finished["changed"]
    assert again["changed"] is False


class Tables:
    """Random tables over few names, so that any two of them have much in common."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def table(self) -> list[dict[str, Any]]:
        ports = self.random.sample(range(80, 88), self.random.randint(0, 8))
        return [self._service(port) for port in ports]

    def _service(self, port: int) -> dict[str, Any]:
        pick = self.random.choice
        return {
            "vip": pick([VIP, "2001:db8::100"]),
            "port": port,
            "protocol": pick(["tcp", "udp"]),
            "scheduler": pick(["rr", "wrr", "sh", "mh", "wlc"]),
            "flags": pick([[], ["flag-1"], ["flag-1", "flag-2"]]),
            "persistence": pick([None, {"timeout": pick([5, 300])}, {"timeout": 300, "prefix": pick([8, 24])}]),
            "servers": [self._server() | {"address": f"2001:db8::{number}"} for number in self._numbers()],
        }

    def _numbers(self) -> list[int]:
        return self.random.sample(range(20, 28), self.random.randint(0, 8))

    def _server(self) -> dict[str, Any]:
        pick = self.random.choice
        upper = pick([0, 10])
        tunnels = [None, {"type": "gre", "checksum": "csum"}, {"type": "gue", "port": pick([5, 6])}]
        thresholds = {"upper_threshold": upper, "lower_threshold": pick([0, upper])}
        return {"forwarding": "tun", "weight": pick([0, 1, 7]), "tunnel": pick(tunnels), **thresholds}


def test_from_any_table_to_any_other_and_back(node: Node) -> None:
    seed = random.randrange(2**32)
    report(f"random tables: seed {seed}")
    tables = Tables(seed)
    pairs = [(tables.table(), tables.table()) for _number in range(15)]
    steps = [
        (table(*first, purge="all"), DUMP, to_second := table(*second, purge="all"), to_second, DUMP, back, DUMP, back)
        for first, second in pairs
        for back in [table(*first, purge="all")]
    ]
    results = iter(node.run(*(step for of_pair in steps for step in of_pair)))
    for pair in pairs:
        made, before, changed, same, other, back, again, same_again = (next(results) for _step in range(8))
        told = (seed, *pair)
        assert not any(result.get("failed") for result in (made, changed, back)), (made, changed, back, told)
        assert changed["changed"] == (before != other), told
        assert not same["changed"], (same, told)
        assert not same_again["changed"], (same_again, told)
        assert sorted(again.splitlines()) == sorted(before.splitlines()), told


def test_two_runs_at_the_same_time(node: Node) -> None:
    """Whatever each of them sees, the next run leaves the table as declared."""
    steps = """'[{"module": "ipvs_table", "parameters": {"services": [{"vip": "192.0.2.100", "port": %d}], "purge": "all"}}]'"""
    both = " & ".join(f"echo {steps % port} | {RUN_STEPS}" for port in (80, 81))
    _both, last, again = node.run(
        command(f"({both} & wait) > /dev/null"), table(WEB, purge="all"), table(WEB, purge="all")
    )
    assert not last.get("failed"), last
    assert not again["changed"]
