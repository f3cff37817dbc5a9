# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ldirectord.cf consists of, and by that its grammar: each keyword with the kind of its value.

The kinds and their limits are those of ldirectord 4 (function read_config); a keyword that is not set is None. What
holds then is in `effective`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import Repeated

from .values import (
    Bare,
    CheckType,
    Choice,
    Fallback,
    FallbackServer,
    Flag,
    Netmask,
    Number,
    Real,
    RealServer,
    Request,
    Statuses,
    Text,
    Word,
)

SERVICES = (
    *("dns", "ftp", "http", "https", "http_proxy", "imap", "imaps", "ldap", "ldaps", "mysql", "nntp", "none", "oracle"),
    *("pgsql", "pop", "pops", "radius", "simpletcp", "sip", "smtp", "submission"),
)

MAIL_SERVER = Word(r"^[0-9A-Za-z._+-]+", "write a host name or an address")


@dataclass(frozen=True, kw_only=True)
class Virtual:
    """A virtual service: `host` and `port`, or `fwmark`. `family` is 4 or, for virtual6, 6."""

    family: int = 4
    host: str | None = None
    port: int = 0
    fwmark: int | None = None

    protocol: Annotated[str | None, Choice(("tcp", "udp", "fwm"))] = None
    scheduler: Annotated[str | None, Word(r"[a-z]+", "write its name in lowercase letters")] = None
    schedflags: Annotated[str | None, Word(r"\S+", "write flags with commas, such as sh-port,sh-fallback")] = None
    persistent: Annotated[int | None, Number(0)] = None
    netmask: Annotated[str | None, Netmask()] = None
    ops: Annotated[bool | None, Flag()] = None
    real: Annotated[tuple[Real, ...], RealServer()] = ()
    fallback: Annotated[Fallback | None, FallbackServer()] = None
    fallbackcommand: Annotated[str | None, Text()] = None
    quiescent: Annotated[bool | None, Flag()] = None
    cleanstop: Annotated[bool | None, Flag()] = None

    checktype: Annotated[str | int | None, CheckType()] = None
    service: Annotated[str | None, Choice(SERVICES)] = None
    checkport: Annotated[int | None, Number(1, 65535)] = None
    checkinterval: Annotated[int | None, Number()] = None
    checktimeout: Annotated[int | None, Number()] = None
    negotiatetimeout: Annotated[int | None, Number()] = None
    checkcount: Annotated[int | None, Number()] = None
    failurecount: Annotated[int | None, Number()] = None
    checkcommand: Annotated[str | None, Text()] = None
    request: Annotated[str | None, Request(needs_quotes=True)] = None
    receive: Annotated[str | None, Text(needs_quotes=True)] = None
    httpmethod: Annotated[str | None, Choice(("GET", "HEAD"), upper=True)] = None
    virtualhost: Annotated[str | None, Text(pattern=r'[^"]+')] = None
    login: Annotated[str | None, Text(needs_quotes=True)] = None
    passwd: Annotated[str | None, Text(needs_quotes=True)] = None
    database: Annotated[str | None, Text(needs_quotes=True)] = None
    secret: Annotated[str | None, Text(needs_quotes=True)] = None
    load: Annotated[str | None, Text(needs_quotes=True, pattern=r"\w+")] = None

    emailalert: Annotated[str | None, Text()] = None
    emailalertfreq: Annotated[int | None, Number(0)] = None
    emailalertstatus: Annotated[tuple[str, ...] | None, Statuses()] = None
    smtp: Annotated[str | None, MAIL_SERVER] = None
    monitorfile: Annotated[str | None, Text()] = None
    servicename: Annotated[str | None, Bare()] = None
    comment: Annotated[str | None, Bare()] = None

    line: int = field(default=0, compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Keyword -> the line in which it is."""
    real_lines: tuple[int, ...] = field(default=(), compare=False)
    """The lines of the real servers."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A whole file."""

    checktimeout: Annotated[int | None, Number()] = None
    negotiatetimeout: Annotated[int | None, Number()] = None
    checkinterval: Annotated[int | None, Number()] = None
    checkcount: Annotated[int | None, Number()] = None
    failurecount: Annotated[int | None, Number()] = None
    autoreload: Annotated[bool | None, Flag()] = None
    callback: Annotated[str | None, Text(needs_quotes=True)] = None
    fallback: Annotated[Fallback | None, FallbackServer()] = None
    fallback6: Annotated[Fallback | None, FallbackServer()] = None
    fallbackcommand: Annotated[str | None, Text()] = None
    logfile: Annotated[str | None, Text(needs_quotes=True)] = None
    emailalert: Annotated[str | None, Text()] = None
    emailalertfrom: Annotated[str | None, Bare()] = None
    emailalertfreq: Annotated[int | None, Number(0)] = None
    emailalertstatus: Annotated[tuple[str, ...] | None, Statuses()] = None
    smtp: Annotated[str | None, MAIL_SERVER] = None
    execute: Annotated[tuple[str, ...], Bare()] = ()
    supervised: Annotated[bool | None, Flag()] = None
    fork: Annotated[bool | None, Flag()] = None
    quiescent: Annotated[bool | None, Flag()] = None
    readdquiescent: Annotated[bool | None, Flag()] = None
    cleanstop: Annotated[bool | None, Flag()] = None
    maintenancedir: Annotated[str | None, Bare()] = None

    virtuals: tuple[Virtual, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    repeated: tuple[Repeated, ...] = field(default=(), compare=False)
    """Options that stand twice in a section: ldirectord goes by the last one."""


LISTS = ("real", "execute")
"""Keywords that may stand several times."""

SECRETS = ("passwd", "secret")
"""Keywords whose values no message shows."""
