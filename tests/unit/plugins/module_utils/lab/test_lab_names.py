# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ipaddress

from ansible_collections.lvs.cluster.plugins.module_utils.lab.names import link_local_address, mac_address, tap_name
from hypothesis import given
from hypothesis import strategies as st

MACHINES = st.from_regex(r"[a-z][a-z0-9.-]{0,62}[a-z0-9]", fullmatch=True)


def test_a_tap_is_called_after_machine_and_nic() -> None:
    assert tap_name("lb1", 0) == "lb1-eth0"
    assert tap_name("director01", 1) == "director01-eth1"


def test_long_machine_names_give_different_taps() -> None:
    first, second = tap_name("web1.example.org", 0), tap_name("web1.example.com", 0)
    assert first != second
    assert first.startswith("web1.")
    assert first.endswith("-eth0")


@given(MACHINES, st.integers(0, 12))
def test_a_tap_name_fits(machine: str, index: int) -> None:
    assert len(tap_name(machine, index)) <= 15


@given(MACHINES, st.integers(0, 12))
def test_a_mac_address_is_unicast_and_locally_administered(machine: str, index: int) -> None:
    octets = [int(part, 16) for part in mac_address(machine, index).split(":")]
    assert len(octets) == 6
    assert octets[0] == 0x02


def test_mac_addresses_are_stable_and_distinct() -> None:
    macs = {mac_address(name, index) for name in ("lb1", "lb2") for index in range(3)}
    assert len(macs) == 6
    assert mac_address("lb1", 0) == mac_address("lb1", 0)


def test_the_link_local_address_is_the_one_that_linux_makes() -> None:
    # RFC 4291, appendix A
    assert link_local_address("34:56:78:9a:bc:de") == "fe80::3656:78ff:fe9a:bcde"


@given(st.lists(st.integers(0, 255), min_size=6, max_size=6))
def test_a_link_local_address_is_always_one(octets: list[int]) -> None:
    mac = ":".join(f"{octet:02x}" for octet in octets)
    assert ipaddress.IPv6Address(link_local_address(mac)) in ipaddress.IPv6Network("fe80::/64")
