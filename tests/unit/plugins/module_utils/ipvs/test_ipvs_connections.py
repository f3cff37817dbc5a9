# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.connections import read_connections
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from hypothesis import given
from hypothesis import strategies as st

HEADING = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n"
LINES = (
    "TCP C6336407 A356 C0000264 0050 C0000215 0050 ESTABLISHED     897\n"
    "TCP C6336408 A357 C0000264 0050 C0000216 0050 FIN_WAIT        117\n"
    "UDP [2001:0db8:0000:0000:0000:0000:0000:0041] C001 x\n"
    "UDP 2001:0db8:0000:0000:0000:0000:0000:0041 C001 2001:0db8:0000:0000:0000:0000:0000:0100 0035"
    " 2001:0db8:0000:0000:0000:0000:0000:0021 14E9 UDP             299\n"
    "IP  C6336400 0000 00000007 0000 C0000215 0000 NONE             60\n"
    "UDP C6336407 13C4 C0000264 13C4 C0000215 13C4 NONE             60 sip a84b4c76e66710@client\n"
)
WEB1 = {
    "protocol": "tcp",
    "client": "198.51.100.7",
    "client_port": 41814,
    "vip": "192.0.2.100",
    "port": 80,
    "server": "192.0.2.21",
    "server_port": 80,
    "state": "established",
    "expires": 897,
    "engine": None,
    "engine_data": None,
}


@pytest.fixture
def read(tmp_path):
    file = tmp_path / "ip_vs_conn"
    file.write_text(HEADING + LINES)
    return lambda **given: read_connections({"limit": 100, **given}, file)


def test_all_that_can_be_read(read):
    found = read()
    assert found[0] == WEB1
    assert len(found) == 5


def test_ipv6(read):
    (found,) = read(vip="2001:db8::100")
    assert (found["client"], found["port"], found["server"], found["server_port"]) == (
        "2001:db8::41",
        53,
        "2001:db8::21",
        5353,
    )


def test_a_template_of_a_firewall_mark(read):
    (found,) = read(vip="0.0.0.7")
    assert (found["protocol"], found["port"], found["state"]) == ("ip", 0, "none")


def test_a_persistence_engine(read):
    (found,) = read(port=5060)
    assert (found["engine"], found["engine_data"]) == ("sip", "a84b4c76e66710@client")


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ({"protocol": "tcp"}, 2),
        ({"protocol": None}, 5),
        ({"client": "198.51.100.7"}, 2),
        ({"server": "192.0.2.21", "state": "ESTABLISHED"}, 1),
        ({"state": "fin_wait"}, 1),
        ({"client": "2001:DB8:0::41"}, 1),
        ({"limit": 2}, 2),
        ({"limit": 0}, 0),
        ({"protocol": "sctp"}, 0),
    ],
)
def test_filters(read, given, number):
    assert len(read(**given)) == number


def test_mistakes(read):
    with pytest.raises(IpvsError) as caught:
        read(client="web", port=-1)
    assert str(caught.value).splitlines() == [
        "2 mistakes, so nothing was done:",
        "- connections.client: 'web' is not an IP address; write a literal one such as 192.0.2.21",
        "- connections.port: -1 is out of range; write a whole number from 0 to 65535",
    ]


def test_a_missing_file(tmp_path):
    with pytest.raises(IpvsError, match=r"cannot be read: No such file or directory$"):
        read_connections({}, tmp_path / "none")


def test_a_file_of_others(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(IpvsError, match=r"Permission denied; run the task with 'become: true'$"):
        read_connections({}, tmp_path / "none")


@given(st.text(max_size=200))
def test_whatever_the_file_has_raises_nothing(tmp_path_factory, text):
    file = tmp_path_factory.getbasetemp() / "random"
    file.write_text(HEADING + text, encoding="utf-8")
    read_connections({"limit": 10}, file)
