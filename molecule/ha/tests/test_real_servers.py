# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients see of faults of real servers: of the service moody, and of two, which has a quorum and a sorry server."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from cluster import URLS, WEB, serves, wait_until_whole
from faults import head, row
from lab import Lab, Load, at_once, wait_until

MOODY, TWO = 8080, 8081
# As of test_faults: a check fails after 10 seconds at most, the rest is for a busy machine.
CHECKED_WITHIN = 30

Act = Callable[[Lab], object]


@pytest.fixture(scope="module", autouse=True)
def table_head() -> None:
    head("fault of a real server", "out of rotation after", "failed requests", "back after")


@pytest.fixture(autouse=True)
def whole_cluster(lab: Lab) -> None:
    """Every test begins with all servers in rotation."""
    wait_until_whole(lab, MOODY)


def load_of(lab: Lab, port: int) -> Load:
    """Clients of a service, who wait for an answer for a while."""
    return Load(lab.host("client1"), *(f"{url.rstrip('/')}:{port}/" for url in URLS.values()), timeout_ms=2000)


def mood(which: str, *servers: str) -> Act:
    """Return what has servers answer in this way."""
    return lambda lab: at_once(lambda name: lab.host(name).check_output(f"echo {which} > /run/mood"), servers)


def signal(which: str) -> Act:
    """Return what sends a signal to the server moody of web1."""
    return lambda lab: lab.host("web1").check_output(f"systemctl kill --signal={which} moody")


FAULTS: dict[str, tuple[Act, Act]] = {
    "its power is cut": (
        lambda lab: lab.power("stopped", "web1", force=True),
        lambda lab: lab.power("started", "web1"),
    ),
    "it hangs: takes connections and never answers": (signal("STOP"), signal("CONT")),
    "it answers with status 500": (mood("500", "web1"), mood("well", "web1")),
    "it answers after 10 seconds": (mood("slow", "web1"), mood("well", "web1")),
}


def share(load: Load) -> str:
    return f"{load.total('failed_requests')} of {load.total('requests')}"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault(lab: Lab, fault: str) -> None:
    """The server leaves, from then on nobody notices anything, and it comes back by itself."""
    begin, end = FAULTS[fault]
    others = ("web2", "web3")
    try:
        with load_of(lab, MOODY) as load:
            begin(lab)
            out = wait_until(lambda: serves(lab, *others, port=MOODY), CHECKED_WITHIN, "web1 out of rotation")
        with load_of(lab, MOODY) as later:
            time.sleep(3)
        assert later.total("failed_requests") == 0
    finally:
        end(lab)
    back = wait_until(lambda: serves(lab, *WEB, port=MOODY), CHECKED_WITHIN, "web1 back in rotation")
    row(fault, f"{out:.1f} s", share(load), f"{back:.1f} s")


def test_it_flaps(lab: Lab) -> None:
    """However it goes on, once it is well again it is back."""
    with load_of(lab, MOODY) as load:
        for which in ("500", "well") * 6:
            mood(which, "web1")(lab)
            time.sleep(3)
    back = wait_until(lambda: serves(lab, *WEB, port=MOODY), CHECKED_WITHIN, "web1 in rotation")
    assert load.total("failed_requests") < load.total("requests") / 3
    row("it is sick for 3 seconds of every 6, for 36 seconds", "", share(load), f"{back:.1f} s")


def test_a_missed_quorum_brings_the_sorry_server(lab: Lab) -> None:
    wait_until(lambda: serves(lab, "web1", "web2", port=TWO), 60, "web1 and web2 alone")
    try:
        with load_of(lab, TWO) as load:
            mood("500", "web1")(lab)
            out = wait_until(lambda: serves(lab, "web3", port=TWO), CHECKED_WITHIN, "the sorry server alone")
    finally:
        mood("well", "web1")(lab)
    back = wait_until(lambda: serves(lab, "web1", "web2", port=TWO), CHECKED_WITHIN, "web1 and web2 alone")
    row("it misses in a quorum: the sorry server takes over", f"{out:.1f} s", share(load), f"{back:.1f} s")


def test_all_fail(lab: Lab) -> None:
    try:
        with load_of(lab, MOODY) as load:
            mood("500", *WEB)(lab)
            out = wait_until(lambda: serves(lab, port=MOODY), CHECKED_WITHIN, "nobody in rotation")
    finally:
        mood("well", *WEB)(lab)
    back = wait_until(lambda: serves(lab, *WEB, port=MOODY), CHECKED_WITHIN, "all back in rotation")
    row("all answer with status 500", f"{out:.1f} s", share(load), f"{back:.1f} s")
