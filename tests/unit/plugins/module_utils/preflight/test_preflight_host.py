# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import UNITS
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.configuration import drop_in
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.mounts import SERVICE
from ansible_collections.lvs.cluster.plugins.module_utils.files import STATE_FOLDER
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.at_boot import sync_unit
from ansible_collections.lvs.cluster.plugins.module_utils.preflight import host as reading
from ansible_collections.lvs.cluster.plugins.module_utils.preflight import network
from ansible_collections.lvs.cluster.plugins.module_utils.preflight.host import Reader, has_lro
from ansible_collections.lvs.cluster.plugins.module_utils.rsync import copies
from ansible_collections.lvs.cluster.plugins.modules import real_server_gateway, real_server_tunnel, real_server_vip

RELEASE = "6.12.57"
ROLES = Path(__file__).parents[5] / "roles"


def reader(root: Path, answers: dict[str, tuple[int, str, str]] | None = None) -> Reader:
    """A reader of `root`; commands are answered by their last word, or as if there were no such program."""

    def run(command: Sequence[str]) -> tuple[int, str, str]:
        return (answers or {}).get(command[-1], (127, "", ""))

    return Reader(run, RELEASE, root)


def write(root: Path, path: str, text: str = "") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def test_states_of_kernel_modules(tmp_path: Path) -> None:
    write(tmp_path, f"lib/modules/{RELEASE}/modules.builtin", "kernel/net/netfilter/ipvs/ip_vs.ko\n")
    write(tmp_path, "sys/module/ip_vs_rr/refcnt")
    here = reader(
        tmp_path,
        {
            "ip_vs_wlc": (0, "insmod /lib/modules/x/ip_vs_wlc.ko\n", ""),
            "ip_vs_sh": (0, "install /bin/false\n", ""),
        },
    )
    assert here.module_states(["ip_vs", "ip_vs_rr", "ip_vs_wlc", "ip_vs_sh", "ip_vs_mh"]) == {
        "ip_vs": "present",
        "ip_vs_rr": "present",
        "ip_vs_wlc": "available",
        "ip_vs_sh": "blocked",
        "ip_vs_mh": "missing",
    }
    assert here.has_modules_folder()
    assert not reader(tmp_path / "other").has_modules_folder()


def test_programs_of_checks(tmp_path: Path) -> None:
    for name, mode in (("plain", 0o644), ("program", 0o700)):
        write(tmp_path, f"bin/{name}")
        (tmp_path / "bin" / name).chmod(mode)
    (tmp_path / "bin/link").symlink_to("program")
    states = {
        "/bin/program": "executable",
        "/bin/link": "executable",
        "/bin/plain": "not executable",
        "/bin": "not executable",
        "/bin/other": "missing",
        "/bin/plain/other": "missing",
    }
    assert reader(tmp_path).program_states(states) == states


def test_sysctls_that_the_kernel_lacks(tmp_path: Path) -> None:
    names = ["net.ipv4.vs.conntrack", "net.ipv4.vs.conn_max", "net.ipv4.vs.lblc_expiration", "net.ipv4.ip_forward"]
    assert reader(tmp_path).unknown_sysctls(names) == []
    write(tmp_path, "proc/sys/net/ipv4/vs/conntrack", "0\n")
    assert reader(tmp_path).unknown_sysctls(names) == ["net.ipv4.vs.conn_max"]


def test_settings_that_hold(tmp_path: Path) -> None:
    for path, value in {
        "ipv4/conf/all/rp_filter": "1",
        "ipv4/conf/eth0/rp_filter": "0",
        "ipv4/conf/all/proxy_arp": "0",
        "ipv4/conf/eth0/proxy_arp": "1",
        "ipv6/conf/all/accept_ra": "1",
        "ipv6/conf/eth0/accept_ra": "2",
    }.items():
        write(tmp_path, f"proc/sys/net/{path}", f"{value}\n")
    expected = {"rp_filter": 1, "proxy_arp": 1, "disable_ipv6": None, "accept_ra": 2}
    assert reader(tmp_path).interface_settings("eth0") == expected


def test_programs(tmp_path: Path) -> None:
    assert reader(tmp_path).keepalived_version() is None
    assert not reader(tmp_path).has_systemd()
    told = {"--version": (0, "", "Keepalived v2.3.3 (03/30,2025)\n")}
    assert reader(tmp_path, told).keepalived_version() == "2.3.3"
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert reader(tmp_path).has_systemd()


def test_firewall_managers(tmp_path: Path) -> None:
    assert reader(tmp_path).firewalls() == []
    write(tmp_path, "etc/ufw/ufw.conf", "ENABLED=no\n")
    write(tmp_path, "run/firewalld.pid", "1\n")
    assert reader(tmp_path).firewalls() == ["firewalld"]
    write(tmp_path, "etc/ufw/ufw.conf", "# yes\nENABLED=yes\n")
    assert reader(tmp_path).firewalls() == ["firewalld", "ufw"]


