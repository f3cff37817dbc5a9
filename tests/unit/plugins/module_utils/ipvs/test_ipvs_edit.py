# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ipaddress import ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.declared import read_server, read_service
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.edit import edited_server, edited_service, given_only
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    Tunnel,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs import strategies
from hypothesis import given
from hypothesis import strategies as st

WEB = AddressKey("udp", ip_address("192.0.2.100"), 80)
IDENTITY = {"vip": "192.0.2.100", "port": 80, "protocol": "udp"}
STICKY = Persistence(300, ip_address("255.255.255.0"), None, "sip")
SERVICE = Service(WEB, "sh", ("sh-port",), STICKY, one_packet=True)
SERVER = Server(ServerKey(ip_address("192.0.2.21"), 80), "tun", 5, 200, 100, Tunnel("gue", 6080, "csum"))


def service(**given):
    return read_service(edited_service(SERVICE, {**IDENTITY, **given}))


def server(**given):
    return read_server(edited_server(SERVER, {"address": "192.0.2.21", **given}), WEB)


def test_only_what_is_given_counts():
    names = {"a": {}, "b": {}, "c": {}}
    assert given_only({"a": None, "b": {"x": None, "y": 0}, "c": False, "state": "present"}, names) == {
        "b": {"y": 0},
        "c": False,
    }


def test_what_is_not_given_stays():
    assert service() == SERVICE
    assert server() == SERVER


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"one_packet": False}, {"one_packet": False}),
        ({"flags": []}, {"flags": ()}),
        ({"scheduler": "sh"}, {}),
        ({"scheduler": "rr"}, {"scheduler": "rr", "flags": ()}),
        ({"scheduler": "mh", "flags": ["mh-port"]}, {"scheduler": "mh", "flags": ("mh-port",)}),
        ({"persistence": {"timeout": 60}}, {"persistence": Persistence(60, STICKY.netmask, None, "sip")}),
        ({"persistence": {"engine": "none"}}, {"persistence": Persistence(300, STICKY.netmask, None, None)}),
        ({"persistence": {"prefix": 8}}, {"persistence": Persistence(300, ip_address("255.0.0.0"), None, "sip")}),
        (
            {"persistence": {"netmask": "255.0.0.0"}},
            {"persistence": Persistence(300, ip_address("255.0.0.0"), None, "sip")},
        ),
        ({"persistence": {"timeout": 0}}, {"persistence": None}),
        ({"persistence": {}}, {}),
    ],
)
def test_of_a_service_only_what_is_given_changes(given, expected):
    assert service(**given) == Service(**{**SERVICE.__dict__, **expected})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"weight": 0}, {"weight": 0}),
        ({"upper_threshold": 0, "lower_threshold": 0}, {"upper_threshold": 0, "lower_threshold": 0}),
        ({"tunnel": {"port": 6081}}, {"tunnel": Tunnel("gue", 6081, "csum")}),
        ({"tunnel": {"type": "gue", "checksum": "nocsum"}}, {"tunnel": Tunnel("gue", 6080, "nocsum")}),
        ({"tunnel": {"type": "ipip"}}, {"tunnel": Tunnel("ipip", 0, "nocsum")}),
        ({"forwarding": "dr"}, {"forwarding": "dr", "tunnel": None}),
    ],
)
def test_of_a_server_only_what_is_given_changes(given, expected):
    assert server(**given) == Server(**{**SERVER.__dict__, **expected})


def test_persistence_for_a_service_that_had_none():
    plain = Service(WEB, "wlc", (), None, one_packet=False)
    found = read_service(edited_service(plain, {**IDENTITY, "persistence": {"engine": "sip"}})).persistence
    assert found == Persistence(300, ip_address("255.255.255.255"), None, "sip")


def test_something_new_is_what_is_given():
    assert edited_service(None, IDENTITY) == IDENTITY
    assert edited_server(None, {"address": "192.0.2.21"}) == {"address": "192.0.2.21"}


@given(strategies.services())
def test_any_service_survives_an_edit_of_nothing(any_service):
    key = any_service.key
    identity = (
        {"vip": str(key.vip), "port": key.port, "protocol": key.protocol}
        if isinstance(key, AddressKey)
        else {"fwmark": key.fwmark, "family": key.family}
    )
    assert read_service(edited_service(any_service, identity)) == any_service


@given(st.data(), strategies.KEYS, st.sampled_from([0, 1, 9]))
def test_any_server_survives_a_change_of_its_weight(data, key, weight):
    before = data.draw(strategies.servers(key))
    identity = {"address": str(before.key.address), "port": before.key.port}
    after = read_server(edited_server(before, {**identity, "weight": weight}), key)
    assert after == Server(**{**before.__dict__, "weight": weight})
