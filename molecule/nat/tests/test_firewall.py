# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The opt-in filter of directors and real servers: the services answer, as the other tests show, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab import Lab
from traffic import DIRECTORS, ECHO, MAGLEV_HASH, PERSISTENT, RR, SOURCE_HASH, WEB, WRR, Side, active_and_standby

SSH, STRAY = 22, 9999
SERVICES = {ECHO, RR, WRR, SOURCE_HASH, MAGLEV_HASH, PERSISTENT}
SCANNED = (*range(1, 120), 443, 2049, 5666, 8080, 8848, STRAY)
# Prints the ports of an address that take a connection.
SCAN = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor
def takes(port):
    try:
        socket.create_connection((sys.argv[1], port), timeout=1).close()
    except OSError:
        return False
    return True
ports = list(map(int, sys.argv[2:]))
with ThreadPoolExecutor(len(ports)) as pool:
    print(*(port for port, is_open in zip(ports, pool.map(takes, ports)) if is_open))
"""


def open_ports(lab: Lab, address: str, machine: str = "client1") -> set[int]:
    command = f"python3 -c '{SCAN}' {address} {' '.join(map(str, SCANNED))}"
    return set(map(int, lab.host(machine).check_output(command).split()))


@pytest.fixture(autouse=True, scope="module")
def stray_servers(lab: Lab) -> Iterator[None]:
    """A program on each host that nobody declared, such as one that listens on all addresses by default."""
    hosts = [lab.host(name) for name in (*DIRECTORS, *WEB)]
    for host in hosts:
        host.check_output(f"systemd-run --quiet --unit=stray python3 -m http.server {STRAY} --bind ::")
    yield
    for host in hosts:
        host.check_output("systemctl stop stray")


def test_a_vip_has_the_services_and_what_the_operator_needs(lab: Lab, side: Side) -> None:
    assert open_ports(lab, side.vip) == SERVICES | {SSH}


def test_a_director_itself_has_nothing_else(lab: Lab, side: Side) -> None:
    standby = active_and_standby(lab)[1]
    assert open_ports(lab, side.front[DIRECTORS.index(standby)]) == {SSH}


@pytest.mark.parametrize("name", WEB)
def test_a_real_server_has_its_own_ports(lab: Lab, name: str, side: Side) -> None:
    """Asked from the router, since nobody else of the clients' side has a way to them."""
    assert open_ports(lab, side.far_web[WEB.index(name)], machine="router1") == {SSH}
