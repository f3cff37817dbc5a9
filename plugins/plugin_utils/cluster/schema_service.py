# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory API, one service of `lvs_services`: what schema.py says of variables holds here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ports import MOST_PORTS, Ports
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import (
    Choice,
    Flag,
    Integer,
    Lines,
    Netmask,
    Statuses,
    Text,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import ListOf, OneOrMany, Record, TextOrList
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.vocabulary import (
    CONNECTIONS,
    DOMAIN,
    GROUP,
    HOST,
    INTERFACE,
    NAME,
    PORT,
    SECONDS,
    USER,
    VIP,
    WEIGHT,
)

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "twos")

SCHEDULER_FLAGS = ("sh-port", "sh-fallback", "mh-port", "mh-fallback", "flag-1", "flag-2", "flag-3")

FORWARDING = Choice("a forwarding method", ("dr", "nat", "fullnat", "tun"))


@dataclass(frozen=True, kw_only=True)
class RealServer:
    """One real server of a service. A plain string stands for `{host: that string}`."""

    SHORT: ClassVar[str] = "host"
    OTHER_NAMES: ClassVar[Mapping[str, str]] = {
        "name": "host",
        "address": "host",
        "uthreshold": "upper_threshold",
        "lthreshold": "lower_threshold",
    }

    host: Annotated[str, HOST, "A host of the inventory that is one of the cluster's real servers."]
    weight: Annotated[int, WEIGHT, "Its share of the connections, relative to the others; 0 gives it no new ones."] = 1
    port: Annotated[
        int | None,
        PORT,
        "The port it serves on. Default: the service's port, and by `dr` and `tun` it cannot be another.",
    ] = None
    upper_threshold: Annotated[int, CONNECTIONS, "With so many connections it gets no more; 0 is no limit."] = 0
    lower_threshold: Annotated[
        int,
        CONNECTIONS,
        "After the upper threshold it gets connections again below so many. 0: three quarters of the upper one.",
    ] = 0
    forwarding: Annotated[
        str | None, FORWARDING, "How packets reach this server. Default: the service's forwarding method."
    ] = None
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class SorryServer:
    """Who serves while too few real servers are well. A plain string stands for `{host: that string}`."""

    SHORT: ClassVar[str] = "host"
    OTHER_NAMES: ClassVar[Mapping[str, str]] = {"name": "host", "address": "host"}

    host: Annotated[str, HOST, "A host of the cluster's real servers that is none of the service's own."]
    port: Annotated[
        int | None,
        PORT,
        "The port it serves on. Default: the service's port, and by `dr` and `tun` it cannot be another.",
    ] = None
    inhibit: Annotated[
        bool, Flag(), "Whether it keeps its connections when real servers are well again, with weight 0 meanwhile."
    ] = False
    forwarding: Annotated[str | None, FORWARDING, "How packets reach it. Default: the service's forwarding method."] = (
        None
    )