def test_what_flushes_the_ruleset(tmp_path: Path) -> None:
    write(tmp_path, "etc/nftables.conf", "#!/usr/sbin/nft -f\n\nflush ruleset\n")
    assert not reader(tmp_path).flushes_nftables()
    wants = tmp_path / "etc/systemd/system/sysinit.target.wants"
    wants.mkdir(parents=True)
    (wants / "nftables.service").symlink_to("/lib/systemd/system/nftables.service")
    assert reader(tmp_path).flushes_nftables()
    write(tmp_path, "etc/nftables.conf", "# flush ruleset\n")
    assert not reader(tmp_path).flushes_nftables()


def test_who_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "192.0.2.100": (0, '[{"dst":"192.0.2.100","dev":"eth0","prefsrc":"192.0.2.11"}]', ""),
        "192.0.2.101": (0, '[{"type":"local","dst":"192.0.2.101","dev":"lo"}]', ""),
    }
    monkeypatch.setattr(reading, "probe", lambda *_arguments: {"macs": ["52:54:00:00:00:01"]})
    asked = reader(tmp_path, answers).answers(["192.0.2.100", "192.0.2.101", "203.0.113.1"])
    assert asked == {"192.0.2.100": ["52:54:00:00:00:01"]}


def test_the_loopback_has_no_lro() -> None:
    assert not has_lro("lo")
    assert not has_lro("no such interface")


def test_interfaces() -> None:
    text = """[
      {"ifname": "bond0", "flags": ["UP"], "operstate": "UP", "mtu": 1500, "address": "52:54:00:00:00:01",
       "linkinfo": {"info_kind": "bond", "info_data": {"mode": "active-backup", "miimon": 0}},
       "addr_info": [{"local": "192.0.2.11", "prefixlen": 24}, {}]},
      {"ifname": "eth1", "flags": ["UP"], "operstate": "DOWN", "mtu": 9000, "addr_info": []}, {}]"""
    bond, down = network.interfaces(text)
    assert bond == {
        "name": "bond0",
        "kind": "bond",
        "mac": "52:54:00:00:00:01",
        "mtu": 1500,
        "up": True,
        "monitored": False,
        "addresses": ["192.0.2.11/24"],
    }
    assert (down["up"], down["monitored"]) == (False, True)


def test_routes() -> None:
    text = """[{"dst":"192.0.2.21","dev":"eth0","prefsrc":"192.0.2.11"}]
    [{"dst":"203.0.113.1","gateway":"192.0.2.1","dev":"eth0"}]
    """
    assert network.routes(text) == {
        "192.0.2.21": {"interface": "eth0", "gateway": None, "type": None},
        "203.0.113.1": {"interface": "eth0", "gateway": "192.0.2.1", "type": None},
    }
    assert network.routes("") == {}
    assert network.batch(["192.0.2.21", "2001:db8::21"]) == "route get 192.0.2.21\nroute get 2001:db8::21\n"


def test_default_routes() -> None:
    found = network.default_routes("[]", '[{"dst":"default","gateway":"fe80::1","dev":"eth0","protocol":"ra"}]')
    assert found == [{"interface": "eth0", "gateway": "fe80::1", "protocol": "ra"}]


def test_traces_of_our_own(tmp_path: Path) -> None:
    assert reader(tmp_path).traces() == []
    write(tmp_path, "var/lib/lvs-cluster/real_server.json", "{}")
    write(tmp_path, "etc/systemd/system/lvs-real-server-gateway.service")
    write(tmp_path, "etc/lvs-cluster/nftables/lvs_cluster_filter.nft")
    tables = "table inet filter\ntable inet lvs_cluster_filter\ntable inet lvs_cluster_director\n"
    assert reader(tmp_path, {"tables": (0, tables, "")}).traces() == [
        "real_server_vip",
        "real_server_gateway",
        "lvs_cluster_director",
        "lvs_cluster_filter",
    ]


def test_traces_are_where_the_modules_leave_them() -> None:
    paths = {Path("/", path) for paths in reading.TRACES.values() for path in paths}
    units = {module.UNIT.path for module in (real_server_vip, real_server_gateway, real_server_tunnel)}
    units |= {sync_unit(role).path for role in ("master", "backup")}
    states = {STATE_FOLDER / f"{module.STATE}.json" for module in (real_server_vip, real_server_tunnel)}
    units |= {UNITS / SERVICE, drop_in("corosync.service")}
    states |= {STATE_FOLDER / f"{name}.json" for name in ("nfs_mounts", "nfs_rpcbind", "nfs_server")}
    others = {
        Path("/etc/exports.d/lvs-cluster.exports"),
        Path("/etc/lvs-cluster/data_gate.json"),
        copies.CONFIGURATION / "copies",
        Path("/etc/nfs.conf.d/lvs-cluster.conf"),
        Path("/sys/class/net/lvs0"),
        Path("/usr/local/lib/lvs-storage"),
        Path("/var/lib/lvs-cluster/sources"),
    }
    assert units | states | others == paths
