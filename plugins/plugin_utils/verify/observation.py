# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a cluster were declared to be, and what was seen on them, read from what the tasks collected.

The inputs are plain data of modules of this collection (`host_plan`, `ipvs_info`, `interface_info`, `http_probe`,
`arp_probe`, `real_server_vip_info`, and those of `observed_data`) and of `findmnt`. The only thing that is done to them
here is to make them safe to use: what is absent becomes None or empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observed_data import HostData, read_data

Dict = Mapping[str, Any]


class InputError(Exception):
    """What was collected does not have the documented form; `str()` says where."""


@dataclass(frozen=True)
class DeclaredServer:
    """One real server of a declared service."""

    host: str
    address: str
    port: int
    weight: int
    upper_threshold: int
    lower_threshold: int
    forwarding: str | None = None
    """None: that of the service."""
    tunnel: Dict | None = None


@dataclass(frozen=True)
class DeclaredService:
    """One declared service: one VIP and one port. With a fwmark it is more, and these are its first ones."""

    name: str
    protocol: str
    vip: str
    port: int
    forwarding: str
    scheduler: str
    persistence: Dict | None
    health_check: Dict | None
    servers: tuple[DeclaredServer, ...]
    scheduler_flags: tuple[str, ...] = ()
    one_packet: bool = False
    sorry_server: Dict | None = None
    fwmark: int | None = None
    vips: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """The family of its packets, as the kernel's table names it."""
        return "ipv6" if ":" in self.vip else "ipv4"


@dataclass(frozen=True)
class Mount:
    """A declared mount; `access` is ro or rw."""

    path: str
    source: str
    access: str


@dataclass(frozen=True)
class Interface:
    """A network interface; addresses without prefix lengths."""

    name: str
    mac: str
    addresses: frozenset[str]


@dataclass(frozen=True)
class Ipvs:
    """The IPVS table of a director: the newest one, and the counters of two readings around the requests."""

    loaded: bool
    services: Sequence[Dict]
    sync_daemons: Sequence[Dict]
    before: Sequence[Dict]
    after: Sequence[Dict]


@dataclass(frozen=True)
class Host:
    """One host that could be asked. A part is None where it was not looked at."""

    name: str
    tiers: tuple[str, ...]
    director_address: str | None
    nat_gateways: tuple[str, ...]
    """Of a director: the gateways of real servers, which move with the VIPs."""
    sync_daemon: Dict | None
    wanted_vips: tuple[str, ...]
    wanted_mounts: tuple[Mount, ...]
    interfaces: tuple[Interface, ...]
    ipvs: Ipvs | None
    vips: Dict | None
    ways: Mapping[str, Dict]
    """How a comparison of `tunnels` and of `gateways` ended, where it has any: with a `diff`, or with a `msg`."""
    mounts: Sequence[Dict] | None
    gates: Mapping[str, Dict]
    """What the data gate answers for each service: with a `status`, and with a `content` or a `msg`."""
    http: Sequence[Dict] | None
    arp: Sequence[Dict] | None
    data: HostData


@dataclass(frozen=True)
class Cluster:
    """A cluster: its hosts by tier, what is declared, and what was seen on those hosts that could be asked."""

    name: str
    members: Mapping[str, tuple[str, ...]]
    services: tuple[DeclaredService, ...]
    hosts: Mapping[str, Host] = field(default_factory=dict)

    def asked(self, tier: str) -> Iterator[Host]:
        """Return the hosts of a tier that could be asked, in the order of the inventory."""
        return (self.hosts[name] for name in self.members[tier] if name in self.hosts)

    @property
    def vips(self) -> tuple[str, ...]:
        """The declared VIPs, each once."""
        return tuple(dict.fromkeys(vip for service in self.services for vip in service.vips))


TIERS = ("directors", "real_servers", "storage", "clients")


