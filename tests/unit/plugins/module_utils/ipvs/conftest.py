# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import netlink
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_kernel import Kernel


@pytest.fixture
def kernel(monkeypatch):
    """A kernel that answers what the test tells it to."""
    fake = Kernel()
    monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: fake)
    return fake
