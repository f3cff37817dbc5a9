# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import Export, is_live, parse, render
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


def test_the_live_table_may_have_more_options() -> None:
    assert is_live([WEB1, WEB2], parse(ETAB), ["/srv/www"])


def test_a_missing_client_is_not_live() -> None:
    assert not is_live([WEB1, WEB2, Export("/srv/www", "192.0.2.23", ("rw",))], parse(ETAB), ["/srv/www"])


def test_an_undeclared_client_of_our_folder_is_not_as_wanted() -> None:
    assert not is_live([WEB1], parse(ETAB), ["/srv/www"])


def test_other_folders_are_not_our_business() -> None:
    assert is_live([], parse(ETAB), ["/srv/gone"])


def test_another_access_is_not_live() -> None:
    assert not is_live([Export("/srv/www", "192.0.2.21", ("ro",)), WEB2], parse(ETAB), ["/srv/www"])


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
