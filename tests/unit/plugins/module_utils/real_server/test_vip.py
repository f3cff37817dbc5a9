# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.real_server import vip
from ansible_collections.lvs.cluster.plugins.module_utils.real_server.vip import State

IGNORE, ANNOUNCE = "net/ipv4/conf/eth0/arp_ignore", "net/ipv4/conf/eth0/arp_announce"
FRESH = State(None, {IGNORE: 0, ANNOUNCE: 0})


def test_serving_needs_both_arp_settings() -> None:
    assert vip.wanted_state(["192.0.2.100"], "eth0", FRESH, {}).sysctls == {IGNORE: 1, ANNOUNCE: 2}


def test_ipv6_needs_none() -> None:
    assert vip.wanted_state(["2001:db8::100"], "eth0", FRESH, {}).sysctls == FRESH.sysctls


def test_a_stricter_value_from_before_stays() -> None:
    observed = State(frozenset(), {IGNORE: 1, ANNOUNCE: 0})
    assert vip.wanted_state(["192.0.2.100"], "eth0", observed, {IGNORE: 2}).sysctls[IGNORE] == 2


def test_an_interface_that_faces_the_cluster_no_more_gets_its_values_back() -> None:
    other = "net/ipv4/conf/eth1/arp_ignore"
    observed = State(frozenset(["192.0.2.100"]), {other: 1, IGNORE: 0, ANNOUNCE: 0})
    wanted = vip.wanted_state(["192.0.2.100"], "eth0", observed, {other: 0})
    assert vip.sysctl_changes(observed, wanted) == {other: 0, IGNORE: 1, ANNOUNCE: 2}


def test_commands_from_nothing() -> None:
    wanted = vip.wanted_state(["2001:db8::100", "192.0.2.100"], "eth0", FRESH, {})
    assert [" ".join(command) for command in vip.address_commands("lvs0", FRESH, wanted)] == [
        "ip link add dev lvs0 type dummy",
        "ip link set dev lvs0 up",
        "ip address add 192.0.2.100/32 dev lvs0",
        "ip address add 2001:db8::100/128 dev lvs0 nodad preferred_lft 0",
    ]


def test_new_vips_come_before_old_ones_go() -> None:
    observed, wanted = (
        State(frozenset(["192.0.2.1", "192.0.2.2"]), {}),
        State(frozenset(["192.0.2.2", "192.0.2.3"]), {}),
    )
    assert [" ".join(command) for command in vip.address_commands("lvs0", observed, wanted)] == [
        "ip address add 192.0.2.3/32 dev lvs0",
        "ip address delete 192.0.2.1/32 dev lvs0",
    ]


def test_nothing_to_do() -> None:
    state = State(frozenset(["192.0.2.1"]), {IGNORE: 1, ANNOUNCE: 2})
    wanted = vip.wanted_state(["192.0.2.1"], "eth0", state, {IGNORE: 0, ANNOUNCE: 0})
    assert vip.address_commands("lvs0", state, wanted) == []
    assert vip.sysctl_changes(state, wanted) == {}


def test_release_removes_the_device_and_restores_what_was() -> None:
    observed = State(frozenset(["192.0.2.1"]), {IGNORE: 1, ANNOUNCE: 2})
    wanted = vip.released_state(observed, {IGNORE: 0, ANNOUNCE: 0})
    assert vip.address_commands("lvs0", observed, wanted) == [("ip", "link", "delete", "dev", "lvs0")]
    assert vip.sysctl_changes(observed, wanted) == {IGNORE: 0, ANNOUNCE: 0}


def test_release_of_nothing() -> None:
    assert vip.address_commands("lvs0", FRESH, vip.released_state(FRESH, {})) == []


@pytest.mark.parametrize(
    ("interface", "unit"),
    [
        ("eth0", "sys-subsystem-net-devices-eth0.device"),
        ("eth0.10", "sys-subsystem-net-devices-eth0.10.device"),
        ("br-lan", "sys-subsystem-net-devices-br\\x2dlan.device"),
    ],
)
def test_device_unit_names_are_escaped(interface: str, unit: str) -> None:
    assert vip.device_unit(interface) == unit


def test_the_boot_unit_sets_arp_before_it_binds_a_vip() -> None:
    unit = vip.render_unit("eth0", "lvs0", ["192.0.2.101", "192.0.2.100"], "/etc/sysctl.d/x.conf")
    starts = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    assert starts == [
        "ExecStart=sysctl --quiet --load=/etc/sysctl.d/x.conf",
        "ExecStart=-ip link add dev lvs0 type dummy",
        "ExecStart=ip link set dev lvs0 up",
        "ExecStart=ip address replace 192.0.2.100/32 dev lvs0",
        "ExecStart=ip address replace 192.0.2.101/32 dev lvs0",
    ]
    assert "Before=network.target" in unit


def test_the_sysctl_file_has_unambiguous_keys() -> None:
    assert vip.render_sysctl_file({"net/ipv4/conf/eth0.10/arp_ignore": 1}).splitlines()[1:] == [
        "net/ipv4/conf/eth0.10/arp_ignore = 1"
    ]


def test_state_in_diffs_is_sorted() -> None:
    assert State(frozenset(["b", "a"]), {"y": 1, "x": 2}).to_dict() == {"vips": ["a", "b"], "sysctls": {"x": 2, "y": 1}}
    assert FRESH.to_dict()["vips"] == []
