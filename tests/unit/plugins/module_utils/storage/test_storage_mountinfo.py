# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.storage import mountinfo
from ansible_collections.lvs.cluster.plugins.module_utils.storage.fstab import escape
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount, parse, unescape
from hypothesis import given
from hypothesis import strategies as st

TEXT = r"""
22 1 98:0 / / rw,relatime shared:1 - ext4 /dev/root rw
78 20 98:16 / /srv/www rw,noatime shared:115 - gfs2 /dev/ubdb rw,rgrplvb
79 20 98:32 / /srv/with\040space ro master:1 - ocfs2 /dev/ubdc rw,acl
43 20 0:36 / /srv/nfs rw,noatime shared:1 master:2 - nfs4 [2001:db8::1]:/x ro,hard
nonsense
80 78 0:48 / /srv/www rw - tmpfs  rw,size=1024k
""".strip()


def mount(path: str, fstype: str = "nfs4") -> Mount:
    return Mount(path, "192.0.2.31:/srv/www", fstype, "0:36", frozenset(), frozenset())


def test_all_that_is_said_of_a_mount() -> None:
    found = parse(TEXT)[1]
    flags, options = frozenset(("rw", "noatime")), frozenset(("rw", "rgrplvb"))
    assert found == Mount("/srv/www", "/dev/ubdb", "gfs2", "98:16", flags, options)
    assert found.describe() == "/dev/ubdb on /srv/www type gfs2 (noatime,rw; rgrplvb,rw)"


def test_odd_mounts() -> None:
    root, _gfs2, spaced, nfs, unnamed = parse(TEXT)
    assert (root.path, root.is_nfs, root.access) == ("/", False, "rw")
    assert (spaced.path, spaced.access) == ("/srv/with space", "ro")
    assert (nfs.source, nfs.is_nfs, nfs.access) == ("[2001:db8::1]:/x", True, "ro")
    # tmpfs may be mounted from nothing at all.
    assert (unnamed.source, unnamed.options) == ("", frozenset(("rw", "size=1024k")))


def test_what_lies_where() -> None:
    trap, inner = mount("/srv/www", "autofs"), mount("/srv/www/inner")
    mounts = [trap, mount("/srv/www"), inner, mount("/srv/www2")]
    assert mountinfo.stack(mounts, "/srv/www") == [mount("/srv/www")]
    assert mountinfo.has_trap(mounts, "/srv/www")
    assert not mountinfo.has_trap(mounts, "/srv/www/inner")
    assert mountinfo.below(mounts, "/srv/www") == ["/srv/www/inner"]


def test_the_last_mount_covers_those_before() -> None:
    covering = mountinfo.top(parse(TEXT), "/srv/www")
    assert covering is not None
    assert covering.fstype == "tmpfs"
    assert mountinfo.top([mount("/srv/www", "autofs")], "/srv/www") == mount("/srv/www", "autofs")
    assert mountinfo.top(parse(TEXT), "/srv") is None


def test_the_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mountinfo, "FILE", tmp_path / "mountinfo")
    assert mountinfo.read() == []
    (tmp_path / "mountinfo").write_text(TEXT, encoding="utf-8")
    assert mountinfo.read() == parse(TEXT)


@given(st.text(min_size=1), st.text())
def test_every_name_is_read_as_it_is(path: str, source: str) -> None:
    line = f"78 20 98:16 / {escape(path)} rw shared:1 - gfs2 {escape(source)} rw\n"
    (found,) = parse(line)
    assert (found.path, found.source) == (path, source)


@given(st.text())
def test_escaping(word: str) -> None:
    escaped = escape(word)
    assert unescape(escaped) == word
    assert not set(" \t\n#") & set(escaped)
