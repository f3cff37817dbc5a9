# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the table: a real keepalived, with a checker and without one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from node import SAVE, Node, Step, command, module

WITH_CHECKER = """
virtual_server 192.0.2.100 80 {
  lvs_sched rr
  lvs_method DR
  protocol TCP
  real_server 192.0.2.21 80 { weight 3 }
}
"""
VRRP_ONLY = """
vrrp_instance web {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress { 192.0.2.101/32 }
}
"""
ADVICE = (
    ": make the change in its configuration. To make it here all the same, set override_owner: true; the other program"
    " is not told and may undo it"
)


def keepalived(configuration: str, child: str) -> Step:
    """Start keepalived and wait for one of its children."""
    # Both children have the name of their parent or one of their own, by version; the log is the same in all.
    wait = f"until journalctl --unit keepalived --no-pager | grep -q '{child}'; do sleep 0.2; done"
    return command(
        f"cat > /etc/keepalived/keepalived.conf <<'END'\n{configuration}\nEND\n"
        f'systemctl restart keepalived && timeout 20 sh -c "{wait}" && sleep 0.5'
    )


@pytest.fixture
def director(node: Node) -> Iterator[Node]:
    yield node
    node.run(command("systemctl stop keepalived; ip netns delete other 2>/dev/null || true"))


def owner_of(message: str) -> str:
    """Return a message without the number of a process."""
    before, _open, rest = message.partition(" (pid ")
    return before + rest.partition(")")[2]


def test_a_checker_holds_services_servers_and_timeouts(director: Node) -> None:
    web = {"vip": "192.0.2.100", "port": 80}
    _started, _namespace, saved, *refused, same, elsewhere, overridden, after, info = director.run(
        keepalived(WITH_CHECKER, "Starting Healthcheck child"),
        command("ip netns add other"),
        SAVE,
        module("ipvs_table", services=[], purge="all"),
        module("ipvs_table", services=[], purge="all", check=True),
        module("ipvs_service", **web, scheduler="wlc"),
        module("ipvs_server", service=web, address="192.0.2.22"),
        module("ipvs_timeouts", udp=60),
        module("ipvs_sync_daemon", role="master", interface="eth0"),
        module("ipvs_service", **web, scheduler="rr"),
        module("ipvs_service", **web, netns="other"),
        module("ipvs_server", service=web, address="192.0.2.21", weight=9, override_owner=True),
        SAVE,
        module("ipvs_info"),
    )
    assert saved == "-A -t 192.0.2.100:80 -s rr\n-a -t 192.0.2.100:80 -r 192.0.2.21:80 -g -w 3\n"
    held = f" of this network namespace are held by keepalived's checker process{ADVICE}"
    services, timeouts = f"the services and servers{held}", f"the timeouts{held}"
    daemons = f"the sync daemons of this network namespace are held by keepalived{ADVICE}"
    assert [owner_of(result["msg"]) for result in refused] == [services] * 4 + [timeouts, daemons]
    assert same["changed"] is False
    assert elsewhere["changed"], elsewhere
    assert overridden["changed"], overridden
    assert after == saved.replace("-w 3", "-w 9")
    assert info["owner"]["services"]["name"] == "keepalived's checker process"


def test_vrrp_alone_holds_only_the_sync_daemons(director: Node) -> None:
    web = {"vip": "192.0.2.100", "port": 80}
    _started, *allowed, refused, info = director.run(
        keepalived(VRRP_ONLY, "Starting VRRP child"),
        module("ipvs_table", services=[{**web, "servers": [{"address": "192.0.2.21"}]}], purge="all"),
        module("ipvs_service", **web, scheduler="rr"),
        module("ipvs_server", service=web, address="192.0.2.22"),
        module("ipvs_timeouts", udp=60),
        module("ipvs_timeouts", udp=300),
        module("ipvs_sync_daemon", role="master", interface="eth0"),
        module("ipvs_info"),
    )
    assert all(result.get("changed") for result in allowed), allowed
    assert owner_of(refused["msg"]) == f"the sync daemons of this network namespace are held by keepalived{ADVICE}"
    assert info["owner"]["services"] is None


def test_a_keepalived_that_was_stopped_holds_nothing(director: Node) -> None:
    _ran, result = director.run(
        command("systemctl stop keepalived"), module("ipvs_service", vip="192.0.2.100", port=80)
    )
    assert result["changed"], result
