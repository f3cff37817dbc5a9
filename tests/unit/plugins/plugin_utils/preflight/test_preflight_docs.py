# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ids import CHECKS
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.docs import render
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.explained import EXPLAINED

PAGE = Path(__file__).resolve().parents[5] / "docs" / "preflight.md"


def test_the_page_is_in_step_with_the_checks():
    assert PAGE.read_text(encoding="utf-8") == render()


def test_every_check_is_explained():
    assert EXPLAINED.keys() == CHECKS.keys()


def test_every_check_has_a_row():
    rows = [line for line in render().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(CHECKS)
    assert all(row.count("|") == 6 for row in rows)
