# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import asdict
from ipaddress import IPv4Address, IPv6Address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    Counters,
    FwmarkKey,
    KernelInfo,
    Persistence,
    Server,
    ServerEntry,
    ServerKey,
    ServerState,
    Service,
    ServiceEntry,
    SyncDaemon,
    Table,
    Timeouts,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.shape import NOTHING, table_to_dict

COUNTERS = Counters(*range(10))
WEB = Service(AddressKey("tcp", IPv4Address("192.0.2.100"), 80), "wlc", (), None, one_packet=False)
PERSISTENT = Service(FwmarkKey(7, "ipv6"), "sh", ("sh-port",), Persistence(300, None, 64, None), one_packet=True)
NETMASK = Persistence(60, IPv4Address("255.255.255.0"), None, "sip")
WEB1 = Server(ServerKey(IPv4Address("192.0.2.21"), 80), "dr", 0, 200, 100, None)
WEB2 = Server(ServerKey(IPv6Address("2001:db8::22"), 80), "tun", 1, 0, 0, Tunnel("gue", 6080, "csum"))
DAEMON = SyncDaemon("master", "eth0", 51, 1472, IPv4Address("224.0.0.81"), 8848, 1)
OLD_DAEMON = SyncDaemon("backup", "eth0", 51, None, None, None, None)


def table(*services, daemons=()):
    return table_to_dict(Table(KernelInfo("1.2.1", 4096, "6.12.57"), Timeouts(900, 120, 300), daemons, services))


def entry(service, *servers):
    return ServiceEntry(service, COUNTERS, tuple(ServerEntry(each, ServerState(COUNTERS, 4, 5, 6)) for each in servers))


def test_configuration():
    assert table(entry(WEB, WEB1, WEB2), entry(PERSISTENT))["services"] == [
        {
            "protocol": "tcp",
            "vip": "192.0.2.100",
            "port": 80,
            "scheduler": "wlc",
            "flags": [],
            "persistence": None,
            "one_packet": False,
            "servers": [
                {
                    "address": "192.0.2.21",
                    "port": 80,
                    "forwarding": "dr",
                    "weight": 0,
                    "upper_threshold": 200,
                    "lower_threshold": 100,
                    "tunnel": None,
                },
                {
                    "address": "2001:db8::22",
                    "port": 80,
                    "forwarding": "tun",
                    "weight": 1,
                    "upper_threshold": 0,
                    "lower_threshold": 0,
                    "tunnel": {"type": "gue", "port": 6080, "checksum": "csum"},
                },
            ],
        },
        {
            "fwmark": 7,
            "family": "ipv6",
            "scheduler": "sh",
            "flags": ["sh-port"],
            "persistence": {"timeout": 300, "prefix": 64, "engine": None},
            "one_packet": True,
            "servers": [],
        },
    ]


def test_ipv4_persistence_has_a_netmask_and_no_prefix():
    service = Service(WEB.key, "wlc", (), NETMASK, one_packet=False)
    (found,) = table(entry(service))["services"]
    assert found["persistence"] == {"timeout": 60, "netmask": "255.255.255.0", "engine": "sip"}


def test_statistics_have_the_same_identity_and_sums_over_the_servers():
    first, second = table(entry(WEB, WEB1, WEB2), entry(PERSISTENT))["statistics"]
    assert first == {
        "protocol": "tcp",
        "vip": "192.0.2.100",
        "port": 80,
        "counters": asdict(COUNTERS),
        "active": 8,
        "inactive": 10,
        "persistent": 12,
        "servers": [
            {
                "address": address,
                "port": 80,
                "counters": asdict(COUNTERS),
                "active": 4,
                "inactive": 5,
                "persistent": 6,
            }
            for address in ("192.0.2.21", "2001:db8::22")
        ],
    }
    assert (second["fwmark"], second["family"], second["active"]) == (7, "ipv6", 0)


@pytest.mark.parametrize(("daemon", "group"), [(DAEMON, "224.0.0.81"), (OLD_DAEMON, None)])
def test_sync_daemons(daemon, group):
    (found,) = table(daemons=(daemon,))["sync_daemons"]
    assert found == {**asdict(daemon), "group": group}


def test_the_rest():
    found = table()
    assert found["timeouts"] == {"tcp": 900, "tcp_fin": 120, "udp": 300}
    assert found["kernel"] == {"release": "6.12.57", "ip_vs_version": "1.2.1", "connection_table_size": 4096}


def test_nothing_has_the_same_keys():
    assert NOTHING.keys() == table().keys()
