# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import keywords
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.ldirectord import LEFT, READ
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.model import Mark
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import Configuration, Virtual
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import imported, plan_services

MARKS = {7: Mark(("192.0.2.107",), (53,), "udp")}
GATEWAYS = {"nat_gateway": ("192.0.2.1", "2001:db8::1")}


def service(*options, section="virtual = 192.0.2.100:80", real="192.0.2.21 gate", above=()):
    """The one service of a file, as variables, and the losses as lines, keywords, values and reasons."""
    six = "6" if section.startswith("virtual6") else ""
    lines = [*above, section, f"    real{six} = {real}", *(f"    {option}" for option in options)]
    result = imported("\n".join(lines), "ldirectord", **GATEWAYS)
    assert len(plan_services(result)) == len(result.variables["lvs_services"]) <= 1
    found = result.variables["lvs_services"]
    return found[0] if found else None, [(loss.line, loss.keyword, loss.value, loss.reason) for loss in result.losses]


def test_every_keyword_is_carried_over_or_has_a_reason_why_not():
    assert READ | LEFT.keys() == keywords(Configuration).keys() | keywords(Virtual).keys()
    assert not READ & LEFT.keys()


def test_the_least_file():
    assert service("checktype = on") == (
        {
            "name": "tcp-192.0.2.100-80",
            "vip": "192.0.2.100",
            "port": 80,
            "forwarding": "dr",
            "scheduler": "wrr",
            "real_servers": ["192.0.2.21"],
            "health_check": {"type": "none"},
        },
        [],
    )


TIMES = {"delay_loop": 10, "connect_timeout": 5, "retry": 0}
ASKED = {"delay_loop": 10, "connect_timeout": 30, "retry": 0}
WELL = {"status": "200-299", **ASKED}
STATUS = "redirects were followed; now the status itself has to be 200 to 299"


@pytest.mark.parametrize(
    ("section", "options", "check"),
    [
        ("192.0.2.100:80", ["checktype = connect"], {"type": "tcp", **TIMES}),
        ("192.0.2.100:69", ["protocol = udp", "checktype = connect"], {"type": "ping", **TIMES}),
        ("192.0.2.100:80", ["checktype = ping"], {"type": "ping", **TIMES}),
        ("192.0.2.100:80", ["checktype = connect", "checkport = 81"], {"type": "tcp", "port": 81, **TIMES}),
        ("192.0.2.100:80", ["checktype = on"], {"type": "none"}),
        ("192.0.2.100:4000", [], {"type": "none"}),
        ("192.0.2.100:53", ['request = "a.example"'], {"type": "dns", "name": "a.example", "record": "A", **ASKED}),
        ("192.0.2.100:53", [], {"type": "dns", **ASKED}),
        ("192.0.2.100:53", ["protocol = tcp"], {"type": "dns", **ASKED}),
        ("192.0.2.100:80", ["service = dns", "checkport = 53"], {"type": "dns", "port": 53, **ASKED}),
        (
            "192.0.2.100:80",
            ["checktype = ping", "checkcount = 3"],
            {"type": "ping", **TIMES, "retry": 2, "delay_before_retry": 10},
        ),
        ("192.0.2.100:80", ["checktype = connect", "checktimeout = 2"], {"type": "tcp", "delay_loop": 10, "retry": 0}),
        (
            "192.0.2.100:80",
            ["checktype = connect", "negotiatetimeout = 7"],
            {"type": "tcp", **TIMES, "connect_timeout": 7},
        ),
        (
            "192.0.2.100:80",
            ["checktype = external", "checkcommand = /bin/check", "checktimeout = 7"],
            {
                "type": "misc",
                "script": "/bin/check {vip} {vport} {address} {port}",
                "user": "root",
                "script_timeout": 7,
                **TIMES,
                "connect_timeout": 7,
            },
        ),
        (
            "192.0.2.100:80",
            ["checktype = connect", "failurecount = 2"],
            {"type": "tcp", "delay_loop": 10, "connect_timeout": 5, "delay_before_retry": 10},
        ),
    ],
)
def test_checks_that_are_carried_over(section, options, check):
    found, losses = service(*options, section=f"virtual = {section}")
    assert found["health_check"] == check
    assert losses == []