MILLISECONDS = Integer(1, 1000, "milliseconds")
PATH = Text("the path of a URL", r"/[A-Za-z0-9._~/?&=%+:,;@*-]*", "write a path such as /healthz")
STATUS = OneOrMany(Statuses())
DIGEST = Text("an MD5 digest", r"[0-9A-Fa-f]{32}", "write 32 hexadecimal digits, as keepalived's genhash prints them")
REGEX = Text("a regular expression", r"[^\n\r]+", "write it in one line, such as 'status: (ok|degraded)'")


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of several that have to be right. A plain string stands for `{path: that string}`."""

    SHORT: ClassVar[str] = "path"
    OTHER_NAMES: ClassVar[Mapping[str, str]] = {"url": "path", "status_code": "status", "host_header": "virtualhost"}

    path: Annotated[str, PATH, "The page to ask for."]
    status: Annotated[tuple[int | str, ...], STATUS, "The statuses that are right, also a range such as 200-299."] = (
        200,
    )
    virtualhost: Annotated[str | None, DOMAIN, "The host to ask for. Default: that of the health check."] = None
    digest: Annotated[str | None, DIGEST, "The MD5 digest that the page has to have."] = None
    regex: Annotated[str | None, REGEX, "What the page has to match (PCRE)."] = None
    regex_no_match: Annotated[bool, Flag(), "Whether the page must not match `regex`, instead."] = False


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """How a director finds out whether a real server can serve. It gets no connection before its first good check."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {
        "bindto": "bind_if",
        "interval": "delay_loop",
        "timeout": "connect_timeout",
        "retries": "retry",
        "url": "path",
        "status_code": "status",
        "connect_port": "port",
        "host_header": "virtualhost",
        "request": "name",
        "urls": "pages",
        "misc_path": "script",
        "misc_timeout": "script_timeout",
        "misc_dynamic": "dynamic",
        "track_file": "file",
    }

    type: Annotated[
        str,
        Choice(
            "a kind of health check",
            ("http", "https", "tcp", "udp", "dns", "ping", "smtp", "misc", "file", "bfd", "none"),
        ),
        "`http` and `https` ask for a page, `tcp` opens a connection, `udp` sends a datagram that must not be refused, "
        "`dns` asks for a name, `ping` sends an ICMP echo, `smtp` greets a mail server, `misc` runs a program of yours "
        "on the director, `file` reads a number that you keep in a file on the director, `bfd` holds a session with a "
        "BFD daemon on the real server, `none` trusts that the server is always there.",
    ]
    path: Annotated[str | None, PATH, "`http`, `https`: the page to ask for. Default: `/`."] = None
    status: Annotated[
        tuple[int | str, ...] | None,
        STATUS,
        "`http`, `https`: the status that means the server is well, also a range such as 200-299. Default: 200.",
    ] = None
    digest: Annotated[str | None, DIGEST, "`http`, `https`: the MD5 digest that the page has to have."] = None
    regex: Annotated[str | None, REGEX, "`http`, `https`: what the page has to match (PCRE)."] = None
    regex_no_match: Annotated[
        bool | None, Flag(), "`http`, `https`: whether the page must not match `regex`, instead. Default: false."
    ] = None
    pages: Annotated[
        tuple[Page, ...] | None,
        ListOf(Record(Page), minimum=1),
        "`http`, `https`: several pages, all of which have to be right, instead of `path`.",
    ] = None
    virtualhost: Annotated[
        str | None,
        DOMAIN,
        "`http`, `https`: the host to ask for, also in the TLS handshake (SNI). Default: the server's address.",
    ] = None
    payload: Annotated[
        str | None,
        Text("a payload", r"([0-9a-fA-F]{2}){1,512}", "write its bytes in hexadecimal, in quotes, such as '0102'"),
        "`udp`: what to send. Default: zeros.",
    ] = None
    require_reply: Annotated[
        bool | None, Flag(), "`udp`: whether an answer has to come. Default: false, it is enough that no error comes."
    ] = None
    name: Annotated[str | None, DOMAIN, "`dns`: the name to ask for. Default: `.`."] = None
    record: Annotated[
        str | None,
        Choice("a type of DNS record", ("A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA")),
        "`dns`: the type of record to ask for. Default: `SOA`.",
    ] = None
    helo_name: Annotated[
        str | None, DOMAIN, "`smtp`: the name by which the director introduces itself. Default: its own."
    ] = None
    script: Annotated[
        str | None,
        Text(
            "a program with its arguments",
            r"/[A-Za-z0-9_./:@%+=,{} -]*",
            "write an absolute path and plain words, such as '/usr/local/bin/check {address} {port}'",
        ),
        "`misc`: the program, which ends with 0 if the server is well. `{host}`, `{address}` and `{port}` stand for "
        "those of the real server, `{vip}` and `{vport}` for those of the service (its mark and 0 if it has one). "
        "Required. You install it.",
    ] = None
    user: Annotated[str | None, USER, "`misc`: who runs it. Required, so that it need not be root."] = None
    dynamic: Annotated[
        bool | None,
        Flag(),
        "`misc`: whether an end with 2 to 255 means well, with that number less 2 as the weight. Default: false.",
    ] = None
    script_timeout: Annotated[int | None, SECONDS, "`misc`: time after which it is ended; default `delay_loop`."] = None
    file: Annotated[
        str | None,
        Text("the path of a file", r"/[A-Za-z0-9_./:@%+={}-]*", "write an absolute path, such as '/run/checks/{host}'"),
        "`file`: the file, with a number that is added to the weight; the server is out at -254 and below. `{host}` "
        "stands for the real server's name. Required. You keep it.",
    ] = None
    min_rx: Annotated[
        int | None,
        MILLISECONDS,
        "`bfd`: the director takes packets no more often than that. Default: 10, for hosts that are never busy.",
    ] = None
    min_tx: Annotated[
        int | None, MILLISECONDS, "`bfd`: the director sends packets no more often than that. Default: 10."
    ] = None
    multiplier: Annotated[
        int | None, Integer(1, 255), "`bfd`: after so many packets that did not come the server has failed. Default: 5."
    ] = None
    fwmark: Annotated[
        int | None, Integer(1, 2**32 - 1), "The mark of the checks' own packets, for rules or routes of yours."
    ] = None
    bind_if: Annotated[
        str | None,
        INTERFACE,
        "The directors' interface by which the checks go out, whatever the routes say. Default: that of the route.",
    ] = None
    warmup: Annotated[
        int | None,
        Integer(0, 3600, "seconds"),
        "The longest random delay before the first check, which spreads those of many servers. Default: `delay_loop`.",
    ] = None
    port: Annotated[int | None, PORT, "The port to check. Default: the port that the real server serves on."] = None
    delay_loop: Annotated[int, SECONDS, "Time from one check to the next."] = 2
    connect_timeout: Annotated[int, SECONDS, "Time after which a server that does not answer has failed."] = 2
    retry: Annotated[
        int, Integer(0, 100), "How many more times a failed check is tried before the server leaves the rotation."
    ] = 1
    delay_before_retry: Annotated[int, SECONDS, "Time before such a further try."] = 1


