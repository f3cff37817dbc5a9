# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived.conf -> services as they were found, and what it says of the directors."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.uapi import SCHEDULER_FLAGS, SCHEDULER_FLAGS_OF
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import Block, Keyword
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import HealthCheck
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import ConfigurationError

from .assemble import assemble
from .keepalived_checks import KINDS, PACE, CheckReader
from .keepalived_cluster import MAILS, read_cluster
from .keepalived_cluster import REASONS as CLUSTER_REASONS
from .keepalived_section import OFF, Section
from .model import FoundPersistence, FoundServer, FoundService, FoundTunnel, Imported, Known, Loss, Source

METHODS = {"NAT": "nat", "DR": "dr", "TUN": "tun"}
PERSISTENCE_TIMEOUT = 360
LARGEST_RANGE = 256
FLAGS = tuple(name for names in (SCHEDULER_FLAGS, *SCHEDULER_FLAGS_OF.values()) for name in names.values())
WORDS = {
    "scheduler": "lvs_sched",
    "persistence": "persistence_timeout",
    "netmask": "persistence_granularity",
    "prefix": "persistence_granularity",
    "engine": "persistence_engine",
    "one_packet": "ops",
}
SERVER_WORDS = {"upper_threshold": "uthreshold", "lower_threshold": "lthreshold", "forwarding": "lvs_method"}

PROGRAM = "programs have no variable of their own: write it into the keepalived_lines of the service"
REASONS: Mapping[str, str] = {
    "quorum_up": PROGRAM,
    "quorum_down": PROGRAM,
    "notify_up": PROGRAM,
    "notify_down": PROGRAM,
    "smtp_alert": MAILS,
    "snmp_name": "services have the names that are declared",
    "omega": "what is left in the table at a stop is the director engine's matter",
    "hashed": "keepalived no longer knows it",
    "ha_suspend": "checks go on where the VIP is not, so that a director is ready when it takes over",
}


def read(text: str, known: Known) -> Imported:
    """Import keepalived.conf. Raises ConfigurationError where braces do not match."""
    tree = parse(text)
    if tree.unclosed:
        raise ConfigurationError(_unclosed(tree.unclosed))
    losses: list[Loss] = []
    top = Section(tree.children, losses, CLUSTER_REASONS)
    groups = {block.arguments[0]: block for block in top.blocks("virtual_server_group") if block.arguments}
    named = {
        **{
            name: {"file": section.word("file")}
            for name, section in _named(top, losses, "track_file", "vrrp_track_file")
        },
        **{name: _session(section) for name, section in _named(top, losses, "bfd_instance")},
    }
    found = [
        service
        for block in top.blocks("virtual_server")
        for service in _VirtualReader(block, groups, named, losses).read()
    ]
    used = {each.fwmark for each in found}
    joined = {vip for number, mark in known.marks.items() if number in used for vip in mark.vips}
    cluster = read_cluster(top, {each.vip for each in found if each.vip} | joined, losses)
    top.finish()
    if cluster.nat_gateway and not known.nat_gateway:
        known = dataclasses.replace(known, nat_gateway=cluster.nat_gateway)
    return assemble("keepalived", found, known, losses, directors=cluster.directors, variables=cluster.variables)


def _named(top: Section, losses: list[Loss], *kinds: str) -> Iterator[tuple[str, Section]]:
    """The blocks of these kinds, by the names by which checks refer to them."""
    for block in top.blocks(*kinds):
        if block.arguments:
            section = Section(block.children, losses, {})
            yield block.arguments[0], section
            section.finish()


def _session(section: Section) -> dict[str, Any]:
    """What a check keeps of a BFD session. Whose neighbor the director is follows from the check's real server."""
    section.take("neighbor_ip", "neighbour_ip", "source_ip")
    return {key: section.number(key, 0) or None for key in ("min_rx", "min_tx", "multiplier")}


