# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.allocate import (
    IDS,
    PRIORITIES,
    Claim,
    allocate_ids,
    allocate_priorities,
    derived_id,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from hypothesis import given
from hypothesis import strategies as st


def ids(*claims, noun="VRID"):
    """The allocated ids, and the problems as texts."""
    problems = Problems()
    return allocate_ids(claims, noun, problems), [str(problem) for problem in problems]


def priorities(directors, wanted=None):
    """The allocated priorities, and the problems as texts."""
    problems = Problems()
    return allocate_priorities(directors, wanted or {}, problems), [str(problem) for problem in problems]


def clashing_names():
    """Two names that derive the same id."""
    seen = {}
    for number in range(1000):
        name = f"cluster{number}"
        if derived_id(name) in seen:
            return seen[derived_id(name)], name
        seen[derived_id(name)] = name
    raise AssertionError


@pytest.mark.parametrize(("name", "number"), [("lvs", 88), ("a", 101), ("b", 62), ("shop", 56), ("mail", 182)])
def test_a_derived_id_never_changes(name, number):
    """Written down: another release that derives other ones would make both directors active while it is rolled out."""
    assert derived_id(name) == number


@given(st.text(), st.sets(st.integers(1, 255), max_size=254))
def test_a_derived_id_is_in_range_and_usable(name, unusable):
    number = derived_id(name, unusable)
    assert number in IDS
    assert number not in unusable


def test_all_ids_can_be_unusable():
    assert derived_id("lvs", IDS) is None


def test_derived_ids_are_spread():
    assert len({derived_id(f"cluster{number}") for number in range(2000)}) == len(IDS)


def test_an_id_follows_from_the_name_alone():
    alone, _problems = ids(Claim("lvs", "x", None))
    with_others, _problems = ids(Claim("a", "x", None), Claim("lvs", "y", None), Claim("b", "z", None))
    assert alone["lvs"] == with_others["lvs"] == derived_id("lvs")


def test_a_declared_id_is_taken():
    assert ids(Claim("lvs", "x", 51)) == ({"lvs": 51}, [])


def test_a_reserved_id_is_passed_by():
    given_ids, problems = ids(Claim("lvs", "x", None, reserved=(derived_id("lvs"),)))
    assert problems == []
    assert given_ids == {"lvs": derived_id("lvs") + 1}


def test_the_search_goes_on_at_the_beginning():
    last = next(f"cluster{number}" for number in range(5000) if derived_id(f"cluster{number}") == 255)
    assert derived_id(last, {255}) == 1


def test_a_declared_id_that_is_reserved_is_a_contradiction():
    _ids, problems = ids(Claim("lvs", "lvs_vrrp.virtual_router_id", 51, reserved=(51,)))
    assert problems == [
        "lvs_vrrp.virtual_router_id: VRID 51 is in lvs_reserved_vrids; take another one, or shorten that list"
    ]


def test_all_ids_reserved_is_an_error():
    given_ids, problems = ids(Claim("lvs", "x", None, reserved=IDS))
    assert given_ids == {}
    assert problems == ["x: every VRID is reserved; shorten lvs_reserved_vrids"]


def test_two_clusters_with_the_same_declared_id_are_told_a_free_one():
    _ids, problems = ids(Claim("a", "a.x", 51), Claim("b", "b.x", 51), noun="sync id")
    assert problems == [
        f"b.x: sync id 51 is that of cluster a too; give the newer one another number; {derived_id('b')} is free"
    ]


def test_two_names_with_the_same_derived_id_are_an_error_and_nobody_moves():
    one, other = clashing_names()
    given_ids, problems = ids(Claim(one, "one.x", None), Claim(other, "other.x", None))
    assert given_ids[one] == given_ids[other] == derived_id(one)
    assert len(problems) == 1
    assert problems[0].startswith(f"other.x: VRID {derived_id(one)} is that of cluster {one} too; give the newer one")


def test_a_declared_id_that_another_cluster_derives_is_an_error():
    _ids, problems = ids(Claim("a", "a.x", None), Claim("b", "b.x", derived_id("a")))
    assert len(problems) == 1


def test_each_of_several_clashes_is_told_another_free_id():
    _ids, problems = ids(*(Claim(f"cluster{number}", f"{number}.x", 51) for number in range(200)))
    proposals = [problem.rpartition("; ")[2].split()[0] for problem in problems]
    assert len(proposals) == len(set(proposals)) == 199


def test_without_a_free_id_none_is_proposed():
    claims = [Claim(f"c{number}", "x", number) for number in IDS]
    _ids, problems = ids(*claims, Claim("more", "more.x", 1))
    assert problems == ["more.x: VRID 1 is that of cluster c1 too; none is free"]


def test_taking_the_proposal_solves_the_clash():
    one, other = clashing_names()
    _ids, problems = ids(Claim(one, "x", None), Claim(other, "y", None))
    proposal = int(problems[0].rpartition("; ")[2].split()[0])
    given_ids, problems = ids(Claim(one, "x", None), Claim(other, "y", proposal))
    assert problems == []
    assert given_ids == {one: derived_id(one), other: proposal}


def test_priorities_fall_in_the_order_of_the_group():
    assert priorities(["lb2", "lb1", "lb3"]) == ({"lb2": 150, "lb1": 140, "lb3": 130}, [])


def test_a_director_more_at_the_end_changes_no_other():
    before, _problems = priorities(["lb1", "lb2"])
    after, _problems = priorities(["lb1", "lb2", "lb3"])
    assert {name: after[name] for name in before} == before


def test_a_declared_priority_is_taken_and_not_given_again():
    assert priorities(["lb1", "lb2", "lb3"], {"lb3": 150}) == ({"lb3": 150, "lb1": 140, "lb2": 130}, [])


def test_two_directors_with_the_same_declared_priority_are_an_error():
    _priorities, problems = priorities(["lb1", "lb2"], {"lb1": 100, "lb2": 100})
    assert problems == ["lvs_priority (lb2): 100 is the priority of lb1 too; give it another one"]


def test_priorities_are_all_different_and_in_range():
    directors = [f"lb{number}" for number in range(len(PRIORITIES))]
    given_priorities, problems = priorities(directors)
    assert problems == []
    assert len(set(given_priorities.values())) == len(directors)
    assert list(given_priorities.values()) == sorted(given_priorities.values(), reverse=True)
    assert set(given_priorities.values()) <= set(range(1, 255))


def test_too_many_directors_are_told_to_declare_theirs():
    directors = [f"lb{number}" for number in range(len(PRIORITIES) + 2)]
    _priorities, problems = priorities(directors)
    assert problems == ["lvs_priority (lb60, lb61): there are more than 60 directors; set it for this one"]
    assert priorities(directors, {"lb60": 200, "lb61": 201})[1] == []
