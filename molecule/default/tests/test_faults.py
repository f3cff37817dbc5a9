# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster survives. Each test leaves it whole again."""

from __future__ import annotations

import pytest
from lab import Lab, Load, report, wait_until

VIPS = ("192.0.2.100", "2001:db8::100")
URLS = {"IPv4": f"http://{VIPS[0]}/", "IPv6": f"http://[{VIPS[1]}]/"}
MACHINES = ("lb1", "lb2", "web1", "web2", "web3", "store1", "client1")
# A check takes delay_loop, delay_before_retry and connect_timeout, twice, at most: 10 seconds. The rest is grace for a
# busy machine; the report has the time it took.
CHECKED_WITHIN = 30


def rotation(lab: Lab, director: str) -> set[str]:
    """Real servers, such as 192.0.2.21:80 or [2001:db8::21]:80, that get new connections from this director."""
    table = lab.host(director).check_output("ipvsadm --save --numeric")
    return {line.split()[4] for line in table.splitlines() if line.startswith("-a") and not line.endswith("-w 0")}


def addresses(number: int) -> set[str]:
    """The two addresses of a web server as `rotation` shows them."""
    return {f"192.0.2.2{number}:80", f"[2001:db8::2{number}]:80"}


def holds_vips(lab: Lab, director: str) -> bool:
    shown = lab.host(director).check_output("ip address show eth0")
    return all(f" {vip}/" in shown for vip in VIPS)


def active_and_standby(lab: Lab) -> tuple[str, str]:
    return ("lb1", "lb2") if holds_vips(lab, "lb1") else ("lb2", "lb1")


def answers(lab: Lab) -> bool:
    client = lab.host("client1")
    return all(client.run(f"curl --silent --fail --max-time 2 {url}").succeeded for url in URLS.values())


def is_whole(lab: Lab) -> bool:
    return all(rotation(lab, name) == addresses(1) | addresses(2) | addresses(3) for name in ("lb1", "lb2"))


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
    wait_until(lambda: is_whole(lab), 90, "all real servers in rotation")


def test_a_stopped_application_leaves_rotation_and_comes_back(lab: Lab) -> None:
    director, web1 = active_and_standby(lab)[0], lab.host("web1")
    web1.check_output("systemctl stop nginx")
    try:
        seconds = wait_until(lambda: not addresses(1) & rotation(lab, director), CHECKED_WITHIN, "web1 out of rotation")
        report(f"nginx stopped on web1: out of rotation after {seconds:.1f} s")
        assert ask(lab) == {"web2", "web3"}
    finally:
        web1.check_output("systemctl start nginx")
    seconds = wait_until(lambda: addresses(1) <= rotation(lab, director), CHECKED_WITHIN, "web1 back in rotation")
    report(f"nginx started on web1: back in rotation after {seconds:.1f} s")


def test_a_real_server_loses_its_power(lab: Lab) -> None:
    director = active_and_standby(lab)[0]
    lab.power("stopped", "web2", force=True)
    try:
        wait_until(lambda: not addresses(2) & rotation(lab, director), CHECKED_WITHIN, "web2 out of rotation")
        assert ask(lab) == {"web1", "web3"}
    finally:
        lab.power("started", "web2")
    wait_until(lambda: is_whole(lab), 90, "web2 back in rotation without Ansible")


def test_the_active_director_loses_its_power(lab: Lab) -> None:
    victim, standby = active_and_standby(lab)
    try:
        with Load(lab.host("client1"), *URLS.values()) as load:
            lab.power("stopped", victim, force=True)
            wait_until(lambda: holds_vips(lab, standby), 30, "the VIPs on the other director")
            wait_until(lambda: answers(lab), 20, "an answer from the other director")
    finally:
        lab.power("started", victim)
    assert longest_gap(load, f"power cut of the active director {victim}") < 6000


def test_the_old_director_returns(lab: Lab) -> None:
    """After preempt_delay the preferred director takes the VIPs back; a client hardly notices."""
    with Load(lab.host("client1"), *URLS.values()) as load:
        seconds = wait_until(lambda: holds_vips(lab, "lb1"), 90, "the VIPs back on lb1")
    assert longest_gap(load, f"return of the director lb1 after {seconds:.0f} s") < 3000


def test_all_machines_lose_their_power_at_once(lab: Lab) -> None:
    lab.power("stopped", *MACHINES, force=True)
    lab.power("started", *MACHINES)
    seconds = wait_until(lambda: answers(lab), 90, "an answer")
    report(f"power cut of all machines: serves again {seconds:.1f} s after the boot, without Ansible")
    wait_until(lambda: is_whole(lab), 90, "all real servers in rotation")
    for vip in VIPS:
        assert len(lab.module("client1", "lvs.cluster.arp_probe", address=vip)["macs"]) == 1
    assert lab.playbook("lvs.cluster.site", "--check").changed == 0