@pytest.mark.parametrize(
    ("section", "options", "check", "losses"),
    [
        ("192.0.2.100:80", [], {"type": "http", **WELL}, [(1, "service", "http", STATUS)]),
        (
            "192.0.2.100:443",
            ['request = "a b"', "virtualhost = -x"],
            {"type": "https", **WELL},
            [
                (1, "service", "https", STATUS),
                (3, "request", '"/a b"', "the check that takes its place asks for nothing"),
                (4, "virtualhost", '"-x"', "the check has no host to ask for"),
            ],
        ),
        (
            "192.0.2.100:25",
            [],
            {"type": "smtp", **ASKED},
            [],
        ),
        (
            "192.0.2.100:5060",
            ["protocol = udp"],
            {"type": "udp", **ASKED},
            [(1, "service", "sip", "there is no check for sip yet: it is type udp now")],
        ),
        (
            "192.0.2.100:5060",
            ["protocol = udp", "service = http"],
            {"type": "http", "port": 80, **WELL},
            [(4, "service", "http", STATUS)],
        ),
        (
            "192.0.2.100:53",
            ['request = "192.0.2.9"', 'receive = "x"'],
            {"type": "dns", **ASKED},
            [
                (
                    3,
                    "request",
                    "192.0.2.9",
                    "a check does not ask for the name of an address: it asks for the root's SOA",
                ),
                (4, "receive", '"x"', "what is in the answer is not compared"),
            ],
        ),
        (
            "192.0.2.100:80",
            ["checktype = external", 'checkcommand = "/bin/check -x"'],
            {"type": "tcp", **TIMES},
            [(4, "checkcommand", "/bin/check -x", "no check runs it in this way: it is type tcp now")],
        ),
        (
            "192.0.2.100:53",
            ["checktype = external-perl"],
            {"type": "udp", **TIMES},
            [(1, "checkcommand", "/bin/true", "no check runs it in this way: it is type udp now")],
        ),
        (
            "192.0.2.100:4000",
            ["checktype = 3", "service = dns", "checktimeout = 9", "negotiatetimeout = 8"],
            {"type": "dns", **ASKED, "connect_timeout": 8, "port": 53},
            [
                (3, "checktype", "3", "each check is a negotiate check; none only connects"),
                (5, "checktimeout", "9", "this kind of check goes by the other one"),
            ],
        ),
        (
            "192.0.2.100:80",
            ["checktype = connect", "checkcount = 3", "checkinterval = 4", "checkcommand = x"],
            {"type": "tcp", **TIMES},
            [
                (4, "checkcount", "3", "it counts pings, and this check sends none"),
                (
                    5,
                    "checkinterval",
                    "4",
                    "without fork=yes it was without effect: the interval is that of the whole file",
                ),
                (6, "checkcommand", '"x"', "this kind of check runs no program"),
            ],
        ),
        (
            "192.0.2.100:80",
            ["checktype = ping", "checkport = 81", "checkcount = 200", "checktimeout = 4000"],
            {"type": "ping", "delay_loop": 10, "connect_timeout": 3600, "retry": 100, "delay_before_retry": 10},
            [
                (1, "failurecount", "199", "it has to be from 0 to 100: it is 100 now"),
                (4, "checkport", "81", "this kind of check asks no port"),
                (6, "checktimeout", "4000", "it has to be from 1 to 3600: it is 3600 now"),
            ],
        ),
    ],
)
def test_checks_that_are_not_carried_over_as_they_are(section, options, check, losses):
    found, lost = service(*options, section=f"virtual = {section}")
    assert found["health_check"] == check
    assert sorted(lost) == losses


def test_checktype_off_sends_nothing_to_the_servers():
    found, losses = service("checktype = off", real="192.0.2.21:80 gate 5")
    assert found["real_servers"] == [{"host": "192.0.2.21", "weight": 0}]
    assert [(line, keyword, value) for line, keyword, value, _reason in losses] == [(3, "checktype", "off")]


@pytest.mark.parametrize(
    ("above", "losses"),
    [
        (["fork = yes"], [(1, "fork", "yes", LEFT["fork"])]),
        (["quiescent = no"], []),
        (["quiescent = yes"], []),
        (["checkcount = 3"], [(1, "checkcount", "3", "no check of this file goes by it")]),
        (
            ["checktimeout = 3", "negotiatetimeout = 4"],
            [(2, "negotiatetimeout", "4", "no check of this file goes by it")],
        ),
        (["negotiatetimeout = 4"], []),
        (["emailalertstatus = none"], []),
        (
            ["failurecount = 1", "failurecount = 2"],
            [(1, "failurecount", "1", "the keyword is there again below, which is the one that counts")],
        ),
    ],
)
def test_global_options(above, losses):
    assert service("checktype = connect", above=above)[1] == losses


