# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of one nftables table, what has systemd load all such files, and what nft says: pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable

FAMILIES = ("inet", "ip", "ip6", "arp", "bridge", "netdev")

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
"""Names that nft takes without quotes and that are names of files, too."""

_CHAIN = re.compile(
    r"^(?P<head>[ \t]*chain (?P<name>\w+) \{\n)(?P<lines>.*?)(?P<end>^[ \t]*\})", re.MULTILINE | re.DOTALL
)
_TABLE = re.compile(r"^table ", re.MULTILINE)
_NO_KERNEL_SUPPORT = re.compile(
    r"Unable to initialize Netlink socket|cache initialization failed|Protocol not supported"
)


def render_file(family: str, name: str, body: str) -> str:
    """Return the input of nft that puts this table in the place of one of that name, in one transaction.

    Only an existing table can be deleted, so it is added before.
    """
    lines = "".join(f"    {line}".rstrip() + "\n" for line in body.strip("\n").splitlines())
    return (
        "# Managed by lvs.cluster.\n"
        f"add table {family} {name}\n"
        f"delete table {family} {name}\n"
        f"table {family} {name} {{\n{lines}}}\n"
    )


def with_old_rules(body: str, old: str) -> str:
    """Return the body and, as the last ones, the rules and chains that only `old` has, a text of `render_file`.

    Rules are told apart by their lines. What a chain hooks into is what the body says.
    """
    chains = {chain["name"]: _lines(chain) for chain in _CHAIN.finditer(old)}

    def widened(chain: re.Match[str]) -> str:
        known = {*_lines(chain)}
        lacks = [line for line in chains.pop(chain["name"], []) if line not in known and not line.startswith("type ")]
        return chain["head"] + chain["lines"] + _indented(lacks) + chain["end"]

    body = _CHAIN.sub(widened, body)
    return body + "".join(f"chain {name} {{\n{_indented(lines)}}}\n" for name, lines in chains.items())


def _lines(chain: re.Match[str]) -> list[str]:
    return [line.strip() for line in chain["lines"].splitlines()]


def _indented(lines: Iterable[str]) -> str:
    return "".join(f"    {line}\n" for line in lines)


def render_unit(program: str, folder: str) -> str:
    """Return the systemd unit that loads all files of `folder` at boot; `program` is the path of nft."""
    return f"""\
# Managed by lvs.cluster.
[Unit]
Description=nftables tables of lvs.cluster
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target
After=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={_load(program, folder)}

[Install]
WantedBy=sysinit.target
"""


def render_drop_in(program: str, folder: str) -> str:
    """Return what nftables.service does besides: load all files of `folder`.

    Its start and its reload flush the whole ruleset. A unit of ours cannot follow both: PartOf follows no start, and a
    reload reaches only a unit that is active, which another start leaves alone.
    """
    load = _load(program, folder)
    return f"# Managed by lvs.cluster.\n[Service]\nExecStartPost=-{load}\nExecReload=-{load}\n"


def _load(program: str, folder: str) -> str:
    return f"{program} 'include \"{folder}/*.nft\"'"


def is_one_table(listing: str) -> bool:
    """Tell whether a listed ruleset is one table, so that a body did not end its own table and begin another."""
    return len(_TABLE.findall(listing)) == 1


def is_missing(message: str) -> bool:
    """Tell whether nft could not list a table because there is none."""
    return "No such file or directory" in message


def explain(message: str) -> str:
    """Return nft's message, with what to do where it does not say so itself."""
    text = message.strip().replace("/dev/stdin:", "line ")
    if _NO_KERNEL_SUPPORT.search(text):
        return (
            f"the running kernel has no nftables ({text}). Use a kernel with CONFIG_NF_TABLES; if one has just been"
            " installed, reboot into it"
        )
    return text
