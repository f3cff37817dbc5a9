# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both directors are active, lb2 for VIPs of its own, and stand in for each other. The tests build on each other."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from cluster import DIRECTORS, has_vips, nobody_notices, site, wait_until_whole
from faults import CONNECTIONS, ECHO, Kept
from lab import Lab, Load, report, wait_until

DECLARED = Path(__file__).parents[1] / "inventory" / "group_vars" / "all.yml"
OTHERS = ("192.0.2.101", "2001:db8::101")
OTHER_URLS = {"IPv4": f"http://{OTHERS[0]}/", "IPv6": f"http://[{OTHERS[1]}]/"}
SERVICES = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))["lvs_services"]
OF_LB2 = [
    {**service, "name": f"{service['name']}-2", "vip": list(OTHERS), "director": "lb2"} for service in SERVICES[:2]
]
SHARED = ("-e", json.dumps({"lvs_services": [*SERVICES, *OF_LB2], "lvs_vrrp": {"preempt_delay": 10}}))


def holds(lab: Lab, director: str, vips: tuple[str, ...]) -> bool:
    shown = lab.host(director).check_output("ip address show eth0")
    return all(f" {vip}/" in shown for vip in vips)


def each_has_its_own(lab: Lab) -> bool:
    return holds(lab, "lb2", OTHERS) and not has_vips(lab.host("lb1"), OTHERS)


def test_the_other_director_becomes_active_too(lab: Lab) -> None:
    wait_until_whole(lab, ECHO)
    with nobody_notices(lab, "the other director becomes active for VIPs of its own"):
        site(lab, *SHARED)
    wait_until_whole(lab, ECHO)
    wait_until(lambda: each_has_its_own(lab), 60, "the other VIPs on lb2")
    assert [lab.sync_daemons(name) for name in DIRECTORS] == [{"master", "backup"}] * 2
    run = lab.playbook("lvs.cluster.verify", *SHARED)
    assert run.code == 0, run.output


def test_it_fails_and_returns(lab: Lab) -> None:
    """Its clients miss it for a moment, those of the other director miss nothing; it has its sync daemons again."""
    with nobody_notices(lab, "lb2, which is active for VIPs of its own, fails and returns"), Kept(lab, OTHERS) as kept:
        with Load(lab.host("client1"), *OTHER_URLS.values()) as load:
            lab.power("stopped", "lb2", force=True)
            wait_until(lambda: holds(lab, "lb1", OTHERS), 30, "all VIPs on lb1")
            wait_until(lambda: lab.host("client1").run(f"curl -sf -m 2 {OTHER_URLS['IPv4']}").succeeded, 20, "answers")
        lab.power("started", "lb2")
        wait_until(lambda: each_has_its_own(lab), 60, "the other VIPs on lb2")
    gap = max(result["gap_ms"] for result in load.results.values())
    report(
        f"power cut of one of two active directors: gap of its clients {gap:.0f} ms, {kept.survived} connections live"
    )
    assert kept.survived == len(OTHERS) * CONNECTIONS, kept.problems
    assert [lab.sync_daemons(name) for name in DIRECTORS] == [{"master", "backup"}] * 2


def test_one_director_has_all_again(lab: Lab) -> None:
    site(lab)
    wait_until_whole(lab, ECHO)
    assert [lab.sync_daemons(name) for name in DIRECTORS] == [{"master", "backup"}] * 2
    assert not any(has_vips(lab.host(name), OTHERS) for name in DIRECTORS)
    assert lab.playbook("lvs.cluster.site").changed == 0
