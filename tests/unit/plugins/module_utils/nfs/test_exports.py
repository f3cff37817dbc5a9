# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import (
    Export,
    concerned,
    differing,
    is_at_least,
    parse,
    render,
    table_of,
    typed,
)
from hypothesis import given
from hypothesis import strategies as st

WEB1 = Export("/srv/www", "192.0.2.21", ("rw", "root_squash"))
WEB2 = Export("/srv/www", "192.0.2.22", ("rw", "root_squash"))
ETAB = """/srv/www\t192.0.2.21(rw,sync,wdelay,hide,root_squash,no_all_squash)
/srv/www\t192.0.2.22(rw,sync,wdelay,hide,root_squash,no_all_squash)
/srv/other\t198.51.100.0/24(ro,sync)
"""


def test_one_line_per_folder() -> None:
    assert render([WEB2, WEB1]) == (
        "# Managed by lvs.cluster.\n/srv/www 192.0.2.21(rw,root_squash) 192.0.2.22(rw,root_squash)\n"
    )


def test_no_exports_is_a_comment() -> None:
    assert render([]) == "# Managed by lvs.cluster.\n"


def test_nothing_differs_from_itself() -> None:
    table = table_of(parse(ETAB))
    assert differing(table, table, ["/srv/www", "/srv/other"]) == []


def test_whatever_differs_in_our_folders_is_found() -> None:
    live = table_of(parse(ETAB))
    missing, changed, extra = ("/srv/www", "192.0.2.23"), ("/srv/www", "192.0.2.22"), ("/srv/www", "192.0.2.21")
    wanted = {changed: (*live[changed][:-1], "all_squash"), missing: ("rw",)}
    assert differing(live, wanted, ["/srv/www"]) == [extra, changed, missing]
    assert differing(live, wanted, []) == []


def test_an_option_that_nobody_asked_for_differs() -> None:
    wanted = {("/a", "192.0.2.1"): ("rw", "root_squash")}
    assert differing({("/a", "192.0.2.1"): ("rw", "root_squash", "insecure")}, wanted, ["/a"]) != []


def test_folders_that_are_or_were_ours() -> None:
    assert concerned([WEB1], [Export("/srv/old", "192.0.2.21", ("rw",))]) == {"/srv/www", "/srv/old"}


def test_without_knowing_the_defaults_the_live_table_may_have_more_options() -> None:
    live = table_of(parse(ETAB))
    assert is_at_least(live, [WEB1, WEB2], ["/srv/www"])
    assert not is_at_least(live, [WEB1], ["/srv/www"])
    assert not is_at_least(live, [Export("/srv/www", "192.0.2.21", ("ro",)), WEB2], ["/srv/www"])
    assert is_at_least(live, [], ["/srv/gone"])


LIVE = (
    "rw,sync,wdelay,hide,nocrossmnt,insecure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs,fsid=7,"
    "anonuid=1000,anongid=1001,sec=krb5p,rw,insecure,root_squash,no_all_squash,sec=sys:krb5,ro,insecure,all_squash"
)


def test_a_live_export_field_by_field() -> None:
    assert typed(Export("/srv/www", "192.0.2.21", tuple(LIVE.split(",")))) == {
        "path": "/srv/www",
        "client": "192.0.2.21",
        "access": "rw",
        "squash": "root_squash",
        "security": ["krb5p", "sys", "krb5"],
        "anonuid": 1000,
        "anongid": 1001,
        "fsid": "7",
        "options": [
            "sync",
            "wdelay",
            "hide",
            "nocrossmnt",
            "insecure",
            "no_subtree_check",
            "secure_locks",
            "acl",
            "no_pnfs",
        ],
        "by_security": [
            {"security": ["krb5p"], "access": "rw", "squash": "root_squash"},
            {"security": ["sys", "krb5"], "access": "ro", "squash": "all_squash"},
        ],
    }


def test_an_export_of_a_file_field_by_field() -> None:
    found = typed(Export("/a", "192.0.2.1", ("ro", "no_root_squash", "sync")))
    assert (found["access"], found["squash"], found["security"]) == ("ro", "no_root_squash", ["sys"])
    assert (found["anonuid"], found["fsid"], found["options"]) == (None, None, ["sync"])


def test_parsing_skips_comments_and_junk() -> None:
    assert parse("# x y(z)\n\nword\n/a 10.0.0.1(rw)\n") == [Export("/a", "10.0.0.1", ("rw",))]


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)
paths = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).map(
    lambda text: f"/{text}"
)
exports = st.builds(Export, paths, words, st.lists(words, min_size=1).map(tuple))


@given(st.lists(exports, unique_by=lambda export: export.key))
def test_what_is_rendered_is_parsed(wanted: list[Export]) -> None:
    assert parse(render(wanted)) == sorted(wanted, key=lambda export: export.key)
