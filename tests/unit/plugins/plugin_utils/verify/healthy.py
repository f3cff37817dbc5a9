# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A healthy cluster as the tasks of verify collect it: two directors, two real servers, a storage host, a client."""

from __future__ import annotations

from typing import Any

VIP = "192.0.2.100"
LB1_MAC, LB2_MAC = "52:54:00:00:00:01", "52:54:00:00:00:02"
WEB1_MAC, WEB2_MAC = "52:54:00:00:01:01", "52:54:00:00:01:02"
FLOATING = "192.0.2.30"
FSID = "5b8c2f1e-3f4a-5d7b-9b0c-000000000001"
GENERATION = "2026-11-27T10:00:00Z 1c3b5d7f"
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


def storage_pair() -> dict[str, Any]:
    """Return what the plan says of the pair, as for both of its hosts."""
    return {
        "name": "lvs",
        "device": "/dev/vdb",
        "path": "/srv",
        "addresses": [FLOATING],
        "nodes": [
            {"name": f"store{number}", "address": f"192.0.2.3{number}", "node_id": number - 1, "priority": 150}
            for number in (1, 2)
        ],
        "virtual_router_id": 52,
        "replication_port": 7789,
        "interface": None,
        "witnesses": ["192.0.2.21"],
    }


def drbd(role: str = "Primary", **changes: Any) -> dict[str, Any]:
    """Return what drbd_info returns."""
    active = role == "Primary"
    volume = {
        "connection": "Connected",
        "role": role,
        "peer_role": "Secondary" if active else "Primary",
        "disk": "UpToDate",
        "peer_disk": "UpToDate",
        "frozen": False,
        "out_of_sync": 0,
        "synced": None,
    }
    return {
        "active": active,
        "standby": not active,
        "reason": "it serves the volume" if active else "it could take the volume",
        "split_brain": False,
        "drbd": volume,
        **changes,
    }


def export(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return an export to a real server as nfs_export_info has it."""
    return {
        "path": "/srv/www",
        "client": f"192.0.2.2{number}",
        "access": "rw" if number == 1 else "ro",
        "squash": "root_squash",
        "security": ["sys"],
        "anonuid": 65534,
        "anongid": 65534,
        "fsid": FSID,
        **changes,
    }


def declared_export(**changes: Any) -> dict[str, Any]:
    return {
        "name": "www",
        "path": "/srv/www",
        "clients": [{"address": "192.0.2.21", "access": "rw"}, {"address": "192.0.2.22", "access": "ro"}],
        "squash": "root_squash",
        "anonuid": None,
        "anongid": None,
        "security": ["sys"],
        "fsid": FSID,
        **changes,
    }


def copied(age: int | None = 17, generation: str = GENERATION, **changes: Any) -> dict[str, Any]:
    """Return a copy as rsync_copy_info has it."""
    return {"name": "pages", "path": "/srv/pages", "age": age, "generation": generation, "last_error": "", **changes}


def node(**changes: Any) -> dict[str, Any]:
    """Return what cluster_fs_info returns on a node of two."""
    return {
        "running": True,
        "quorate": True,
        "votes": {"own_id": 1, "quorate": True, "votes": 2, "needed": 2, "expected": 2},
        "nodes": [{"id": number, "name": f"web{number}", "joined": True} for number in (1, 2)],
        "fencing": [],
        "lockspaces": [{"name": "films", "members": [1, 2], "waits_for": ""}],
        "mounted": ["/srv/films"],
        **changes,
    }


def sharing() -> dict[str, dict[str, Any]]:
    """Return the results of a cluster that shares data in each way there is, new each time."""
    results = cluster()
    members = {**MEMBERS, "storage": ["store1", "store2"]}
    for number in (1, 2):
        results[f"store{number}"] = {
            "plan": plan(
                "storage",
                storage_pair=storage_pair(),
                nfs_server={"exports": [declared_export()]},
                rsync_server={"modules": [{"name": "pages", "path": "/srv/pages"}], "pushes": []}
                if number == 1
                else None,
            ),
            "addresses": [interface(f"52:54:00:00:03:0{number}", *([f"{FLOATING}/32"] if number == 1 else []))],
            "data": {
                "pair": drbd("Primary" if number == 1 else "Secondary"),
                "exports": {"live": [export(1), export(2)] if number == 1 else [], "ours": [export(1), export(2)]},
                "copies": {"skipped": True},
                "cluster_fs": {"skipped": True, "skip_reason": "Conditional result was False"},
            },
        }
        web = results[f"web{number}"]
        web["plan"]["rsync_client"] = {
            "copies": [{"name": "pages", "path": "/srv/pages", "server": "store1", "direction": "pull", "max_age": 300}]
        }
        web["plan"]["cluster_fs"] = {
            "name": "lvs",
            "nodes": [{"name": f"web{each}", "id": each, "address": f"192.0.2.2{each}"} for each in (1, 2)],
            "filesystems": [{"name": "films", "path": "/srv/films", "device": "/dev/san", "options": []}],
            "fence_agent": "fence_ipmilan",
            "without_fencing": False,
        }
        web["data"] = {"copies": {"copies": [copied()], "pushes": [], "sources": []}, "cluster_fs": node()}
        web["mounts"].append({"target": "/srv/films", "source": "/dev/san", "fstype": "gfs2", "options": "rw,noatime"})
    results["store1"]["data"]["copies"] = {
        "copies": [],
        "pushes": [],
        "sources": [{"path": "/srv/pages", "generation": GENERATION, "changing": False}],
    }
    for result in results.values():
        result["plan"] = {**result["plan"], "cluster": members}
    return results