@dataclass(frozen=True, kw_only=True)
class ServiceLines:
    """Lines of your own for one service. What holds for `lvs_keepalived_lines` holds here; both cannot set the same."""

    virtual_server: Annotated[tuple[str, ...], Lines(), "Into its `virtual_server`, such as `quorum_up`."] = ()
    real_server: Annotated[tuple[str, ...], Lines(), "Into each `real_server` of it, such as `notify_down`."] = ()


@dataclass(frozen=True, kw_only=True)
class Persistence:
    """A client's connections stay on one real server."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {
        "granularity": "netmask",
        "persistence_granularity": "netmask",
        "persistence_engine": "engine",
    }

    timeout: Annotated[
        int, Integer(1, 31 * 86400, "seconds"), "How long after its last connection a client is remembered."
    ]
    netmask: Annotated[
        str | None, Netmask(), "On IPv4 VIPs, clients in one such network count as one. Default: each by itself."
    ] = None
    prefix: Annotated[
        int | None,
        Integer(1, 128),
        "On IPv6 VIPs, clients whose addresses begin with so many equal bits count as one. Default: each by itself.",
    ] = None
    engine: Annotated[
        str | None, Choice("a persistence engine", ("sip",)), "`sip` (udp only): keeps a SIP call on one real server."
    ] = None


@dataclass(frozen=True, kw_only=True)
class Tunnel:
    """How packets are wrapped on their way to a real server."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {"encapsulation": "type"}

    type: Annotated[
        str,
        Choice("a type of tunnel", ("ipip", "gue", "gre")),
        "`ipip`: IP in IP, the least overhead. `gue`: inside UDP, which network cards and routers spread by port. "
        "`gre`: for networks that let nothing else pass.",
    ] = "ipip"
    port: Annotated[int | None, PORT, "`gue`: the UDP port of the real servers. Default: 6080."] = None
    checksum: Annotated[
        str | None,
        Choice("a checksum of tunnels", ("nocsum", "csum", "remcsum")),
        "`gue`: `csum` adds a checksum of the outer packet; `remcsum` uses that of the inner one. Default: `nocsum`.",
    ] = None