def test_quiescent_of_a_service_goes_before_that_of_the_file():
    of_file, of_service = "quiescent = yes", "quiescent = no"
    assert "inhibit_on_failure" not in service("checktype = connect", of_service, above=[of_file])[0]
    assert service("checktype = connect", above=[of_file])[0]["inhibit_on_failure"]


def test_one_packet_is_for_udp():
    found, losses = service("checktype = on", "protocol = udp", "ops = yes")
    assert (found["one_packet"], losses) == (True, [])
    reason = "the service is tcp, whose packets belong to connections"
    assert service("checktype = on", "ops = yes")[1] == [(4, "ops", "", reason)]
    result = imported("virtual = 7\n    ops = yes\n    checktype = on\n    real = 192.0.2.21 gate\n", marks=MARKS)
    assert [loss.reason for loss in result.losses] == ["for a firewall mark it was without effect"]
    assert "one_packet" not in result.variables["lvs_services"][0]


def test_options_of_the_whole_file_hold_for_each_service():
    above = ["fork = yes", "checkinterval = 3", "checktimeout = 4", "failurecount = 2"]
    found, _losses = service("checktype = connect", "checkinterval = 9", "failurecount = 1", above=above)
    assert found["health_check"] == {"type": "tcp", "delay_loop": 9, "connect_timeout": 4, "retry": 0}
    found, _losses = service("checktype = connect", above=above)
    assert found["health_check"] == {"type": "tcp", "delay_loop": 3, "connect_timeout": 4, "delay_before_retry": 3}


def test_a_range_is_all_its_servers():
    found, losses = service("checktype = connect", real="192.0.2.21->192.0.2.23:8080 masq 2")
    assert found["real_servers"] == [
        {"host": f"192.0.2.{number}", "weight": 2, "port": 8080} for number in (21, 22, 23)
    ]
    assert losses == []


@pytest.mark.parametrize(
    ("real", "reason"),
    [
        ("192.0.0.0->192.0.255.255:80 gate", "these are more than 1024 servers"),
        (
            "a1->a3:80 gate",
            "the addresses of these names are not known, nor which are between them: write a line for each server",
        ),
    ],
)
def test_ranges_that_are_none(real, reason):
    found, losses = service("checktype = connect", real=real)
    assert found is None
    assert [loss[3] for loss in losses] == ["no real server of it can be carried over", reason]


def test_requests_of_single_servers():
    own = "a service has one check for all its servers"
    real = '192.0.2.21:80 gate "/x","y"'
    assert service('request = "x"', 'receive = "y"', real=real)[1][1:] == []
    assert (2, "real", '"/x","y"', own) in service(real=real)[1]


@pytest.mark.parametrize(
    ("section", "fallback", "sorry"),
    [
        ("virtual = 192.0.2.100:80", "192.0.2.29", "192.0.2.29"),
        ("virtual = 192.0.2.100:80", "192.0.2.29:80 gate", "192.0.2.29"),
        ("virtual6 = [2001:db8::100]:80", "[2001:db8::29]:80", "2001:db8::29"),
    ],
)
def test_fallback(section, fallback, sorry):
    six, real = ("6", "[2001:db8::21]:80 gate") if "6" in section[:8] else ("", "192.0.2.21:80 gate")
    found, losses = service("checktype = connect", f"fallback{six} = {fallback}", section=section, real=real)
    assert (found["sorry_server"], losses) == (sorry, [])
    found, losses = service("checktype = connect", section=section, real=real, above=[f"fallback{six} = {fallback}"])
    assert (found["sorry_server"], losses) == (sorry, [])


def test_a_service_by_name_needs_its_address():
    found, losses = service("checktype = connect", section="virtual = www.example.com:80")
    assert found is None
    assert losses[0][:3] == (1, "virtual", "tcp www.example.com port 80")
    assert losses[0][3] == "the address of www.example.com is not known: say it, see docs/import.md"


def test_secrets_are_not_shown():
    _found, losses = service('passwd = "geheim"', 'secret = "geheim"', "service = radius")
    assert [loss[2] for loss in losses if loss[1] in ("passwd", "secret")] == ["********", "********"]
    assert "geheim" not in str(losses)
