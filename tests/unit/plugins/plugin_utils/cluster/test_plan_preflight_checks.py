# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check of preflight is made to fire, and to be silent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_checks import GATE_SECONDS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ids import DECLARATION
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    data,
    inventory,
    problems_of,
    service,
)

ROLE = Path(__file__).parents[5] / "roles/data_gate"
STOP = {"data": "www", "when_data_is_gone": "stop"}
UDP = {"protocol": "udp", "health_check": {"type": "ping"}}
MISTAKES = {
    "no-weight": {"services": [service(real_servers=[{"host": "web1", "weight": 0}, {"host": "web2", "weight": 0}])]},
    "quorum-unreachable": {"services": [service(quorum=4)]},
    "single-director": {"groups": {"lvs_directors": ("lb1",)}},
    "single-real-server": {"services": [service(real_servers=["web1"])]},
    "unchecked": {"services": [service(health_check={"type": "none"})]},
    "gate-timeout": {"services": [service(data="www", health_check={"type": "tcp", "connect_timeout": 1})]},
    "ftp-data": {"services": [service(port=21, health_check=None)]},
    "one-packet-persistence": {"services": [service(**UDP, one_packet=True, persistence={"timeout": 60})]},
    "flag-without-meaning": {"services": [service(scheduler_flags="flag-1")]},
    "no-preempt-delay": {"vrrp": {"preempt_delay": 0}},
    "vrrp-strict": {"keepalived_lines": {"global_defs": "vrrp_strict"}},
    "dead-udp-entries": {"services": [service(**UDP)], "sysctl": {"net.ipv4.vs.expire_nodest_conn": 0}},
    "drained-persistence": {
        "services": [service(persistence={"timeout": 60})],
        "sysctl": {"net.ipv4.vs.expire_quiescent_template": 0},
    },
    "no-fencing": {
        "shared_data": [data(method="gfs2", device="/dev/sdb")],
        "cluster_fs": {"without_fencing": True},
    },
    "conntrack-with-dr": {"sysctl": {"net.ipv4.vs.conntrack": 1}},
}


def findings(**declared):
    """All findings, errors and warnings, as texts."""
    an_inventory = inventory(**declared)
    return problems_of(an_inventory) or list(make_plan(an_inventory).warnings)


def test_each_check_has_its_mistake():
    assert MISTAKES.keys() == DECLARATION.keys()


@pytest.mark.parametrize("check", DECLARATION)
def test_a_mistake_is_found_and_explained(check):
    (finding,) = findings(**MISTAKES[check])
    assert f": [{check}] " in finding
    assert f"{DECLARATION[check].why}; " in finding
    assert bool(problems_of(inventory(**MISTAKES[check]))) == DECLARATION[check].error


@pytest.mark.parametrize("check", DECLARATION)
def test_a_check_can_be_silenced(check):
    assert findings(**MISTAKES[check], preflight_ignore=[check]) == []


def test_who_chooses_an_engine_without_checks_is_told_only_of_declared_ones():
    assert findings(director_engine="static", services=[service(health_check=None)]) == []
    (finding,) = findings(director_engine="static", services=[service(health_check={"type": "tcp"})])
    assert finding.startswith(
        "lvs_services[0].health_check: [unchecked] the engine static does not check real servers: "
    )


def test_what_only_an_engine_with_checks_can_do():
    declared = service(health_check=None, quorum=2, sorry_server={"host": "web3"}, real_servers=["web1", "web2"])
    declared["inhibit_on_failure"] = True
    problems = problems_of(inventory(director_engine="static", services=[declared]))
    assert [problem.partition(": ")[0] for problem in problems] == [
        "lvs_services[0].sorry_server",
        "lvs_services[0].quorum",
        "lvs_services[0].inhibit_on_failure",
    ]
    assert problems_of(inventory(keep_weights=True)) == [
        "lvs_keep_weights: the engine keepalived sets the weights by its own checks; leave it out, or write "
        "lvs_director_engine: static"
    ]


@pytest.mark.parametrize(
    "check", [{"type": "http", "regex": "^ok"}, {"type": "https", "pages": [{"path": "/a", "regex": "^ok"}]}]
)
def test_the_beginning_of_a_page(check):
    assert problems_of(inventory(services=[service(health_check=check)])) == [
        "lvs_services[0].health_check.regex: keepalived may match it with the headers before the page, so ^ holds at one "
        "time and not at another; write (?m)^ for the beginning of any line"
    ]


@pytest.mark.parametrize(
    ("block", "text", "word"),
    [
        ("global_defs", "vrrp_strict", "vrrp_strict"),
        ("top", "global_defs {\n  vrrp_strict on\n}", "vrrp_strict"),
        ("vrrp_instance", "strict_mode on", "strict_mode"),
        ("vrrp_instance", "no_accept", "no_accept"),
    ],
)
def test_what_drops_packets_to_the_vips_is_refused(block, text, word):
    assert problems_of(inventory(keepalived_lines={block: text})) == [
        f"lvs_keepalived_lines.{block}: [vrrp-strict] {word} is on: strict VRRP knows neither unicast nor preempt_delay, "
        "and keepalived drops what clients send to the VIPs; leave it out"
    ]


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ("global_defs", "vrrp_strict off"),
        ("vrrp_instance", "strict_mode no"),
        ("vrrp_instance", "accept"),
        ("top", "vrrp_instance own {\n  no_accept\n}"),
    ],
)
def test_what_does_not_drop_them_is_not(block, text):
    assert not [text for text in findings(keepalived_lines={block: text}) if "vrrp-strict" in text]


def test_directors_have_to_wait_for_the_data_gate():
    declared = service(data="www", health_check={"type": "http", "connect_timeout": 1})
    assert findings(services=[declared]) == [
        "lvs_services[0].health_check.connect_timeout: [gate-timeout] it holds for the data gate too, which may take 1.7 s "
        "to answer: when the data is gone for all, they all leave the rotation, whatever when_data_is_gone says; "
        "write 2 or more, or leave it out"
    ]
    quick = {"type": "tcp", "connect_timeout": 1}
    for declared in ({"data": "www"}, {"health_check": quick}, {**STOP, "health_check": quick}):
        assert findings(services=[service(**declared)]) == []
    (finding,) = findings(services=[service(data="www", health_check={"type": "none", "connect_timeout": 1})])
    assert "[unchecked]" in finding


def test_how_long_a_data_gate_takes():
    gate = (ROLE / "files/lvs_data_gate.py").read_text(encoding="utf-8")
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text(encoding="utf-8"))
    (limit,) = re.findall(r"^PEER_LIMIT = ([0-9.]+)$", gate, re.MULTILINE)
    assert pytest.approx(defaults["data_gate_timeout"] + float(limit)) == GATE_SECONDS


def test_nothing_is_wrong_with_the_demo():
    assert findings() == []


def test_a_mistyped_id():
    (problem,) = problems_of(inventory(preflight_ignore=["ftpdata"]))
    assert problem.startswith("lvs_preflight_ignore[0]: 'ftpdata' is not a preflight check; did you mean 'ftp-data'?")
