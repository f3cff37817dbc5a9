# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.modules import real_server_vip, real_server_vip_info
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.simulated_host import SimulatedHost

VIP = "192.0.2.100"


class Host(SimulatedHost):
    """A host whose interfaces, sysctls and files the test reads and writes."""

    def __init__(self, root: Path, commands: Any) -> None:
        super().__init__(root, commands)
        self.links: list[dict[str, Any]] = []
        self.add_link("eth0", "", "192.0.2.21")
        for interface in ("all", "eth0"):
            for name in ("arp_ignore", "arp_announce"):
                self.arp(interface, name).parent.mkdir(parents=True, exist_ok=True)
                self.arp(interface, name).write_text("0\n")

    def add_link(self, name: str, kind: str, *addresses: str) -> None:
        self.links.append(
            {
                "ifname": name,
                "linkinfo": {"info_kind": kind},
                "addr_info": [{"local": address, "prefixlen": 32} for address in addresses],
            }
        )
        self.commands.answers["ip -json"] = (0, json.dumps(self.links), "")

    def arp(self, interface: str, name: str) -> Path:
        return self.sysctl(f"net/ipv4/conf/{interface}/{name}")


@pytest.fixture
def host(host_root: Path, monkeypatch: pytest.MonkeyPatch, commands: Any) -> Host:
    monkeypatch.setattr(real_server_vip, "SYSCTL_FILE", host_root / "sysctl.d" / "x.conf")
    return Host(host_root, commands)


def test_present_needs_vips_and_one_way_to_the_interface(run: Any, host: Host) -> None:
    assert "vips" in run(real_server_vip, interface="eth0")["msg"]
    assert "interface, address" in run(real_server_vip, vips=[VIP])["msg"]
    assert "mutually exclusive" in run(real_server_vip, vips=[VIP], interface="eth0", address="192.0.2.21")["msg"]


def test_all_bad_vips_at_once(run: Any, host: Host) -> None:
    message = run(real_server_vip, vips=["x", VIP, "192.0.2.1/32"], interface="eth0")["msg"]
    assert message == (
        "vips: 'x' is no IP address; write one like 192.0.2.100\n"
        "vips: '192.0.2.1/32' is no IP address; write one like 192.0.2.100"
    )
    assert "the list is empty" in run(real_server_vip, vips=[], interface="eth0")["msg"]


def test_an_interface_that_is_not_there(run: Any, host: Host) -> None:
    assert run(real_server_vip, vips=[VIP], interface="eth9")["msg"] == (
        "interface: there is no eth9. This host has eth0: 192.0.2.21"
    )
    assert "address: no interface has 192.0.2.99" in run(real_server_vip, vips=[VIP], address="192.0.2.99")["msg"]


def test_a_device_of_somebody_else(run: Any, host: Host) -> None:
    host.add_link("lvs0", "bridge")
    assert run(real_server_vip, vips=[VIP], interface="eth0")["msg"].startswith("device: lvs0 exists and is no dummy")


def test_check_mode_tells_all_and_does_nothing(run: Any, host: Host, tmp_path: Path) -> None:
    result = run(real_server_vip, check=True, vips=[VIP], address="192.0.2.21")
    assert result["changed"]
    assert result["diff"]["before"]["vips"] == []
    assert result["diff"]["after"]["vips"] == [VIP]
    assert result["diff"]["after"]["sysctls"]["net/ipv4/conf/eth0/arp_ignore"] == 1
    assert host.changes() == []
    assert host.arp("eth0", "arp_ignore").read_text() == "0\n"
    assert not (tmp_path / "state").exists()


def test_create(run: Any, host: Host) -> None:
    result = run(real_server_vip, vips=[VIP], address="192.0.2.21")
    assert result["changed"]
    assert result["vips"] == [VIP]
    assert host.arp("eth0", "arp_ignore").read_text() == "1"
    assert host.arp("eth0", "arp_announce").read_text() == "2"
    assert host.arp("all", "arp_ignore").read_text() == "0\n"
    assert host.changes() == [
        "ip link add dev lvs0 type dummy",
        "ip link set dev lvs0 up",
        "ip address add 192.0.2.100/32 dev lvs0",
        "systemctl daemon-reload",
        "systemctl enable lvs-real-server.service",
        "systemctl start lvs-real-server.service",
    ]
    assert "address replace 192.0.2.100/32" in real_server_vip.UNIT.path.read_text()


