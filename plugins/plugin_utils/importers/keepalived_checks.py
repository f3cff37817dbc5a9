# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkers of keepalived -> health checks of the declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import Block
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import HealthCheck, Page
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, options

from .keepalived_section import Section
from .model import Loss

KINDS: Mapping[str, str] = {
    "HTTP_GET": "http",
    "SSL_GET": "https",
    "TCP_CHECK": "tcp",
    "UDP_CHECK": "udp",
    "DNS_CHECK": "dns",
    "PING_CHECK": "ping",
    "SMTP_CHECK": "smtp",
    "MISC_CHECK": "misc",
    "FILE_CHECK": "file",
    "BFD_CHECK": "bfd",
}
"""Checkers -> kinds of health checks."""

DELAY_LOOP, CONNECT_TIMEOUT = "60", "5"
RETRY = {"dns": "3", "misc": "0"}
DELAY_BEFORE_RETRY = {"http": "3", "https": "3"}
"""What keepalived takes where nothing is said: 1 for the other kinds, and for dns its delay_loop."""

REASONS: Mapping[str, str] = {
    "bindto": "an address differs from director to director, and the declaration is that of all: see bind_if",
    "bind_port": "checks take any port",
    "connect_ip": "a check asks the real server that it is of",
    "alpha": "a real server never gets connections before its first good check",
    "enable_sni": "a check by https with a virtualhost always says it in the TLS handshake",
    "log_all_failures": "keepalived logs the first failure of a row",
}
OTHER = {"retry": ("nb_get_retry",)}
"""Keywords -> older names of theirs."""

GOOD = "200-299"
"""The statuses that are good where none is said."""

CONNECTS = ("http", "https", "tcp", "udp", "dns", "ping", "smtp")
"""Kinds of checks that ask the real server themselves."""

PACE = ("delay_loop", "retry", "delay_before_retry", "warmup", "connect_timeout")


