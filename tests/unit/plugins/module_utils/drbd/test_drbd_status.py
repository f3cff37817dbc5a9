# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.status import Status, parse

HEAD = "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: DA6B55A41DED5E58CDBAB30 \n"
CONNECTED = """\
 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----
    ns:383 nr:0 dw:135604 dr:1773 al:12 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0
"""
SYNCING = """\
 1: cs:SyncTarget ro:Secondary/Secondary ds:Inconsistent/UpToDate C r-----
    ns:0 nr:387 dw:143796 dr:4972 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:126060
\t[>...................] sync'ed:  6.3% (126060/131032)K
\tfinish: 0:01:12 speed: 1,656 (1,656) want: 2,640 K/sec
"""
FROZEN = """\
 0: cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C s-----
    ns:0 nr:0 dw:0 dr:0 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:4
"""


def test_a_connected_volume() -> None:
    status = parse(HEAD + CONNECTED, 0)
    assert status == Status("Connected", "Primary", "Secondary", "UpToDate", "UpToDate", False, 0, None)
    assert (status.is_connected, status.is_ready, status.is_new) == (True, True, False)


def test_each_volume_has_its_own_details() -> None:
    assert parse(HEAD + CONNECTED + SYNCING, 0).out_of_sync == 0
    syncing = parse(HEAD + CONNECTED + SYNCING, 1)
    assert (syncing.out_of_sync, syncing.synced) == (126060, 6.3)
    assert (syncing.is_connected, syncing.is_ready) == (True, False)


def test_a_frozen_volume() -> None:
    status = parse(HEAD + FROZEN, 0)
    assert (status.frozen, status.is_connected, status.is_ready) == (True, False, True)


def test_a_volume_that_stands_alone_has_no_protocol() -> None:
    status = parse(HEAD + " 0: cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----\n    ns:0 oos:4\n", 0)
    assert (status.connection, status.frozen, status.out_of_sync) == ("StandAlone", False, 4)


def test_suspended_updates_of_the_log_are_no_freeze() -> None:
    text = HEAD + FROZEN.replace("s-----", "r----s").replace("Primary", "Secondary").replace("UpToDate", "Consistent")
    status = parse(text, 0)
    assert (status.frozen, status.is_ready) == (False, False)


@pytest.mark.parametrize("text", ["", HEAD, HEAD + " 0: cs:Unconfigured\n", HEAD + SYNCING])
def test_no_volume(text: str) -> None:
    assert parse(text, 0) is None


@pytest.mark.parametrize(
    ("connection", "connected"),
    [
        ("Connected", True),
        ("SyncSource", True),
        ("VerifyS", True),
        ("WFBitMapT", True),
        ("StandAlone", False),
        ("WFReportParams", False),
        ("BrokenPipe", False),
    ],
)
def test_connected(connection: str, connected: bool) -> None:
    assert parse(HEAD + CONNECTED.replace("Connected", connection), 0).is_connected is connected


def test_new_on_both_sides() -> None:
    new = CONNECTED.replace("UpToDate/UpToDate", "Inconsistent/Inconsistent")
    assert parse(HEAD + new, 0).is_new
    assert not parse(HEAD + new.replace("Connected", "SyncTarget"), 0).is_new
    assert not parse(HEAD + CONNECTED.replace("UpToDate/UpToDate", "Inconsistent/UpToDate"), 0).is_new
