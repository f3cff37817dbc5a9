# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A storage pair: which of the two hosts serves, and whether they have the same data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.module_utils.drbd.status import NOT_CONNECTED
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import names
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import Problem
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model_data import (
    PairFinding,
    StateFinding,
    StoreFinding,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import Cluster, Dict, Host
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observed_data import Pair

STATUS = "/usr/local/lib/lvs-storage/lvs-storage status"
SPLIT_BRAIN = "decide whose changes are given up, as the README of the role lvs.cluster.storage_ha says"


def look_at_pair(cluster: Cluster) -> PairFinding | None:
    """Return how the storage pair of a cluster is, if it has one."""
    pair = next((host.data.pair for host in cluster.hosts.values() if host.data.pair), None)
    if pair is None:
        return None
    hosts = {name: cluster.hosts[name] for name in pair.nodes if name in cluster.hosts}
    seen = {name: host.data.seen["pair"] for name, host in hosts.items() if "active" in host.data.seen.get("pair", {})}
    stores = tuple(_look_at_store(name, hosts.get(name), pair, seen) for name in pair.nodes)
    serving = StateFinding(_who_serves(pair, seen), problems=tuple(_problems_of_serving(pair, seen)))
    return PairFinding(pair.addresses, pair.path, serving, _replication(pair, seen), stores)


def _active(seen: Mapping[str, Dict]) -> list[str]:
    return [name for name, found in seen.items() if found["active"]]


def _served_by_another(pair: Pair, seen: Mapping[str, Dict]) -> str | None:
    """Return the host that could not be asked and serves, by what its peer says."""
    others = [name for name in pair.nodes if name not in seen]
    return others[0] if len(others) == 1 and any(found["standby"] for found in seen.values()) else None


def _who_serves(pair: Pair, seen: Mapping[str, Dict]) -> str:
    active = _active(seen)
    if active:
        return f"{names(active)} {'serves' if len(active) == 1 else 'serve'} {pair.path} by {names(pair.addresses)}"
    other = _served_by_another(pair, seen)
    if other:
        return f"{other}, which could not be asked, serves {pair.path}, as its peer says"
    return f"nobody serves {pair.path}" if seen else "neither host could be asked"


def _problems_of_serving(pair: Pair, seen: Mapping[str, Dict]) -> Iterator[Problem]:
    """Exactly one host serves."""
    active = _active(seen)
    if len(active) > 1:
        yield Problem(f"{names(active)} serve {pair.path} at the same time (split brain)", SPLIT_BRAIN)
    if active or not seen or _served_by_another(pair, seen):
        return
    whom = "no storage host" if len(seen) == len(pair.nodes) else "no storage host that could be asked"
    reasons = "; ".join(f"{name}: {found['reason']}" for name, found in seen.items())
    yield Problem(
        f"{pair.path}: {whom} serves it ({reasons})",
        f"see '{STATUS}' and 'journalctl -u keepalived -u lvs-storage' on {names(seen)}",
    )


def _replication(pair: Pair, seen: Mapping[str, Dict]) -> StateFinding | None:
    """Say whether one host has what the other one has."""
    if any(found["split_brain"] for found in seen.values()):
        what = f"{names(pair.nodes)} have changes that the other one lacks (split brain), and replicate nothing"
        return StateFinding("split brain: nothing is replicated", problems=(Problem(what, SPLIT_BRAIN),))
    if not seen or any(found["drbd"] is None for found in seen.values()):
        return None  # so they cannot be connected, which is that host's problem
    apart = [f"{name}: {found['drbd']['connection']}" for name, found in seen.items() if _is_apart(found["drbd"])]
    if apart:
        what = f"{names(pair.nodes)} are not connected by DRBD ({', '.join(apart)}), so nothing is replicated"
        remedy = f"see that both run, that TCP port {pair.replication_port} passes between them, and 'journalctl -k'"
        return StateFinding("they are not connected: nothing is replicated", problems=(Problem(what, remedy),))
    if all(_is_sound(found) for found in seen.values()):
        return StateFinding("both have the same data")
    for name, found in seen.items():
        peer_disk = found["drbd"]["peer_disk"]
        if len(seen) == 1 and peer_disk != "UpToDate":
            what = f"{name}: the disk of its peer is {peer_disk}, so that cannot take over"
            problem = Problem(what, "see to the peer, which could not be asked")
            return StateFinding("the peer has not the newest data", problems=(problem,))
    return None  # what keeps them is said of the host that it is on


def _is_apart(drbd: Dict) -> bool:
    return drbd["connection"] in NOT_CONNECTED


def _look_at_store(name: str, host: Host | None, pair: Pair, seen: Mapping[str, Dict]) -> StoreFinding:
    if host is None:
        return StoreFinding(name, "not asked", ())
    held = tuple(address for address in pair.addresses if any(address in each.addresses for each in host.interfaces))
    result, found = host.data.looked_at("pair"), seen.get(name)
    if result is None:
        return StoreFinding(name, "not asked", held)
    if found is None:
        problem = Problem(
            f"{name}: the state of its volume could not be read: {result['msg']}", "put that right on the host"
        )
        return StoreFinding(name, "not read", held, is_sound=False, problems=(problem,))
    problems = [*_problems_of_addresses(name, pair, held, found), *_problems_of_volume(name, pair, found)]
    drbd = found["drbd"] or {}
    return StoreFinding(
        name,
        state="active" if found["active"] else "standby" if found["standby"] else "NOT READY",
        addresses=held,
        role=drbd.get("role"),
        disk=drbd.get("disk"),
        connection=drbd.get("connection"),
        peer_disk=drbd.get("peer_disk"),
        is_sound=_is_sound(found) and (found["active"] or found["standby"]),
        problems=tuple(problems),
    )


def _is_sound(found: Dict) -> bool:
    """Tell whether a host has the newest data, and its peer has them too."""
    drbd = found["drbd"]
    if drbd is None or found["split_brain"] or drbd["frozen"]:
        return False
    # An online verification (VerifyS, VerifyT) keeps nobody from replicating.
    connected: bool = drbd["connection"] == "Connected" or drbd["connection"].startswith("Verify")
    return connected and {drbd["disk"], drbd["peer_disk"]} == {"UpToDate"}


def _problems_of_addresses(name: str, pair: Pair, held: Sequence[str], found: Dict) -> Iterator[Problem]:
    """The floating addresses are where the data is."""
    remedy = f"see 'systemctl status lvs-storage-address' on {name}"
    missing = [address for address in pair.addresses if address not in held]
    if found["active"] and missing:
        yield Problem(f"{name}: serves {pair.path}, but has not {names(missing)}, by which clients reach it", remedy)
    if held and not found["active"]:
        yield Problem(f"{name}: has {names(held)}, but does not serve {pair.path}", remedy)


def _problems_of_volume(name: str, pair: Pair, found: Dict) -> Iterator[Problem]:
    drbd = found["drbd"]
    if drbd is None:
        what = f"{name}: its volume is not up in DRBD, so it cannot take over"
        yield Problem(what, f"run lvs.cluster.site; if it stays so, see 'journalctl -u lvs-drbd-{pair.name}' on {name}")
        return
    if drbd["disk"] != "UpToDate":
        synced = drbd["synced"]
        done = "" if synced is None else f" ({synced:g} % of it are synchronised)"
        remedy = f"see '{STATUS}' and 'journalctl -k' on {name}" if synced is None else "wait until it has all data"
        yield Problem(f"{name}: its disk is {drbd['disk']}{done}, so it has not the newest data", remedy)
    if drbd["frozen"]:
        what = f"{name}: reads and writes of {pair.path} wait for the decision about the peer"
        yield Problem(what, f"it takes seconds; if it stays so, see '{STATUS}' on {name}")
