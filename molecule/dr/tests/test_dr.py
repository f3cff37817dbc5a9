# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DR: only directors answer for the VIPs, real servers answer clients, whatever becomes of their network's manager."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lab import Lab, wait_until
from testinfra.host import Host
from traffic import (
    DIRECTORS,
    IPV4,
    PERSISTENT,
    SIDES,
    WEB,
    KeptConnection,
    Side,
    active_and_standby,
    ask,
    power_cut,
    servers,
    wait_until_whole,
)

ARP_SETTINGS = "sysctl net.ipv4.conf.eth0.arp_ignore net.ipv4.conf.eth0.arp_announce"
DROP_IN = "/run/systemd/network/70-eth0.network.d/dhcp.conf"
DHCP = {
    "client2": """
        [Network]
        DHCPServer=yes
        [DHCPServer]
        PoolOffset=200
        PoolSize=20
        EmitDNS=no
        EmitRouter=no
        PersistLeases=no
    """,
    "web1": """
        [Network]
        DHCP=ipv4
        [DHCPv4]
        UseDNS=no
        UseRoutes=no
    """,
}

pytestmark = pytest.mark.usefixtures("whole_cluster")


def test_only_the_active_director_answers_for_a_vip(lab: Lab, side: Side) -> None:
    mac = lab.host(active_and_standby(lab)[0]).check_output("cat /sys/class/net/eth0/address")
    assert lab.module("client1", "lvs.cluster.arp_probe", address=side.vip)["macs"] == [mac]


def test_real_servers_keep_quiet_about_a_vip(lab: Lab) -> None:
    """Asked from beside them, where the director answers by its other interface. IPv6 has no such answers."""
    mac = lab.host(active_and_standby(lab)[0]).check_output("cat /sys/class/net/eth1/address")
    assert lab.module("client2", "lvs.cluster.arp_probe", address=IPV4.vip, interface="eth0")["macs"] == [mac]


def test_answers_do_not_pass_the_director(lab: Lab, side: Side) -> None:
    assert {answer.client for answer in ask(lab, side, count=4)} == {side.clients[0]}
    director = lab.host(active_and_standby(lab)[0])
    listed = director.check_output(
        f"ipvsadm --list --numeric --stats --exact --tcp-service {side.host}:80"
    ).splitlines()
    # Connections, packets and bytes in and out.
    assert {line.split()[-3] for line in listed[2:]} == {"0"}
    assert {line.split()[-1] for line in listed[2:]} == {"0"}


def has_all(lab: Lab, host: Host) -> bool:
    """Tell whether a real server has the VIPs, and keeps quiet about them."""
    shown = host.check_output("ip address show lvs0")
    settings = [line.split()[-1] for line in host.check_output(ARP_SETTINGS).splitlines()]
    return all(f" {side.vip}/" in shown for side in SIDES) and settings == ["1", "2"]


def serves(lab: Lab) -> bool:
    return all(servers(ask(lab, side, count=4)) == {"web1": 2, "web2": 2} for side in SIDES)


@pytest.mark.parametrize("name", WEB)
def test_a_real_server_serves_on_when_its_network_is_configured_anew(lab: Lab, name: str) -> None:
    """On Debian 13 and on Debian 12, both with systemd-networkd."""
    host = lab.host(name)
    # In a unit of its own, since ssh comes by this link.
    again = "systemctl restart systemd-networkd; networkctl reconfigure eth0 eth1; sleep 2"
    host.check_output(f"systemd-run --quiet --wait sh -c '{again}'")
    assert has_all(lab, host)
    wait_until_whole(lab)
    assert serves(lab)


@contextmanager
def dhcp(lab: Lab) -> Iterator[None]:
    """client2 gives out addresses, and web1 asks for one beside the one that it has."""
    for name, text in DHCP.items():
        lab.host(name).check_output(f"mkdir -p $(dirname {DROP_IN}); echo '{text}' > {DROP_IN}; networkctl reload")
    try:
        yield
    finally:
        for name in DHCP:
            lab.host(name).check_output(f"rm -r $(dirname {DROP_IN}); networkctl reload")


def test_a_real_server_serves_on_when_its_lease_is_renewed(lab: Lab) -> None:
    host = lab.host("web1")
    leased = "ip address show eth0 dynamic"
    with dhcp(lab):
        wait_until(lambda: bool(host.check_output(leased)), 60, "a lease for web1")
        host.check_output("networkctl renew eth0; sleep 2")
        assert has_all(lab, host)
        assert serves(lab)
    wait_until(lambda: not host.check_output(leased), 60, "web1 without a lease")
    assert has_all(lab, host)
    wait_until_whole(lab)


def test_a_real_server_serves_after_a_power_cut(lab: Lab) -> None:
    lab.power("stopped", "web2", force=True)
    lab.power("started", "web2")
    assert has_all(lab, lab.host("web2"))
    wait_until_whole(lab)
    assert serves(lab)


def test_a_failover_keeps_connections(lab: Lab) -> None:
    kept = {side: KeptConnection(lab, side) for side in SIDES}
    stays = {side: ask(lab, side, PERSISTENT, source=side.clients[2]) for side in SIDES}
    with power_cut(lab, "dr"):
        for side in SIDES:
            assert kept[side].still_works()
            assert ask(lab, side, PERSISTENT, source=side.clients[2]) == stays[side]


@pytest.mark.parametrize("name", DIRECTORS)
def test_a_director_neither_forwards_nor_keeps_conntrack(lab: Lab, name: str) -> None:
    host = lab.host(name)
    assert host.sysctl("net.ipv4.ip_forward") == 0
    assert host.sysctl("net.ipv4.vs.conntrack") == 0
