# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT: ports are mapped, answers come back by a gateway that moves with the VIPs, and neighbours are served too."""

from __future__ import annotations

import pytest
from lab import Lab, wait_until
from traffic import (
    ANSWER,
    DIRECTORS,
    IPV4,
    PERSISTENT,
    SIDES,
    WEB,
    KeptConnection,
    Side,
    active_and_standby,
    ask,
    names,
    power_cut,
    servers,
    wait_until_whole,
)

DATAGRAMS = 5354

pytestmark = pytest.mark.usefixtures("whole_cluster")


def has_gateway(lab: Lab, director: str, side: Side) -> bool:
    return f" {side.gateway}/" in lab.host(director).check_output("ip address show eth1")


def test_the_gateway_is_where_the_vips_are(lab: Lab, side: Side) -> None:
    active, standby = active_and_standby(lab)
    assert has_gateway(lab, active, side)
    assert not has_gateway(lab, standby, side)


def test_ports_are_mapped_and_real_servers_see_the_client(lab: Lab, side: Side) -> None:
    director = lab.host(active_and_standby(lab)[0])
    table = [line for line in director.check_output("ipvsadm --save --numeric").splitlines() if side.host in line]
    assert f"-A -t {side.host}:80 -s rr" in table
    mapped = [line for line in table if line.startswith(f"-a -t {side.host}:80 ")]
    assert len(mapped) == 2
    assert all(line.endswith(":8080 -m -w 1") for line in mapped)
    assert {answer.client for answer in ask(lab, side, count=4)} == {side.clients[0]}


@pytest.mark.parametrize("name", WEB)
def test_only_answers_of_the_services_take_the_gateway(lab: Lab, name: str, side: Side) -> None:
    host, client, own = lab.host(name), side.clients[0], side.back_web[WEB.index(name)]
    everything_else = host.check_output(f"ip route get {client}")
    assert "dev eth1" in everything_else
    answer = host.check_output(f"ip route get {client} from {own} ipproto tcp sport 8080 dport 50000")
    assert f"via {side.gateway} dev eth0" in answer


def test_a_client_beside_the_real_servers_is_served(lab: Lab, side: Side) -> None:
    active, _standby = active_and_standby(lab)
    answers = ask(lab, side, count=20, source=side.neighbour, machine="client2")
    assert servers(answers) == {"web1": 10, "web2": 10}
    # Seen as the director's own, or the answers would not pass it on their way back.
    assert {answer.client for answer in answers} == {side.back[DIRECTORS.index(active)]}


def test_a_server_that_is_bound_to_no_address_answers_by_the_gateway(lab: Lab) -> None:
    """The kernel looks for the way of such a datagram before it has chosen the source."""
    hosts = [lab.host(name) for name in WEB]
    for host in hosts:
        host.check_output(f"systemd-run --quiet --unit=datagrams python3 {ANSWER} serve udp {DATAGRAMS} ::")
        listens = f"ss --udp --listening --numeric | grep --quiet ':{DATAGRAMS} '"
        host.check_output(f'timeout 30 sh -c "until {listens}; do sleep 0.1; done"')
    try:
        for side in SIDES:
            assert sum(names(lab, side, "udp", DATAGRAMS, 4).values()) == 4
    finally:
        for host in hosts:
            host.check_output("systemctl stop datagrams")


def test_a_real_server_finds_its_gateway_after_its_link_was_down(lab: Lab) -> None:
    """The kernel forgets routes of a link that goes down, and nobody but us brings these back."""
    host, routes = lab.host("web1"), "ip -4 route show table 8848; ip -6 route show table 8848"

    def are_all(shown: str) -> bool:
        return all(f"via {side.gateway} dev eth0" in shown for side in SIDES)

    assert are_all(host.check_output(routes))
    # In a unit of its own, since ssh comes by this link.
    flap = f"ip link set eth0 down; {routes}; sleep 1; ip link set eth0 up"
    assert not host.check_output(f"systemd-run --quiet --wait --pipe sh -c '{flap}'")
    wait_until(lambda: are_all(host.check_output(routes)), 30, "the routes back")
    wait_until_whole(lab)
    for side in SIDES:
        assert servers(ask(lab, side, count=4)) == {"web1": 2, "web2": 2}


@pytest.mark.parametrize("name", DIRECTORS)
def test_directors_forward_and_redirect_nobody(lab: Lab, name: str) -> None:
    host = lab.host(name)
    assert host.sysctl("net.ipv4.ip_forward") == 1
    assert host.sysctl("net.ipv6.conf.all.forwarding") == 1
    ask(lab, IPV4, count=10, source=IPV4.neighbour, machine="client2")
    sent = host.check_output("nstat --zeros --json")
    assert '"IcmpOutRedirects":0' in sent.replace(" ", "")


def test_a_failover_takes_gateway_and_connections_along(lab: Lab) -> None:
    standby = active_and_standby(lab)[1]
    kept = {side: KeptConnection(lab, side) for side in SIDES}
    stays = {side: ask(lab, side, PERSISTENT, source=side.clients[2]) for side in SIDES}
    with power_cut(lab, "nat"):
        for side in SIDES:
            assert has_gateway(lab, standby, side)
            assert kept[side].still_works()
            assert ask(lab, side, PERSISTENT, source=side.clients[2]) == stays[side]
