# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.modules import arp_probe

ON_LINK = '[{"dst":"192.0.2.100","dev":"eth0","prefsrc":"192.0.2.41","flags":[],"uid":0,"cache":[]}]'
FOUND = {"address": "192.0.2.100", "macs": ["52:54:00:00:00:01"]}


@pytest.fixture
def asked(monkeypatch):
    """Questions that were asked; each finds one owner."""
    questions = []

    def probe(route, target, count, interval):
        questions.append((route.interface, str(route.source), str(target), count, interval))
        return FOUND

    monkeypatch.setattr(arp_probe, "probe", probe)
    return questions


@pytest.mark.parametrize("check", [False, True])
def test_asks_from_where_the_route_says(run, commands, asked, check):
    commands.answers = {"ip -json -4 route get 192.0.2.100": (0, ON_LINK, "")}
    result = run(arp_probe, check=check, address="192.0.2.100")
    assert not result["failed"]
    assert not result["changed"]
    assert result["macs"] == FOUND["macs"]
    assert asked == [("eth0", "192.0.2.41", "192.0.2.100", 5, 200)]


def test_asks_from_the_named_interface(run, commands, asked):
    commands.answers = {"ip -json -4 route get 192.0.2.100 oif eth1": (0, '[{"dev":"eth1"}]', "")}
    run(arp_probe, address="192.0.2.100", interface="eth1", count=2, interval=50)
    assert asked == [("eth1", "0.0.0.0", "192.0.2.100", 2, 50)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "missing required arguments: address"),
        ({"address": "the VIP"}, "write one address without a prefix length"),
        ({"address": "192.0.2.100/24"}, "write one address without a prefix length"),
        ({"address": "192.0.2.100", "count": 0}, "count: 0 is too small, it must be at least 1"),
        ({"address": "192.0.2.100", "interval": -1}, "interval: -1 is too small, it must be at least 1"),
    ],
)
def test_wrong_options(run, commands, asked, options, message):
    result = run(arp_probe, **options)
    assert result["failed"]
    assert message in result["msg"]
    assert asked == commands.run == []


def test_no_route(run, commands, asked):
    commands.answers = {"ip": (2, "", "RTNETLINK answers: Network is unreachable\n")}
    assert run(arp_probe, address="192.0.2.100")["msg"] == (
        "no way to 192.0.2.100: RTNETLINK answers: Network is unreachable. Name an interface of its network"
    )


def test_an_error_is_told_as_it_is(run, commands, asked):
    commands.answers = {"ip": (0, '[{"type":"local","dev":"lo"}]', "")}
    assert "is an address of this host itself" in run(arp_probe, address="192.0.2.100")["msg"]
