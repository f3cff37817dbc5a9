# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Lines
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    inventory,
    problems_of,
    read,
    service,
)

SECURITY = {"global_defs": "enable_script_security\nscript_user root"}


def test_lines_lose_what_only_yaml_needs():
    assert read(Lines(), "\n  notify {\n    a\n\n  }  \n") == (("notify {", "  a", "}"), [])
    assert read(Lines(), "") == ((), [])
    assert read(Lines(), ["a"])[1] == ["x: a list is not text; write the lines under a '|'"]


def test_lines_reach_the_directors():
    lines = {"vrrp_instance": "notify /usr/local/bin/tell", "top": "include /etc/keepalived/more/*.conf", **SECURITY}
    (cluster,) = make_plan(inventory(keepalived_lines=lines)).clusters
    for name in ("lb1", "lb2"):
        assert cluster.hosts[name].director.keepalived_lines.vrrp_instance == ("notify /usr/local/bin/tell",)


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ("vrrp_instance", "notify_master /bin/true"),
        ("virtual_server", "quorum_up /bin/true"),
        ("top", "vrrp_script a {\n  script /bin/true\n}"),
    ],
)
def test_programs_need_a_user(block, text):
    word = next(word for word in text.split() if word.startswith(("notify", "quorum", "script")))
    assert problems_of(inventory(keepalived_lines={block: text})) == [
        f"lvs_keepalived_lines.global_defs: {word} runs a program, for which there is no enable_script_security and no "
        "script_user; write enable_script_security, and script_user with the user who runs it"
    ]
    assert problems_of(inventory(keepalived_lines={block: text, **SECURITY})) == []


def test_what_runs_no_program_needs_no_user():
    assert problems_of(inventory(keepalived_lines={"vrrp_instance": "notify_priority_changes on"})) == []


@pytest.mark.parametrize(
    ("block", "text", "problem"),
    [
        ("vrrp_instance", "notifi /bin/true", "notifi: there is no such keyword; did you mean notify?"),
        ("vrrp_instance", "priority 100", "priority: the collection sets it itself; leave it out"),
        ("real_server", "TCP_CHECK {\n}", "TCP_CHECK: the collection sets it itself; leave it out"),
        (
            "global_defs",
            "mcast_src_ip 192.0.2.1",
            "mcast_src_ip: it does not belong here, but into vrrp_instance; correct it",
        ),
        ("top", "vrrp_script a {\n  interval x\n}", None),
        ("vrrp_instance", "track_script {\n  a", "the braces of these lines do not match; close each that you open"),
        ("real_server", "}\nweight 5", "the braces of these lines do not match; close each that you open"),
        ("top", "}", "the braces of these lines do not match; close each that you open"),
    ],
)
def test_mistakes(block, text, problem):
    found = problems_of(inventory(keepalived_lines={block: text}))
    if problem is None:
        assert len(found) == 1
        assert found[0].startswith(f"lvs_keepalived_lines.{block}: vrrp_script a / interval: ")
    else:
        assert found == [f"lvs_keepalived_lines.{block}: {problem}"]


def test_lines_of_one_service():
    mistaken = {"virtual_server": "quorm 2", "real_server": "weight 5"}
    services = [service(name="web"), service(name="shop", vip=["192.0.2.101"], keepalived_lines=mistaken)]
    assert problems_of(inventory(services=services)) == [
        "lvs_services[1].keepalived_lines.virtual_server: quorm: there is no such keyword; did you mean quorum?",
        "lvs_services[1].keepalived_lines.real_server: weight: the collection sets it itself; leave it out",
    ]


def test_lines_of_one_service_and_of_all_do_not_set_the_same():
    services = [service(keepalived_lines={"real_server": "notify_down /bin/true\nnotify_up /bin/true"})]
    lines = {"real_server": "notify_down /bin/false", **SECURITY}
    assert problems_of(inventory(services=services, keepalived_lines=lines)) == [
        "lvs_services[0].keepalived_lines.real_server: notify_down: lvs_keepalived_lines.real_server sets it for all "
        "services; write it in one place"
    ]


def test_programs_of_one_service_need_a_user():
    services = [service(keepalived_lines={"real_server": "notify_down /bin/true"})]
    (problem,) = problems_of(inventory(services=services))
    assert problem.startswith("lvs_keepalived_lines.global_defs: notify_down runs a program")
    assert problems_of(inventory(services=services, keepalived_lines=SECURITY)) == []


def test_a_block_that_the_engine_does_not_write():
    lines = {"virtual_server": "quorum_up /bin/true", **SECURITY}
    assert problems_of(inventory(keepalived_lines=lines, director_engine="static")) == [
        "lvs_keepalived_lines.virtual_server: with the engine static keepalived.conf has no virtual_server; leave it out"
    ]
