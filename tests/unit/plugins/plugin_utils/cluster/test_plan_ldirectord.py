# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.declared import read_table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.rules import render as render_rules
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.parse import parse
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    inventory,
    problems_of,
    service,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.test_plan_resolve import slice_of

HOSTS = {f"web{number}": {"address": [f"192.0.2.2{number}", f"2001:db8::2{number}"]} for number in (1, 2, 3)}
HOSTS |= {f"lb{number}": {"address": [f"192.0.2.1{number}", f"2001:db8::1{number}"]} for number in (1, 2)}

SERVICES = [
    service(
        vip=["192.0.2.100", "2001:db8::100"],
        scheduler="sh",
        scheduler_flags=["sh-port"],
        persistence={"timeout": 60, "netmask": "255.255.255.0", "prefix": 64},
        real_servers=[{"host": "web1", "weight": 3, "upper_threshold": 90, "lower_threshold": 60}, "web2"],
        health_check={"type": "http", "path": "/healthz?deep=1", "regex": '^"ok"', "virtualhost": "www.example.com"},
        sorry_server={"host": "web3", "forwarding": "tun"},
        inhibit_on_failure=True,
    ),
    service(
        name="all",
        vip="192.0.2.101",
        fwmark=7,
        forwarding="tun",
        port=[80, 443],
        real_servers=["web1"],
        health_check={"type": "https", "status": "200-299", "delay_loop": 5, "connect_timeout": 3, "retry": 2},
    ),
    service(
        name="names",
        vip="192.0.2.102",
        port=53,
        protocol="udp",
        one_packet=True,
        forwarding="fullnat",
        real_servers=[{"host": "web1", "port": 5353}],
        health_check={"type": "dns", "name": "www.example.com", "record": "A"},
    ),
    service(
        name="own",
        vip="192.0.2.103",
        real_servers=["web1"],
        health_check={
            "type": "misc",
            "script": "/usr/local/bin/check {vip} {vport} {address} {port}",
            "user": "root",
            "script_timeout": 9,
        },
    ),
    service(name="ping", vip="192.0.2.104", real_servers=["web1"], health_check={"type": "ping"}),
    service(name="tcp", vip="192.0.2.105", real_servers=["web1"], health_check={"type": "tcp", "port": 8080}),
    service(name="mail", vip="192.0.2.106", port=25, real_servers=["web1"], health_check={"type": "smtp"}),
    service(name="trusted", vip="192.0.2.107", real_servers=["web1"], health_check={"type": "none"}),
]

EXPECTED = """\
# Managed by lvs.cluster. Changes made by hand are lost with the next run.

autoreload = no
emailalert = "ops@example.com"
supervised = yes
fork = yes
readdquiescent = yes
cleanstop = yes

virtual = 192.0.2.100:80
    protocol = tcp
    scheduler = sh
    schedflags = sh-port
    persistent = 60
    netmask = 255.255.255.0
    real = 192.0.2.21:80 gate 3 l:60 u:90
    real = 192.0.2.22:80 gate 1
    fallback = 192.0.2.23:80 ipip
    quiescent = yes
    checktype = negotiate
    service = http
    checkinterval = 2
    negotiatetimeout = 2
    failurecount = 2
    request = "/healthz?deep=1"
    receive = "^"ok""
    virtualhost = "www.example.com"

virtual6 = [2001:db8::100]:80
    protocol = tcp
    scheduler = sh
    schedflags = sh-port
    persistent = 60
    netmask = 64
    real6 = [2001:db8::21]:80 gate 3 l:60 u:90
    real6 = [2001:db8::22]:80 gate 1
    fallback6 = [2001:db8::23]:80 ipip
    quiescent = yes
    checktype = negotiate
    service = http
    checkinterval = 2
    negotiatetimeout = 2
    failurecount = 2
    request = "/healthz?deep=1"
    receive = "^"ok""
    virtualhost = "www.example.com"

virtual = 7
    scheduler = wlc
    real = 192.0.2.21 ipip 1
    quiescent = no
    checktype = negotiate
    service = https
    checkport = 80
    checkinterval = 5
    negotiatetimeout = 3
    failurecount = 3
    request = "/"

virtual = 192.0.2.102:53
    protocol = udp
    scheduler = wlc
    ops = yes
    real = 192.0.2.21:5353 masq 1
    quiescent = no
    checktype = negotiate
    service = dns
    checkinterval = 2
    negotiatetimeout = 2
    failurecount = 2
    request = "/www.example.com"
    receive = "."

virtual = 192.0.2.103:80
    protocol = tcp
    scheduler = wlc
    real = 192.0.2.21:80 gate 1
    quiescent = no
    checktype = external
    checkinterval = 2
    checktimeout = 9
    failurecount = 2
    checkcommand = "/usr/local/bin/check"

virtual = 192.0.2.104:80
    protocol = tcp
    scheduler = wlc
    real = 192.0.2.21:80 gate 1
    quiescent = no
    checktype = ping
    checkinterval = 2
    checktimeout = 2
    failurecount = 2

virtual = 192.0.2.105:80
    protocol = tcp
    scheduler = wlc
    real = 192.0.2.21:80 gate 1
    quiescent = no
    checktype = connect
    checkport = 8080
    checkinterval = 2
    checktimeout = 2
    failurecount = 2

virtual = 192.0.2.106:25
    protocol = tcp
    scheduler = wlc
    real = 192.0.2.21:25 gate 1
    quiescent = no
    checktype = negotiate
    service = smtp
    checkinterval = 2
    negotiatetimeout = 2
    failurecount = 2

virtual = 192.0.2.107:80
    protocol = tcp
    scheduler = wlc
    real = 192.0.2.21:80 gate 1
    quiescent = no
    checktype = on
"""