class _VirtualReader:
    """Reads one virtual server: one service, or with a group one for each entry of that."""

    def __init__(
        self, block: Block, groups: Mapping[str, Block], named: Mapping[str, Mapping[str, Any]], losses: list[Loss]
    ) -> None:
        self._block = block
        self._groups = groups
        self._named = named
        self._losses = losses
        self._section = Section(block.children, losses, REASONS)

    def read(self) -> Iterator[FoundService]:
        section = self._section
        protocol = (section.word("protocol") or "TCP").lower()
        above = {keyword: value for keyword in (*PACE, "virtualhost") if (value := section.word(keyword))}
        section.flag("alpha")
        method = section.take("lvs_method", "lb_kind") or ("NAT",)
        weight = section.number("weight", 1)
        real_servers = list(section.blocks("real_server"))
        service = FoundService(
            source=Source(self._block.line, "virtual_server", WORDS, section.lines),
            title="",
            name=self._name(),
            protocol=protocol,
            family=4,
            vip=None,
            ports=(),
            scheduler=section.word("lvs_sched", "lb_algo") or "wlc",
            flags=tuple(flag for flag in FLAGS if section.take(flag) is not None),
            persistence=self._persistence(),
            one_packet=section.flag("ops"),
            servers=tuple(self._server(each, method, weight) for each in real_servers),
            sorry=self._sorry(method),
            quorum=section.number("quorum", 1),
            hysteresis=section.number("hysteresis", 0),
            inhibit_on_failure=self._inhibits(real_servers),
            check=self._check(real_servers, above),
        )
        family = section.word("ip_family")
        section.finish()
        for words in self._endpoints():
            yield _at(service, words, family)

    def _inhibits(self, real_servers: Sequence[Block]) -> bool:
        """Whether failed servers stay with weight 0: of the service, or of all of its servers."""
        own = self._section.flag("inhibit_on_failure")
        inhibiting = [server for server in real_servers if _has(server, "inhibit_on_failure")]
        if own or (inhibiting and len(inhibiting) == len(real_servers)):
            return True
        for server in inhibiting:
            reason = "it is declared for all servers of a service"
            self._losses.append(Loss(server.line, "inhibit_on_failure", server.arguments[0], reason))
        return False

    def _endpoints(self) -> Iterator[tuple[str, ...]]:
        """What clients reach the service by: an address with a port, or `fwmark` with a mark."""
        words = self._block.arguments
        if words[:1] == ("fwmark",) and not (len(words) > 1 and words[1].isdecimal()):
            words = ()
        if not words:
            self._losses.append(Loss(self._block.line, "virtual_server", "", "it has no address and no mark"))
            return
        if words[0] != "group":
            yield words
            return
        group = self._groups.get(words[1]) if len(words) > 1 else None
        if group is None:
            self._losses.append(Loss(self._block.line, "virtual_server", " ".join(words), "there is no such group"))
            return
        for node in group.children:
            entry = (node.name, *node.arguments) if isinstance(node, Keyword) else ()
            if entry[:1] == ("fwmark",) and not (len(entry) > 1 and entry[1].isdecimal()):
                entry = ()
            if entry and entry[0]:
                yield from ((address, *entry[1:]) for address in _range(entry[0]))

    def _server(self, block: Block, method: tuple[str, ...], weight: int) -> FoundServer:
        section = Section([node for node in block.children if not _is_checker(node)], self._losses, REASONS)
        own = section.take("lvs_method", "lb_kind") or method
        section.flag("alpha")
        section.take("inhibit_on_failure")
        for keyword in PACE:
            if (value := section.word(keyword)) is not None:
                section.note(keyword, value, "a service has one check for all its servers")
        server = FoundServer(
            source=Source(block.line, "real_server", SERVER_WORDS, section.lines),
            host=next(iter(block.arguments), ""),
            port=_port(block.arguments),
            forwarding=METHODS.get(own[0].upper(), own[0]),
            weight=section.number("weight", weight),
            upper_threshold=section.number("uthreshold", 0),
            lower_threshold=section.number("lthreshold", 0),
            tunnel=_tunnel(own[1:]) if own[0].upper() == "TUN" else None,
        )
        section.finish()
        return server

    def _check(self, real_servers: Sequence[Block], above: Mapping[str, str]) -> HealthCheck:
        """The check that all servers have; whoever has another one loses it."""
        chosen: HealthCheck | None = None
        for server in real_servers:
            checkers = [node for node in server.children if isinstance(node, Block) and _is_checker(node)]
            for number, block in enumerate(checkers):
                losses = self._losses if chosen is None else []
                check = CheckReader(block, server.arguments, above, self._named, losses).read()
                if number:
                    self._losses.append(Loss(block.line, block.name, "", "a real server has one check"))
                elif chosen is None:
                    chosen = check
                elif check != chosen:
                    reason = "a service has one check for all its servers: that of the first one"
                    self._losses.append(Loss(block.line, block.name, "", reason))
        return chosen or HealthCheck(type="none")

    def _sorry(self, method: tuple[str, ...]) -> FoundServer | None:
        words, inhibit = self._section.take("sorry_server"), self._section.flag("sorry_server_inhibit")
        own = self._section.take("sorry_server_lvs_method") or method
        if not words:
            return None
        return FoundServer(
            source=Source(self._section.lines["sorry_server"], "sorry_server", {"port": "sorry_server"}),
            host=words[0],
            port=_port(words),
            forwarding=METHODS.get(own[0].upper(), own[0]),
            inhibit=inhibit,
            tunnel=_tunnel(own[1:]) if own[0].upper() == "TUN" else None,
        )

    def _persistence(self) -> FoundPersistence | None:
        section = self._section
        persistent = "persistence_timeout" in section.lines
        seconds = section.number("persistence_timeout", PERSISTENCE_TIMEOUT)
        mask, engine = section.word("persistence_granularity"), section.word("persistence_engine")
        if not persistent:
            return None
        if mask and mask.isdigit():
            return FoundPersistence(seconds, prefix=int(mask), engine=engine)
        return FoundPersistence(seconds, netmask=mask, engine=engine)

    def _name(self) -> str | None:
        """The comment above a service, where it is one word."""
        words = self._block.comment[-1].split() if self._block.comment else []
        return words[0] if len(words) == 1 else None


