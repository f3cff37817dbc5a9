# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What preflight reads of a host beside its network: kernel, sysctls, programs, and who answers for an address."""

from __future__ import annotations

import array
import fcntl
import re
import socket
import stat
import struct
import threading
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import kernel_modules
from ansible_collections.lvs.cluster.plugins.module_utils.commands import Run
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils.preflight import network
from ansible_collections.lvs.cluster.plugins.module_utils.probe.neighbor import (
    NeighborError,
    parse_route,
    probe,
    route_command,
)

SIOCETHTOOL = 0x8946
ETHTOOL_GFLAGS = 0x25
ETH_FLAG_LRO = 1 << 15
ASK_TIMES, ASK_INTERVAL = 2, 150
"""A question may get lost; milliseconds."""

KEEPALIVED_VERSION = re.compile(r"Keepalived v(\d+(?:\.\d+)+)")
BLOCKED = re.compile(r"^install .*/(?:false|true)\b", re.MULTILINE)
FLUSH = re.compile(r"^\s*flush\s+ruleset\b", re.MULTILINE)
TRACES = {
    "real_server_vip": (
        "var/lib/lvs-cluster/real_server.json",
        "sys/class/net/lvs0",
        "etc/systemd/system/lvs-real-server.service",
    ),
    "real_server_gateway": ("etc/systemd/system/lvs-real-server-gateway.service",),
    "real_server_tunnel": (
        "var/lib/lvs-cluster/real_server_tunnel.json",
        "etc/systemd/system/lvs-real-server-tunnel.service",
    ),
    "ipvs_sync_daemon": ("etc/systemd/system/lvs-sync-master.service", "etc/systemd/system/lvs-sync-backup.service"),
    "nfs_export": ("etc/exports.d/lvs-cluster.exports",),
    "data_gate": ("etc/lvs-cluster/data_gate.json",),
    "nfs_mounts": ("var/lib/lvs-cluster/nfs_mounts.json",),
    "nfs_rpcbind": ("var/lib/lvs-cluster/nfs_rpcbind.json",),
    "nfs_server_config": ("etc/nfs.conf.d/lvs-cluster.conf", "var/lib/lvs-cluster/nfs_server.json"),
    "storage_ha": ("usr/local/lib/lvs-storage",),
    "rsync_server": ("var/lib/lvs-cluster/sources",),
    "rsync_client": ("etc/lvs-cluster/rsync/copies",),
    "cluster_fs_mount": ("etc/systemd/system/lvs-cluster-fs@.service",),
    "cluster_fs_config": ("etc/systemd/system/corosync.service.d/lvs-cluster.conf",),
}
"""Modules and roles of ours -> paths: one is there from their first change of a host to the end of the last."""

TABLE = re.compile(r"^table \w+ (lvs_cluster_\w+)$", re.MULTILINE)

NFTABLES_CONFIGURATIONS = ("etc/nftables.conf", "etc/sysconfig/nftables.conf")


