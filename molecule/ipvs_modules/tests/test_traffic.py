# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets: what is changed under a running connection does not break it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lab import PROJECT, wait_until
from node import FOLDER, Node, Step, command, module

ECHO = PROJECT / "molecule" / "echo.py"
VIP, CLIENT, GATEWAY, SERVERS = "198.51.100.1", "198.51.100.2", "203.0.113.1", ("203.0.113.21", "203.0.113.22")
PORT = 7
SERVICE = {"vip": VIP, "port": PORT}
SCHEDULERS = ("wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "twos", "rr")

# A client and two servers in namespaces of their own; NAT, so all packets pass the director in both directions.
SET_UP = f"""
set -e
ip netns add client; ip netns add servers
ip link add to-client type veth peer name eth0 netns client
ip link add to-servers type veth peer name eth0 netns servers
ip address add {VIP}/24 dev to-client; ip link set to-client up
ip address add {GATEWAY}/24 dev to-servers; ip link set to-servers up
ip -netns client address add {CLIENT}/24 dev eth0; ip -netns client link set eth0 up
for address in {" ".join(SERVERS)}; do ip -netns servers address add $address/24 dev eth0; done
ip -netns servers link set eth0 up; ip -netns servers route add default via {GATEWAY}
sysctl --quiet net.ipv4.ip_forward=1
for address in {" ".join(SERVERS)}; do
  ip netns exec servers python3 {FOLDER}/echo.py serve $address {PORT} >/dev/null 2>&1 & echo $! >> {FOLDER}/pids
done
"""
TEAR_DOWN = f"""
kill $(cat {FOLDER}/pids); rm {FOLDER}/pids
ip netns delete client; ip netns delete servers
sysctl --quiet net.ipv4.ip_forward=0
"""


@pytest.fixture
def network(node: Node) -> Iterator[Node]:
    node.ssh(f"cat > {FOLDER}/echo.py", ECHO.read_bytes())
    node.run(command(SET_UP))
    listening = "ip netns exec servers ss --listening --numeric --tcp --no-header"
    wait_until(lambda: node.ssh(listening).count(b":7 ") == len(SERVERS), 60, "servers that listen")
    yield node
    node.run(command(TEAR_DOWN))


def under_load(node: Node, *steps: Step) -> tuple[dict[str, Any], list[Any]]:
    """Run steps while a client talks; return what the client saw, and the results."""
    pid, answer = f"{FOLDER}/client.pid", f"{FOLDER}/answer.json"
    start = f"ip netns exec client python3 {FOLDER}/echo.py ask {VIP} {PORT} > {answer} 2>&1 & echo $! > {pid}; sleep 2"
    finish = f"sleep 1; kill $(cat {pid}); while kill -0 $(cat {pid}) 2>/dev/null; do sleep 0.1; done; cat {answer}"
    _start, *results, seen = node.run(command(start), *steps, command(finish))
    return json.loads(seen), results


def test_a_scheduler_changed_under_load_drops_no_connection(network: Node) -> None:
    servers = [{"address": address, "forwarding": "nat"} for address in SERVERS]
    (made,) = network.run(module("ipvs_table", services=[{**SERVICE, "scheduler": "rr", "servers": servers}]))
    assert made["changed"], made
    changes = [module("ipvs_service", **SERVICE, scheduler=name) for name in SCHEDULERS]
    seen, results = under_load(network, *changes, module("ipvs_info"))
    *changed, info = results
    assert all(result.get("changed") for result in changed), changed
    assert seen["problems"] == []
    assert seen["connections"] > 50
    # Both servers got connections, and no service was made anew: its counters go on.
    statistics = info["statistics"][0]
    assert all(server["counters"]["connections"] > 0 for server in statistics["servers"])
    assert statistics["counters"]["connections"] == sum(
        server["counters"]["connections"] for server in statistics["servers"]
    )


def test_drained_and_deleted_servers_lose_no_request(network: Node) -> None:
    """A server with weight 0 keeps its connections; a table that has it no longer sends new ones elsewhere."""
    first, second = ({"address": address, "forwarding": "nat"} for address in SERVERS)
    web = {**SERVICE, "scheduler": "rr"}
    network.run(module("ipvs_table", services=[{**web, "servers": [first]}]))
    seen, results = under_load(
        network,
        module("ipvs_table", services=[{**web, "servers": [first, second]}]),
        module("ipvs_server", service=SERVICE, **first, weight=0),
        module("ipvs_table", services=[{**web, "servers": [{**first, "weight": 0}, second]}], purge="all"),
        module("ipvs_info"),
    )
    assert [result["changed"] for result in results] == [True, True, False, False]
    assert seen["problems"] == []
    assert results[-1]["statistics"][0]["servers"][0]["active"] == 1
