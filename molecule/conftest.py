# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from lab import Lab
from traffic import SIDES, Side, wait_until_whole


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab that lab_create.yml started for the scenario."""
    inventory = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "inventory" / "hosts.yml"
    return Lab(os.environ.get("LVS_LAB_NAME", "test"), inventory)


@pytest.fixture(scope="module")
def whole_cluster(lab: Lab) -> None:
    """Two directors and two real servers in segments, with all servers in rotation."""
    wait_until_whole(lab)


@pytest.fixture(params=SIDES, ids=str)
def side(request: pytest.FixtureRequest) -> Side:
    """Each family in turn."""
    chosen: Side = request.param
    return chosen
