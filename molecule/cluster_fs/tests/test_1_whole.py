# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system that three nodes have mounted at the same time: what each sees of the others, and how it joins and leaves."""

from __future__ import annotations

import time

import pytest
from lab import Lab, report, wait_until
from shared_disk import DATA, NODES, ROLE, fenced, info, is_mounted, is_whole, wait_until_whole

# How far the clocks of machines may be apart, in seconds.
SKEW = 0.2
# Holds a lock for two seconds; prints when it had it.
LOCK = (
    "import fcntl, time; f = open('{path}', 'w'); fcntl.{call}(f, fcntl.LOCK_EX);"
    " a = time.time(); time.sleep(2); print(a, time.time())"
)


@pytest.fixture(scope="module", autouse=True)
def whole(lab: Lab) -> None:
    wait_until_whole(lab)


def test_all_nodes_are_members(lab: Lab) -> None:
    for node in NODES:
        seen = info(lab, node)
        assert (seen["running"], seen["quorate"], seen["fencing"]) == (True, True, [])
        assert [each["name"] for each in seen["nodes"] if each["joined"]] == list(NODES)
        assert seen["mounted"] == [DATA]


def test_the_topmost_folder_is_the_users(lab: Lab) -> None:
    for node in NODES:
        folder = lab.host(node).file(DATA)
        assert (folder.user, folder.group, folder.mode) == ("www-data", "www-data", 0o755)


def test_secrets_are_for_root(lab: Lab) -> None:
    keys = set()
    for node in NODES:
        for path, mode in (("/etc/corosync/authkey", 0o400), ("/etc/dlm/dlm.conf", 0o600)):
            file = lab.host(node).file(path)
            assert (file.user, file.mode) == ("root", mode)
        keys.add(lab.host(node).file("/etc/corosync/authkey").sha256sum)
    assert len(keys) == 1


@pytest.mark.parametrize("writer", NODES)
def test_what_one_writes_the_others_see_at_once(lab: Lab, writer: str) -> None:
    path, marker = f"{DATA}/from-{writer}", f"written on {writer} at {time.time()}"
    lab.host(writer).check_output(f"echo '{marker}' > {path}.new && mv {path}.new {path}")
    for node in NODES:
        assert lab.host(node).check_output(f"cat {path}") == marker
    lab.host(writer).check_output(f"rm {path}")
    assert not any(lab.host(node).file(path).exists for node in NODES)


@pytest.mark.parametrize("call", ["flock", "lockf"])
def test_a_lock_holds_on_all_nodes(lab: Lab, call: str) -> None:
    script = LOCK.format(path=f"{DATA}/lock", call=call)
    # Before the others open it: on OCFS2 one of two nodes that make the same file may be told that it exists.
    lab.host("web1").check_output(f"touch {DATA}/lock")
    for node in NODES:
        lab.host(node).check_output(f'python3 -c "{script}" > /run/lock-times 2>&1 &')
    times = []
    for node in NODES:
        host = lab.host(node)
        wait_until(lambda host=host: bool(host.check_output("cat /run/lock-times")), 20, f"the lock on {node}")
        said = host.check_output("cat /run/lock-times")
        assert "Traceback" not in said, said
        times.append(tuple(map(float, said.split())))
    times.sort()
    assert all(first[1] < second[0] + SKEW for first, second in zip(times, times[1:])), times


def test_a_node_that_shuts_down_is_not_fenced_and_comes_back(lab: Lab) -> None:
    before, start = fenced(lab), time.monotonic()
    lab.power("stopped", "web2")
    down = time.monotonic() - start
    assert is_whole(lab, ("web1", "web3"))
    lab.power("started", "web2")
    back = wait_until_whole(lab)
    assert fenced(lab) == before
    report(f"an orderly shutdown took {down:.1f} s, and the file system was back {back:.1f} s after the boot")


def test_a_file_system_in_use_is_not_taken_away(lab: Lab) -> None:
    """A node that leaves says who still has files open, and stays as it was."""
    host = lab.host("web3")
    # Not by --working-directory, for then systemd would stop it before it unmounts.
    host.check_output(f"systemd-run --quiet --unit=busy sh -c 'cd {DATA} && exec sleep 600'")
    run = lab.playbook(ROLE, "-l", "web3", "-e", "cluster_fs_state=absent")
    host.check_output("systemctl stop busy")
    assert run.code != 0
    assert f"{DATA} cannot be unmounted: in use by sleep (process" in run.output
    assert is_mounted(host)
    assert is_whole(lab)


def test_a_node_leaves_and_joins_while_the_others_go_on(lab: Lab) -> None:
    hosts = [lab.host(name) for name in ("web1", "web2")]
    pids = [host.check_output("pidof corosync dlm_controld") for host in hosts]
    assert lab.playbook(ROLE, "-l", "web3", "-e", "cluster_fs_state=absent").code == 0
    two = '{"cluster_fs_nodes": [{"name": "web1", "id": 1, "address": "192.0.2.21"}, {"name": "web2", "id": 2, "address": "192.0.2.22"}]}'
    run = lab.playbook(ROLE, "-l", "web1,web2", "-e", two)
    assert run.code == 0, run.output
    assert is_whole(lab, ("web1", "web2"))
    assert info(lab, "web1")["votes"]["expected"] == 2
    run = lab.playbook(ROLE, "-l", "web1,web2,web3")
    assert run.code == 0, run.output
    assert is_whole(lab)
    assert info(lab, "web1")["votes"]["expected"] == 3
    assert [host.check_output("pidof corosync dlm_controld") for host in hosts] == pids
