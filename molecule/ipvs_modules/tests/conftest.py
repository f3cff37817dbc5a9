# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from lab import Lab
from node import CLEAR, Node


@pytest.fixture(scope="session")
def installed(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The director, with the collection on it."""
    node = Node(lab, "lb1")
    node.install(tmp_path_factory.mktemp("collection") / "collection.zip")
    return node


@pytest.fixture
def node(installed: Node) -> Node:
    """The director with an empty IPVS table."""
    installed.run(CLEAR)
    return installed
