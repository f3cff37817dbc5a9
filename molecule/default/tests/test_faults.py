# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster survives. Each test leaves it whole again."""

from __future__ import annotations

import pytest
from lab import Lab, Load, report, wait_until

VIP = "192.0.2.100"
URL = f"http://{VIP}/"
MACHINES = ("lb1", "lb2", "web1", "web2", "web3", "store1", "client1")
# delay_loop, one retry after delay_before_retry, and some grace for a machine that does other things too
CHECK_INTERVAL = 2 + 1 + 3


def rotation(lab: Lab, director: str) -> set[str]:
    """Addresses of the real servers that get new connections from this director."""
    table = lab.host(director).check_output("ipvsadm --save --numeric")
    return {
        line.split()[4].split(":")[0]
        for line in table.splitlines()
        if line.startswith("-a") and not line.endswith("-w 0")
    }


def holds_vip(lab: Lab, director: str) -> bool:
    return f"inet {VIP}/32" in lab.host(director).check_output("ip address show eth0")


def active_and_standby(lab: Lab) -> tuple[str, str]:
    return ("lb1", "lb2") if holds_vip(lab, "lb1") else ("lb2", "lb1")


def answers(lab: Lab) -> bool:
    succeeded: bool = lab.host("client1").run(f"curl --silent --fail --max-time 1 {URL}").succeeded
    return succeeded


def is_whole(lab: Lab) -> bool:
    return all(len(rotation(lab, name)) == 3 for name in ("lb1", "lb2"))


@pytest.fixture(autouse=True)
def whole_cluster(lab: Lab) -> None:
    """Every test begins with all servers in rotation."""
    wait_until(lambda: is_whole(lab), 60, "all real servers in rotation")


def test_a_stopped_application_leaves_rotation_and_comes_back(lab: Lab) -> None:
    director, web1 = active_and_standby(lab)[0], lab.host("web1")
    web1.check_output("systemctl stop nginx")
    seconds = wait_until(lambda: "192.0.2.21" not in rotation(lab, director), CHECK_INTERVAL, "web1 out of rotation")
    report(f"nginx stopped on web1: out of rotation after {seconds:.1f} s")
    result = lab.module("client1", "lvs.cluster.http_probe", url=URL, duration=3)
    assert result["failed_requests"] == 0
    assert "web1" not in result["servers"]
    web1.check_output("systemctl start nginx")
    seconds = wait_until(lambda: "192.0.2.21" in rotation(lab, director), CHECK_INTERVAL, "web1 back in rotation")
    report(f"nginx started on web1: back in rotation after {seconds:.1f} s")


def test_a_real_server_loses_its_power(lab: Lab) -> None:
    director = active_and_standby(lab)[0]
    lab.power("stopped", "web2", force=True)
    try:
        # A dead machine times out (connect_timeout, twice) instead of refusing.
        wait_until(lambda: "192.0.2.22" not in rotation(lab, director), CHECK_INTERVAL + 4, "web2 out of rotation")
        result = lab.module("client1", "lvs.cluster.http_probe", url=URL, duration=3)
        assert result["failed_requests"] == 0
        assert set(result["servers"]) == {"web1", "web3"}
    finally:
        lab.power("started", "web2")
    wait_until(lambda: is_whole(lab), 60, "web2 back in rotation without Ansible")


def test_the_active_director_loses_its_power(lab: Lab) -> None:
    victim, standby = active_and_standby(lab)
    try:
        with Load(lab.host("client1"), URL) as load:
            lab.power("stopped", victim, force=True)
            wait_until(lambda: holds_vip(lab, standby), 20, "the VIP on the other director")
            wait_until(lambda: answers(lab), 5, "an answer from the other director")
    finally:
        lab.power("started", victim)
    gap = load.result["gap_ms"]
    report(
        f"power cut of the active director {victim}: gap {gap:.0f} ms, {load.result['failed_requests']} failed requests"
    )
    assert gap < 4000


def test_the_old_director_returns(lab: Lab) -> None:
    """After preempt_delay the preferred director takes the VIP back; a client hardly notices."""
    with Load(lab.host("client1"), URL) as load:
        seconds = wait_until(lambda: holds_vip(lab, "lb1"), 90, "the VIP back on lb1")
    gap, failed = load.result["gap_ms"], load.result["failed_requests"]
    report(f"return of the director lb1 after {seconds:.0f} s: gap {gap:.0f} ms, {failed} failed requests")
    assert gap < 1000


def test_all_machines_lose_their_power_at_once(lab: Lab) -> None:
    lab.power("stopped", *MACHINES, force=True)
    lab.power("started", *MACHINES)
    seconds = wait_until(lambda: answers(lab), 60, "an answer")
    report(f"power cut of all machines: serves again {seconds:.1f} s after the boot, without Ansible")
    wait_until(lambda: is_whole(lab), 60, "all real servers in rotation")
    answer = lab.module("client1", "lvs.cluster.arp_probe", address=VIP)
    assert len(answer["macs"]) == 1
    assert lab.playbook("lvs.cluster.site", "--check").changed == 0
