# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Piranha's lvs.cf consists of, and by that its grammar: each keyword with the kind of its value.

The keywords and defaults are those of lvsconfig.c; a keyword that is not set is None. Whoever wrote none of them
relied on the program: a virtual or a server that does not say `active = 1` is not active.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import Repeated

from .values import Address, Alias, AliasAddress, Choice, Flag, Host, List, Number, Port, Text

DEFAULT_PORT = 80
SCHEDULERS = ("lc", "rr", "wlc", "wrr", "lblc", "lblcr", "dh", "sh")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A real server."""

    name: str
    address: Annotated[str | None, Host()] = None
    active: Annotated[bool | None, Flag()] = None
    weight: Annotated[int | None, Number()] = None
    port: Annotated[int | None, Number()] = None
    inherited_port: int = DEFAULT_PORT
    """The port that holds without one: what the lines of the virtual above this server say."""
    line: int = field(default=0, compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Keyword -> the line in which it is."""


@dataclass(frozen=True, kw_only=True)
class Virtual:
    """A virtual service or, with `failover`, a service of the two directors themselves."""

    name: str
    failover: bool = False
    active: Annotated[bool | None, Flag()] = None
    address: Annotated[Alias | None, AliasAddress()] = None
    sorry_server: Annotated[str | None, Address()] = None
    vip_nmask: Annotated[str | None, Address()] = None
    fwmark: Annotated[int | None, Number()] = None
    protocol: Annotated[str | None, Choice(("tcp", "udp"))] = None
    port: Annotated[int | None, Port()] = None
    scheduler: Annotated[str | None, Choice(SCHEDULERS)] = None
    persistent: Annotated[int | None, Number()] = None
    pmask: Annotated[str | None, Address()] = None
    client_monitor: Annotated[str | None, Text()] = None
    send_program: Annotated[str | None, Text()] = None
    send: Annotated[str | None, Text()] = None
    expect: Annotated[str | None, Text()] = None
    use_regex: Annotated[bool | None, Flag()] = None
    timeout: Annotated[int | None, Number()] = None
    reentry: Annotated[int | None, Number()] = None
    load_monitor: Annotated[str | None, Text()] = None
    quiesce_server: Annotated[bool | None, Flag()] = None
    start_cmd: Annotated[str | None, Text()] = None
    stop_cmd: Annotated[str | None, Text()] = None
    master: Annotated[str | None, Host()] = None
    dirs: Annotated[tuple[str, ...] | None, List()] = None
    servers: tuple[Server, ...] = ()
    line: int = field(default=0, compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A whole file."""

    serial_no: Annotated[int | None, Number()] = None
    primary: Annotated[str | None, Host()] = None
    primary_private: Annotated[str | None, Host()] = None
    primary_shared: Annotated[str | None, Text()] = None
    backup: Annotated[str | None, Host()] = None
    backup_active: Annotated[bool | None, Flag()] = None
    backup_private: Annotated[str | None, Host()] = None
    backup_shared: Annotated[str | None, Text()] = None
    reservation_conflict_action: Annotated[str | None, Choice(("nothing", "preempt"))] = None
    nat_router: Annotated[Alias | None, AliasAddress()] = None
    nat_nmask: Annotated[str | None, Address()] = None
    active_cmd: Annotated[str | None, Text()] = None
    inactive_cmd: Annotated[str | None, Text()] = None
    monitor_links: Annotated[int | None, Number()] = None
    debug_level: Annotated[str | None, Text()] = None
    hard_shutdown: Annotated[bool | None, Flag()] = None
    ipvsadm: Annotated[str | None, Text()] = None
    keepalive: Annotated[int | None, Number()] = None
    deadtime: Annotated[int | None, Number()] = None
    rsh_command: Annotated[str | None, Text()] = None
    syncdaemon: Annotated[bool | None, Flag()] = None
    syncd_iface: Annotated[str | None, Text()] = None
    syncd_id: Annotated[int | None, Number()] = None
    tcp_timeout: Annotated[int | None, Number()] = None
    tcpfin_timeout: Annotated[int | None, Number()] = None
    udp_timeout: Annotated[int | None, Number()] = None
    heartbeat: Annotated[bool | None, Flag()] = None
    heartbeat_port: Annotated[int | None, Port()] = None
    sync: Annotated[bool | None, Flag()] = None
    network: Annotated[str | None, Choice(("direct", "nat", "tunnel"))] = None
    service: Annotated[str | None, Choice(("lvs", "fos"))] = None
    virtuals: tuple[Virtual, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    repeated: tuple[Repeated, ...] = field(default=(), compare=False)
    """Keywords that stand twice in a block: Piranha goes by the last one."""
