# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.check import check, unresolved
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse


def problems(text, version="2.2.7"):
    return [str(problem) for problem in check(parse(text), version)]


def in_instance(line):
    return f"vrrp_instance a {{\n{line}\n}}"


def in_service(line):
    return f"virtual_server 192.0.2.100 80 {{\n{line}\nreal_server 192.0.2.21 80 {{\n}}\n}}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # What is not known.
        ("globl_defs {\n}", "line 1, globl_defs: there is no such keyword; did you mean global_defs?"),
        (
            in_instance("prority 1"),
            "line 2, vrrp_instance a / prority: there is no such keyword; did you mean priority?",
        ),
        (
            in_instance("lvs_sched rr"),
            "line 2, vrrp_instance a / lvs_sched: it does not belong here, but into virtual_server",
        ),
        ("priority 1", "line 1, priority: it does not belong here, but into vrrp_instance"),
        ("xyz 1", "line 1, xyz: there is no such keyword; remove it"),
        # What the version lacks, and what keepalived complains of.
        (
            "global_defs {\njson_version 2\n}",
            "line 2, global_defs / json_version: it needs keepalived 2.2.8, and 2.2.7 lacks it;"
            " remove it, or install a newer keepalived",
        ),
        (
            in_instance("lvs_sync_daemon_interface eth0"),
            "line 2, vrrp_instance a / lvs_sync_daemon_interface: keepalived no longer wants it;"
            " write lvs_sync_daemon in global_defs",
        ),
        # Braces.
        (in_instance("priority {\n}"), "line 2, vrrp_instance a / priority: no braces may follow it"),
        (in_instance("track_interface eth0"), "line 2, vrrp_instance a / track_interface: braces have to follow it"),
        (
            in_instance("track_interface {\neth0 {\n}\n}"),
            "line 3, vrrp_instance a / track_interface / eth0: no braces may follow it",
        ),
        ("global_defs {", "line 1: the block that begins here has no '}'"),
        ("global_defs {\n}\n}", "line 3: '}' closes no block; remove it"),
        ("use_pid_dir\n$X=1\n{\n}", "line 3: '{' stands without a keyword; remove it"),
        # Arguments.
        (in_instance("priority"), "line 2, vrrp_instance a / priority: it needs a whole number from 0 to 255"),
        (in_instance("priority 300"), "line 2, vrrp_instance a / priority: '300' is not a whole number from 0 to 255"),
        (
            in_instance("advert_int 1s"),
            "line 2, vrrp_instance a / advert_int: '1s' is not a number of seconds from 0.01 to 255",
        ),
        (in_instance("state SLAVE"), "line 2, vrrp_instance a / state: 'SLAVE' is not MASTER or BACKUP"),
        (in_instance("nopreempt on"), "line 2, vrrp_instance a / nopreempt: keepalived ignores 'on' after it"),
        (
            in_instance("priority 1\npriority 2"),
            "line 3, vrrp_instance a / priority: line 2 says it already; keep one of the two",
        ),
        (
            in_instance("mcast_src_ip eth0"),
            "line 2, vrrp_instance a / mcast_src_ip: 'eth0' is not an IPv4 or IPv6 address",
        ),
        (
            in_instance("track_interface {\neth0 weight 300\n}"),
            "line 3, vrrp_instance a / track_interface / eth0: '300' is not a whole number from -254 to 254",
        ),
        (
            in_instance("virtual_ipaddress {\n192.0.2.100/24 dev\n}"),
            "line 3, vrrp_instance a / virtual_ipaddress / 192.0.2.100/24:"
            " dev: it needs the name of an interface (1 to 15 characters)",
        ),
        (
            in_service("lvs_sched wclc"),
            "is not one of rr, wrr, lc, wlc, lblc, lblcr, dh, sh, mh, sed, nq, fo, ovf, twos",
        ),
        (in_service("lvs_method TUN type gue port x"), "lvs_method: port: 'x' is not a whole number from 1 to 65535"),
        (
            in_service("protocol ICMP"),
            "line 2, virtual_server 192.0.2.100 80 / protocol: 'ICMP' is not one of TCP, UDP, SCTP",
        ),
        ("virtual_server fwmark x {\n}", "line 1, virtual_server: 'x' is not a whole number from 0 to 4294967295"),
        ("virtual_server web 80 {\n}", "line 1, virtual_server: 'web' is not an IPv4 or IPv6 address"),
        (
            f"{in_service('')}\n{in_service('')}",
            "line 6, virtual_server tcp 192.0.2.100:80: line 1 has the same service; put its real servers into one block",
        ),
    ],
)
def test_faults(text, problem):
    (found,) = problems(text)
    assert problem in found


def test_all_at_once_and_in_order():
    found = check(parse("a 1\nvrrp_instance b {\npriority 0.5\nstate x\n}\n}"), None)
    assert [problem.line for problem in found] == [1, 3, 4, 6]


@pytest.mark.parametrize(
    "text",
    [
        # A variable or a condition may hold or hide anything.
        in_instance("priority $PRIORITY\n@one priority 1\n@two priority 2\n$MORE"),
        "@one vrrp_instance a {\n@two vrrp_instance b {\npriority 1\n}".replace("priority 1\n", ""),
        "$X = \\\nvrrp_instance a { \\\n\n}",
        in_instance("$KEYWORD 1"),
        in_service("lvs_method DR\nprotocol udp\npersistence_granularity 255.255.255.0"),
        f"{in_service('protocol TCP')}\n{in_service('protocol UDP')}",
        "virtual_server group web {\n}\nvirtual_server fwmark 7 {\n}",
        "virtual_server_group web {\n192.0.2.1-9 80\n192.0.2.0/28\nfwmark 7 inet6\n}",
        "global_defs {\nlvs_sync_daemon eth0 inst a id 1\nnotification_email {\na@example.com b@example.com\n}\n}",
        "global_defs {\nlvs_sync_daemon eth0 a id 1\n}",
        in_instance('virtual_routes {\n"default" via 192.0.2.1 dev eth0\n}\nnotify "/bin/x $a b" root'),
    ],
)
def test_nothing_to_complain_of(text):
    assert problems(text) == []


def test_a_newer_keepalived_may_have_more_keywords():
    assert problems("xyz 1\nvrrp_instance a {\npriority 300\n}", "3.0.0") == [
        "line 3, vrrp_instance a / priority: '300' is not a whole number from 0 to 255"
    ]


def test_a_keyword_of_the_file_within_a_block():
    assert problems("vrrp_instance a {\nglobal_defs {\n}\n}") == [
        "line 2, vrrp_instance a / global_defs: it does not belong here, but outside of all braces"
    ]


def test_a_word_that_older_versions_pass_over():
    text = "global_defs {\nvrrp_strict off\n}"
    assert problems(text) == ["line 2, global_defs / vrrp_strict: keepalived ignores 'off' after it"]
    assert problems(text, "2.3.0") == problems(text, None) == []


def test_no_version_no_complaint():
    assert problems("global_defs {\njson_version 2\n}", None) == []
    assert problems("global_defs {\njson_version 2\n}", "2.3.10") == []


def test_what_only_keepalived_resolves():
    text = "include a.conf\nvrrp_instance b {\n$PRIORITY\n}"
    assert [str(each) for each in unresolved(parse(text))] == [
        "line 1: 'include a.conf' is for keepalived to resolve; what it stands for is not checked here",
        "line 3: '$PRIORITY' is for keepalived to resolve; what it stands for is not checked here",
    ]
