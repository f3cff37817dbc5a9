# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import conf
from ansible_collections.lvs.cluster.plugins.module_utils.rsync.conf import Section, Wanted
from hypothesis import given
from hypothesis import strategies as st

FOREIGN = """\
# the admin's file
uid = backup
log file = /var/log/rsyncd.log\x20\x20

; old
[ Old  Stuff ]
  path = /srv/old \\
     folder
\tRead Only = no
&include /etc/rsyncd.d
[www2]\tignored
path=/srv/www2
"""
WWW = "[www]\npath = /srv/www\n"
REGION = "# BEGIN lvs.cluster a [www]\n[www]\npath = /srv/www\n# END lvs.cluster a [www]\n"
GLOBALS = "# BEGIN lvs.cluster a globals\naddress = 192.0.2.1\n# END lvs.cluster a globals\n"

# Pieces of files, also bad ones, as they may stand one after the other.
PIECES = st.sampled_from(
    [
        "uid = x\n",
        "[m]\n",
        "[m\\\nn] rest\n",
        "[ global ]\n",
        "# c\n",
        ";c \\\n",
        "\n",
        "  \t\n",
        "a = b \\\n",
        "\\\n",
        "junk\n",
        "&merge /x\n",
        "exclude = *.o\r\n",
        "= odd\n",
        "x = caf\udce9 \u00e9\n",
        REGION.replace(" a ", " b "),
        "last",
        "last \\",
    ]
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


def wanted(**sections: str) -> Wanted:
    return Wanted("a", sections)


def test_sections_as_rsync_reads_them() -> None:
    assert conf.sections(FOREIGN) == [
        Section("", (("uid", "backup"), ("logfile", "/var/log/rsyncd.log"))),
        Section("Old Stuff", (("path", "/srv/old      folder"), ("readonly", "no"))),
        Section("www2", (("path", "/srv/www2"),)),
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("# c \\\nuid = x\n", ["comment", "parameter"]),
        ("uid = x \\\n# no comment\n", ["parameter"]),
        ("[a] \\\nuid = x\n", ["section", "parameter"]),
        ("[a\\\nb]\n", ["section"]),
        ("[never\n", ["junk"]),
        ("\\\nuid = x\n", ["blank", "parameter"]),
        ("\\ [a]\n", ["section"]),
        ("uid\n", ["junk"]),
        ("&Include = /x y\n", ["directive"]),
    ],
)
def test_kinds_of_lines(text: str, kinds: list[str]) -> None:
    assert [entry.kind for entry in conf.entries(text)] == kinds


def test_values_keep_what_rsync_keeps() -> None:
    entries = {entry.name: entry.value for entry in conf.entries("A  b = x = [y] ; z\nempty =\ncr = a\rb\r\n")}
    assert entries == {"ab": "x = [y] ; z", "empty": "", "cr": "ab"}


def test_directives_are_reported() -> None:
    assert conf.directives(FOREIGN + "&merge=/etc/more.inc\n") == ["&include /etc/rsyncd.d", "&merge /etc/more.inc"]


def test_sections_go_to_the_end_and_all_else_stays() -> None:
    assert conf.edit(FOREIGN, wanted(www=WWW)) == FOREIGN + REGION


def test_a_section_changes_where_it_is() -> None:
    text = "[x]\n" + REGION + "# about y\n[y]\n"
    assert conf.edit(text, wanted(www="[www]\n")) == text.replace("path = /srv/www\n", "")


def test_a_section_that_is_not_listed_goes_only_when_purged() -> None:
    assert conf.edit(FOREIGN + REGION, wanted()) == FOREIGN
    assert conf.edit(FOREIGN + REGION, wanted(), purge=False) == FOREIGN + REGION


def test_another_owner_keeps_its_sections() -> None:
    other = REGION.replace(" a ", " b ")
    assert conf.edit(FOREIGN + other, wanted()) == FOREIGN + other
    assert conf.owners(FOREIGN + other) == {"www": "b"}


def test_a_section_whose_comments_were_changed_is_not_ours() -> None:
    text = REGION.replace("END lvs.cluster a [www]", "END")
    assert conf.owners(text) == {}
    assert conf.foreign_sections(text) == {"www"}
    assert conf.foreign_sections(REGION) == set()


@pytest.mark.parametrize("before", ["", "# nothing\n", "uid = x\n", "# head\n\nuid = x\n"])
@pytest.mark.parametrize("after", ["", "# about m\n[m]\npath = /m\n", REGION])
def test_globals_come_after_those_of_others_and_before_sections(before: str, after: str) -> None:
    edited = conf.edit(before + after, Wanted("a", {"www": WWW} if REGION in after else {}, "address = 192.0.2.1\n"))
    assert GLOBALS in edited
    assert edited.replace(GLOBALS, "") == before + after
    assert conf.sections(edited)[0].parameters[-1] == ("address", "192.0.2.1")
    if "about" in after and "uid" in before:
        assert edited == before + GLOBALS + after


def test_globals_change_in_place_and_go() -> None:
    text = "uid = x\n" + GLOBALS + "[m]\n"
    assert conf.edit(text, Wanted("a", {}, "port = 1\n")) == text.replace("address = 192.0.2.1", "port = 1")
    assert conf.edit(text, wanted()) == "uid = x\n[m]\n"
    assert conf.edit(text, wanted(), purge=False) == text


@pytest.mark.parametrize("end", ["path = /x", "path = /x \\", "path = /x \\\n", "[x", "# c \\"])
def test_what_stands_at_the_end_does_not_swallow_a_section(end: str) -> None:
    edited = conf.edit("[x]\n" + end, wanted(www=WWW))
    assert edited.startswith("[x]\n" + end)
    assert conf.sections(edited)[-1] == Section("www", (("path", "/srv/www"),))


@given(TEXTS)
def test_any_file_is_made_of_its_lines_and_of_its_parts(text: str) -> None:
    assert "".join(entry.text for entry in conf.entries(text)) == text
    assert conf.render(conf.parse(text)) == text or not text.endswith("\n")


@given(TEXTS)
def test_others_keep_every_byte(text: str) -> None:
    edited = conf.edit(text, Wanted("a", {"www": WWW, "z": "[z]\npath = /z\n"}, "port = 1\n"))
    assert conf.edit(edited, Wanted("a", {"www": WWW, "z": "[z]\npath = /z\n"}, "port = 1\n")) == edited
    left = conf.edit(edited, wanted())
    assert left.rstrip("\n") == text.rstrip("\n")
    assert conf.edit(left, wanted()) == left


@given(TEXTS)
def test_ours_is_read_as_it_is_meant(text: str) -> None:
    edited = conf.edit(text, wanted(ours="[ours]\npath = /ours\n"))
    assert conf.sections(edited)[-1] == Section("ours", (("path", "/ours"),))