def test_the_second_run_changes_nothing(run: Any, host: Host) -> None:
    run(real_server_vip, vips=[VIP], interface="eth0")
    host.enable(real_server_vip.UNIT)
    host.add_link("lvs0", "dummy", VIP)
    host.commands.run.clear()
    assert not run(real_server_vip, vips=[VIP], interface="eth0")["changed"]
    assert host.changes() == []


def test_a_boot_unit_that_was_disabled_is_enabled_again(run: Any, host: Host) -> None:
    run(real_server_vip, vips=[VIP], interface="eth0")
    host.add_link("lvs0", "dummy", VIP)
    host.commands.run.clear()
    assert run(real_server_vip, vips=[VIP], interface="eth0")["changed"]
    assert host.changes() == [
        "systemctl daemon-reload",
        "systemctl enable lvs-real-server.service",
        "systemctl start lvs-real-server.service",
    ]


def test_undeclared_vips_go_only_when_purged(run: Any, host: Host) -> None:
    host.add_link("lvs0", "dummy", VIP)
    kept = run(real_server_vip, vips=["192.0.2.101"], interface="eth0", purge=False)
    assert (kept["vips"], kept["kept"]) == ([VIP, "192.0.2.101"], True)
    host.commands.run.clear()
    purged = run(real_server_vip, vips=["192.0.2.101"], interface="eth0")
    assert (purged["vips"], purged["kept"]) == (["192.0.2.101"], False)
    assert "ip address delete 192.0.2.100/32 dev lvs0" in host.changes()


def test_a_failed_command_is_named(run: Any, host: Host) -> None:
    host.commands.answers["ip link add"] = (2, "", "Error: Unknown device type.\n")
    assert run(real_server_vip, vips=[VIP], interface="eth0")["msg"] == (
        "'ip link add dev lvs0 type dummy' failed: Error: Unknown device type. (is the kernel module dummy available?)."
        " The next run goes on from here"
    )


def test_absent_restores_everything(run: Any, host: Host, tmp_path: Path) -> None:
    host.arp("eth0", "arp_announce").write_text("1")
    run(real_server_vip, vips=[VIP], interface="eth0")
    host.add_link("lvs0", "dummy", VIP)
    host.commands.run.clear()
    assert run(real_server_vip, state="absent", check=True)["changed"]
    assert host.changes() == []
    result = run(real_server_vip, state="absent")
    assert result["changed"]
    assert result["vips"] == []
    assert "ip link delete dev lvs0" in host.changes()
    assert host.arp("eth0", "arp_ignore").read_text() == "0"
    assert host.arp("eth0", "arp_announce").read_text() == "1"
    assert not real_server_vip.UNIT.path.exists()
    assert not real_server_vip.SYSCTL_FILE.exists()
    assert not (tmp_path / "state").exists()


def test_absent_where_nothing_is(run: Any, host: Host) -> None:
    assert not run(real_server_vip, state="absent")["changed"]
    assert host.changes() == []


def test_a_run_cut_off_after_the_first_setting_still_remembers_the_original(run: Any, host: Host) -> None:
    host.commands.answers["ip link add"] = (2, "", "cut off")
    assert run(real_server_vip, vips=[VIP], interface="eth0")["failed"]
    assert host.arp("eth0", "arp_ignore").read_text() == "1"
    del host.commands.answers["ip link add"]
    run(real_server_vip, vips=[VIP], interface="eth0")
    host.add_link("lvs0", "dummy", VIP)
    run(real_server_vip, state="absent")
    assert host.arp("eth0", "arp_ignore").read_text() == "0"


def test_info_tells_effective_values(run: Any, host: Host) -> None:
    host.add_link("lvs0", "dummy", VIP)
    host.arp("all", "arp_ignore").write_text("1")
    result = run(real_server_vip_info, address="192.0.2.21")
    assert (result["interface"], result["vips"]) == ("eth0", [VIP])
    assert (result["arp_ignore"], result["arp_announce"]) == (1, 0)


def test_info_of_a_host_without_that_address(run: Any, host: Host) -> None:
    result = run(real_server_vip_info, address="192.0.2.99")
    assert (result["interface"], result["vips"]) == (None, [])
    assert "arp_ignore" not in result
