# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import (
    MOST_SHOWN,
    Problem,
    Problems,
    did_you_mean,
    names,
    show,
)


def test_a_problem_says_where_what_and_what_to_write():
    assert str(Problem("lvs_x[0].port", "70000 is out of range", "write less")) == (
        "lvs_x[0].port: 70000 is out of range; write less"
    )


def test_a_problem_of_hosts_names_them():
    assert str(Problem("lvs_x", "wrong", "right", ("web1", "web2"))) == "lvs_x (web1, web2): wrong; right"


def test_the_same_mistake_on_many_hosts_is_one_problem():
    problems = Problems()
    for number in range(20):
        problems.add("lvs_x", "wrong", "right", [f"web{number}"])
    assert [str(problem) for problem in problems] == [
        "lvs_x (web0, web1, web2, web3 and 16 more): wrong; right",
    ]
    assert len(problems) == 1


def test_a_host_that_makes_a_mistake_twice_is_named_once():
    problems = Problems()
    problems.add("lvs_x", "wrong", "right", ["web1"])
    problems.add("lvs_x", "wrong", "right", ["web1"])
    assert [problem.hosts for problem in problems] == [("web1",)]


def test_problems_keep_the_order_in_which_they_were_found():
    problems = Problems()
    for where in ("c", "a", "b", "a"):
        problems.add(where, "wrong", "right")
    assert [problem.where for problem in problems] == ["c", "a", "b"]


def test_problems_of_a_part_get_its_prefix():
    part, whole = Problems(), Problems()
    part.add("lvs_x", "wrong", "right")
    part.add("lvs_y", "wrong", "right", ["web1"])
    whole.add_all(part, prefix="cluster a: ")
    assert [str(problem) for problem in whole] == [
        "cluster a: lvs_x: wrong; right",
        "cluster a: lvs_y (web1): wrong; right",
    ]


def test_problems_of_a_part_get_its_hosts():
    part, whole = Problems(), Problems()
    part.add("lvs_x", "wrong", "right")
    whole.add_all(part, hosts=["web1"])
    whole.add_all(part, hosts=["web2"])
    assert [str(problem) for problem in whole] == ["lvs_x (web1, web2): wrong; right"]


def test_a_problem_is_on_one_line_whatever_the_user_wrote():
    problems = Problems()
    problems.add("lvs_x.a\nb", "no \x1b[31m", "write \0")
    assert [str(problem) for problem in problems] == [r"lvs_x.a\nb: no \x1b[31m; write \x00"]


def test_the_report_counts_and_lists():
    problems = Problems()
    problems.add("lvs_x", "wrong", "right")
    problems.add("lvs_y", "wrong", "right")
    assert problems.report() == (
        "The declaration (lvs_* variables and groups) has 2 problems. Nothing was changed.\n"
        "  - lvs_x: wrong; right\n"
        "  - lvs_y: wrong; right"
    )


def test_the_report_of_one_problem_is_in_the_singular():
    problems = Problems()
    problems.add("lvs_x", "wrong", "right")
    assert "has 1 problem. " in problems.report()


def test_a_long_report_ends_with_a_count():
    problems = Problems()
    for number in range(MOST_SHOWN + 7):
        problems.add(f"lvs_services[{number}]", "wrong", "right")
    lines = problems.report().splitlines()
    assert len(lines) == 1 + MOST_SHOWN + 1
    assert lines[0].startswith(f"The declaration (lvs_* variables and groups) has {MOST_SHOWN + 7} problems.")
    assert lines[-1] == "  - and 7 more"


@pytest.mark.parametrize(
    ("hosts", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "c", "d", "e"], "a, b, c, d, e"),
        (["a", "b", "c", "d", "e", "f"], "a, b, c, d and 2 more"),
    ],
)
def test_names_are_listed_or_counted(hosts, text):
    assert names(hosts) == text


def test_more_names_can_be_asked_for():
    assert names("abcdefgh", most=7) == "a, b, c, d, e, f, g, h"
    assert names("abcdefgh", most=6) == "a, b, c, d, e, f and 2 more"


@pytest.mark.parametrize(
    ("word", "meant"),
    [("wlcc", "wlc"), ("rrr", "rr"), ("leastconn", None), ("", None), ("\0", None)],
)
def test_a_mistyped_word_has_a_suggestion(word, meant):
    assert did_you_mean(word, ["rr", "wrr", "lc", "wlc"]) == meant


def test_a_suggestion_can_be_asked_to_be_more_alike():
    assert did_you_mean("lvs_clients", ["lvs_directors"]) == "lvs_directors"
    assert did_you_mean("lvs_clients", ["lvs_directors"], likeness=0.8) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        (80, "80"),
        (1.5, "1.5"),
        ("web", "'web'"),
        ("80", "'80'"),
        ([1], "a list"),
        ((1,), "a list"),
        ({"a": 1}, "a mapping"),
        ("x" * 100, "'" + "x" * 56 + "..."),
        ("a\nb", r"'a\nb'"),
    ],
)
def test_values_are_shown_in_yaml_words_and_on_one_short_line(value, text):
    assert show(value) == text
