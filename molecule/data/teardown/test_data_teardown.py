# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of the cluster: its hosts are what they were before, and nobody's data is gone."""

from __future__ import annotations

import pytest
from lab import Lab
from traffic import changes

HOSTS = ("lb1", "web1", "web2", "web3", "store1", "store2")


def test_teardown_succeeds(lab: Lab) -> None:
    run = lab.playbook("lvs.cluster.teardown", "-e", "teardown_confirmed=true")
    assert run.code == 0, run.output
    assert run.changed > 0


@pytest.mark.parametrize("name", HOSTS)
def test_the_host_is_what_it_was(lab: Lab, name: str) -> None:
    assert changes(lab, name) == []
