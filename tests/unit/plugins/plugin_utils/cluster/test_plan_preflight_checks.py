# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check of preflight is made to fire, and to be silent."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ids import DECLARATION
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    data,
    inventory,
    problems_of,
    service,
)

UDP = {"protocol": "udp", "health_check": {"type": "ping"}}
MISTAKES = {
    "no-weight": {"services": [service(real_servers=[{"host": "web1", "weight": 0}, {"host": "web2", "weight": 0}])]},
    "quorum-unreachable": {"services": [service(quorum=4)]},
    "single-director": {"groups": {"lvs_directors": ("lb1",)}},
    "single-real-server": {"services": [service(real_servers=["web1"])]},
    "unchecked": {"services": [service(health_check={"type": "none"})]},
    "ftp-data": {"services": [service(port=21, health_check=None)]},
    "one-packet-persistence": {"services": [service(**UDP, one_packet=True, persistence={"timeout": 60})]},
    "flag-without-meaning": {"services": [service(scheduler_flags="flag-1")]},
    "no-preempt-delay": {"vrrp": {"preempt_delay": 0}},
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


def test_nothing_is_wrong_with_the_demo():
    assert findings() == []


def test_a_mistyped_id():
    (problem,) = problems_of(inventory(preflight_ignore=["ftpdata"]))
    assert problem.startswith("lvs_preflight_ignore[0]: 'ftpdata' is not a preflight check; did you mean 'ftp-data'?")
