# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ipaddress import ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import DeclarationError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import SyncDaemon, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.settings import edited_sync_daemon, edited_timeouts

NOW = Timeouts(900, 120, 300)
GIVEN = {"role": "master", "interface": "eth0"}
RUNNING = SyncDaemon("master", "eth0", 51, 1472, ip_address("224.0.0.81"), 8848, 1)


def test_timeouts_that_are_not_given_stay():
    assert edited_timeouts(NOW, {"udp": 60}) == Timeouts(900, 120, 60)
    assert edited_timeouts(NOW, {"tcp": 1, "tcp_fin": 2147483, "udp": None}) == Timeouts(1, 2147483, 300)


def test_zero_would_mean_unchanged():
    with pytest.raises(DeclarationError) as caught:
        edited_timeouts(NOW, {"tcp": 0, "udp": 2147484})
    assert str(caught.value).splitlines() == [
        "2 mistakes, so nothing was done:",
        "- tcp: 0 is out of range; write a whole number from 1 to 2147483 seconds (the kernel takes 0 for: leave it as it is)",
        "- udp: 2147484 is out of range; write a whole number from 1 to 2147483 seconds (the kernel takes 0 for: leave it as it is)",
    ]


def test_a_new_daemon_leaves_to_the_kernel_what_is_not_given():
    assert edited_sync_daemon(None, GIVEN) == SyncDaemon("master", "eth0", 0, None, None, None, None)


def test_a_running_daemon_keeps_what_is_not_given():
    assert edited_sync_daemon(RUNNING, GIVEN) == RUNNING
    assert edited_sync_daemon(RUNNING, {**GIVEN, "ttl": 3}) == SyncDaemon(
        "master", "eth0", 51, 1472, ip_address("224.0.0.81"), 8848, 3
    )


def test_another_interface_has_another_largest_message():
    found = edited_sync_daemon(RUNNING, {**GIVEN, "interface": "eth1"})
    assert (found.interface, found.max_length, found.sync_id) == ("eth1", None, 51)


def test_everything():
    given = {"sync_id": 255, "max_length": 65487, "group": "ff02::81", "port": 1, "ttl": 255}
    assert edited_sync_daemon(RUNNING, {**GIVEN, **given}) == SyncDaemon(
        "master", "eth0", 255, 65487, ip_address("ff02::81"), 1, 255
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"interface": "a" * 16}, "interface: 'aaaaaaaaaaaaaaaa' cannot be an interface; write a name such as eth0"),
        ({"interface": "eth/0"}, "interface: 'eth/0' cannot be an interface; write a name such as eth0"),
        ({"sync_id": 256}, "sync_id: 256 is out of range; write a whole number from 0 to 255"),
        ({"max_length": 0}, "max_length: 0 is out of range; write a whole number from 1 to 65507 bytes"),
        (
            {"role": "backup", "max_length": 1023},
            "max_length: 1023 is out of range; write a whole number from 1024 to 65507 bytes",
        ),
        (
            {"group": "ff02::81", "max_length": 65488},
            "max_length: 65488 is out of range; write a whole number from 1 to 65487 bytes",
        ),
        ({"group": "192.0.2.1"}, "group: 192.0.2.1 is no multicast address; write one such as 224.0.0.81 or ff02::81"),
        ({"port": 0}, "port: 0 is out of range; write a whole number from 1 to 65535"),
        ({"ttl": 256}, "ttl: 256 is out of range; write a whole number from 1 to 255"),
    ],
)
def test_mistakes(given, message):
    with pytest.raises(DeclarationError) as caught:
        edited_sync_daemon(None, {**GIVEN, **given})
    assert str(caught.value) == message
