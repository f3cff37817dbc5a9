# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that fail: they are fenced, the others go on, nothing that was safe is lost; and without fencing nobody goes on."""

from __future__ import annotations

import time

import pytest
from lab import Lab, report, wait_until
from shared_disk import DATA, NODES, Writers, fenced, fencing, info, is_mounted, wait_until_whole

VICTIM, SURVIVORS = "web3", ("web1", "web2")
# Token and consensus of three nodes, fencing, and the replay of a journal, on a busy machine.
LONGEST_PAUSE = 45
QUIET = 15
UNITS = "lvs-cluster-fs@srv-www.service srv-www.mount"


@pytest.fixture(autouse=True)
def whole(lab: Lab) -> None:
    wait_until_whole(lab)
    # A node that has just joined is a reason not to fence yet: cluster_fs_post_join_delay.
    time.sleep(16)


def wait_until_fenced(lab: Lab, before: list[str]) -> float:
    return wait_until(lambda: len(fenced(lab)) > len(before), LONGEST_PAUSE, f"{VICTIM} fenced through the lab")


def test_a_node_is_cut_off_while_writing(lab: Lab) -> None:
    before = fenced(lab)
    with Writers(lab, f"{DATA}/cut", NODES) as writers:
        time.sleep(4)
        lab.power("stopped", VICTIM, force=True)
        after = wait_until_fenced(lab, before)
        time.sleep(QUIET)
    assert f"'reboot {VICTIM}': ok" in fenced(lab)[-1]
    assert [node["fenced_at"] > 0 for node in info(lab, "web1")["members"]] == [False, False, True]
    assert writers.times[VICTIM]
    for node in NODES:
        assert writers.lost(node, lab.host("web1")) == set()
    pause = writers.pause(*SURVIVORS)
    report(f"power cut of a writing node: fenced {after:.1f} s later, writing on the others paused for {pause:.1f} s")
    assert 1 < pause < LONGEST_PAUSE
    # It was the fencing that switched it on again.
    back = wait_until_whole(lab)
    report(
        f"the fenced node was back {back:.1f} s later, by itself; none of {len(writers.times[VICTIM])} records was lost"
    )


def test_while_fencing_fails_nobody_goes_on(lab: Lab) -> None:
    fencing(lab, "absent")
    with Writers(lab, f"{DATA}/blocked", NODES) as writers:
        time.sleep(3)
        lab.power("stopped", VICTIM, force=True)
        cut = time.monotonic()
        wait_until(lambda: info(lab, "web1")["fencing"] == [3], LONGEST_PAUSE, "fencing that is wanted and fails")
        noticed = time.monotonic()
        time.sleep(QUIET)
        seen = info(lab, "web1")
        assert (seen["fencing"], seen["quorate"]) == ([3], True)
        assert all(lockspace["waits_for"] for lockspace in seen["lockspaces"])
        healed = time.monotonic()
        fencing(lab, "started")
        wait_until_fenced(lab, [])
        time.sleep(QUIET)
    for node in NODES:
        assert writers.lost(node, lab.host("web1")) == set()
    # They stood still from when the failure was noticed until fencing worked again, and not much longer. Before that
    # they only stand still if they need a lock that the node held.
    pause = writers.pause(*SURVIVORS)
    report(f"fencing failed for {healed - cut:.1f} s: writing paused for {pause:.1f} s, and went on by itself")
    assert healed - noticed < pause < healed - cut + LONGEST_PAUSE
    wait_until_whole(lab)


def test_nobody_sees_anybody_for_a_while(lab: Lab) -> None:
    """As by a switch that restarts: no part has a majority, so nobody is fenced, and all stand still."""
    with Writers(lab, f"{DATA}/dark", NODES) as writers:
        time.sleep(3)
        lab.plug(*NODES, cable=False)
        time.sleep(35)
        lab.plug(*NODES, cable=True)
        start = time.monotonic()
        time.sleep(QUIET)
    wait_until_whole(lab)
    report(
        f"after 35 s without any network the nodes were together again {time.monotonic() - start:.1f} s later, by themselves"
    )
    for node in NODES:
        assert writers.times[node]
        assert writers.lost(node, lab.host("web2")) == set()


def test_nodes_that_are_sent_away_join_again(lab: Lab) -> None:
    """As one of the nodes may do with others that boot while it looks for them. Without a mount nothing has them boot."""
    others = [lab.host(name) for name in ("web2", "web3")]

    def runs() -> list[str]:
        """What tells one run of the lock manager from the next. A node may be fenced meanwhile, and boot."""
        return [host.run("systemctl show --property=InvocationID --value dlm").stdout.strip() for host in others]

    for host in others:
        host.check_output(f"systemctl stop {UNITS}")
    wait_until_whole(lab, ["web1"])
    before = runs()
    lab.host("web1").check_output("corosync-cfgtool -k 2 && corosync-cfgtool -k 3")
    wait_until(
        lambda: all(old != new and new for old, new in zip(before, runs())), 90, "another run of the lock manager"
    )
    for host in others:
        wait_until(lambda host=host: host.run(f"systemctl start {UNITS.split()[0]}").succeeded, 60, "a mount again")
    wait_until_whole(lab)


def test_a_power_cut_of_all(lab: Lab) -> None:
    before = fenced(lab)
    with Writers(lab, f"{DATA}/all", NODES) as writers:
        time.sleep(3)
        lab.power("stopped", *NODES, force=True)
    # The first one has to wait: it cannot know what the others have written since.
    lab.power("started", "web1")
    time.sleep(QUIET)
    host = lab.host("web1")
    assert host.check_output("systemctl is-system-running") == "running"
    assert not is_mounted(host)
    start = time.monotonic()
    lab.power("started", "web2", "web3")
    wait_until_whole(lab)
    report(
        f"power cut of all nodes: the file system was back {time.monotonic() - start:.1f} s after the power, by itself"
    )
    for node in NODES:
        assert writers.times[node]
        assert writers.lost(node, lab.host("web2")) == set()
    assert fenced(lab) == before
