# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory API: every `lvs_*` variable, with its type, limits, default and description.

This is the one place where they stand, with schema_service.py for services and schema_data.py for shared data.
Validation reads values by it, and docs/variables.md is generated from it. Names are IPVS's and keepalived's own.

A class is a mapping in YAML and a frozen value object in Python. `HostVariables`
are read on every host; what stands in `ClusterVariables` all hosts of a cluster
share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ids import CHECKS
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import (
    Address,
    Choice,
    Flag,
    Integer,
    Lines,
    Network,
    Parameters,
    Seconds,
    Text,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_data import ClusterFS, SharedData, StorageHA
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Service
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import ListOf, OneOrMany, Option, Record, options
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.sysctls import DEFAULTS, VsSysctls
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.vocabulary import (
    GROUP,
    INTERFACE,
    NAME,
    PORT,
    VARIABLE,
)

PREFIX = "lvs_"

OWN_SYSCTLS = ", ".join(f"`{name}: {value}`" for name, value in DEFAULTS.items())


@dataclass(frozen=True, kw_only=True)
class VRRP:
    """How directors agree on the one that is active."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {
        "vrid": "virtual_router_id",
        "router_id": "virtual_router_id",
        "syncid": "sync_id",
    }

    advert_int: Annotated[
        float,
        Seconds(0.01, 40),
        "Time between two adverts; after three of it and a bit a backup takes over. 0.2 makes clients miss an active "
        "director for less than a second; a busy backup may then take over from one that is well.",
    ] = 1
    nopreempt: Annotated[
        bool,
        Flag(),
        "Whether a returning director leaves the VIPs where they are, whatever its priority, until the other fails.",
    ] = False
    preempt_delay: Annotated[
        int,
        Integer(0, 1000, "seconds"),
        "How long a returning director of higher priority waits before it takes over again. It needs the time to "
        "learn the connections from the active one: idle ones only come after `sync_refresh_period`, if that is set.",
    ] = 60
    startup_delay: Annotated[
        float,
        Seconds(0, 300),
        "How long a director that starts keeps out of VRRP, for a network that is not ready when its link is.",
    ] = 0
    garp_master_delay: Annotated[
        int,
        Integer(0, 3600, "seconds"),
        "How long after it has become active a director announces its VIPs a second time (gratuitous ARP, unsolicited "
        "neighbour advertisement). 0: only once.",
    ] = 5
    garp_master_refresh: Annotated[
        int,
        Integer(0, 86400, "seconds"),
        "How often an active director announces its VIPs again, for switches and routers that forget. 0: never.",
    ] = 0
    virtual_router_id: Annotated[
        int | None,
        Integer(1, 255),
        "The VRID. Default: derived from the cluster's name, so it stays when services come and go.",
    ] = None
    sync_id: Annotated[int | None, Integer(1, 255), "The id of the connection synchronisation. Default: the VRID."] = (
        None
    )


@dataclass(frozen=True, kw_only=True)
class KeepalivedLines:
    """Lines of your own in the directors' keepalived.conf, for what has no variable, by the block that they go into.

    They are held against keepalived's grammar. No line may set what the collection sets itself. Programs that they name
    need `enable_script_security` and `script_user` in `global_defs`.
    """

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {
        "global": "global_defs",
        "vrrp": "vrrp_instance",
        "instance": "vrrp_instance",
    }

    top: Annotated[
        tuple[str, ...], Lines(), "What stands outside of all blocks, such as `vrrp_script` with its block."
    ] = ()
    global_defs: Annotated[tuple[str, ...], Lines(), "Into `global_defs`."] = ()
    vrrp_instance: Annotated[
        tuple[str, ...], Lines(), "Into the `vrrp_instance`, such as `notify` with a script, or `track_script`."
    ] = ()
    virtual_server: Annotated[tuple[str, ...], Lines(), "Into each `virtual_server`, such as `quorum_up`."] = ()
    real_server: Annotated[tuple[str, ...], Lines(), "Into each `real_server`, such as `notify_down`."] = ()


@dataclass(frozen=True, kw_only=True)
class ClusterVariables:
    """What holds for a whole cluster. Hosts on which it is set have to agree on it: set it in `group_vars/all.yml`."""

    services: Annotated[
        tuple[Service, ...] | None,
        ListOf(Record(Service), keep_valid=True),
        "The virtual services; `[]` for none. Required.",
    ] = None
    director_engine: Annotated[
        str,
        Choice("a director engine", ("keepalived", "ldirectord", "static")),
        "Who keeps the directors' IPVS tables and checks the real servers. `static`: nobody checks them, and the table "
        "is as declared, also after a boot, for those who have their own health checking. VIPs are moved by "
        "keepalived's VRRP in any case.",
    ] = "keepalived"
    keep_weights: Annotated[
        bool,
        Flag(),
        "With `static`: whether the weights of real servers that are in the table stay as they are, for a health "
        "checker of your own that sets them. New ones get what is declared.",
    ] = False
    shared_data: Annotated[
        tuple[SharedData, ...], ListOf(Record(SharedData), keep_valid=True), "The folders that real servers share."
    ] = ()
    nfs_versions: Annotated[
        tuple[int, ...],
        OneOrMany(Integer(3, 4)),
        "The versions of NFS that storage hosts serve. 3 needs more services and ports; it is for clients of yours "
        "that know nothing else.",
    ] = (4,)
    storage_ha: Annotated[
        StorageHA | None,
        Record(StorageHA),
        "Makes the two storage hosts a pair for what is shared by `nfs`. Default: each storage host is by itself.",
    ] = None
    cluster_fs: Annotated[
        ClusterFS | None, Record(ClusterFS), "With `gfs2` and `ocfs2`: the cluster of nodes below the file systems."
    ] = None
    data_gate_port: Annotated[
        int, PORT, "The TCP port on which real servers say whether they have the data that a service names."
    ] = 8889
    vrrp: Annotated[VRRP, Record(VRRP), "How directors agree on the one that is active."] = VRRP()
    keepalived_lines: Annotated[
        KeepalivedLines, Record(KeepalivedLines), "Lines of your own in the directors' keepalived.conf."
    ] = KeepalivedLines()
    ldirectord_lines: Annotated[
        tuple[str, ...],
        Lines(),
        "With `ldirectord`: global lines of your own in ldirectord.cf, such as `emailalert` or `maintenancedir`.",
    ] = ()
    network: Annotated[
        tuple[str, ...],
        OneOrMany(Network()),
        "The network in which the hosts of the cluster reach each other, one for each family. Without `lvs_address` a "
        "host's addresses are looked for in it.",
    ] = ()
    nat_gateway: Annotated[
        tuple[str, ...],
        OneOrMany(Address("198.51.100.1")),
        "With `nat`: an address in the real servers' network, one for each family, that moves with the VIPs. Real "
        "servers send the answers of their services there; their other traffic keeps its route.",
    ] = ()
    nat_clients: Annotated[
        tuple[str, ...],
        OneOrMany(Network()),
        "With `nat`: networks of clients that real servers would answer past the director, such as their own network. "
        "Requests from there get the director's address as their source.",
    ] = ()
    conntrack_max: Annotated[
        int | None,
        Integer(1024, 2**31 - 1),
        "With `fullnat` or `lvs_nat_clients`: how many connections the directors' conntrack holds, at some 400 bytes "
        "each. When it is full new ones are dropped. Default: the kernel's own, by its memory.",
    ] = None
    sysctl: Annotated[
        tuple[tuple[str, int | str], ...],
        VsSysctls(),
        f"IPVS sysctls of the directors, by their full names. They go before what directors get anyway: {OWN_SYSCTLS}.",
    ] = ()
    drain_timeout: Annotated[
        int,
        Integer(0, 86400, "seconds"),
        "How long connections of a real server that leaves a service may go on at most before it is removed; 0 removes "
        "it at once. It gets no new ones meanwhile. Nobody waits for UDP.",
    ] = 30
    firewall: Annotated[
        tuple[str, ...],
        ListOf(Choice("a tier", ("directors", "real_servers", "storage"))),
        "Tiers whose hosts let in only what is declared here and what an operator needs, by an nftables table of our "
        "own. It restricts and cannot open what another table drops.",
    ] = ()
    preflight_ignore: Annotated[
        tuple[str, ...],
        ListOf(Choice("a preflight check", tuple(CHECKS))),
        "Preflight checks that are silenced, by their ids, which stand in brackets in their messages.",
    ] = ()
    reserved_vrids: Annotated[
        tuple[int, ...], ListOf(Integer(1, 255)), "VRIDs that others use on the same network and that are never chosen."
    ] = ()


@dataclass(frozen=True, kw_only=True)
class HostVariables:
    """What may differ from host to host."""

    cluster_name: Annotated[
        str, NAME, "The cluster that the host belongs to. Set it when one inventory has several."
    ] = "lvs"
    directors_group: Annotated[str, GROUP, "The inventory group of the directors."] = "lvs_directors"
    real_servers_group: Annotated[str, GROUP, "The inventory group of the real servers."] = "lvs_real_servers"
    storage_group: Annotated[str, GROUP, "The inventory group of the storage hosts."] = "lvs_storage"
    clients_group: Annotated[str, GROUP, "The inventory group of the hosts from which `verify` sends its requests."] = (
        "lvs_clients"
    )
    address: Annotated[
        tuple[str, ...],
        OneOrMany(Address("192.0.2.21")),
        "The host's own address in the cluster, one for each family that it needs: IPv6 VIPs are served from IPv6 "
        "addresses. Default: `ansible_host` (or the host's name) if it is a literal address and in `lvs_network`, if "
        "that is declared; for a family that this leaves open the only gathered address in `lvs_network`.",
    ] = ()
    interface: Annotated[str | None, INTERFACE, "The interface of that address. Default: the one that has it."] = None
    priority: Annotated[
        int | None,
        Integer(1, 254),
        "A director's VRRP priority; the highest one is active. Default: 150 for the first of the group, then less.",
    ] = None
    virtual_router_id: Annotated[
        int | None,
        Integer(1, 255),
        "Of a director that services name as theirs: the VRID of their VIPs. Default: derived from the names of the "
        "cluster and the director. That of the director with the highest priority is `lvs_vrrp.virtual_router_id`.",
    ] = None
    node_id: Annotated[
        int | None,
        Integer(1, 255),
        "With `gfs2` and `ocfs2`: the host's number among the nodes. Default: derived from its name.",
    ] = None
    fencing: Annotated[
        tuple[tuple[str, str], ...],
        Parameters(),
        "With `gfs2` and `ocfs2`: what the fence agent needs to switch this host off, such as `{port: 3}`.",
    ] = ()
    firewall_accept: Annotated[
        tuple[str, ...],
        OneOrMany(
            Text("a port and its protocol", r"[0-9]{1,5}(-[0-9]{1,5})?/(tcp|udp|sctp)", "write one such as 9100/tcp")
        ),
        "With `lvs_firewall`: what else the host lets in from everybody. The port by which Ansible comes, established "
        "connections, ICMP and DHCP always are.",
    ] = ()
    take_over: Annotated[
        bool,
        Flag(),
        "Whether a configuration that the collection did not write is replaced, after a backup. By default such a "
        "host stops the run.",
    ] = False
    ignore_variables: Annotated[
        tuple[str, ...],
        ListOf(VARIABLE),
        "`lvs_*` variables of your own that are no mistake.",
    ] = ()


def variable_names(cls: type) -> Mapping[str, Option]:
    """The inventory variables of `ClusterVariables` or `HostVariables`: full name -> option."""
    return {f"{PREFIX}{name}": option for name, option in options(cls).items()}


CLUSTER_VARIABLES = variable_names(ClusterVariables)
HOST_VARIABLES = variable_names(HostVariables)

OWN_VARIABLES = frozenset({"lvs_host", "lvs_plan"})
"""What our own playbooks register; they look like inventory variables and are none."""