def declared(**more):
    return inventory(director_engine="ldirectord", hosts=HOSTS, **more)


def problems(**options):
    return problems_of(declared(services=[service(**options)]))


def test_the_file_of_a_director():
    own = slice_of(declared(services=SERVICES, ldirectord_lines='emailalert = "ops@example.com"\n'), "lb1")["director"]
    assert own["ldirectord_cf"] == EXPECTED
    assert len(parse(EXPECTED).virtuals) == 9
    assert render_rules(read_table(own["table"])).splitlines()[:3] == [
        "-A -t 192.0.2.100:80 -s sh -p 60 -M 255.255.255.0 -b sh-port",
        "-a -t 192.0.2.100:80 -r 192.0.2.21:80 -g -w 3 -x 90 -y 60",
        "-a -t 192.0.2.100:80 -r 192.0.2.22:80 -g -w 1",
    ]


def test_other_engines_have_none():
    own = slice_of(inventory(), "lb1")["director"]
    assert (own["ldirectord_cf"], own["table"]) == ("", [])
    assert problems_of(inventory(ldirectord_lines="fork = yes")) == [
        "lvs_ldirectord_lines: with the engine keepalived there is no ldirectord.cf; leave it out"
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("fork = no", "fork: the collection sets it itself; leave it out"),
        ("quiescent = yes", "quiescent: each service has its own; write it into lvs_services"),
        ("virtual = 192.0.2.9:80", "'virtual = 192.0.2.9:80' belongs to a service; write only options of the whole file here"),
        ("emailalert = a\n  smtp = b", "'smtp = b' belongs to a service; write only options of the whole file here"),
        ("emailalertfreq = often", "emailalertfreq: 'often' is not a number in range; write a number from 0 to 2147483647"),
    ],
)  # fmt: skip
def test_lines_that_do_not_belong_there(lines, problem):
    assert problems_of(declared(ldirectord_lines=lines)) == [f"lvs_ldirectord_lines: {problem}"]


SWITCH = "leave it out, or write lvs_director_engine: keepalived"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"protocol": "sctp", "health_check": None},
            "protocol: ldirectord knows tcp and udp alone; write lvs_director_engine: keepalived",
        ),
        (
            {"forwarding": "tun", "tunnel": {"type": "gre"}},
            "tunnel.type: ldirectord knows ipip alone; write ipip, or lvs_director_engine: keepalived",
        ),
        (
            {"protocol": "udp", "health_check": None, "persistence": {"timeout": 9, "engine": "sip"}},
            f"persistence.engine: ldirectord knows no persistence engine; {SWITCH}",
        ),
        (
            {"protocol": "udp", "health_check": None, "fwmark": 7, "one_packet": True},
            f"one_packet: ldirectord has it for services without fwmark alone; {SWITCH}",
        ),
        ({"quorum": 2}, f"quorum: to ldirectord one real server is enough; {SWITCH}"),
        (
            {"sorry_server": {"host": "web3", "inhibit": True}, "real_servers": ["web1", "web2"]},
            f"sorry_server.inhibit: ldirectord removes it when a real server is well again; {SWITCH}",
        ),
        (
            {"health_check": {"type": "file", "file": "/run/x"}},
            "health_check.type: ldirectord has no check of type file; "
            "write ping, dns or misc instead, or lvs_director_engine: keepalived",
        ),
        (
            {"vip": "2001:db8::100", "health_check": {"type": "ping"}},
            "health_check.type: ldirectord pings IPv4 alone; write another, or lvs_director_engine: keepalived",
        ),
        (
            {"protocol": "udp", "port": 53, "health_check": {"type": "dns"}},
            "health_check.record: ldirectord takes only addresses for an answer; write record: A, and a name",
        ),
        (
            {"health_check": {"type": "tcp", "fwmark": 3}},
            f"health_check.fwmark: ldirectord's checks have no such option; {SWITCH}",
        ),
        (
            {"health_check": {"type": "misc", "script": "/bin/check -v {address}", "user": "root"}},
            "health_check.script: ldirectord gives a program these four arguments and no others; "
            "write '/bin/check {vip} {vport} {address} {port}'",
        ),
        (
            {"health_check": {"type": "misc", "script": "/bin/check {vip} {vport} {address} {port}", "user": "nobody"}},
            "health_check.user: ldirectord runs programs as root, not as nobody; write root",
        ),
        (
            {"health_check": {"type": "http", "pages": ["/a", "/b"]}},
            "health_check.pages: ldirectord asks for one page; write one, or lvs_director_engine: keepalived",
        ),
        (
            {"health_check": {"type": "http", "status": 301}},
            f"health_check.status: to ldirectord the statuses 200 to 299 are right, and no others; {SWITCH}",
        ),
        (
            {"health_check": {"type": "http", "digest": "0" * 32}},
            "health_check.digest: ldirectord compares no digest; write regex instead",
        ),
        (
            {"health_check": {"type": "http", "regex": "x", "regex_no_match": True}},
            f"health_check.regex_no_match: ldirectord has it the other way round alone; {SWITCH}",
        ),
        (
            {"health_check": {"type": "http", "regex": "a#b"}},
            "health_check.regex: in ldirectord.cf a # begins a comment; write \\x23 for it",
        ),
    ],
)
def test_what_ldirectord_cannot_do(options, problem):
    assert problems(**options) == [f"lvs_services[0].{problem}"]