class CheckReader:
    """Reads the check of the real server `server` (address and port).

    What it does not say stands in the service (`above`, by keyword), or in the tracked file or BFD session that it
    names (`named`: keys of checks).
    """

    def __init__(
        self,
        block: Block,
        server: Sequence[str],
        above: Mapping[str, str],
        named: Mapping[str, Mapping[str, Any]],
        losses: list[Loss],
    ) -> None:
        self.kind = KINDS[block.name]
        self._section = Section(block.children, losses, REASONS)
        self._above = above
        self._named = named
        self._server = dict(zip(server, ("{address}", "{port}")))
        self._losses = losses

    def read(self) -> HealthCheck:
        """Return the check. Its numbers may be out of the limits of the declaration."""
        section, kind = self._section, self.kind
        numbers = self._pace()
        kept: dict[str, Any] = {}
        if kind in ("http", "https"):
            kept = self._pages()
        elif kind == "udp":
            kept = self._datagram()
        elif kind == "dns":
            kept = {"record": section.word("type"), "name": section.word("name")}
        elif kind == "smtp":
            kept = {"helo_name": section.word("helo_name")}
        elif kind == "misc":
            kept = self._program()
        elif kind == "bfd":
            kept = {**self._named.get(section.word("name") or "", {})}
        elif kind == "file":
            kept = {**self._named.get(section.word("track_file") or "", {})}
        kept["port"] = section.number("connect_port", 0) or None
        kept["fwmark"] = section.number("fwmark", 0) or None
        kept["bind_if"] = section.word("bind_if")
        section.finish()
        return HealthCheck(type=kind, **numbers, **{key: value for key, value in kept.items() if value is not None})

    def _pace(self) -> dict[str, Any]:
        """The numbers that say how often is asked, in whole seconds."""
        kind = self.kind
        delay_loop = self._number("delay_loop", DELAY_LOOP)
        before = str(delay_loop) if kind == "dns" else DELAY_BEFORE_RETRY.get(kind, "1")
        warmup = self._section.word("warmup") or self._above.get("warmup")
        return {
            "delay_loop": delay_loop,
            **({"connect_timeout": self._number("connect_timeout", CONNECT_TIMEOUT)} if kind in CONNECTS else {}),
            "retry": self._number("retry", RETRY.get(kind, "1")),
            "delay_before_retry": self._number("delay_before_retry", before),
            **({"warmup": self._whole("warmup", warmup)} if warmup else {}),
        }

    def _number(self, keyword: str, default: str) -> int:
        return self._whole(
            keyword, self._section.word(*OTHER.get(keyword, ()), keyword) or self._above.get(keyword, default)
        )

    def _whole(self, keyword: str, text: str) -> int:
        try:
            number = float(text)
        except ValueError:
            self._section.note(keyword, text, "it is no number: it is 1 now")
            return 1
        if number != int(number):
            self._section.note(keyword, text, f"times are whole seconds: it is {int(number) + 1} now")
            return int(number) + 1
        return int(number)

    def _pages(self) -> dict[str, Any]:
        host = self._section.word("virtualhost") or self._above.get("virtualhost")
        pages = tuple(self._page(url) for url in self._section.blocks("url"))
        # A page that has none is asked by the server's address, and would not be if the check had one.
        common = pages[0].virtualhost if all(page.virtualhost for page in pages) and pages else None
        host = _fitting(self._section, "virtualhost", host) or common
        if len(pages) > 1:
            alike = tuple(replace(page, virtualhost=None) if page.virtualhost == host else page for page in pages)
            return {"virtualhost": host, "pages": alike}
        page = pages[0] if pages else Page(path="/", status=(GOOD,))
        return {
            "virtualhost": page.virtualhost or host,
            "path": page.path if page.path != "/" else None,
            "status": page.status if page.status != (200,) else None,
            "digest": page.digest,
            "regex": page.regex,
            "regex_no_match": page.regex_no_match or None,
        }

    def _page(self, url: Block) -> Page:
        section = Section(url.children, self._losses, REASONS)
        statuses = tuple(int(word) if word.isdigit() else word for word in section.take("status_code") or (GOOD,))
        page = Page(
            path=_fitting(section, "path", section.word("path")) or "/",
            status=statuses,
            virtualhost=_fitting(section, "virtualhost", section.word("virtualhost")),
            digest=section.word("digest"),
            regex=_unescaped(section.take("regex")),
            regex_no_match=section.flag("regex_no_match"),
        )
        section.finish()
        return page

    def _datagram(self) -> dict[str, Any]:
        payload, reply = self._section.take("payload"), self._section.take("require_reply")
        if reply:
            self._section.note("require_reply", " ".join(reply), "any answer is good now, whatever it holds")
        return {
            "payload": _fitting(self._section, "payload", "".join(payload).lower()) if payload else None,
            "require_reply": True if reply is not None else None,
        }

    def _program(self) -> dict[str, Any]:
        path, user = self._section.take("misc_path") or ("",), self._section.take("user")
        if path[1:]:
            reason = "without quotation marks keepalived takes the first word alone"
            self._section.note("misc_path", " ".join(path[1:]), reason)
        return {
            "script": _fitting(
                self._section,
                "script",
                " ".join(self._server.get(word, word) for word in path[0].split()),
            ),
            "user": user[0] if user else "root",
            "script_timeout": self._section.number("misc_timeout", 0) or None,
            "dynamic": True if self._section.flag("misc_dynamic") else None,
        }


def _fitting(section: Section, key: str, value: str | None) -> str | None:
    """The value if the declaration takes it for this key of a check."""
    spec = options(HealthCheck)[key].spec
    if value is None or spec.read(value, "", Problems()) is not INVALID:
        return value
    section.note(key, value, f"it has to be {spec.describe()}")
    return None


def _unescaped(words: tuple[str, ...] | None) -> str | None:
    r"""A regular expression without what keepalived's quotes need: \\ for a backslash, \042 for a character."""
    if not words:
        return None
    return re.sub(r"\\([0-7]{3}|.)", lambda found: chr(int(found[1], 8)) if len(found[1]) == 3 else found[1], words[0])
