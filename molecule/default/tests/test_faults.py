# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster survives. Each test leaves it whole again."""

from __future__ import annotations

import pytest
from cluster import URLS, VIPS, active_and_standby, addresses, answers, holds_vips, rotation, wait_until_whole
from lab import Lab, Load, report, wait_until

MACHINES = ("lb1", "lb2", "web1", "web2", "web3", "store1", "client1")
# A check takes delay_loop, delay_before_retry and connect_timeout, twice, at most: 10 seconds. The rest is grace for a
# busy machine; the report has the time it took.
CHECKED_WITHIN = 30


def ask(lab: Lab) -> set[str]:
    """Send requests to both VIPs for 3 seconds each; none fails, though some may be slow. Returns who answered."""
    servers: set[str] = set()
    for url in URLS.values():
        result = lab.module("client1", "lvs.cluster.http_probe", url=url, duration=3, timeout=5000)
        assert result["failed_requests"] == 0
        servers |= set(result["servers"])
    return servers


def longest_gap(load: Load, what: str) -> float:
    """Report what the clients saw; return the longer one of the gaps in milliseconds."""
    seen = (
        f"{family} gap {load.results[url]['gap_ms']:.0f} ms, {load.results[url]['failed_requests']} failed requests"
        for family, url in URLS.items()
    )
    report(f"{what}: {'; '.join(seen)}")
    return max(result["gap_ms"] for result in load.results.values())


@pytest.fixture(autouse=True)
def whole_cluster(lab: Lab) -> None:
    """Every test begins with all servers in rotation."""
    wait_until_whole(lab)


def test_a_stopped_application_leaves_rotation_and_comes_back(lab: Lab) -> None:
    director, web1 = active_and_standby(lab)[0], lab.host("web1")
    web1.check_output("systemctl stop nginx")
    try:
        seconds = wait_until(
            lambda: not addresses("web1") & rotation(lab, director), CHECKED_WITHIN, "web1 out of rotation"
        )
        report(f"nginx stopped on web1: out of rotation after {seconds:.1f} s")
        assert ask(lab) == {"web2", "web3"}
    finally:
        web1.check_output("systemctl start nginx")
    seconds = wait_until(lambda: addresses("web1") <= rotation(lab, director), CHECKED_WITHIN, "web1 back in rotation")
    report(f"nginx started on web1: back in rotation after {seconds:.1f} s")


def test_a_real_server_loses_its_power(lab: Lab) -> None:
    director = active_and_standby(lab)[0]
    lab.power("stopped", "web2", force=True)
    try:
        wait_until(lambda: not addresses("web2") & rotation(lab, director), CHECKED_WITHIN, "web2 out of rotation")
        assert ask(lab) == {"web1", "web3"}
    finally:
        lab.power("started", "web2")
    # Without Ansible.
    wait_until_whole(lab)


def test_the_active_director_loses_its_power_and_returns(lab: Lab) -> None:
    """After preempt_delay the director that has returned takes the VIPs back; a client hardly notices."""
    victim, standby = active_and_standby(lab)
    try:
        with Load(lab.host("client1"), *URLS.values()) as load:
            lab.power("stopped", victim, force=True)
            wait_until(lambda: holds_vips(lab, standby), 30, "the VIPs on the other director")
            wait_until(lambda: answers(lab), 20, "an answer from the other director")
    finally:
        lab.power("started", victim)
    assert longest_gap(load, f"power cut of the active director {victim}") < 6000
    with Load(lab.host("client1"), *URLS.values()) as load:
        seconds = wait_until(lambda: holds_vips(lab, victim), 90, f"the VIPs back on {victim}")
    assert longest_gap(load, f"return of the director {victim} after {seconds:.0f} s") < 3000


def test_all_machines_lose_their_power_at_once(lab: Lab) -> None:
    lab.power("stopped", *MACHINES, force=True)
    lab.power("started", *MACHINES)
    seconds = wait_until(lambda: answers(lab), 90, "an answer")
    report(f"power cut of all machines: serves again {seconds:.1f} s after the boot, without Ansible")
    wait_until_whole(lab)
    for vip in VIPS:
        assert len(lab.module("client1", "lvs.cluster.arp_probe", address=vip)["macs"]) == 1
    assert lab.playbook("lvs.cluster.site", "--check").changed == 0
