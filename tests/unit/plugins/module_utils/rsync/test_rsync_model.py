# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import fields

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import conf, model
from ansible_collections.lvs.cluster.plugins.module_utils.rsync.model import Module
from hypothesis import given
from hypothesis import strategies as st

WWW = Module("www", "/srv/www", hosts_allow=("192.0.2.21",))

ONE_LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=20).filter(model.is_one_line)
WORD = st.text(
    st.characters(codec="utf-8", exclude_categories=("Z", "C"), exclude_characters=",\\"), min_size=1, max_size=8
)
KINDS = {bool: st.booleans(), int: st.integers(0, 10**6), str: ONE_LINE, tuple: st.lists(WORD, max_size=3).map(tuple)}
OPTIONS = {each.name: KINDS[type(each.default)] for each in fields(Module) if each.name not in ("name", "path")}
MODULES = st.builds(
    Module, name=st.from_regex(model.NAME, fullmatch=True), path=ONE_LINE.map(lambda text: f"/{text}"), **OPTIONS
)


@given(MODULES)
def test_a_module_is_read_as_it_is_written(module: Module) -> None:
    assert model.parse_module(module.render()) == module


@given(st.lists(MODULES, max_size=3, unique_by=lambda module: conf.squeeze(module.name)))
def test_modules_are_found_in_a_file_as_they_were_put_there(modules: list[Module]) -> None:
    text = conf.edit("uid = x\n[other]\npath = /o", conf.Wanted("a", {each.name: each.render() for each in modules}))
    found = [model.parse_module(part.text) for part in conf.parse(text) if part.owner]
    assert found == modules


def test_the_section_of_a_module() -> None:
    module = Module(
        "www", "/srv/www", comment="a = b", auth_users=("x", "@y:ro"), timeout=5, hosts_allow=("192.0.2.21",)
    )
    assert module.render() == (
        "[www]\npath = /srv/www\ncomment = a = b\nread only = yes\nwrite only = no\nlist = no\nuse chroot = yes\n"
        "auth users = x @y:ro\nhosts allow = 192.0.2.21\nhosts deny = *\nreverse lookup = no\ntimeout = 5\n"
        "transfer logging = no\n"
    )


@pytest.mark.parametrize("text", ["", "uid = x\n[a]\n", "[a]\n[b]\n", "[a]\ntimeout = x\n"])
def test_what_is_not_one_module(text: str) -> None:
    with pytest.raises(ValueError):
        model.parse_module(text)


def test_nothing_wrong() -> None:
    assert model.problems_of([WWW, Module("b", "/b", hosts_allow=("2001:db8::/32", "*.example.org", "web1"))], {}) == []


def test_all_mistakes_at_once() -> None:
    modules = [
        Module("a/b", "srv", hosts_allow=("192.0.2.300", "192.0.2.0/33"), auth_users=("a b", "x:maybe"), timeout=-1),
        Module("Global", "/x\ny", hosts_allow=("::1::",), write_only=True),
        Module("www", "", exclude=("*.tmp", "a b", "")),
        Module("WWW", "/x", hosts_allow=("*",), comment="end \\"),
        Module("old", "/x", hosts_deny=()),
    ]
    assert model.problems_of(modules, {"old": "others, by hand"}) == [
        "modules[0].name: 'a/b' is no name of a module; write letters, digits and . _ -, not 'global'",
        "modules[0].path: 'srv' is no absolute path",
        "modules[0].auth_users: 'a b' has a blank or comma, or is empty; these part the words of the list",
        "modules[0].timeout: -1 is less than 0",
        "modules[0].auth_users: 'a b' is no user; write a name, or @group, and :ro, :rw or :deny after it",
        "modules[0].auth_users: 'x:maybe' is no user; write a name, or @group, and :ro, :rw or :deny after it",
        "modules[0].hosts_allow: '192.0.2.300' is no address and no network; write 192.0.2.21 or 192.0.2.0/24",
        "modules[0].hosts_allow: '192.0.2.0/33' is no address and no network; write 192.0.2.21 or 192.0.2.0/24",
        "modules[1].name: 'Global' is no name of a module; write letters, digits and . _ -, not 'global'",
        "modules[1].path: it cannot stand in rsyncd.conf: line ends, blanks around it and a last backslash get lost",
        "modules[1].hosts_allow: '::1::' is no address and no network; write 192.0.2.21 or 192.0.2.0/24",
        "modules[1].write_only: the module is read only too; nobody could do anything",
        "modules[2].path: it is empty; name the folder",
        "modules[2].exclude: 'a b' has a blank or comma, or is empty; these part the words of the list",
        "modules[2].exclude: '' has a blank or comma, or is empty; these part the words of the list",
        "modules[2].hosts_allow: nobody could connect; list the clients",
        "modules[3].name: 'WWW' is modules[2] too; keep one",
        "modules[3].comment: it cannot stand in rsyncd.conf: line ends, blanks around it and a last backslash get lost",
        "modules[4].name: [old] is there already and belongs to others, by hand; choose another name",
    ]


def test_global_lines() -> None:
    assert model.global_problems({"address": "192.0.2.1"}) == []
    assert model.global_problems({"motd file": "x\ny"})[0].startswith("globals.motd file: ")


def test_who_needs_a_secret() -> None:
    assert model.needs_secret(["a", "b:ro", "@group", "c:deny"]) == ["a", "b"]