class Reader:
    """Reads a host whose root folder is `root`; changes nothing."""

    def __init__(self, run: Run, release: str, root: Path = Path("/")) -> None:
        self._run = run
        self._release = release
        self._root = root

    def has_modules_folder(self) -> bool:
        """Tell whether the modules of the running kernel are still on the disk."""
        return any((self._root / folder / "modules" / self._release).is_dir() for folder in ("lib", "usr/lib"))

    def module_states(self, names: Iterable[str]) -> dict[str, str]:
        """Tell of each kernel module whether it is `present` in the kernel, `available`, `blocked` or `missing`."""
        built_in = kernel_modules.built_in(self._root / "lib/modules" / self._release)
        return {name: self._module_state(name, built_in) for name in names}

    def _module_state(self, name: str, built_in: set[str]) -> str:
        if name in built_in or (self._root / "sys/module" / name).exists():
            return "present"
        code, out, _error = self._run(["modprobe", "--dry-run", "--verbose", name])
        if code:
            return "missing"
        return "blocked" if BLOCKED.search(out) else "available"

    def unknown_sysctls(self, names: Iterable[str]) -> list[str]:
        """Return the IPVS sysctls that the running kernel lacks; before IPVS is loaded nobody can tell."""
        folder = self._root / "proc/sys/net/ipv4/vs"
        ours = [name for name in names if name.startswith("net.ipv4.vs.")]
        # These come with their schedulers.
        ours = [name for name in ours if not name.endswith(("lblc_expiration", "lblcr_expiration"))]
        return [name for name in ours if not (folder / name.rpartition(".")[2]).exists()] if folder.is_dir() else []

    def number(self, name: str, folder: str = "proc/sys") -> int | None:
        """Return a sysctl by its path below `folder`, None where there is none."""
        text = (read_text(self._root / folder / name) or "").strip()
        return int(text) if text.lstrip("-").isdecimal() else None

    def connection_buckets(self) -> int | None:
        """Return the size of IPVS's connection table."""
        bits = self.number("ip_vs/parameters/conn_tab_bits", "sys/module")
        return None if bits is None else 2**bits

    def interface_settings(self, name: str) -> dict[str, int | None]:
        """Return the sysctls that hold on an interface."""
        return {
            key: network.effective(
                key, self.number(f"net/{folder}/{name}/{key}"), self.number(f"net/{folder}/all/{key}")
            )
            for key, folder in network.SETTINGS.items()
        }

    def keepalived_version(self) -> str | None:
        """Return the version of the installed keepalived."""
        code, out, error = self._run(["keepalived", "--version"])
        found = None if code else KEEPALIVED_VERSION.search(out + error)
        return found[1] if found else None

    def program_states(self, paths: Iterable[str]) -> dict[str, str]:
        """Tell of each program whether it is `executable`, `not executable` (such as a folder), or `missing`."""
        return {path: self._program_state(self._root / path.lstrip("/")) for path in paths}

    @staticmethod
    def _program_state(path: Path) -> str:
        try:
            mode = path.stat().st_mode
        except OSError:
            return "missing"
        # Of its users at least one may run it; root may, too, only then.
        return "executable" if stat.S_ISREG(mode) and mode & 0o111 else "not executable"

    def runs_keepalived(self) -> bool:
        """Tell whether keepalived runs."""
        return (self._root / "run/keepalived.pid").exists()

    def firewalls(self) -> list[str]:
        """Return the firewall managers that are active."""
        ufw = read_text(self._root / "etc/ufw/ufw.conf") or ""
        found = {
            "firewalld": (self._root / "run/firewalld.pid").exists() or (self._root / "run/firewalld").exists(),
            "ufw": re.search(r"^ENABLED=yes", ufw, re.MULTILINE) is not None,
        }
        return [name for name, active in found.items() if active]

    def flushes_nftables(self) -> bool:
        """Tell whether nftables.service is enabled with a file that empties the whole ruleset."""
        units = self._root / "etc/systemd/system"
        enabled = any(
            (units / f"{target}.target.wants/nftables.service").is_symlink() for target in ("sysinit", "multi-user")
        )
        return enabled and any(FLUSH.search(read_text(self._root / path) or "") for path in NFTABLES_CONFIGURATIONS)

    def traces(self) -> list[str]:
        """Return what the collection has left on this host: names of its modules, and of its nftables tables."""
        modules = [name for name, paths in TRACES.items() if any((self._root / path).exists() for path in paths)]
        files = {path.stem for path in (self._root / "etc/lvs-cluster/nftables").glob("*.nft")}
        code, out, _error = self._run(["nft", "list", "tables"])
        return [*modules, *sorted(files.union([] if code else TABLE.findall(out)))]

    def has_systemd(self) -> bool:
        """Tell whether systemd is the init of this host."""
        return (self._root / "run/systemd/system").is_dir()

    def answers(self, addresses: Iterable[str]) -> dict[str, list[str]]:
        """Ask who has each address, all at once; return the MAC addresses that answer, where it can be asked."""
        found: dict[str, list[str]] = {}
        threads = [threading.Thread(target=self._ask, args=(address, found)) for address in addresses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    def _ask(self, address: str, found: dict[str, list[str]]) -> None:
        target = ip_address(address)
        code, out, _error = self._run(route_command(target, None))
        if code:
            return
        try:
            found[address] = probe(parse_route(out, target, None), target, ASK_TIMES, ASK_INTERVAL)["macs"]
        except NeighborError:
            return  # an address of this host itself, or one behind a router


def has_lro(interface: str) -> bool:
    """Tell whether an interface merges received packets in hardware (ethtool(8), LRO)."""
    value = array.array("B", struct.pack("II", ETHTOOL_GFLAGS, 0))
    request = struct.pack("16sP", interface.encode(), value.buffer_info()[0])
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
            fcntl.ioctl(anything, SIOCETHTOOL, request)
    except OSError:
        return False  # a device without such settings
    (_command, flags) = struct.unpack("II", value)
    return bool(flags & ETH_FLAG_LRO)
