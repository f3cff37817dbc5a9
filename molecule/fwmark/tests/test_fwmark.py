# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marked packets of several ports are one service; FTP, datagrams and SCTP find their servers."""

from __future__ import annotations

import pytest
from lab import Lab
from traffic import (
    DIRECTORS,
    IPV4,
    IPV6,
    SIDES,
    WEB,
    Side,
    ask,
    names,
    power_cut,
    servers,
)

# What the first command is that curl opens a data connection by, and its options for that.
TRANSFERS = {
    "EPSV": "",
    "PASV": "--disable-epsv --no-ftp-skip-pasv-ip",
    "EPRT": "--ftp-port -",
    "PORT": "--ftp-port - --disable-eprt",
}
OF_FAMILY = [(IPV4, name) for name in TRANSFERS] + [(IPV6, name) for name in ("EPSV", "EPRT")]

pytestmark = pytest.mark.usefixtures("whole_cluster")


@pytest.mark.parametrize("name", DIRECTORS)
def test_a_mark_is_one_service_of_each_family(lab: Lab, name: str) -> None:
    table = lab.host(name).check_output("ipvsadm --save --numeric").splitlines()
    for mark in (7, 8):
        assert sum(line.startswith(f"-A -f {mark} ") for line in table) == 2
        assert sum(line.startswith(f"-a -f {mark} ") for line in table) == 4


def test_a_customer_stays_on_one_server_for_both_ports(lab: Lab, side: Side) -> None:
    chosen = [
        servers([*ask(lab, side, 80, count=3, source=source), *ask(lab, side, 443, count=3, source=source)])
        for source in side.clients[:2]
    ]
    assert sorted(chosen, key=str) == [{"web1": 6}, {"web2": 6}]


def test_all_ports_of_a_range_are_served(lab: Lab, side: Side) -> None:
    answers = [answer for port in (10000, 10050, 10100) for answer in ask(lab, side, port, count=2)]
    assert servers(answers) == {"web1": 3, "web2": 3}


def test_ports_beside_the_range_are_not(lab: Lab, side: Side) -> None:
    client = lab.host("client1")
    for port in (81, 9999, 10101):
        assert not client.run(f"curl --silent --max-time 2 http://{side.host}:{port}/").succeeded


@pytest.mark.parametrize(("side", "transfer"), OF_FAMILY, ids=[f"{side}-{name}" for side, name in OF_FAMILY])
def test_ftp_transfers_a_file(lab: Lab, side: Side, transfer: str) -> None:
    client = lab.host("client1")
    curl = f"curl --silent --show-error --verbose --max-time 10 --interface {side.clients[0]} {TRANSFERS[transfer]}"
    loaded = [client.run(f"{curl} ftp://{side.host}/name") for _server in WEB]
    assert {run.stdout.strip() for run in loaded} == set(WEB), loaded
    assert f"> {transfer}" in loaded[0].stderr
    stored = client.run(
        f"head -c 100000 /dev/zero | {curl} --upload-file - ftp://{side.host}/incoming/{side}-{transfer}"
    )
    assert stored.succeeded, stored.stderr
    sizes = [lab.host(name).run(f"stat --format %s /srv/ftp/incoming/{side}-{transfer}").stdout.strip() for name in WEB]
    assert sorted(sizes) == ["", "100000"]


def test_each_datagram_of_one_socket_may_go_elsewhere(lab: Lab, side: Side) -> None:
    assert names(lab, side, "udp", 53, 10) == {"web1": 5, "web2": 5}


def test_without_one_packet_a_socket_stays_on_its_server(lab: Lab, side: Side) -> None:
    assert list(names(lab, side, "udp", 5353, 10).values()) == [10]


def test_sctp_associations_take_turns(lab: Lab, side: Side) -> None:
    assert names(lab, side, "sctp", 9000, 4) == {"web1": 2, "web2": 2}


def test_a_failover_marks_on_and_remembers_customers(lab: Lab) -> None:
    stays = {side: ask(lab, side, 80, source=side.clients[2])[0].server for side in SIDES}
    with power_cut(lab, "fwmark"):
        for side in SIDES:
            assert servers(ask(lab, side, 443, count=3, source=side.clients[2])) == {stays[side]: 3}
            assert names(lab, side, "udp", 53, 2) == {"web1": 1, "web2": 1}
