# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers: the VIPs they have bound, whether they keep quiet about them, tunnels, gateways, mounts, data gates."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.state import describe_state
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.directors import has_arp
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import (
    GateFinding,
    MountFinding,
    Problem,
    RealServerFinding,
    WayFinding,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import Cluster, Dict, Host, Mount

# What keeps a host from answering ARP for an address of another interface, and from naming such an address as its own.
LEAST_ARP_IGNORE = 1
LEAST_ARP_ANNOUNCE = 2
GATE_READY, GATE_NOT_READY = 200, 503


def look_at_real_servers(cluster: Cluster) -> tuple[RealServerFinding, ...]:
    """Return how each real server that could be asked is set up."""
    return tuple(_look_at_real_server(host) for host in cluster.asked("real_servers"))


def _look_at_real_server(host: Host) -> RealServerFinding:
    problems = []
    bound, silent = None, None
    if host.vips is not None:
        bound = tuple(vip for vip in host.wanted_vips if vip in host.vips["vips"])
        if any(map(has_arp, host.wanted_vips)):
            silent = _is_silent(host.vips)
        problems = _problems_of_vips(host, bound, silent)
    ways = tuple(_look_at_way(host, what, result) for what, result in host.ways.items())
    mounts = () if host.mounts is None else tuple(_look_at_mount(host, mount) for mount in host.wanted_mounts)
    gates = tuple(_look_at_gate(host, service, answer) for service, answer in host.gates.items())
    return RealServerFinding(host.name, bound, silent, ways, mounts, gates, problems=tuple(problems))


def _is_silent(settings: Dict) -> bool:
    ignore, announce = (int(settings.get(name, 0)) for name in ("arp_ignore", "arp_announce"))
    return ignore >= LEAST_ARP_IGNORE and announce >= LEAST_ARP_ANNOUNCE


def _problems_of_vips(host: Host, bound: Sequence[str], silent: bool | None) -> list[Problem]:
    problems = []
    missing = [vip for vip in host.wanted_vips if vip not in bound]
    if missing:
        what = f"{host.name}: it has not bound {names(missing)}, so it drops what the director sends it"
        problems.append(Problem(what, "run lvs.cluster.site"))
    if silent is False:
        what = f"{host.name}: its ARP is not suppressed, so it may answer for the VIPs in the director's place"
        problems.append(Problem(what, "run lvs.cluster.site, which sets arp_ignore and arp_announce"))
    return problems


def _look_at_way(host: Host, what: str, result: Dict) -> WayFinding:
    if "diff" not in result:
        problem = Problem(f"{host.name}: its {what} cannot be compared: {result['msg']}", "put that right on the host")
        return WayFinding(what, ("could not be compared",), problems=(problem,))
    differences = tuple(f"{change.mark} {change.text}" for change in describe_state(result))
    problem = Problem(f"{host.name}: its {what} are not as declared: {'; '.join(differences)}", "run lvs.cluster.site")
    return WayFinding(what, differences, problems=(problem,) if differences else ())


def _look_at_gate(host: Host, service: str, answer: Dict) -> GateFinding:
    """Directors are told `ready`, and more with it where that is not because of the data."""
    lines = (answer.get("content") or answer.get("msg") or "").strip().splitlines() or ["nothing"]
    status = answer.get("status", -1)
    if status == GATE_READY and len(lines) == 1:
        return GateFinding(service, lines[0])
    if status == GATE_READY:
        lacks = f"{host.name}: it serves {service} without its data, as no server has them: {'; '.join(lines[1:])}"
        remedy = "see to the storage"
    elif status == GATE_NOT_READY:
        lacks = f"{host.name}: it has not the data of {service}: {'; '.join(lines)}"
        remedy = f"put that right on {host.name}; 'journalctl -u lvs-data-gate' tells since when"
    else:
        lacks = f"{host.name}: its data gate does not answer for {service}: {'; '.join(lines)}"
        remedy = f"run lvs.cluster.site; if it stays so, see 'systemctl status lvs-data-gate.socket' on {host.name}"
    state = {GATE_READY: "ready without its data", GATE_NOT_READY: "NOT READY"}.get(status, "NO ANSWER")
    return GateFinding(service, state, problems=(Problem(lacks, remedy),))


def _look_at_mount(host: Host, mount: Mount) -> MountFinding:
    # Of mounts on top of each other the last one is in force.
    entries = [entry for entry in host.mounts or () if entry["target"] == mount.path]
    trouble = _trouble(mount, entries[-1]) if entries else "not mounted"
    if trouble is None:
        return MountFinding(mount.path, f"{entries[-1]['source']} ({entries[-1]['fstype']}, {mount.access})")
    problem = Problem(
        f"{host.name}: {mount.path} is {trouble}",
        f"run lvs.cluster.site; if it stays so, try 'mount {mount.path}' on {host.name}",
    )
    return MountFinding(mount.path, trouble, problems=(problem,))


def _trouble(mount: Mount, entry: Dict) -> str | None:
    if entry["source"].rstrip("/") != mount.source.rstrip("/"):
        return f"mounted from {entry['source']}, declared {mount.source}"
    options = entry["options"].split(",")
    access = "ro" if "ro" in options else "rw"
    return None if access == mount.access else f"mounted {access}, declared {mount.access}"
