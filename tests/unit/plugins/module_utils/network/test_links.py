# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.network.links import (
    Link,
    link_towards,
    link_with,
    parse_links,
)

OUTPUT = """[{"ifindex": 1, "ifname": "lo", "mtu": 65536, "address": "00:00:00:00:00:00", "addr_info": [
    {"family": "inet", "local": "127.0.0.1", "prefixlen": 8}, {"family": "inet6", "local": "::1", "prefixlen": 128}]},
  {}, {"ifindex": 2, "ifname": "eth0", "address": "02:00:00:00:00:01", "addr_info": [
    {"family": "inet", "local": "192.0.2.11", "prefixlen": 24}, {"valid_life_time": 1}]},
  {"ifindex": 3, "ifname": "lvs0", "linkinfo": {"info_kind": "dummy"}, "address": "02:00:00:00:00:02",
   "addr_info": []}]"""


def test_parses_names_kinds_and_addresses() -> None:
    lo, eth0, lvs0 = parse_links(OUTPUT)
    assert lo.to_dict() == {
        "interface": "lo",
        "mac": "00:00:00:00:00:00",
        "mtu": 65536,
        "addresses": ["127.0.0.1/8", "::1/128"],
    }
    assert (eth0.name, eth0.mac, [str(own) for own in eth0.addresses]) == (
        "eth0",
        "02:00:00:00:00:01",
        ["192.0.2.11/24"],
    )
    assert (eth0.kind, lvs0.kind, lvs0.addresses) == ("", "dummy", ())


def test_no_output_means_no_links() -> None:
    assert parse_links("") == []


@pytest.mark.parametrize(("address", "name"), [("192.0.2.11", "eth0"), ("::1", "lo"), ("0:0::1", "lo")])
def test_finds_the_link_of_an_address(address: str, name: str) -> None:
    link = link_with(parse_links(OUTPUT), address)
    assert isinstance(link, Link)
    assert link.name == name


def test_an_address_nobody_has() -> None:
    assert link_with(parse_links(OUTPUT), "192.0.2.99") is None


@pytest.mark.parametrize("address", ["", "192.0.2.11/24", "eth0"])
def test_what_is_no_address_is_a_value_error(address: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        link_with(parse_links(OUTPUT), address)


@pytest.mark.parametrize(("address", "name"), [("192.0.2.1", "eth0"), ("198.51.100.1", None), ("::1", None)])
def test_the_link_towards_a_neighbor(address: str, name: str | None) -> None:
    """A host prefix such as ::1/128 is no network."""
    found = link_towards(parse_links(OUTPUT), address)
    assert (found.name if found else None) == name
