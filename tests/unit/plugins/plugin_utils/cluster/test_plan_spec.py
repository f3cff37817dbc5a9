# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Integer, Text
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import (
    INVALID,
    ListOf,
    OneOrMany,
    Record,
    TextOrList,
    options,
    record_title,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import read

NUMBER = Integer(1, 9)
WORD = Text("a word", r"[a-z]+", "write small letters")


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A leaf."""

    SHORT: ClassVar[str] = "name"

    name: Annotated[str, WORD, "Its name."]
    size: Annotated[int, NUMBER, "Its size."] = 3
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class BigTree:
    """A tree."""

    NOT_YET: ClassVar[tuple[str, ...]] = ("roots",)
    OTHER_NAMES: ClassVar[dict[str, str]] = {"foliage": "leaves"}

    age: Annotated[int, NUMBER, "Its age."]
    leaves: Annotated[tuple[Leaf, ...], ListOf(Record(Leaf)), "Its leaves."] = ()


LEAF, TREE = Record(Leaf), Record(BigTree)


def test_a_list_is_read_as_a_tuple():
    assert read(ListOf(NUMBER), [1, "2", 3]) == ((1, 2, 3), [])


def test_an_empty_list_is_a_list():
    assert read(ListOf(NUMBER), []) == ((), [])


@pytest.mark.parametrize(("value", "shown"), [("abc", "'abc'"), ({"a": 1}, "a mapping"), (1, "1"), (None, "nothing")])
def test_what_is_no_list_is_refused(value, shown):
    assert read(ListOf(NUMBER), value) == (INVALID, [f"x: {shown} is not a list; write a list, each item 1 to 9"])


def test_a_list_can_ask_for_items():
    assert read(ListOf(NUMBER, minimum=1), []) == (INVALID, ["x: the list is empty; write at least one: 1 to 9"])


def test_each_wrong_item_is_reported_with_its_index():
    assert read(ListOf(NUMBER), [0, 1, "x"]) == (
        INVALID,
        [
            "x[0]: 0 is out of range; write a number from 1 to 9",
            "x[2]: 'x' is not a whole number; write a number from 1 to 9",
        ],
    )


def test_a_list_can_keep_its_valid_items():
    result, problems = read(ListOf(NUMBER, keep_valid=True), [0, 1, 2])
    assert result == (1, 2)
    assert len(problems) == 1


@pytest.mark.parametrize(("value", "result"), [(5, (5,)), ([5], (5,)), ([5, 6], (5, 6)), ((7,), (7,))])
def test_one_or_many_is_a_tuple(value, result):
    assert read(OneOrMany(NUMBER), value) == (result, [])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (0, "x: 0 is out of range; write a number from 1 to 9"),
        ([], "x: the list is empty; write at least one: 1 to 9"),
        ([1, 0], "x[1]: 0 is out of range; write a number from 1 to 9"),
        ([1, 2, "1"], "x: 1 stands in the list twice; write each once"),
        ([[1]], "x[0]: a list is not a whole number; write a number from 1 to 9"),
    ],
)
def test_one_or_many_wrong_ones_are_refused(value, problem):
    assert read(OneOrMany(NUMBER), value) == (INVALID, [problem])


def test_a_text_or_a_list_goes_to_its_own_spec():
    spec = TextOrList(WORD, ListOf(NUMBER))
    assert read(spec, "abc") == ("abc", [])
    assert read(spec, [1, 2]) == ((1, 2), [])
    assert read(spec, 5) == (INVALID, ['x: 5 is not text, as YAML reads it; put it in quotes: "5"'])
    assert read(spec, {"a": 1}) == (INVALID, ["x: a mapping is not a word; write small letters"])


def test_a_record_is_read_into_its_class_with_defaults():
    assert read(TREE, {"age": "5"}) == (BigTree(age=5), [])


def test_records_know_where_they_stand():
    tree, problems = read(TREE, {"age": 5, "leaves": [{"name": "a"}, {"name": "b", "size": 4}]}, where="lvs_tree")
    assert problems == []
    assert tree.leaves == (
        Leaf(name="a", size=3, where="lvs_tree.leaves[0]"),
        Leaf(name="b", size=4, where="lvs_tree.leaves[1]"),
    )


def test_a_string_can_be_short_for_a_record():
    assert read(LEAF, "a") == (Leaf(name="a", where="x"), [])


def test_not_every_record_has_a_short_form():
    assert read(TREE, "a") == (INVALID, ["x: 'a' is not a mapping; write some of these keys: age, leaves"])


def test_an_empty_value_is_as_good_as_none():
    assert read(LEAF, {"name": "a", "size": None}) == (Leaf(name="a", where="x"), [])


def test_a_required_key_that_is_missing_or_empty_is_reported():
    missing = ["x.name: is missing; write a word"]
    assert read(LEAF, {}) == (INVALID, missing)
    assert read(LEAF, {"name": None}) == (INVALID, missing)


def test_the_place_of_a_record_cannot_be_written():
    assert read(LEAF, {"name": "a", "where": "y"}) == (
        INVALID,
        ["x.where: there is no such key; known keys: name, size"],
    )


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("agee", "x.agee: there is no such key; did you mean 'age'?"),
        ("foliage", "x.foliage: there is no such key; did you mean 'leaves'?"),
        ("roots", "x.roots: this key is not supported yet; leave it out"),
        ("zzz", "x.zzz: there is no such key; known keys: age, leaves"),
        (5, "x.5: there is no such key; known keys: age, leaves"),
        (None, "x.None: there is no such key; known keys: age, leaves"),
        (True, "x.True: there is no such key; known keys: age, leaves"),
    ],
)
def test_an_unknown_key_is_reported_with_what_it_may_have_meant(key, problem):
    assert read(TREE, {"age": 5, key: 1}) == (INVALID, [problem])


def test_all_mistakes_of_a_record_are_reported_at_once():
    _result, problems = read(TREE, {"agee": 1, "age": 0, "leaves": [{"size": 0}, 7]})
    assert problems == [
        "x.agee: there is no such key; did you mean 'age'?",
        "x.age: 0 is out of range; write a number from 1 to 9",
        "x.leaves[0].name: is missing; write a word",
        "x.leaves[0].size: 0 is out of range; write a number from 1 to 9",
        "x.leaves[1]: 7 is not a mapping; write some of these keys: name, size",
    ]


def test_the_options_of_a_class_say_what_is_required():
    assert {name: (option.required, option.default) for name, option in options(BigTree).items()} == {
        "age": (True, None),
        "leaves": (False, ()),
    }


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (ListOf(NUMBER), "list, each item 1 to 9"),
        (OneOrMany(NUMBER), "1 to 9, or a list of such"),
        (TextOrList(WORD, ListOf(NUMBER)), "a word, or a list, each item 1 to 9"),
        (LEAF, "a leaf, which is a mapping or just its name"),
        (TREE, "a big tree, which is a mapping"),
    ],
)
def test_each_spec_describes_itself(spec, words):
    assert spec.describe() == words


@pytest.mark.parametrize(
    ("name", "title"),
    [("HealthCheck", "health check"), ("Service", "service"), ("VRRP", "VRRP"), ("DNSCheck", "DNS check")],
)
def test_the_title_of_a_record_is_made_of_its_class_name(name, title):
    assert record_title(type(name, (), {})) == title
