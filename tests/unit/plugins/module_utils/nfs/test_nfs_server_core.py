# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.module_utils.nfs import server as core

PORTS = core.Ports(20048, 662, 32803)
V4 = core.Settings((4,), 16, 15, 15, PORTS)
BOTH = replace(V4, versions=(3, 4))
RUNS = core.Running(16, (4,), 15, 15, frozenset())
LISTENING = frozenset({20048, 662, 32803})


def test_v4_alone_opens_nothing_for_v3() -> None:
    assert core.render(V4) == (
        "# Managed by lvs.cluster.\n[nfsd]\nvers2=n\nvers3=n\nvers4=y\nthreads=16\nlease-time=15\ngrace-time=15\n"
    )


def test_v3_has_fixed_ports() -> None:
    assert core.render(BOTH).endswith("[mountd]\nport=20048\n[statd]\nport=662\n[lockd]\nport=32803\nudp-port=32803\n")
    assert "vers3=y" in core.render(BOTH)


def test_no_reason_to_restart() -> None:
    assert core.reasons_to_restart(V4, RUNS) == []
    assert core.reasons_to_restart(replace(V4, threads=99), RUNS) == []
    assert core.reasons_to_restart(BOTH, replace(RUNS, versions=(3, 4), listening=LISTENING)) == []


def test_reasons_to_restart() -> None:
    assert core.reasons_to_restart(V4, core.Running(8, (3, 4), 90, 60, LISTENING)) == [
        "it speaks NFS 3 and 4 and shall speak 4",
        "its lease time is 90 s and shall be 15 s",
        "its grace time is 60 s and shall be 15 s",
    ]
    assert core.reasons_to_restart(BOTH, replace(RUNS, versions=(3, 4), listening=frozenset({662}))) == [
        "mountd does not listen on port 20048",
        "lockd does not listen on port 32803",
    ]


def test_versions_of_the_kernel() -> None:
    assert core.parse_versions("-2 +3 +4 +4.1 +4.2\n") == (3, 4)
    assert core.parse_versions("-3 +4 -4.0 +4.1\n") == (4,)
    assert core.parse_versions("") == ()


def test_ports_that_are_listened_on() -> None:
    tcp = (
        "  sl  local_address rem_address   st\n"
        "   0: 00000000:0801 00000000:0000 0A 0\n   1: 1502000A:0016 0102000A:C350 01 0\n"
    )
    tcp6 = "  sl  local_address\n   0: 00000000000000000000000000000000:4E50 0000:0000 0A 0\n"
    assert core.parse_listening(tcp, tcp6, "") == {2049, 20048}


def test_all_mistakes_at_once() -> None:
    wrong = core.Settings((3,), 0, 0, 15, core.Ports(2049, 70000, 70000))
    assert core.problems_of(wrong) == [
        "threads: 0 is too small; write 1 or more",
        "lease_time: 0 is too small; write 1 or more",
        "mountd_port: 2049 is the port of the NFS server; give it another one",
        "statd_port: 70000 is no port; write one from 1 to 65535",
        "lockd_port: 70000 is no port; write one from 1 to 65535",
        "lockd_port: 70000 is the port of statd; give it another one",
    ]
    assert core.problems_of(replace(V4, versions=())) == ["versions: it is empty; write 4, or 3 and 4"]
    assert core.problems_of(replace(V4, ports=core.Ports(0, 0, 0))) == []