def read_clusters(results: Mapping[str, Any]) -> tuple[Cluster, ...]:
    """Sort what was collected, by host, into clusters. Hosts of no cluster are left out. Raises InputError."""
    slices: dict[str, dict[str, Dict]] = {}
    for name, result in results.items():
        if not isinstance(result, Mapping) or not isinstance(result.get("plan"), Mapping):
            raise InputError(f"{name}: there is no 'plan' in what was collected; it must be the result of host_plan")
        if result["plan"].get("cluster"):
            slices.setdefault(result["plan"]["cluster"]["name"], {})[name] = result
    try:
        return tuple(_read_cluster(hosts) for hosts in slices.values())
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"what was collected has not the documented form: {error!r}") from error


def _read_cluster(results: Mapping[str, Dict]) -> Cluster:
    plans = [result["plan"] for result in results.values()]
    # Only directors and clients are told the services of their cluster.
    services: Sequence[Dict] = next((plan["verify"]["services"] for plan in plans if plan["verify"]["services"]), ())
    shared = plans[0]["cluster"]
    return Cluster(
        name=shared["name"],
        members={tier: tuple(shared.get(tier, ())) for tier in TIERS},
        services=tuple(_read_service(service) for service in services),
        hosts={name: _read_host(name, result) for name, result in results.items()},
    )


def _read_service(service: Dict) -> DeclaredService:
    vips = tuple(service.get("vips") or [service["vip"]])
    return DeclaredService(
        **{name: service[name] for name in ("name", "protocol", "forwarding", "scheduler", "persistence")},
        vip=vips[0],
        vips=vips,
        port=service.get("port") or int(service["ports"][0].split("-")[0]),
        fwmark=service.get("fwmark"),
        health_check=service.get("health_check"),
        scheduler_flags=tuple(service.get("scheduler_flags", ())),
        one_packet=service.get("one_packet", False),
        sorry_server=service.get("sorry_server"),
        servers=tuple(
            DeclaredServer(
                **{name: server[name] for name in ("host", "address", "port", "weight")},
                upper_threshold=server.get("upper_threshold", 0),
                lower_threshold=server.get("lower_threshold", 0),
                forwarding=server.get("forwarding"),
                tunnel=server.get("tunnel"),
            )
            for server in service["real_servers"]
        ),
    )


def _read_host(name: str, result: Dict) -> Host:
    plan = result["plan"]
    vips = result.get("vips") or {}
    director, real_server = (plan.get(part) or {} for part in ("director", "real_server"))
    return Host(
        name=name,
        tiers=tuple(plan["tiers"]),
        director_address=director.get("address"),
        nat_gateways=tuple(director.get("nat_gateways", ())),
        sync_daemon=director.get("sync_daemon"),
        wanted_vips=tuple(real_server.get("vips", ())),
        wanted_mounts=tuple(_wanted_mounts(plan)),
        interfaces=tuple(_read_interface(each) for each in result.get("addresses") or ()),
        ipvs=_read_ipvs(result.get("ipvs") or {}),
        vips=vips if "vips" in vips else None,
        ways={what: each for what, each in (result.get("ways") or {}).items() if "diff" in each or "msg" in each},
        mounts=result.get("mounts"),
        gates={each["item"]["name"]: each for each in result.get("gates") or ()},
        http=result.get("http"),
        arp=result.get("arp"),
        data=read_data(plan, result.get("data") or {}),
    )


def _wanted_mounts(plan: Dict) -> Iterator[Mount]:
    for mount in (plan.get("nfs_client") or {}).get("mounts", ()):
        yield Mount(mount["path"], mount["source"], mount["access"])
    for filesystem in (plan.get("cluster_fs") or {}).get("filesystems", ()):
        yield Mount(filesystem["path"], filesystem["device"], "ro" if "ro" in filesystem["options"] else "rw")


def _read_interface(interface: Dict) -> Interface:
    addresses = frozenset(address.split("/")[0] for address in interface["addresses"])
    return Interface(interface["interface"], (interface.get("mac") or "").lower(), addresses)


def _read_ipvs(readings: Dict) -> Ipvs | None:
    before, after = readings.get("before") or {}, readings.get("after") or {}
    newest = after if "loaded" in after else before
    if "loaded" not in newest:
        return None
    return Ipvs(
        loaded=newest["loaded"],
        services=newest["services"],
        sync_daemons=newest["sync_daemons"],
        before=before.get("statistics") or (),
        after=after.get("statistics") or (),
    )
