# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
from shutil import which

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.at_start import at_start
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.check import check
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.grammar.root import ROOT
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.render import render
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.version import is_older, read_version
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.keepalived.keywords import (
    EVERY_KEYWORD,
    of_version,
    rows,
    used,
)
from hypothesis import given
from hypothesis import strategies as st


def test_every_keyword_is_written_and_accepted():
    tree = parse(EVERY_KEYWORD)
    assert render(tree) == EVERY_KEYWORD
    assert check(tree, "99") == ()
    written = {id(spec) for spec in used(tree.children, ROOT)}
    assert [spec.name for spec in rows(ROOT) if id(spec) not in written and not spec.instead] == []


@given(st.lists(st.sampled_from([*EVERY_KEYWORD.splitlines(), "}", "{", "priority x", "$X", "include a"]), max_size=30))
def test_any_mixture_of_lines_can_be_checked(lines):
    tree = parse("\n".join(lines))
    for problem in check(tree, "2.2.7"):
        assert 1 <= problem.line <= len(lines)
        assert problem.text


def test_what_a_reload_cannot_change():
    assert {spec.name for spec in rows(ROOT) if spec.at_start} == at_start(EVERY_KEYWORD).keys()
    text = "@lb1 net_namespace a\nglobal_defs {\nnftables\nnftables_priority 1\n}\nvrrp_instance instance {\n}\n"
    assert at_start(text) == {"net_namespace": "@lb1 a", "nftables": ""}
    assert at_start("net_namespace a\nnet_namespace b\n") == {"net_namespace": "a; b"}


def test_every_version_is_one():
    assert all(is_older("1.9", spec.since) for spec in rows(ROOT) if spec.since)


def test_keywords_of_later_versions_are_found():
    newer = {spec.name for spec in rows(ROOT) if is_older("2.2.7", spec.since or "0") and not spec.instead}
    found = check(parse(EVERY_KEYWORD), "2.2.7")
    assert {problem.path.split(" / ")[-1] for problem in found} == newer


@pytest.mark.skipif(which("keepalived") is None, reason="keepalived is not installed here")
def test_the_real_keepalived_accepts_every_keyword_of_its_version(tmp_path):
    printed = subprocess.run(["keepalived", "--version"], capture_output=True, text=True, check=True)
    version = read_version(printed.stderr + printed.stdout)
    path = tmp_path / "keepalived.conf"
    path.write_text(of_version(version))
    command = ["keepalived", "--config-test", "--use-file", path]
    tested = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (tested.returncode, tested.stdout + tested.stderr) == (0, "")


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("Keepalived v2.2.7 (01/16,2022)\n\nCopyright(C) 2001-2022", "2.2.7"),
        ("Keepalived v2.4.3 (07/20,2026), git commit v2.4.3", "2.4.3"),
        ("keepalived: error while loading shared libraries", None),
    ],
)
def test_version_that_is_printed(printed, version):
    assert read_version(printed) == version


def test_versions_are_compared_by_their_numbers():
    assert is_older("2.2.7", "2.2.10")
    assert not is_older("2.2.7", "2.2.7")
    assert is_older("2.2", "2.2.1")
