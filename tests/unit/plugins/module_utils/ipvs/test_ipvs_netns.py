# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import os

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import netns
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import NetnsError


class Libc:
    """Stands in for libc: notes what setns is called with, and answers `result`."""

    def __init__(self, result):
        self.result = result
        self.calls = []

    def setns(self, descriptor, kind):
        self.calls.append((os.fstat(descriptor).st_ino, kind))
        return self.result


@pytest.fixture
def libc(monkeypatch, tmp_path):
    def prepare(result):
        fake = Libc(result)
        monkeypatch.setattr(netns.ctypes, "CDLL", lambda *arguments, **options: fake)
        monkeypatch.setattr(netns, "NAMED", tmp_path)
        (tmp_path / "blue").touch()
        return fake

    return prepare


@pytest.mark.parametrize("absolute", [False, True])
def test_by_name_or_path(libc, tmp_path, absolute):
    fake = libc(0)
    netns.enter(str(tmp_path / "blue") if absolute else "blue")
    assert fake.calls == [((tmp_path / "blue").stat().st_ino, 0x40000000)]


def test_an_unknown_one(libc, tmp_path):
    libc(0)
    with pytest.raises(NetnsError) as caught:
        netns.enter("red")
    assert str(caught.value) == (
        f"netns: red cannot be entered: {tmp_path}/red: No such file or directory; 'ip netns list' shows those that exist"
    )


def test_without_rights(libc, tmp_path, monkeypatch):
    libc(-1)
    monkeypatch.setattr(netns.ctypes, "get_errno", lambda: errno.EPERM)
    with pytest.raises(NetnsError) as caught:
        netns.enter("blue")
    assert str(caught.value) == (
        f"netns: blue cannot be entered: {tmp_path}/blue: Operation not permitted; run the task with 'become: true'"
    )


def test_a_file_that_is_no_namespace(tmp_path):
    """The whole way through the real libc."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(NetnsError, match="Invalid argument; this is not the file of a network namespace"):
        netns.enter(str(file))
