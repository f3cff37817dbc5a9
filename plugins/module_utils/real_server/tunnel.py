# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a real server unwraps the packets that directors send it in tunnels: pure decisions, no I/O.

Each kernel module of tunnels brings a device that takes packets from any sender. It only has to be up. Packets that
come out of it are for a VIP, which is on another device. The device's `rp_filter` is loose: the kernel uses the larger
value of the device and of `all`, so loose (2) is in force whatever `all` is, and a strict check would drop every packet
whose way back is not through the tunnel. On a device without any IPv4 address even the loose check drops everything
(fib_frontend.c, __fib_validate_source), so it gets one that never leaves the host.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Command = tuple[str, ...]

LOOSE = 2

ADDRESS = "127.0.0.2/32"
"""What a device for IPv4 has so that it has an address at all."""


@dataclass(frozen=True, order=True)
class Tunnel:
    """One kind of tunnel: `type` ipip, gre or gue, `family` 4 or 6 (of both packets), and the UDP port of gue."""

    type: str
    family: int
    port: int | None = None

    @property
    def device(self) -> str:
        """Return the device that unwraps it. Out of gue comes ipip."""
        if self.type == "gre":
            return "gre0" if self.family == 4 else "ip6gre0"
        return "tunl0" if self.family == 4 else "ip6tnl0"

    @property
    def kernel_modules(self) -> tuple[str, ...]:
        """Return the modules that it needs."""
        if self.type == "gre":
            return ("ip_gre",) if self.family == 4 else ("ip6_gre",)
        inner = "ipip" if self.family == 4 else "ip6_tunnel"
        if self.type == "gue":
            return (inner, "fou") if self.family == 4 else (inner, "fou6")
        return (inner,)


