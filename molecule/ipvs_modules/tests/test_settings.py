# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timeouts and sync daemons, with ipvsadm as the witness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from node import Node, command, module

TIMEOUTS = command("ipvsadm --list --timeout")
DAEMONS = command("ipvsadm --list --daemon")
RESET = command(
    "ipvsadm --set 900 120 300; for role in master backup; do ipvsadm --stop-daemon $role 2>/dev/null || true; done"
)


@pytest.fixture(autouse=True)
def reset(node: Node) -> Iterator[None]:
    yield
    node.run(RESET)


def test_timeouts(node: Node) -> None:
    one, seen, again, all_of_them, seen_all, _by_ipvsadm, info = node.run(
        module("ipvs_timeouts", udp=60),
        TIMEOUTS,
        module("ipvs_timeouts", udp=60),
        module("ipvs_timeouts", tcp=2147483, tcp_fin=1, udp=2),
        TIMEOUTS,
        command("ipvsadm --set 10 20 30"),
        module("ipvs_info"),
    )
    assert one["timeouts"] == {"tcp": 900, "tcp_fin": 120, "udp": 60}
    assert one["diff"] == {"before": {"udp": 300}, "after": {"udp": 60}}
    assert seen == "Timeout (tcp tcpfin udp): 900 120 60\n"
    assert again["changed"] is False
    assert all_of_them["changed"]
    assert seen_all == "Timeout (tcp tcpfin udp): 2147483 1 2\n"
    assert info["timeouts"] == {"tcp": 10, "tcp_fin": 20, "udp": 30}


def test_every_attribute_of_a_daemon(node: Node) -> None:
    attributes = {"sync_id": 7, "max_length": 1400, "group": "ff02::81", "port": 9000, "ttl": 3}
    backup = {"role": "backup", "interface": "eth0", **attributes}
    made, seen, again, info = node.run(
        module("ipvs_sync_daemon", **backup), DAEMONS, module("ipvs_sync_daemon", **backup), module("ipvs_info")
    )
    assert made["sync_daemon"] == backup
    assert seen.strip() == ("backup sync daemon (mcast=eth0, syncid=7, maxlen=1400, group=ff02::81, port=9000, ttl=3)")
    assert again["changed"] is False
    assert info["sync_daemons"] == [backup]


def test_our_modules_read_the_daemons_of_ipvsadm(node: Node) -> None:
    start = "ipvsadm --start-daemon %s --mcast-interface eth0 --syncid 9 --mcast-port 9001 --mcast-group 224.0.0.99"
    _started, info, same = node.run(
        command(f"{start % 'master'} && {start % 'backup'}"),
        module("ipvs_info"),
        module("ipvs_sync_daemon", role="master", interface="eth0", sync_id=9, port=9001, group="224.0.0.99"),
    )
    assert [daemon["role"] for daemon in info["sync_daemons"]] == ["backup", "master"]
    assert {daemon["sync_id"] for daemon in info["sync_daemons"]} == {9}
    assert same["changed"] is False


def test_a_daemon_is_restarted_only_for_what_is_given(node: Node) -> None:
    _started, other, less, changed, seen, gone, gone_again, left = node.run(
        module("ipvs_sync_daemon", role="master", interface="eth0", sync_id=7, ttl=2),
        module("ipvs_sync_daemon", role="backup", interface="eth0", sync_id=8),
        module("ipvs_sync_daemon", role="master", interface="eth0"),
        module("ipvs_sync_daemon", role="master", interface="eth0", ttl=5),
        DAEMONS,
        module("ipvs_sync_daemon", role="master", state="absent"),
        module("ipvs_sync_daemon", role="master", state="absent"),
        DAEMONS,
    )
    assert other["changed"]
    assert less["changed"] is False
    assert changed["diff"] == {"before": {"ttl": 2}, "after": {"ttl": 5}}
    assert "master sync daemon (mcast=eth0, syncid=7, maxlen=1472, group=224.0.0.81, port=8848, ttl=5)" in seen
    assert gone["changed"]
    assert gone_again["changed"] is False
    assert "master" not in left
    assert "backup" in left


def test_servers_of_another_family_and_daemons_exclude_each_other(node: Node) -> None:
    """The kernel refuses either when the other one is there."""
    ipv6 = {"vip": "2001:db8::100", "port": 80}
    server = module("ipvs_server", service=ipv6, address="192.0.2.21", forwarding="tun")
    _service, _daemon, refused, _stopped, made, no_daemon = node.run(
        module("ipvs_service", **ipv6),
        module("ipvs_sync_daemon", role="master", interface="eth0"),
        server,
        module("ipvs_sync_daemon", role="master", state="absent"),
        server,
        module("ipvs_sync_daemon", role="master", interface="eth0"),
    )
    assert refused["refused"] == [
        "add server 192.0.2.21:80 of tcp [2001:db8::100]:80: Invalid argument (errno 22): a server of another family than"
        " its service cannot be added while a sync daemon runs; stop the daemon (lvs.cluster.ipvs_sync_daemon), or use a"
        " server of the same family"
    ]
    assert made["changed"]
    assert no_daemon["failed"]
    assert "Invalid argument (errno 22)" in no_daemon["msg"]