def _unclosed(lines: Iterable[int]) -> Problems:
    problems = Problems()
    for line in lines:
        problems.add(f"line {line}", "the block that begins here has no '}'", "close it")
    return problems


def _at(service: FoundService, words: tuple[str, ...], family: str | None) -> FoundService:
    """The service at one place."""
    title = " ".join(words)
    if words[0] == "fwmark":
        six = family == "inet6" or (family is None and any(":" in server.host for server in service.servers[:1]))
        return dataclasses.replace(service, title=title, family=6 if six else 4, fwmark=int(words[1]))
    family_of_vip = 6 if ":" in words[0] else 4
    return dataclasses.replace(service, title=title, family=family_of_vip, vip=words[0], ports=(_port(words),))


def _range(text: str) -> list[str]:
    """The addresses of a range such as 192.0.2.10-12, or 2001:db8::10-1f in hexadecimal."""
    base, dash, last = text.partition("-")
    separator, radix, digits = (":", 16, "x") if ":" in base else (".", 10, "d")
    before, _separator, start = base.rpartition(separator)
    try:
        numbers = range(int(start, radix), int(last, radix) + 1) if dash else ()
    except ValueError:
        return [text]
    return [f"{before}{separator}{number:{digits}}" for number in numbers[:LARGEST_RANGE]] or [text]


def _port(words: Sequence[str]) -> int:
    """The port after an address, 0 for none."""
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0


def _has(block: Block, name: str) -> bool:
    """Whether a block has a keyword, and not switched off."""
    found = [node for node in block.children if isinstance(node, Keyword) and node.name == name]
    return bool(found) and found[-1].arguments[:1] not in OFF


def _is_checker(node: object) -> bool:
    return isinstance(node, Block) and node.name in KINDS


def _tunnel(options: tuple[str, ...]) -> FoundTunnel:
    named = dict(zip(options, options[1:]))
    checksum = next((each for each in ("csum", "remcsum") if each in options), "nocsum")
    port = named.get("port", "0")
    return FoundTunnel(named.get("type", "ipip"), int(port) if port.isdecimal() else 0, checksum)
