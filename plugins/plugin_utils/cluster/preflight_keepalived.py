# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that users put into keepalived.conf, held against its grammar and against what the collection writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.check import check
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import Block, Keyword, Node
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems

AROUND: Mapping[str, Sequence[str]] = {
    "top": (),
    "global_defs": ("global_defs {",),
    "vrrp_instance": ("vrrp_instance lvs {",),
    "virtual_server": ("virtual_server 192.0.2.100 80 {",),
    "real_server": ("virtual_server 192.0.2.100 80 {", "real_server 192.0.2.21 80 {"),
}
"""What stands around the lines of a block, so that they are a whole file."""

OWN: Mapping[str, frozenset[str]] = {
    "top": frozenset(),
    "global_defs": frozenset(
        {"router_id", "vrrp_version", "vrrp_startup_delay", "reload_check_config", "lvs_sync_daemon"}
    ),
    "vrrp_instance": frozenset(
        {
            *("state", "interface", "virtual_router_id", "priority", "advert_int", "nopreempt", "preempt_delay"),
            *("garp_master_delay", "garp_master_refresh", "higher_prio_send_advert", "unicast_src_ip", "unicast_peer"),
            *("virtual_ipaddress", "virtual_ipaddress_excluded"),
        }
    ),
    "virtual_server": frozenset(
        {
            *("protocol", "ip_family", "lvs_sched", "lb_algo", "ops", "lvs_method", "lb_kind", "persistence_timeout"),
            *("persistence_granularity", "persistence_engine", "quorum", "hysteresis", "sorry_server", "alpha"),
            *("sorry_server_inhibit", "sorry_server_lvs_method", "inhibit_on_failure"),
            *("delay_loop", "retry", "delay_before_retry", "real_server"),
        }
    ),
    "real_server": frozenset(
        {
            *(
                "weight",
                "inhibit_on_failure",
                "lvs_method",
                "uthreshold",
                "lthreshold",
                "HTTP_GET",
                "SSL_GET",
                "TCP_CHECK",
                "UDP_CHECK",
            ),
            *("DNS_CHECK", "PING_CHECK", "SMTP_CHECK", "MISC_CHECK", "FILE_CHECK", "BFD_CHECK"),
        }
    ),
}
"""What the template of keepalived.conf writes into a block."""


RUNS_SCRIPT = re.compile(
    r"script|misc_path|quorum_(up|down)|(startup|shutdown|(vrrp_|lvs_)?notify_fifo)_script"
    r"|notify(_(backup|master|fault|stop|deleted|master_rx_lower_pri|up|down))?"
)
"""Keywords that name a program."""

SECURITY = frozenset({"enable_script_security", "script_user"})


@dataclass(frozen=True)
class OwnLines:
    """Lines of the user's, where they are declared, and the block that they go into."""

    where: str
    block: str
    lines: tuple[str, ...]
    for_all: tuple[str, ...] = ()
    """What stands in the blocks of this service as in those of all."""


def lines_of(declaration: Declaration) -> Iterator[OwnLines]:
    """Yield all that there are: those for all services, and those for one."""
    for_all = declaration.variables.keepalived_lines
    found = [
        OwnLines(f"lvs_keepalived_lines.{each.name}", each.name, getattr(for_all, each.name))
        for each in fields(for_all)
    ]
    for service in declaration.services:
        for each in fields(service.keepalived_lines):
            where, lines = f"{service.where}.keepalived_lines.{each.name}", getattr(service.keepalived_lines, each.name)
            found.append(OwnLines(where, each.name, lines, getattr(for_all, each.name)))
    return (own for own in found if own.lines)


def check_lines(declaration: Declaration, problems: Problems) -> None:
    """Check them all."""
    words = []
    for own in lines_of(declaration):
        for what, fix in _faults(own):
            problems.add(own.where, what, fix)
        words += [line.split()[0] for line in own.lines]
    program = next((word for word in words if RUNS_SCRIPT.fullmatch(word)), None)
    missing = sorted(SECURITY.difference(words))
    if program and missing:
        # keepalived refuses scripts without the one, and without the other wants a user that no package makes.
        what = f"{program} runs a program, for which there is no {' and no '.join(missing)}"
        fix = "write enable_script_security, and script_user with the user who runs it"
        problems.add("lvs_keepalived_lines.global_defs", what, fix)


def _faults(own: OwnLines) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, and what to write instead."""
    block, lines, around = own.block, own.lines, AROUND[own.block]
    taken = {line.split()[0] for line in own.for_all if line[0] not in " }"}
    tree = parse("\n".join([*around, *lines, *("}" for _opened in around), ""]))
    for problem in check(tree):
        if not problem.path or not len(around) < problem.line <= len(around) + len(lines):
            # Problems without a path are about braces, and those around the lines match unless theirs do not.
            yield "the braces of these lines do not match", "close each that you open"
            return
        what, _semicolon, fix = problem.text.partition("; ")
        yield f"{' / '.join(problem.path.split(' / ')[len(around) :])}: {what}", fix or "correct it"
    for node in _inside(tree.children, len(around)):
        if not isinstance(node, Keyword):
            continue
        if node.name in OWN[block]:
            yield f"{node.name}: the collection sets it itself", "leave it out"
        elif node.name in taken:
            yield (
                f"{node.name}: lvs_keepalived_lines.{block} sets it for all services",
                "write it in one place",
            )


def _inside(nodes: Sequence[Node], depth: int) -> Sequence[Node]:
    for _level in range(depth):
        (block,) = (node for node in nodes if isinstance(node, Block))
        nodes = block.children
    return nodes
