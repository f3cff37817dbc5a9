# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A healthy cluster as the tasks of verify collect it: two directors, two real servers, a storage host, a client."""

from __future__ import annotations

from typing import Any

VIP = "192.0.2.100"
LB1_MAC, LB2_MAC = "52:54:00:00:00:01", "52:54:00:00:00:02"
WEB1_MAC, WEB2_MAC = "52:54:00:00:01:01", "52:54:00:00:01:02"
MEMBERS = {
    "name": "lvs",
    "directors": ["lb1", "lb2"],
    "real_servers": ["web1", "web2"],
    "storage": ["store1"],
    "clients": ["client1"],
}


def declared_server(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "host": f"web{number}",
        "address": f"192.0.2.2{number}",
        "port": 80,
        "weight": 1,
        "upper_threshold": 0,
        "lower_threshold": 0,
        **changes,
    }


def page(path: str, *status: int | str) -> dict[str, Any]:
    """Return a page of a health check."""
    return {"path": path, "status": list(status) or [200], "virtualhost": None}


def declared_service(**changes: Any) -> dict[str, Any]:
    return {
        "name": "web",
        "protocol": "tcp",
        "vip": VIP,
        "port": 80,
        "forwarding": "dr",
        "scheduler": "wlc",
        "persistence": None,
        "health_check": {"type": "http", "pages": [page("/healthz")], "port": None},
        "real_servers": [declared_server(1), declared_server(2)],
        **changes,
    }


def server(number: int, **changes: Any) -> dict[str, Any]:
    """Return a server of the kernel's table."""
    return {
        "address": f"192.0.2.2{number}",
        "port": 80,
        "forwarding": "dr",
        "weight": 1,
        "upper_threshold": 0,
        "lower_threshold": 0,
        "tunnel": None,
        **changes,
    }


def service(**changes: Any) -> dict[str, Any]:
    """Return a service of the kernel's table."""
    return {
        "protocol": "tcp",
        "vip": VIP,
        "port": 80,
        "scheduler": "wlc",
        "flags": [],
        "persistence": None,
        "one_packet": False,
        "servers": [server(1), server(2)],
        **changes,
    }


def statistics(*connections: int) -> list[dict[str, Any]]:
    """Return the counters of the service; one number for each server."""
    servers = [
        {"address": f"192.0.2.2{number}", "port": 80, "counters": {"connections": count}}
        for number, count in enumerate(connections, 1)
    ]
    return [
        {"protocol": "tcp", "vip": VIP, "port": 80, "counters": {"connections": sum(connections)}, "servers": servers}
    ]


def table(*connections: int) -> dict[str, Any]:
    """Return what ipvs_info returns."""
    return {
        "loaded": True,
        "services": [service()],
        "statistics": statistics(*connections),
        "sync_daemons": [{"role": role, "interface": "eth0", "sync_id": 1} for role in ("backup", "master")],
    }


def plan(tier: str, **parts: Any) -> dict[str, Any]:
    return {
        "tiers": [tier],
        "cluster": MEMBERS,
        "verify": {"services": [declared_service()] if tier in ("directors", "clients") else []},
        "director": None,
        "real_server": None,
        "nfs_server": None,
        "nfs_client": None,
        **parts,
    }


def interface(mac: str, *addresses: str, name: str = "eth0") -> dict[str, Any]:
    return {"interface": name, "mac": mac, "addresses": list(addresses)}


def director(number: int, mac: str, role: str, *vips: str) -> dict[str, Any]:
    address = f"192.0.2.1{number}"
    given = (20, 10) if role == "master" else (0, 0)
    return {
        "plan": plan("directors", director={"address": address, "sync_daemon": {"id": 1}}),
        "addresses": [
            interface("00:00:00:00:00:00", "127.0.0.1/8", name="lo"),
            interface(mac, f"{address}/24", *vips),
        ],
        "ipvs": {"before": table(5, 5), "after": table(5 + given[0], 5 + given[1])},
    }


def real_server(number: int, mac: str) -> dict[str, Any]:
    address = f"192.0.2.2{number}"
    mount = {"name": "www", "path": "/srv/www", "source": "192.0.2.31:/srv/www", "access": "ro", "options": ["ro"]}
    return {
        "plan": plan("real_servers", real_server={"address": address, "vips": [VIP]}, nfs_client={"mounts": [mount]}),
        "addresses": [interface(mac, f"{address}/24"), interface("aa:aa:aa:aa:aa:aa", f"{VIP}/32", name="lvs0")],
        "vips": {"interface": "eth0", "vips": [VIP], "arp_ignore": 1, "arp_announce": 2},
        "mounts": [
            {"target": "/", "source": "/dev/ubda", "fstype": "ext4", "options": "rw"},
            {
                "target": "/srv/www",
                "source": "192.0.2.31:/srv/www",
                "fstype": "nfs4",
                "options": "ro,relatime,vers=4.2",
            },
        ],
    }


def http(**changes: Any) -> dict[str, Any]:
    """Return what http_probe returns."""
    return {
        "address": VIP,
        "port": 80,
        "requests": 30,
        "succeeded": 30,
        "failures": {},
        "servers": {"web1": 20, "web2": 10},
        "gap_ms": 21.2,
        "latency_ms": {"p50": 1.2, "p90": 2.0, "p99": 3.0, "max": 4.1},
        **changes,
    }


def cluster() -> dict[str, dict[str, Any]]:
    """Return the results of all hosts, new each time."""
    return {
        "lb1": director(1, LB1_MAC, "master", f"{VIP}/32"),
        "lb2": director(2, LB2_MAC, "backup"),
        "web1": real_server(1, WEB1_MAC),
        "web2": real_server(2, WEB2_MAC),
        "store1": {"plan": plan("storage"), "addresses": []},
        "client1": {
            "plan": plan("clients"),
            "addresses": [],
            "http": [http()],
            "arp": [{"address": VIP, "macs": [LB1_MAC]}],
        },
    }
