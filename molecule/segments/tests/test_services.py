# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every forwarding method: the same five services, each with a scheduler that can be told apart."""

from __future__ import annotations

import time

import pytest
from lab import Lab, wait_until
from traffic import (
    DIRECTORS,
    MAGLEV_HASH,
    PERSISTENT,
    RR,
    SOURCE_HASH,
    WEB,
    WRR,
    Side,
    active_and_standby,
    ask,
    servers,
)

pytestmark = pytest.mark.usefixtures("whole_cluster")


def test_round_robin_takes_turns(lab: Lab, side: Side) -> None:
    answers = ask(lab, side, RR, count=20)
    assert servers(answers) == {"web1": 10, "web2": 10}
    assert answers[0::2] == [answers[0]] * 10


def test_weights_share_connections(lab: Lab, side: Side) -> None:
    assert servers(ask(lab, side, WRR, count=20)) == {"web1": 15, "web2": 5}


@pytest.mark.parametrize("port", [SOURCE_HASH, MAGLEV_HASH], ids=["sh", "mh"])
def test_a_hash_keeps_a_source_on_its_server(lab: Lab, side: Side, port: int) -> None:
    chosen = [servers(ask(lab, side, port, count=4, source=source)) for source in side.clients]
    assert [len(each) for each in chosen] == [1] * len(side.clients)
    assert set().union(*chosen) == set(WEB)


def test_a_persistent_client_stays(lab: Lab, side: Side) -> None:
    chosen = [servers(ask(lab, side, PERSISTENT, count=4, source=source)) for source in side.clients[:2]]
    assert sorted(chosen, key=str) == [{"web1": 4}, {"web2": 4}]


def test_the_directors_count_what_clients_got(lab: Lab, side: Side) -> None:
    director = lab.host(active_and_standby(lab)[0])

    def connections() -> list[int]:
        """Of the service and of each of its servers."""
        listed = director.check_output(f"ipvsadm --list --numeric --stats --exact --tcp-service {side.host}:{WRR}")
        return [int(line.split()[-5]) for line in listed.splitlines()[2:]]

    # The kernel sums up what its processors counted every two seconds: what the tests before have asked for, too.
    time.sleep(3)
    before = connections()
    ask(lab, side, WRR, count=8)
    expected = [count + more for count, more in zip(before, (8, 6, 2), strict=True)]
    wait_until(lambda: connections() == expected, 30, f"the counters {expected} instead of {before}")


@pytest.mark.parametrize("director", DIRECTORS)
def test_both_sync_daemons_run(lab: Lab, director: str) -> None:
    assert lab.sync_daemons(director) == {"master", "backup"}
