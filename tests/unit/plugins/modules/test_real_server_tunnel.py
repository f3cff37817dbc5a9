# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.modules import real_server_tunnel
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.simulated_host import SimulatedHost

IPIP = {"type": "ipip", "family": 4}
GUE6 = {"type": "gue", "family": 6, "port": 6080}


class Host(SimulatedHost):
    """A host whose tunnel devices, ports and sysctls the test decides on."""

    def __init__(self, root: Path, commands: Any) -> None:
        super().__init__(root, commands)
        self.up: list[str] = ["eth0"]
        self.addressed: list[str] = []
        self.ports: list[tuple[str, int]] = []
        self.set_rp_filter("tunl0", 0)
        self.tell()

    def set_rp_filter(self, device: str, value: int) -> None:
        path = self.sysctl(f"net/ipv4/conf/{device}/rp_filter")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")

    def rp_filter(self, device: str) -> int:
        return int(self.sysctl(f"net/ipv4/conf/{device}/rp_filter").read_text())

    def tell(self) -> None:
        own = {"family": "inet", "local": "127.0.0.2", "prefixlen": 32}
        links = [
            {
                "ifname": name,
                "flags": ["UP"] if name in self.up else [],
                "addr_info": [own] if name in self.addressed else [],
            }
            for name in ("eth0", "tunl0", "ip6tnl0")
        ]
        self.commands.answers["ip -json address show"] = (0, json.dumps(links), "")
        ports = [{"port": port, "gue": None, "family": family} for family, port in self.ports]
        self.commands.answers["ip -json fou show"] = (0, json.dumps(ports), "")

    def converged(self) -> None:
        """What the kernel shows after the first run with IPIP and GUE6."""
        self.up += ["tunl0", "ip6tnl0"]
        self.addressed = ["tunl0"]
        self.ports = [("inet6", 6080)]
        self.enable(real_server_tunnel.UNIT)
        self.tell()
        self.commands.run.clear()


@pytest.fixture
def host(host_root: Path, commands: Any) -> Host:
    return Host(host_root, commands)


@pytest.fixture
def tunnel(run: Any) -> Any:
    return lambda *tunnels, **parameters: run(
        real_server_tunnel, **({"tunnels": list(tunnels)} if tunnels else {}), **parameters
    )


def test_tunnels_come_up(host: Host, tunnel: Any) -> None:
    checked = tunnel(IPIP, GUE6, check=True)
    assert checked["changed"]
    assert host.changes() == []
    result = tunnel(IPIP, GUE6)
    assert result["diff"] == checked["diff"]
    assert host.changes() == [
        "modprobe fou6",
        "modprobe ip6_tunnel",
        "modprobe ipip",
        "ip -6 fou add port 6080 gue",
        "ip address add 127.0.0.2/32 scope host dev tunl0",
        "ip link set dev ip6tnl0 up",
        "ip link set dev tunl0 up",
        "systemctl daemon-reload",
        "systemctl enable lvs-real-server-tunnel.service",
        "systemctl restart lvs-real-server-tunnel.service",
    ]
    assert host.rp_filter("tunl0") == 2
    unit = host.unit_text(real_server_tunnel.UNIT)
    assert "ExecStart=sysctl --quiet --write net/ipv4/conf/tunl0/rp_filter=2" in unit
    assert "ExecStart=-ip address add 127.0.0.2/32 scope host dev tunl0" in unit


def test_a_second_run_changes_nothing(host: Host, tunnel: Any) -> None:
    tunnel(IPIP, GUE6)
    host.converged()
    assert not tunnel(GUE6, IPIP)["changed"]
    assert host.changes() == []


def test_a_lost_address_is_put_back(host: Host, tunnel: Any) -> None:
    tunnel(IPIP, GUE6)
    host.converged()
    host.addressed = []
    host.tell()
    assert tunnel(IPIP, GUE6)["changed"]
    assert "ip address add 127.0.0.2/32 scope host dev tunl0" in host.changes()


def test_a_port_of_the_other_family_is_not_ours(host: Host, tunnel: Any) -> None:
    host.ports = [("inet", 6080)]
    host.tell()
    assert tunnel(GUE6, check=True)["diff"]["before"]["gue_ports"] == []


def test_what_is_not_listed_goes_unless_it_is_kept(host: Host, tunnel: Any) -> None:
    tunnel(IPIP, GUE6)
    host.converged()
    result = tunnel(IPIP, purge=False, check=True)
    assert (result["devices"], result["kept"]) == (["ip6tnl0", "tunl0"], True)
    assert not tunnel(IPIP)["kept"]
    assert [line for line in host.changes() if line.startswith("ip ")] == [
        "ip link set dev ip6tnl0 down",
        "ip -6 fou delete port 6080",
    ]


def test_removal_restores_and_leaves_what_was_there_before(host: Host, tunnel: Any) -> None:
    host.up.append("tunl0")
    host.tell()
    tunnel(IPIP, GUE6)
    host.converged()
    assert tunnel(state="absent")["changed"]
    assert [line for line in host.changes() if line.startswith("ip ")] == [
        "ip link set dev ip6tnl0 down",
        "ip address delete 127.0.0.2/32 dev tunl0",
        "ip -6 fou delete port 6080",
    ]
    assert host.rp_filter("tunl0") == 0
    host.up, host.addressed, host.ports = ["eth0", "tunl0"], [], []
    host.disable(real_server_tunnel.UNIT)
    host.tell()
    assert not tunnel(state="absent")["changed"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"type": "gue"}, "tunnels[0].port: gue needs a UDP port; write one such as 6080"),
        ({"type": "gre", "port": 6080}, "tunnels[0].port: gre has no port; leave it out"),
    ],
)
def test_ports_that_cannot_be(host: Host, tunnel: Any, wrong: dict[str, Any], message: str) -> None:
    assert tunnel(wrong)["msg"] == message


def test_a_kernel_without_tunnels(host: Host, tunnel: Any) -> None:
    host.commands.answers["modprobe ipip"] = (1, "", "FATAL: Module ipip not found\n")
    assert tunnel(IPIP)["msg"] == "tunnels: the kernel module ipip cannot be loaded: FATAL: Module ipip not found"


def test_what_was_taken_down_is_forgotten(host: Host, tunnel: Any) -> None:
    tunnel(IPIP, GUE6)
    host.converged()
    tunnel(IPIP)
    host.up.remove("ip6tnl0")
    host.ports = []
    host.tell()
    assert not tunnel(IPIP, purge=False)["changed"]
    assert not tunnel(IPIP)["changed"]


def test_a_run_that_was_cut_off_before_it_forgot(host: Host, tunnel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tunnel(IPIP, GUE6)
    host.converged()
    with monkeypatch.context() as patched:
        patched.setattr(real_server_tunnel.core, "what_is_left", lambda memory, _wanted: memory)
        tunnel(IPIP)
    host.up.remove("ip6tnl0")
    host.ports = []
    host.tell()
    assert tunnel(IPIP)["changed"]
    assert not tunnel(IPIP)["changed"]
    assert not tunnel(IPIP, purge=False)["changed"]
