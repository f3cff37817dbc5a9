# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.render import quoted, render
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import (
    Block,
    Configuration,
    Directive,
    Keyword,
    plain,
)
from hypothesis import given
from hypothesis import strategies as st


def only(text):
    (node,) = parse(text).children
    return node


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("priority 100", Keyword(("priority", "100"))),
        ("\t priority \t 100  # a comment\r", Keyword(("priority", "100"))),
        ('notify "/bin/x a" root', Keyword(("notify", '"/bin/x a"', "root"))),
        ('auth_pass "a#b!c{d}"', Keyword(("auth_pass", '"a#b!c{d}"'))),
        (r"auth_pass a\#b", Keyword(("auth_pass", r"a\#b"))),
        (r'regex "^a \"b\" c$"', Keyword(("regex", r'"^a \"b\" c$"'))),
        ("misc_path \"/bin/x\" -a 'b c'", Keyword(("misc_path", '"/bin/x"', "-a", "'b c'"))),
        ("@one priority 100", Keyword(("priority", "100"), condition="@one")),
        ("# why\n! and how\n\nuse_pid_dir", Keyword(("use_pid_dir",), ("why", "and how"))),
        ("a {\n b\n}", Block(("a",), children=(Keyword(("b",)),))),
        ("a\n{\n b\n}", Block(("a",), children=(Keyword(("b",)),))),
        ("a { b }", Block(("a",), children=(Keyword(("b",)),))),
        ("a { b { c 1 } }", Block(("a",), children=(Block(("b",), children=(Keyword(("c", "1")),)),))),
        ("# why\na {\n}", Block(("a",), ("why",))),
        ("{\n a\n}", Block((), children=(Keyword(("a",)),))),
        ("include conf.d/*.conf", Directive(("include conf.d/*.conf",))),
        ("includem x", Directive(("includem x",))),
        ("$IF=eth0", Directive(("$IF=eth0",))),
        ("$SERVER", Directive(("$SERVER",))),
        ("$BLOCK = \\\n a 1 \\\n\n", Directive(("$BLOCK = \\", "a 1 \\", ""))),
        ("$BLOCK = \\\n # in between\n a 1", Directive(("$BLOCK = \\", "a 1"))),
        ("~SEQ(n, 1, 9) real_server 192.0.2.$n 80 {", Directive(("~SEQ(n, 1, 9) real_server 192.0.2.$n 80 {",))),
        ("@one vrrp_instance a {", Directive(("@one vrrp_instance a {",))),
        ("@one", Directive(("@one",))),
        ("@one include x", Directive(("@one include x",))),
        ("a { $X }", Block(("a",), children=(Directive(("$X",)),))),
        ("a { @one b }", Block(("a",), children=(Directive(("@one b }",)),))),
        ("interface ${IF}", Keyword(("interface", "${IF}"))),
        ("}", Directive(("}",))),
        ("included 1", Keyword(("included", "1"))),
    ],
)
def test_reading(text, node):
    assert only(text) == node


def test_lines_are_counted():
    tree = parse("a\n\n# c\nb {\n  c\n}\n$X=\\\n 1\n")
    assert [node.line for node in tree.children] == [1, 4, 7]
    assert tree.children[1].children[0].line == 5


def test_braces_that_are_not_closed():
    assert parse("a {\n b {\n").unclosed == (1, 2)


def test_unfinished_definition():
    assert parse("a {\n $X=1 \\").children == (Block(("a",), children=(Directive(("$X=1 \\", "")),)),)


def test_writing():
    text = (
        "# Managed.\nglobal_defs {\n    router_id a\n}\n\nvrrp_instance a {\n    priority 100\n    track_interface {\n"
        "        eth0\n    }\n}\n\n# web\nvirtual_server 192.0.2.100 80 {\n    alpha\n\n    # web1\n"
        "    real_server 192.0.2.21 80 {\n        TCP_CHECK {\n        }\n    }\n}\n"
    )
    assert render(parse(text)) == text
    assert render(parse(text.replace("    ", "\t").replace("\n\n", "\n\n\n"))) == text


def test_a_condition_has_its_line_for_itself():
    text = "@one a\n{\n    b\n}\n"
    assert render(parse(text)) == text


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("100",), ("100",)),
        (('"a b"',), ("a b",)),
        (('""',), ("",)),
        (("'a b'",), ("'a", "b'")),
        ((r"a\#b\!c",), ("a#b!c",)),
        (('"a"b',), ("a", "b")),
    ],
)
def test_values_of_words(words, values):
    assert plain(words) == values


@pytest.mark.parametrize(
    ("value", "word"),
    [("eth0", "eth0"), ("a b", '"a b"'), ("", '""'), ("a#b", '"a#b"'), ("a{b}", '"a{b}"'), ("$x", '"$x"')],
)
def test_quoting(value, word):
    assert quoted(value) == word
    assert plain(only(f"keyword {word}").words[1:]) == (value,)


bare = st.text("abcxyz0189./:_-", min_size=1, max_size=8).filter(lambda word: not word.startswith("include"))
words = st.lists(bare | st.text("ab #!{}@'$~", max_size=6).map(lambda value: f'"{value}"'), max_size=3)
comments = st.lists(st.text('ab {}$"', max_size=6).map(str.strip), max_size=2).map(tuple)
heads = st.tuples(bare, words).map(lambda head: (head[0], *head[1]))
keywords = st.builds(Keyword, heads, comments, st.sampled_from(("", "", "", "@one", "@^one")))
directives = st.builds(
    Directive,
    st.sampled_from((("include a.conf",), ("$X=1",), ("$X = \\", "a { \\", "}"), ("$X",), ("~SEQ(a, 1, 2) b $a",))),
    comments,
)
nodes = st.recursive(
    keywords | directives,
    lambda children: st.builds(
        Block, heads, comments, st.sampled_from(("", "", "@one")), children=st.lists(children, max_size=4).map(tuple)
    ),
    max_leaves=12,
)
trees = st.builds(Configuration, st.lists(nodes, max_size=5).map(tuple))


@given(trees)
def test_what_is_written_is_read_again(tree):
    assert parse(render(tree)) == tree


@given(
    st.lists(
        st.sampled_from(
            (
                "a",
                "{",
                "}",
                "\n",
                " ",
                '"',
                "'",
                "\\",
                "#",
                "!",
                "@a",
                "$X",
                "$X=",
                "${X}",
                "~SEQ",
                "include ",
                "b c",
                "\r\n",
                "\t",
                "@^b ",
            )
        )
    ).map("".join)
)
def test_any_text_settles(text):
    once = render(parse(text))
    assert render(parse(once)) == once
    assert parse(once) == parse(render(parse(once)))
