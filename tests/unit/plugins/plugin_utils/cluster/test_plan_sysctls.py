# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.sysctls import (
    DEFAULTS,
    PREFIX,
    SYSCTLS,
    SyncThreshold,
    VsSysctls,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import read


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("am_droprate", 10, 10),
        ("backup_only", 1, 1),
        ("conn_reuse_mode", "0", 0),
        ("conn_lfactor", -5, -5),
        ("drop_entry", 3, 3),
        ("est_cpulist", "2-5,8", "2-5,8"),
        ("est_cpulist", "", ""),
        ("est_nice", -20, -20),
        ("sync_threshold", "3 50", "3 50"),
        ("sync_threshold", " 0   0 ", "0 0"),
        ("sync_threshold", "5 0", "5 0"),
    ],
)
def test_right_values_are_read_as_pairs(name, value, result):
    assert read(VsSysctls(), {PREFIX + name: value}) == (((PREFIX + name, result),), [])


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("backup_only", 2, "2 is out of range; write a number from 0 to 1"),
        ("backup_only", True, "true is not a whole number; write a number from 0 to 1"),
        ("drop_entry", 4, "4 is out of range; write a number from 0 to 3"),
        ("sync_retries", 4, "4 is out of range; write a number from 0 to 3"),
        (
            "sync_threshold",
            "50 3",
            "'50 3' is not a threshold and a period; write two numbers in quotes, such as '3 50'",
        ),
        ("sync_threshold", "3", "'3' is not a threshold and a period; write two numbers in quotes, such as '3 50'"),
        ("sync_threshold", 3, "3 is not a threshold and a period; write two numbers in quotes, such as '3 50'"),
        ("sync_threshold", "a b", "'a b' is not a threshold and a period; write two numbers in quotes, such as '3 50'"),
        (
            "sync_threshold",
            "³ 50",
            "'³ 50' is not a threshold and a period; write two numbers in quotes, such as '3 50'",
        ),
        ("est_cpulist", "all", "'all' is not a list of CPUs; write it in quotes as the kernel does, such as '2-5,8'"),
        ("est_cpulist", 2, '2 is not text, as YAML reads it; put it in quotes: "2"'),
    ],
)
def test_wrong_values_are_explained(name, value, what):
    assert read(VsSysctls(), {PREFIX + name: value}) == (INVALID, [f"x['{PREFIX}{name}']: {what}"])


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (
            "conn_reuse_mode",
            "x['conn_reuse_mode']: 'conn_reuse_mode' is not an IPVS sysctl; did you mean 'net.ipv4.vs.conn_reuse_mode'?",
        ),
        (
            "net.ipv4.vs.con_reuse_mode",
            "x['net.ipv4.vs.con_reuse_mode']: 'net.ipv4.vs.con_reuse_mode' is not an IPVS sysctl; "
            "did you mean 'net.ipv4.vs.conn_reuse_mode'?",
        ),
        (
            "net.ipv4.ip_forward",
            "x['net.ipv4.ip_forward']: 'net.ipv4.ip_forward' is not an IPVS sysctl; "
            "write the name of an IPVS sysctl with its net.ipv4.vs.",
        ),
        (7, "x[7]: 7 is not an IPVS sysctl; write the name of an IPVS sysctl with its net.ipv4.vs."),
        (None, "x[nothing]: nothing is not an IPVS sysctl; write the name of an IPVS sysctl with its net.ipv4.vs."),
    ],
)
def test_other_names_are_refused(key, problem):
    assert read(VsSysctls(), {key: 1}) == (INVALID, [problem])


@pytest.mark.parametrize("value", ["net.ipv4.vs.conntrack=1", ["net.ipv4.vs.conntrack"], 1])
def test_what_is_no_mapping_is_refused(value):
    result, problems = read(VsSysctls(), value)
    assert result is INVALID
    assert problems[0].endswith("is not a mapping; write names and values, such as net.ipv4.vs.sync_refresh_period: 10")


def test_what_directors_get_anyway_are_sysctls_that_could_be_declared():
    result, problems = read(VsSysctls(), DEFAULTS)
    assert problems == []
    assert dict(result) == DEFAULTS


def test_the_documentation_has_a_word_for_each():
    assert SyncThreshold().describe() == "two numbers in quotes"
    assert VsSysctls().describe() == "mapping of full `net.ipv4.vs.*` names to values"
    assert all(spec.describe() for spec in SYSCTLS.values())
