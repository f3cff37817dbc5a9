# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection itself says of a cluster that it has just built, whatever the scenario."""

from __future__ import annotations

from lab import Lab


def test_verify_finds_nothing_wrong(lab: Lab) -> None:
    run = lab.playbook("lvs.cluster.verify")
    assert run.code == 0, run.output
    assert run.changed == 0
