# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils.storage import fstab
from ansible_collections.lvs.cluster.plugins.module_utils.storage.fstab import Entry
from hypothesis import given
from hypothesis import strategies as st

WWW = Entry("192.0.2.31:/srv/www", "/srv/www", "nfs4", ("rw", "vers=4.2", "hard", "x-lvs-cluster"))

FSTAB = """# a comment
UUID=1 / ext4 errors=remount-ro 0 1
192.0.2.31:/srv/old /srv/old nfs4 rw,x-lvs-cluster 0 0
192.0.2.9:/x  /srv/www\tnfs  rw
192.0.2.9:/y /srv/www nfs rw 0 0
"""


def test_only_our_lines_change() -> None:
    new = fstab.replace(
        FSTAB, {"/srv/www": WWW, "/srv/old": None, "/srv/b c": Entry("s:/", "/srv/b c", "nfs4", ("rw",))}
    )
    assert new.splitlines() == [
        "# a comment",
        "UUID=1 / ext4 errors=remount-ro 0 1",
        "192.0.2.31:/srv/www /srv/www nfs4 rw,vers=4.2,hard,x-lvs-cluster 0 0",
        "s:/ /srv/b\\040c nfs4 rw 0 0",
    ]
    assert fstab.replace(new, {"/srv/www": WWW}) == new


def test_a_line_that_is_not_ours_is_not_taken_away() -> None:
    assert fstab.replace(FSTAB, {"/srv/www": None}) == FSTAB


def test_whose_a_line_is() -> None:
    assert [entry.path for entry in fstab.entries(FSTAB) if entry.is_ours] == ["/srv/old"]


def test_entries() -> None:
    found = fstab.entries("a /b\\040c/ nfs\n\n#x y z\nshort line\n")
    assert found == [Entry("a", "/b c", "nfs", ("defaults",))]


WORD = st.text(min_size=1)


@given(
    WORD,
    WORD.filter(lambda path: not path.endswith("/")),
    st.lists(WORD.filter(lambda word: "," not in word), min_size=1),
)
def test_every_name_is_read_as_it_was_written(source: str, path: str, options: list[str]) -> None:
    entry = Entry(source, path, "nfs4", tuple(options))
    assert fstab.parse_line(entry.render()) == entry


@given(st.text())
def test_what_is_not_ours_stays_to_the_last_character(text: str) -> None:
    ended = text if text.endswith("\n") or not text else f"{text}\n"
    assert fstab.replace(text, {"/srv/www": None}) == ended
    assert fstab.entries(fstab.replace(text, {"/srv/\fwww": WWW}))[-1] == WWW