@dataclass(frozen=True, kw_only=True)
class Service:
    """A virtual service.

    With several VIPs or ports it is one IPVS service for each VIP and port; with `fwmark` it is one for all of them
    (one for each family of addresses).
    """

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {
        "vips": "vip",
        "shared_data": "data",
        "address": "vip",
        "ports": "port",
        "lb_algo": "scheduler",
        "lvs_sched": "scheduler",
        "lb_kind": "forwarding",
        "lvs_method": "forwarding",
        "persistence_timeout": "persistence",
        "servers": "real_servers",
        "check": "health_check",
        "ops": "one_packet",
        "flags": "scheduler_flags",
        "quiescent": "inhibit_on_failure",
    }

    name: Annotated[
        str, NAME, "What the service is called in configuration and reports; no two services of a cluster share a name."
    ]
    vip: Annotated[
        tuple[str, ...], OneOrMany(VIP), "The virtual address that clients use. IPv4 and IPv6 may be mixed in a list."
    ]
    port: Annotated[
        tuple[int, ...],
        Ports(),
        f"The port that clients use; at most {MOST_PORTS} without `fwmark`: each port of a list or range becomes one "
        "plain IPVS service on each VIP, with persistence and health checks of its own.",
    ]
    fwmark: Annotated[
        int | None,
        Integer(1, 2**32 - 1),
        "Joins all VIPs and ports to one service, by this firewall mark: a persistent client stays on one real server "
        "for all of them, which are checked once. The directors mark the packets themselves. No port is rewritten.",
    ] = None
    protocol: Annotated[str, Choice("a protocol", ("tcp", "udp", "sctp")), "The transport protocol."] = "tcp"
    forwarding: Annotated[
        str,
        FORWARDING,
        "How packets reach the real servers. `dr`: by MAC address, in one network segment; answers go straight to the "
        "client. `tun`: in a tunnel, so also on other networks; answers go straight to the client. `nat`: the "
        "destination is rewritten, and answers come back by `lvs_nat_gateway`, which moves with the VIPs. `fullnat`: "
        "the source is rewritten too, so answers come back by any route, and real servers see the director's address.",
    ] = "dr"
    tunnel: Annotated[Tunnel | None, Record(Tunnel), "By `tun`: how packets are wrapped. Default: `{type: ipip}`."] = (
        None
    )
    scheduler: Annotated[
        str, Choice("a scheduler", SCHEDULERS), "How a real server is chosen for a new connection."
    ] = "wlc"
    scheduler_flags: Annotated[
        tuple[str, ...],
        OneOrMany(Choice("a scheduler flag", SCHEDULER_FLAGS)),
        "Flags of the scheduler. `sh-port` and `mh-port` hash the client's port, too; `sh-fallback` and `mh-fallback` "
        "take another server when the chosen one is out; `flag-1` to `flag-3` are the kernel's unnamed ones.",
    ] = ()
    persistence: Annotated[
        Persistence | None, Record(Persistence), "Keeps a client's connections on one real server. Default: off."
    ] = None
    real_servers: Annotated[
        str | tuple[RealServer, ...] | None,
        TextOrList(GROUP, ListOf(Record(RealServer), minimum=1)),
        "A group, or a list of hosts. Default: all real servers of the cluster.",
    ] = None
    health_check: Annotated[
        HealthCheck | None,
        Record(HealthCheck),
        "Default: `{type: tcp}` for tcp, and `{type: none}` for udp and sctp, which nobody can check without knowing "
        "the service.",
    ] = None
    one_packet: Annotated[
        bool, Flag(), "Each datagram is scheduled by itself, with no memory of its client (udp only)."
    ] = False
    sorry_server: Annotated[
        SorryServer | None, Record(SorryServer), "Who serves while the quorum is missed. Default: nobody."
    ] = None
    quorum: Annotated[
        int, Integer(1, 2**31 - 1), "The sum of weights that well real servers must have for the service to be up."
    ] = 1
    hysteresis: Annotated[
        int,
        Integer(0, 2**31 - 1),
        "How far beyond the quorum the sum must go for the service to change its state; less than the quorum.",
    ] = 0
    inhibit_on_failure: Annotated[
        bool,
        Flag(),
        "Whether a real server that fails its health check gets weight 0, so that connections which still work go on, "
        "instead of leaving the table, by which they are reset.",
    ] = False
    director: Annotated[
        str | None,
        HOST,
        "The director that is active for the service's VIPs while it is well; the others take over when it fails. With "
        "several such directors all of them work (active/active). Default: the one of the highest priority.",
    ] = None
    data: Annotated[
        tuple[str, ...],
        OneOrMany(NAME),
        "The names of the shared data without which a real server cannot serve. It gets no connection while one of "
        "them is not mounted, does not answer or is too old.",
    ] = ()
    when_data_is_gone: Annotated[
        str | None,
        Choice("a policy", ("serve", "stop")),
        "What happens while no real server has its `data`. `serve`: all go on as if they had. `stop`: none gets a "
        "connection, and the sorry server takes over, if there is one. Default: `serve`.",
    ] = None
    keepalived_lines: Annotated[
        ServiceLines, Record(ServiceLines), "Lines of your own for this service in the directors' keepalived.conf."
    ] = ServiceLines()
    where: str = ""
