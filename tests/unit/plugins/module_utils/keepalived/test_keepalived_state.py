# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived import dump
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.state import (
    CheckedServer,
    CheckedService,
    Instance,
    read_features,
    read_instances,
    read_services,
)

VRRP = """\
------< Global definitions >------
 Router ID = d1
------< VRRP Topology >------
 VRRP Instance = lvs
   VRRP Version = 3
   State = MASTER
   Wantstate = BACKUP
   Last transition = 1795419229.595313 (Mon Nov 23 07:33:49.595313 2026)
   Priority = 150
   Effective priority = 140
   Virtual IP (1):
     192.0.2.100 dev eth0 scope global
 VRRP Instance = broken
   State = FAULT
   Last transition = 0.000000 (Never)
   Priority = 100
------< Interfaces >------
 Name = eth0
   State = UP, RUNNING
"""

CHECKERS = """\
------< LVS Topology >------
 System is compiled with LVS v1.2.1
 ------< Virtual server >------
 VS VIP = 192.0.2.100, VPORT = 80
   protocol = TCP
   alpha is ON
   sorry server = [192.0.2.9]:tcp:80
     Inhibit on failure is OFF
   alive = 1
   quorum_state_up = 1
   ------< Real server >------
   RIP = 192.0.2.21, RPORT = 80, WEIGHT = 3 EFF WEIGHT = 3
   effective weight = 3
   alive = 1
   num failed checkers = 0
   ------< Real server >------
   RIP = 192.0.2.22, RPORT = 80, WEIGHT = 1 EFF WEIGHT = 1
   effective weight = 1
   alive = 0
   num failed checkers = 2
 ------< Virtual server >------
 VS FWMARK = 7
   Address family = inet6
   quorum_state_up = 0
   ------< Real server >------
   RIP = 2001:db8::21, RPORT = 0, WEIGHT = 1 EFF WEIGHT = 1
   alive = 0
 ------< Virtual server >------
 VS GROUP = web
   quorum_state_up = 1
------< Health checkers >------
   alive = 1
"""


def test_instances():
    assert read_instances(VRRP) == (
        Instance("lvs", "master", 140, 1795419229.595313),
        Instance("broken", "fault", 100, None),
    )


def test_services():
    assert read_services(CHECKERS) == (
        CheckedService(
            "tcp 192.0.2.100:80",
            True,
            (CheckedServer("192.0.2.21:80", True, 3, 0), CheckedServer("192.0.2.22:80", False, 1, 2)),
        ),
        CheckedService("fwmark 7 ipv6", False, (CheckedServer("[2001:db8::21]:0", False, 0, 0),)),
        CheckedService("group web", True, ()),
    )


def test_nothing_written():
    assert read_instances("") == read_services("") == ()


def test_features():
    assert read_features("Keepalived v2.2.7\n\nConfig options:  LVS VRRP BFD\n\nSystem options:  X\n") == (
        "LVS",
        "VRRP",
        "BFD",
    )
    assert read_features("") == ()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a keepalived that writes one of its files when it gets the signal."""
    monkeypatch.setattr(dump.os, "kill", lambda _pid, _signal: (tmp_path / "a").write_text("new"))
    return tmp_path


def read(folder: Path, *names: str, timeout: float = 2):
    return dump.read_dumps(os.getpid(), names, timeout, str(folder).lstrip("/"))


@pytest.mark.skipif(os.geteuid() != 0, reason="files of root")
def test_what_is_written_after_the_signal_is_read(folder):
    (folder / "a").write_text("an older one")
    assert read(folder, "a") == {"a": "new"}


@pytest.mark.skipif(os.geteuid() != 0, reason="files of root")
def test_what_is_not_written_is_waited_for_no_longer_than_the_timeout(folder):
    (folder / "b").write_text("an older one")
    assert read(folder, "a", "b", timeout=0.3) == {"a": "new"}


@pytest.mark.skipif(os.geteuid() != 0, reason="files of root")
def test_files_of_others_are_not_read(folder, monkeypatch):
    def trap(_pid, _signal):
        (folder / "secret").write_text("secret")
        (folder / "a").symlink_to(folder / "secret")
        (folder / "b").write_text("theirs")
        os.chown(folder / "b", 65534, 65534)

    monkeypatch.setattr(dump.os, "kill", trap)
    assert read(folder, "a", "b", timeout=0.3) == {}
