# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import configuration, merge


def sections(ocfs2: bool) -> dict[str, str]:
    """The drop-in of the lock manager, by the names of its sections."""
    text = configuration.unit_files(ocfs2)[configuration.drop_in("dlm.service")]
    parts = (part.partition("]\n") for part in text.split("\n[")[1:])
    return {name: lines for name, _bracket, lines in parts}


@pytest.mark.parametrize("ocfs2", [False, True])
def test_the_lock_manager_wants_the_merge_service(ocfs2: bool) -> None:
    assert sections(ocfs2)["Unit"] == f"Wants={merge.SERVICE}\n"
    unit = next(text for path, text in configuration.unit_files(ocfs2).items() if path.name == merge.SERVICE)
    assert f"ExecStart=/bin/sh {merge.PROGRAM}\n" in unit
    assert "BindsTo=dlm.service\n" in unit


@pytest.mark.parametrize("ocfs2", [False, True])
def test_a_node_that_is_sent_away_joins_again(ocfs2: bool) -> None:
    assert "Restart=always\nRestartSec=5\n" in sections(ocfs2)["Service"]


def test_only_ocfs2_needs_its_stack() -> None:
    assert "cluster_stack" in sections(True)["Service"]
    assert "ocfs2" not in sections(False)["Service"]