@dataclass(frozen=True)
class State:
    """Tunnel devices that are up, those with our address, UDP ports that unwrap gue (family, port), and sysctls.

    Observed or wanted.
    """

    devices: frozenset[str] = frozenset()
    addressed: frozenset[str] = frozenset()
    gue: frozenset[tuple[int, int]] = frozenset()
    sysctls: tuple[tuple[str, int], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the shape shown in diffs."""
        return {
            "devices": sorted(self.devices),
            "addressed_devices": sorted(self.addressed),
            "gue_ports": [{"family": family, "port": port} for family, port in sorted(self.gue)],
            "sysctls": dict(self.sysctls),
        }


def tunnels_of(entries: Iterable[dict[str, Any]]) -> list[Tunnel]:
    """Return the tunnels that are asked for. ValueError names all entries that cannot be."""
    problems = []
    tunnels = []
    for index, entry in enumerate(entries):
        if entry["type"] == "gue" and not 0 < (entry["port"] or 0) < 65536:
            problems.append(f"tunnels[{index}].port: gue needs a UDP port; write one such as 6080")
        if entry["type"] != "gue" and entry["port"]:
            problems.append(f"tunnels[{index}].port: {entry['type']} has no port; leave it out")
        tunnels.append(Tunnel(entry["type"], entry["family"], entry["port"]))
    if problems:
        raise ValueError("\n".join(problems))
    return sorted(set(tunnels), key=str)


def rp_filter(device: str) -> str:
    """Return the key of the device's setting; IPv6 has none."""
    return f"net/ipv4/conf/{device}/rp_filter"


def wanted_state(tunnels: Iterable[Tunnel], kept: State) -> State:
    """Return what shall be there for `tunnels`, beside what is `kept` for now."""
    tunnels = list(tunnels)
    devices = {tunnel.device for tunnel in tunnels} | kept.devices
    gue = {(tunnel.family, tunnel.port) for tunnel in tunnels if tunnel.port is not None} | kept.gue
    of_ipv4 = {tunnel.device for tunnel in tunnels if tunnel.family == 4}
    filters = {**dict(kept.sysctls), **{rp_filter(device): LOOSE for device in of_ipv4}}
    return State(
        frozenset(devices), frozenset(of_ipv4 | kept.addressed), frozenset(gue), tuple(sorted(filters.items()))
    )


def remembered_state(memory: Mapping[str, Any]) -> State:
    """Return what we have set up, as `memory_of` wrote it down."""
    return State(
        frozenset(memory.get("devices", ())),
        frozenset(memory.get("addressed", ())),
        frozenset((family, port) for family, port in memory.get("gue", ())),
        tuple(sorted((key, LOOSE) for key in memory.get("sysctls", {}))),
    )


def memory_of(memory: Mapping[str, Any], observed: State, wanted: State) -> dict[str, Any]:
    """Return what to remember before `wanted` is set up: what was not there before us, and what sysctls were."""
    ours = remembered_state(memory)
    return {
        "devices": sorted((wanted.devices - observed.devices) | ours.devices),
        "addressed": sorted((wanted.addressed - observed.addressed) | ours.addressed),
        "gue": sorted((wanted.gue - observed.gue) | ours.gue),
        "sysctls": {**dict(observed.sysctls), **memory.get("sysctls", {})},
    }


def what_is_left(memory: Mapping[str, Any], wanted: State) -> dict[str, Any]:
    """Return what to remember once `wanted` is set up: what was taken down is not ours any more."""
    ours = remembered_state(memory)
    kept = dict(wanted.sysctls)
    return {
        "devices": sorted(ours.devices & wanted.devices),
        "addressed": sorted(ours.addressed & wanted.addressed),
        "gue": sorted(ours.gue & wanted.gue),
        "sysctls": {key: value for key, value in memory.get("sysctls", {}).items() if key in kept},
    }


def sysctls_to_write(observed: State, wanted: State, memory: Mapping[str, Any]) -> dict[str, int]:
    """Return the settings to write: wanted ones, and the old values of those that are not wanted any more."""
    values = {**memory.get("sysctls", {}), **dict(wanted.sysctls)}
    return {key: values[key] for key, value in observed.sysctls if values.get(key, value) != value}


def parse_gue(output: str) -> frozenset[tuple[int, int]]:
    """Return the ports in the output of `ip -json fou show` that unwrap gue, with their families."""
    entries = [entry for entry in json.loads(output or "[]") if "gue" in entry]
    return frozenset((6 if entry.get("family") == "inet6" else 4, entry["port"]) for entry in entries)


def addressed(links: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the devices that have our address, of `links` as `ip -json address show` describes them."""
    return {
        link["ifname"]
        for link in links
        for each in link["addr_info"]
        if f"{each.get('local')}/{each.get('prefixlen')}" == ADDRESS
    }


def commands(observed: State, wanted: State) -> list[Command]:
    """Return the commands that lead from one state to the other; the sysctls are set before the first of them."""
    steps: list[Command] = [add_port(*port) for port in sorted(wanted.gue - observed.gue)]
    steps += [add_address(device) for device in sorted(wanted.addressed - observed.addressed)]
    steps += [("ip", "link", "set", "dev", device, "up") for device in sorted(wanted.devices - observed.devices)]
    steps += [("ip", "link", "set", "dev", device, "down") for device in sorted(observed.devices - wanted.devices)]
    steps += [
        ("ip", "address", "delete", ADDRESS, "dev", device) for device in sorted(observed.addressed - wanted.addressed)
    ]
    steps += [
        ("ip", f"-{family}", "fou", "delete", "port", str(port)) for family, port in sorted(observed.gue - wanted.gue)
    ]
    return steps


def add_port(family: int, port: int) -> Command:
    """Return the command that has a UDP port unwrap gue."""
    return ("ip", f"-{family}", "fou", "add", "port", str(port), "gue")


def add_address(device: str) -> Command:
    """Return the command that gives a device our address; no packet leaves from it (scope host)."""
    return ("ip", "address", "add", ADDRESS, "scope", "host", "dev", device)


def boot_commands(wanted: State, modules: Iterable[str]) -> list[str]:
    """Return the commands that restore everything at boot; what is there already is no failure."""
    return [
        *(f"modprobe {module}" for module in modules),
        *(f"sysctl --quiet --write {key}={value}" for key, value in wanted.sysctls),
        *(f"-{' '.join(add_port(*port))}" for port in sorted(wanted.gue)),
        *(f"-{' '.join(add_address(device))}" for device in sorted(wanted.addressed)),
        *(f"ip link set dev {device} up" for device in sorted(wanted.devices)),
    ]
