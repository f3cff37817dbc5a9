# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import keywords
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.piranha_words import LEFT, READ
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.model import Configuration, Server, Virtual
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import imported, plan_services

DEVICE = "VIPs are on the interface of lvs_address, without a label"


def web(*lines, above=("network = direct",), server="server a {\naddress = 192.0.2.21\nactive = 1\n}"):
    """The result for one virtual."""
    text = "\n".join([*above, "virtual web {", "active = 1", "address = 192.0.2.100 eth0:1", *lines, server, "}"])
    result = imported(text, "piranha")
    if result.variables["lvs_services"]:
        plan_services(result)
    return result


def losses(result):
    """What is lost, but for the device of the VIP."""
    return [(loss.keyword, loss.value, loss.reason) for loss in result.losses if loss.reason != DEVICE]


@pytest.mark.parametrize("section", [Configuration, Virtual, Server])
def test_every_keyword_is_carried_over_or_has_a_reason_why_not(section):
    left = LEFT.get(section, {}).keys()
    assert READ[section] | left == keywords(section).keys()
    assert not READ[section] & left


def test_the_least_virtual():
    result = web()
    assert result.variables == {
        "lvs_services": [
            {
                "name": "web",
                "vip": "192.0.2.100",
                "port": 80,
                "forwarding": "dr",
                "scheduler": "wlc",
                "real_servers": ["a"],
                "health_check": {"type": "tcp", "delay_loop": 10, "connect_timeout": 10, "retry": 0},
            }
        ]
    }
    assert result.real_servers == {"a": {"lvs_address": "192.0.2.21"}}
    assert result.directors == {}
    assert [(loss.line, loss.keyword, loss.value, loss.reason) for loss in result.losses] == [
        (4, "address", "eth0:1", DEVICE)
    ]


@pytest.mark.parametrize(
    ("above", "forwarding", "gateway"),
    [
        (["network = direct"], "dr", None),
        (["network = tunnel"], "tun", None),
        (["network = nat", "nat_router = 192.0.2.1 eth1:1"], "nat", "192.0.2.1"),
        (["nat_router = 192.0.2.1 eth1:1"], "nat", "192.0.2.1"),
    ],
)
def test_the_network_is_the_method_of_all_services(above, forwarding, gateway):
    variables = web(above=above).variables
    assert variables["lvs_services"][0]["forwarding"] == forwarding
    assert variables.get("lvs_nat_gateway") == gateway


@pytest.mark.parametrize(
    ("above", "wanted"),
    [
        (
            ["network = direct", "nat_router = 192.0.2.1 eth1"],
            ("nat_router", "192.0.2.1 eth1", "the services are not forwarded by nat"),
        ),
        (["network = direct", "syncd_id = 0"], ("syncd_id", "0", "lvs_vrrp.sync_id has to be 1 to 255")),
        (
            ["network = direct", "keepalive = 60"],
            ("keepalive", "60", "lvs_vrrp.advert_int has to be 0.01 to 40 seconds"),
        ),
        (["network = direct", "keepalive = 1"], None),
        (["network = direct", "debug_level = NONE", "monitor_links = 0", "sync = 0"], None),
        (["network = direct", "service = lvs", "backup_active = 1", "heartbeat = 1", "syncdaemon = 1"], None),
        (["network = direct", "syncdaemon = 0"], ("syncdaemon", "0", "directors always synchronise connections")),
    ],
)
def test_global_keywords(above, wanted):
    assert losses(web(above=above)) == ([wanted] if wanted else [])


def test_an_unknown_name_of_the_gateway():
    result = imported(
        "nat_router = gw.example.com eth1:1\nvirtual web {\nactive = 1\naddress = 192.0.2.100 eth0\nserver a {\nactive = 1\naddress = 192.0.2.21\n}\n}\n"
    )
    assert ("nat_router", "gw.example.com eth1:1", "its address is not known") in losses(result)
    assert "lvs_nat_gateway" in [loss.keyword for loss in result.losses]


@pytest.mark.parametrize(
    ("above", "directors", "wanted"),
    [
        (["primary = 192.0.2.11", "backup_active = 1", "backup = 192.0.2.12"], ["192.0.2.11", "192.0.2.12"], None),
        (
            ["primary = 192.0.2.11", "backup = 192.0.2.12"],
            ["192.0.2.11"],
            ("backup", "192.0.2.12", "without backup_active = 1 it was not in use"),
        ),
        (["primary = 192.0.2.11", "backup_active = 1", "backup = 0.0.0.0"], ["192.0.2.11"], None),
        (
            ["primary = 192.0.2.11", "backup_active = 1", "backup = 192.0.2.12", "heartbeat = 0"],
            ["192.0.2.11", "192.0.2.12"],
            ("heartbeat", "0", "two directors always watch each other, by VRRP"),
        ),
    ],
)
def test_directors(above, directors, wanted):
    result = web(above=[*above, "network = direct"])
    assert list(result.directors) == directors
    assert losses(result) == ([wanted] if wanted else [])


def test_a_director_that_is_a_real_server_is_none():
    text = web(
        above=["primary = 192.0.2.11", "network = direct"], server="server a {\naddress = 192.0.2.11\nactive = 1\n}"
    )
    assert text.variables["lvs_services"] == []
    assert losses(text) == [
        ("virtual", "web", "no real server of it can be carried over"),
        ("server", "192.0.2.11", "this is the director itself, which cannot be a real server here"),
    ]


