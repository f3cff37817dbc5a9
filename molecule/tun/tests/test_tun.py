# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TUN: real servers in another network unwrap what the directors send, and answer clients by themselves."""

from __future__ import annotations

import pytest
from lab import Lab, wait_until
from traffic import (
    MAGLEV_HASH,
    PERSISTENT,
    RR,
    SIDES,
    SOURCE_HASH,
    WEB,
    KeptConnection,
    Side,
    active_and_standby,
    ask,
    has_all_servers,
    power_cut,
    wait_until_whole,
)

MEGABYTE = 1024 * 1024
TUNNELS = {"ipip": RR, "gue": SOURCE_HASH, "gue with checksum": MAGLEV_HASH, "gre": PERSISTENT}
IPIP_DEVICE = {4: "tunl0", 6: "ip6tnl0"}
GRE_DEVICE = {4: "gre0", 6: "ip6gre0"}

pytestmark = pytest.mark.usefixtures("whole_cluster")


def received(lab: Lab, device: str) -> int:
    """How many packets came out of a kind of tunnel on both real servers."""
    counter = f"/sys/class/net/{device}/statistics/rx_packets"
    return sum(int(lab.host(name).file(counter).content_string) for name in WEB)


@pytest.mark.parametrize("port", TUNNELS.values(), ids=TUNNELS)
def test_real_servers_see_the_client_through_the_tunnel(lab: Lab, side: Side, port: int) -> None:
    # What gue wraps is ipip.
    device = (GRE_DEVICE if port == PERSISTENT else IPIP_DEVICE)[side.version]
    before = received(lab, device)
    assert {answer.client for answer in ask(lab, side, port, count=2)} == {side.clients[0]}
    # Of each connection at least SYN, ACK, the request and FIN.
    assert received(lab, device) >= before + 2 * 4


@pytest.mark.parametrize("port", TUNNELS.values(), ids=TUNNELS)
def test_a_megabyte_goes_up_and_down(lab: Lab, side: Side, port: int) -> None:
    """The same server has to take and give it, which round robin does every other time."""
    client = lab.host("client1")
    url = f"http://{side.host}:{port}/files/{side.version}-{port}"
    curl = f"curl --silent --show-error --fail --max-time 10 --interface {side.clients[0]}"
    client.check_output(f"head -c {MEGABYTE} /dev/urandom > /tmp/sent")
    for _server in WEB:
        client.check_output(f"{curl} --upload-file /tmp/sent {url}")
    for _server in WEB:
        client.check_output(f"{curl} --output /tmp/received {url} && cmp /tmp/sent /tmp/received")


@pytest.mark.parametrize("name", WEB)
def test_only_tunnels_are_lenient_about_sources(lab: Lab, name: str) -> None:
    host = lab.host(name)
    before = [line for line in host.file("/var/tmp/state-before").content_string.splitlines() if "rp_filter" in line]
    assert len(before) >= 4
    for line in before:
        sysctl, _equals, value = line.partition(" = ")
        assert host.sysctl(sysctl) == int(value)
    assert {host.sysctl(f"net.ipv4.conf.{device}.rp_filter") for device in ("tunl0", "gre0")} == {2}


def test_a_real_server_finds_its_tunnels_after_a_power_cut(lab: Lab) -> None:
    active, _standby = active_and_standby(lab)
    lab.power("stopped", "web2", force=True)
    wait_until(lambda: not has_all_servers(lab, active), 30, "web2 out of rotation")
    lab.power("started", "web2")
    wait_until_whole(lab)
    for side in SIDES:
        for port in TUNNELS.values():
            ask(lab, side, port, count=4)


def test_a_failover_keeps_connections(lab: Lab) -> None:
    kept = {side: KeptConnection(lab, side) for side in SIDES}
    stays = {side: ask(lab, side, PERSISTENT, source=side.clients[2]) for side in SIDES}
    with power_cut(lab, "tun"):
        for side in SIDES:
            assert kept[side].still_works()
            assert ask(lab, side, PERSISTENT, source=side.clients[2]) == stays[side]
