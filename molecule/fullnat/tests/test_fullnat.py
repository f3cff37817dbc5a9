# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FULLNAT: real servers in another network take the director for their client and need to know nothing of the cluster."""

from __future__ import annotations

import pytest
from lab import Lab
from traffic import (
    DIRECTORS,
    PERSISTENT,
    SIDES,
    WEB,
    Side,
    active_and_standby,
    ask,
    changes,
    power_cut,
)

pytestmark = pytest.mark.usefixtures("whole_cluster")


def test_real_servers_see_the_director(lab: Lab, side: Side) -> None:
    active, _standby = active_and_standby(lab)
    seen = {answer.client for answer in ask(lab, side, count=4)}
    assert seen == {side.front[DIRECTORS.index(active)]}


@pytest.mark.parametrize("name", WEB)
def test_real_servers_are_untouched(lab: Lab, name: str) -> None:
    assert changes(lab, name) == []


@pytest.mark.parametrize("name", DIRECTORS)
def test_conntrack_has_the_declared_size(lab: Lab, name: str) -> None:
    host = lab.host(name)
    assert host.sysctl("net.ipv4.vs.conntrack") == 1
    assert host.sysctl("net.netfilter.nf_conntrack_max") == 40000


def test_a_failover(lab: Lab) -> None:
    """New connections are served, by the same server where the client is persistent.

    Old ones are not: the other director has another address, and conntrack knows nothing of them there.
    """
    stays = {side: ask(lab, side, PERSISTENT, source=side.clients[2])[0].server for side in SIDES}
    standby = active_and_standby(lab)[1]
    with power_cut(lab, "fullnat"):
        for side in SIDES:
            (answer,) = ask(lab, side, PERSISTENT, source=side.clients[2])
            assert (answer.server, answer.client) == (stays[side], side.front[DIRECTORS.index(standby)])