@pytest.mark.parametrize(
    ("lines", "check", "wanted"),
    [
        (["timeout = 6"], {"type": "tcp", "delay_loop": 6, "connect_timeout": 6}, []),
        (["protocol = udp", "port = 53"], {"type": "udp"}, []),
        (['send = "GET / HTTP/1.0\\r\\n\\r\\n"'], {"type": "http"}, ["send"]),
        (['send = "GET /x HTTP/1.0"', 'expect = "ok"'], {"type": "http", "path": "/x"}, ["expect"]),
        (['send = "GET /x HTTP/1.0"', 'expect = "ok"', "port = 443"], {"type": "tcp"}, ["send", "expect"]),
        (['expect = "220"'], {"type": "tcp"}, ["expect"]),
        (
            ['send_program = "/bin/x"', 'send = "a"', 'expect = "b"'],
            {"type": "tcp"},
            ["send_program", "send", "expect"],
        ),
        (["use_regex = 1"], {"type": "tcp"}, ["use_regex"]),
        (["timeout = 0"], {"type": "tcp", "delay_loop": 1, "connect_timeout": 1}, ["timeout", "timeout"]),
    ],
)
def test_checks(lines, check, wanted):
    result = web(*lines)
    own = {"delay_loop": 10, "connect_timeout": 10, "retry": 0, **check}
    assert result.variables["lvs_services"][0]["health_check"] == own
    assert sorted(keyword for keyword, _value, _reason in losses(result)) == sorted(wanted)


@pytest.mark.parametrize(
    ("lines", "key", "value", "wanted"),
    [
        (["persistent = 300"], "persistence", {"timeout": 300}, []),
        (["persistent = 300", "pmask = 255.255.255.255"], "persistence", {"timeout": 300}, []),
        (
            ["persistent = 300", "pmask = 255.255.255.0"],
            "persistence",
            {"timeout": 300, "netmask": "255.255.255.0"},
            [],
        ),
        (["pmask = 255.255.255.0"], "persistence", None, ["pmask"]),
        (["sorry_server = 192.0.2.29"], "sorry_server", "192.0.2.29", []),
        (["sorry_server = 192.0.2.21"], "sorry_server", None, ["sorry_server"]),
        (["scheduler = lblcr"], "scheduler", "lblcr", []),
        (["quiesce_server = 1"], "inhibit_on_failure", True, []),
        (["load_monitor = rup"], "port", 80, ["load_monitor"]),
        (["fwmark = 0"], "fwmark", None, []),
        (["fwmark = 7"], "fwmark", 7, ["fwmark"]),
    ],
)
def test_keywords_of_virtuals(lines, key, value, wanted):
    result = web(*lines)
    assert result.variables["lvs_services"][0].get(key) == value
    assert [keyword for keyword, _value, _reason in losses(result)] == wanted


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["port = 0"], "port 0 stands for all ports, which a service here has to list; a fwmark joins many"),
        (["fwmark = -1"], "a firewall mark is from 1 to 4294967295"),
    ],
)
def test_virtuals_that_cannot_be_carried_over(lines, reason):
    result = web(*lines)
    assert result.variables["lvs_services"] == []
    assert ("virtual", "web", reason) in losses(result)


def test_what_is_not_active_is_not_in_use():
    text = "virtual a {\n}\nvirtual b {\nactive = 0\n}\nvirtual c {\nactive = 1\n}\nfailover d {\nactive = 1\n}\n"
    unused = "without active = 1 it is not in use"
    assert [(line, reason) for _keyword, line, reason in losses(imported(text))][:3] == [
        ("a", unused),
        ("b", unused),
        ("c", "it has no address"),
    ]
    assert [loss.keyword for loss in imported(text).losses] == ["virtual", "virtual", "virtual", "failover"]
    assert losses(web(above=["service = fos"]))[0] == (
        "virtual",
        "web",
        "with service = fos Piranha runs failover services only",
    )


def test_ports_and_weights_of_servers():
    servers = "server a {\naddress = 192.0.2.21\nactive = 1\nport = 70000\nweight = -1\n}"
    result = web(above=["network = nat", "nat_router = 192.0.2.1 eth1"], server=servers)
    assert result.variables["lvs_services"][0]["real_servers"] == [{"host": "a", "weight": 0}]
    assert losses(result)[1:] == [
        ("port", "70000", "a port is from 1 to 65535"),
        ("weight", "-1", "a weight is from 0 to 65535"),
    ]


def test_names_of_servers_that_are_not_distinct_are_not_used():
    other = "server a {\naddress = 192.0.2.22\nactive = 1\n}\nserver b {\nactive = 1\n}"
    result = web(other)
    assert result.variables["lvs_services"][0]["real_servers"] == ["192.0.2.22", "192.0.2.21"]
    assert losses(result) == [("server", "b", "it has no address")]


def test_a_server_is_not_called_as_a_director_is():
    above = ["primary = lb1", "network = direct"]
    server = "server lb1 {\naddress = 192.0.2.21\nactive = 1\n}\nserver b {\naddress = lb1\nactive = 1\n}"
    text = "\n".join([*above, "virtual web {", "active = 1", "address = 192.0.2.100 eth0", server, "}"])
    result = imported(text, "piranha", hosts={"lb1": ("192.0.2.11",)})
    assert result.directors == {"lb1": {"lvs_address": "192.0.2.11"}}
    assert result.variables["lvs_services"][0]["real_servers"] == ["192.0.2.21"]
    assert losses(result) == [("server", "lb1", "this is the director itself, which cannot be a real server here")]
    assert plan_services(result)
