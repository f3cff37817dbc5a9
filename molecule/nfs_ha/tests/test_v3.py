# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NFSv3 on request, and a server that dies under it. The tests build on each other, in this order."""

from __future__ import annotations

import time

import pytest
from lab import Lab, Run, wait_until
from traffic import STATE

SERVER, CLIENT, STRANGER = "web3", "client1", "web1"
ADDRESS, SHARE = "192.0.2.23", "/srv/old"
PORTS = {"portmapper": 111, "nfs": 2049, "mountd": 20048, "status": 662, "nlockmgr": 32803}
# Of a run against a server that does not answer, with `nfs_client_timeout` of 5 s.
BOUNDED = 90


def apply(lab: Lab, wanted: str, *arguments: str) -> Run:
    playbook = lab.inventory.parent.parent / "v3.yml"
    return lab.playbook(str(playbook), "-e", f"wanted={wanted}", *arguments)


def state(lab: Lab, name: str) -> str:
    return lab.host(name).check_output(f"sh -s <<'END'\n{STATE.read_text(encoding='utf-8')}\nEND")


@pytest.fixture(scope="module")
def before(lab: Lab) -> dict[str, str]:
    return {name: state(lab, name) for name in (SERVER, CLIENT)}


def test_it_is_set_up_once(lab: Lab, before: dict[str, str]) -> None:
    assert before
    run = apply(lab, "present")
    assert run.code == 0, run.output
    assert run.changed > 0
    assert apply(lab, "present").changed == 0
    assert " vers=3" in lab.host(CLIENT).check_output(f"grep ' {SHARE} ' /proc/mounts").replace(",", " ")


def test_its_ports_are_fixed(lab: Lab) -> None:
    lines = lab.host(CLIENT).check_output(f"rpcinfo -p {ADDRESS}").splitlines()[1:]
    found = {(name, int(port)) for _program, _version, _protocol, port, name in map(str.split, lines)}
    assert {(name, port) for name, port in found if name in PORTS} == set(PORTS.items())


def test_locks_work(lab: Lab) -> None:
    client = lab.host(CLIENT)
    client.check_output(f"echo kept > {SHARE}/file")
    assert lab.host(SERVER).file(f"{SHARE}/file").content_string == "kept\n"
    with_lock = f"flock --nonblock {SHARE}/file"
    assert client.check_output(f"{with_lock} echo locked") == "locked"
    # The server's own flock does not count for lockd, another program on the client does.
    assert client.run(f"{with_lock} {with_lock} true").failed


def test_others_are_refused(lab: Lab) -> None:
    command = f"timeout 30 mount -t nfs4 -o soft,timeo=50,retrans=1 {ADDRESS}:{SHARE} /mnt"
    assert lab.host(STRANGER).run(command).failed


def test_a_dead_server_does_not_hang_a_run(lab: Lab) -> None:
    lab.power("stopped", SERVER, force=True)
    try:
        start = time.monotonic()
        run = apply(lab, "present", "--limit", CLIENT)
        assert (run.code, run.changed) == (0, 0), run.output
        assert f"{SHARE}: {ADDRESS}:{SHARE} does not answer within 5 s" in run.output
        assert time.monotonic() - start < BOUNDED
    finally:
        lab.power("started", SERVER)
    wait_until(lambda: lab.host(CLIENT).run(f"timeout 5 cat {SHARE}/file").stdout == "kept\n", 120, "the file again")


@pytest.mark.parametrize("name", [CLIENT, SERVER])
def test_absent_leaves_the_data_and_nothing_else(lab: Lab, before: dict[str, str], name: str) -> None:
    planned = apply(lab, "absent", "--limit", name, "--check")
    assert planned.code == 0, planned.output
    run = apply(lab, "absent", "--limit", name)
    assert run.code == 0, run.output
    assert run.changed == planned.changed > 0
    assert apply(lab, "absent", "--limit", name).changed == 0
    assert state(lab, name) == before[name]
    assert lab.host(SERVER).file(f"{SHARE}/file").content_string == "kept\n"
