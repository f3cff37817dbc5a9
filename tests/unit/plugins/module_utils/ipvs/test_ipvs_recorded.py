# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a real kernel said, and compares it with what ipvsadm showed at the same time as an independent witness.

Each fixture has the kernel's release, all requests of one `read_table` with the bytes of every read that followed, and
the output of ipvsadm. They were recorded in a lab node on Linux 7.2.7 with ipvsadm 1.31: `table` has a service of every
kind and traffic on one of them, `daemons` both sync daemons, `denied` a reader without rights.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import netlink, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError, PermissionDeniedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.shape import table_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIXTURES = Path(__file__).parent / "fixtures"
FORWARDING = {"dr": "-g", "nat": "-m", "tun": "-i"}


class Replay:
    """Stands in for a netlink socket: answers a request as the kernel did when it was recorded.

    A request that was not recorded, such as for the servers of a service whose key was damaged, gets no answer.
    """

    def __init__(self, exchanges):
        self._exchanges = {
            (each["family"], each["command"], each["attributes"]): [bytes.fromhex(read) for read in each["reads"]]
            for each in exchanges
        }
        self._reads = []
        self.damage = lambda read: read

    def __getattr__(self, name):
        return lambda *arguments: None

    def send(self, data):
        (request,) = netlink.unpack_messages(data)
        reads = self._exchanges.get((request.kind, request.payload[0], request.payload[4:].hex()), [])
        self._reads = [self.damage(self._renumbered(read, request.sequence)) for read in reads]

    def recvmsg(self, size):
        if not self._reads:
            raise TimeoutError("timed out")
        return self._reads.pop(0), [], 0, (0, 0)

    @staticmethod
    def _renumbered(read, sequence):
        header = netlink.MESSAGE_HEADER
        parts, offset = [], 0
        while offset < len(read):
            length, kind, flags, _recorded, port = header.unpack_from(read, offset)
            parts.append(
                header.pack(length, kind, flags, sequence, port) + read[offset + header.size : offset + length]
            )
            offset += length
        return b"".join(parts)


@pytest.fixture
def recorded(monkeypatch):
    def load(name):
        fixture = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
        replay = Replay(fixture["exchanges"])
        monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: replay)
        return fixture.get("ipvsadm"), replay

    return load


def service_option(service):
    if "fwmark" in service:
        return f"-f {service['fwmark']}" + (" -6" if service["family"] == "ipv6" else "")
    option = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}[service["protocol"]]
    return f"{option} {endpoint(service['vip'], service['port'])}"


def endpoint(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def saved_service(service):
    """Write a service as `ipvsadm -Sn` does."""
    line = f"-A {service_option(service)} -s {service['scheduler']}"
    if service["persistence"]:
        line += f" -p {service['persistence']['timeout']}"
        mask = service["persistence"].get("netmask") or service["persistence"]["prefix"]
        line += "" if mask in ("255.255.255.255", 128) else f" -M {mask}"
        line += f" --pe {service['persistence']['engine']}" if service["persistence"]["engine"] else ""
    line += " -o" if service["one_packet"] else ""
    return line + (f" -b {','.join(service['flags'])}" if service["flags"] else "")


def saved_server(service, server):
    """Write a server as `ipvsadm -Sn` does."""
    line = f"-a {service_option(service)} -r {endpoint(server['address'], server['port'])}"
    line += f" {FORWARDING[server['forwarding']]} -w {server['weight']}"
    tunnel = server["tunnel"]
    if tunnel:
        line += f" --tun-type {tunnel['type']}"
        line += f" --tun-port {tunnel['port']}" if tunnel["port"] else ""
        line += "" if tunnel["checksum"] == "nocsum" else f" --tun-{tunnel['checksum']}"
    return line


def columns(lines):
    """Return the lines of `ipvsadm -L` about servers, split at blanks."""
    return sorted(line.split()[1:] for line in lines if line.startswith("  -> ") and "RemoteAddress" not in line)


@pytest.mark.parametrize("name", ["table", "daemons"])
def test_the_configuration_is_what_ipvsadm_saves(recorded, name):
    witness, _kernel = recorded(name)
    lines = []
    for service in table_to_dict(table.read_table())["services"]:
        lines += [saved_service(service), *(saved_server(service, server) for server in service["servers"])]
    assert sorted(lines) == sorted(line.strip() for line in witness["save"])


def test_thresholds_are_what_ipvsadm_lists(recorded):
    witness, _kernel = recorded("table")
    servers = [server for service in table_to_dict(table.read_table())["services"] for server in service["servers"]]
    assert sorted(
        [endpoint(each["address"], each["port"]), str(each["upper_threshold"]), str(each["lower_threshold"])]
        for each in servers
    ) == [row[:3] for row in columns(witness["thresholds"])]
    assert ["192.0.2.22:80", "200", "100"] in [row[:3] for row in columns(witness["thresholds"])]


def test_statistics_are_what_ipvsadm_lists(recorded):
    witness, _kernel = recorded("table")
    names = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")
    servers = [server for service in table_to_dict(table.read_table())["statistics"] for server in service["servers"]]
    rows = sorted(
        [endpoint(each["address"], each["port"]), *(str(each["counters"][name]) for name in names)] for each in servers
    )
    assert rows == columns(witness["stats"])
    assert max(int(row[1]) for row in rows) > 100


def test_timeouts_are_what_ipvsadm_shows(recorded):
    witness, _kernel = recorded("table")
    timeouts = table_to_dict(table.read_table())["timeouts"]
    assert witness["timeout"] == ["Timeout (tcp tcpfin udp): {tcp} {tcp_fin} {udp}".format(**timeouts)]


def test_sync_daemons_are_what_ipvsadm_shows(recorded):
    witness, _kernel = recorded("daemons")
    line = (
        "{role} sync daemon (mcast={interface}, syncid={sync_id}, maxlen={max_length},"
        " group={group}, port={port}, ttl={ttl})"
    )
    daemons = table_to_dict(table.read_table())["sync_daemons"]
    assert sorted(line.format(**daemon) for daemon in daemons) == sorted(witness["daemon"])
    assert len(daemons) == 2


def test_the_version_is_what_ipvsadm_shows(recorded):
    witness, _kernel = recorded("table")
    kernel = table_to_dict(table.read_table())["kernel"]
    # the number of buckets grows and shrinks on this kernel
    assert witness["stats"][0].startswith(f"IP Virtual Server version {kernel['ip_vs_version']} (size=")


def test_a_reader_without_rights(recorded):
    recorded("denied")
    with pytest.raises(PermissionDeniedError):
        table.read_table()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 5000), st.integers(1, 255))
def test_a_damaged_byte_raises_nothing_but_our_own_error(recorded, position, damage):
    _witness, kernel = recorded("table")
    kernel.damage = lambda read: bytes(
        byte ^ damage if place == position % len(read) else byte for place, byte in enumerate(read)
    )
    with suppress(IpvsError):
        table.read_table()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3000))
def test_a_cut_off_answer_raises_nothing_but_our_own_error(recorded, length):
    _witness, kernel = recorded("table")
    kernel.damage = lambda read: read[:length]
    with suppress(IpvsError):
        table.read_table()
