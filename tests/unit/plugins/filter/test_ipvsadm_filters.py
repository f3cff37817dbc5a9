# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.from_ipvsadm import FilterModule as FromIpvsadm
from ansible_collections.lvs.cluster.plugins.filter.to_ipvsadm import FilterModule as ToIpvsadm

from_ipvsadm = FromIpvsadm().filters()["from_ipvsadm"]
to_ipvsadm = ToIpvsadm().filters()["to_ipvsadm"]

RULES = "-A -t 192.0.2.100:80 -s wlc -p 300\n-a -t 192.0.2.100:80 -r 192.0.2.21:80 -g -w 1 -x 9\n"
SERVICES = [
    {
        "protocol": "tcp",
        "vip": "192.0.2.100",
        "port": 80,
        "scheduler": "wlc",
        "flags": [],
        "persistence": {"timeout": 300, "netmask": "255.255.255.255", "engine": None},
        "one_packet": False,
        "servers": [
            {
                "address": "192.0.2.21",
                "port": 80,
                "forwarding": "dr",
                "weight": 1,
                "upper_threshold": 9,
                "lower_threshold": 0,
                "tunnel": None,
            }
        ],
    }
]


class TaggedInt(int):
    """Like the numbers that Ansible gives to filters: an int that knows where it comes from."""


class TaggedStr(str):
    """The same for texts."""

    __slots__ = ()


def test_the_filters_undo_each_other() -> None:
    assert from_ipvsadm(RULES) == SERVICES
    assert to_ipvsadm(SERVICES) == RULES


def test_defaults_are_those_of_the_module() -> None:
    assert to_ipvsadm([{"vip": "192.0.2.1", "port": 53, "protocol": "udp", "servers": [{"address": "192.0.2.2"}]}]) == (
        "-A -u 192.0.2.1:53 -s wlc\n-a -u 192.0.2.1:53 -r 192.0.2.2:53 -g -w 1\n"
    )


def test_values_that_ansible_has_tagged_are_read() -> None:
    tagged = {TaggedStr("vip"): TaggedStr("192.0.2.1"), "port": TaggedInt(80), "one_packet": False}
    assert to_ipvsadm((tagged,)) == "-A -t 192.0.2.1:80 -s wlc\n"


def test_mistakes_in_rules_are_named_by_line() -> None:
    with pytest.raises(AnsibleFilterError, match=r"^from_ipvsadm: line 1: -t has no value: write one after it$"):
        from_ipvsadm("-A -t")


def test_rules_are_a_text() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"^from_ipvsadm takes the text of ipvsadm --save --numeric, not list$"
    ):
        from_ipvsadm([])


def test_mistakes_in_services_are_named_by_path() -> None:
    with pytest.raises(AnsibleFilterError, match=r"^to_ipvsadm: services\[0\]\.port: it is missing; write the port"):
        to_ipvsadm([{"vip": "192.0.2.1"}])
