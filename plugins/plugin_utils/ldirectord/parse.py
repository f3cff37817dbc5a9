# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of ldirectord.cf -> its model, or all mistakes in it at once.

A section begins with `virtual =` at the beginning of a line. Its options are indented by four spaces or a tab; any
other line that is not a comment ends it, an empty one too. In a section a number sign begins a comment everywhere, in
quotation marks too; outside only at the beginning of a line.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems, did_you_mean
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import MistakeError
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import (
    MASK,
    ConfigurationError,
    Repeated,
    is_address,
    keywords,
    port_number,
)

from .effective import protocol_of
from .model import LISTS, SECRETS, Configuration, Virtual
from .values import HOST, PORT, Real, read_host

VIRTUAL = re.compile(r"virtual(?P<six>6)?\s*=\s*(?P<service>.*)")
OPTION = re.compile(r"(?P<keyword>\w+)\s*=\s*(?P<value>.*?)\s*")

OLD = {"connecttimeout": "negotiatetimeout", "timeout": "checktimeout or negotiatetimeout"}
"""Keywords that ldirectord does not take any more -> what took their place."""


def parse(text: str) -> Configuration:
    """Read a whole file. Raises ConfigurationError with all mistakes."""
    return _Reader().read(text)


class _Section:
    """The options of a section as they have been read."""

    def __init__(self, line: int = 0, **identity: Any) -> None:
        self.line = line
        self.values: dict[str, Any] = identity
        self.lines: dict[str, int] = {}
        self.real_lines: list[int] = []
        self.repeated: list[Repeated] = []
        self._texts: dict[str, str] = {}

    def add(self, line: int, keyword: str, text: str, value: object) -> None:
        """Take an option; it takes the place of an earlier one unless the keyword makes a list."""
        if keyword in LISTS:
            self.values[keyword] = (*self.values.get(keyword, ()), value)
            if keyword == "real":
                self.real_lines.append(line)
        else:
            if keyword in self.values:
                self.repeated.append(Repeated(self.lines[keyword], keyword, self._texts[keyword]))
            self.values[keyword] = value
            self._texts[keyword] = MASK if keyword in SECRETS else text
        self.lines[keyword] = line


class _Reader:
    def __init__(self) -> None:
        self._problems = Problems()
        self._globals = _Section()
        self._sections: list[_Section] = []

    def read(self, text: str) -> Configuration:
        section: _Section | None = None
        for number, line in enumerate(text.splitlines(), 1):
            if line.lstrip().startswith("#"):
                continue
            indented = line.replace("\t", "    ").startswith("    ")
            if found := VIRTUAL.match(line):
                section = self._open(number, found)
            elif not line.strip():
                section = None
            elif indented and section:
                self._try(number, self._read_option, section, line.partition("#")[0].strip(), number)
            elif line[0].isspace():
                self._mistake(number, *_why_unreadable(indented))
            else:
                section = None
                self._try(number, self._read_global, line.strip(), number)
        virtuals = self._virtuals()
        if len(self._problems):
            raise ConfigurationError(self._problems)
        repeated = [each for section in (self._globals, *self._sections) for each in section.repeated]
        return Configuration(
            **self._globals.values, virtuals=virtuals, lines=self._globals.lines, repeated=tuple(repeated)
        )

    def _mistake(self, line: int, what: str, fix: str) -> None:
        self._problems.add(f"line {line}", what, fix)

    def _try(self, line: int, action: Any, *arguments: Any) -> Any:
        try:
            return action(*arguments)
        except MistakeError as mistake:
            self._mistake(line, mistake.what, mistake.fix)
            return None

    def _open(self, line: int, found: re.Match[str]) -> _Section:
        """Begin a section. One that cannot be named is read too, for the mistakes in it."""
        family = 6 if found["six"] else 4
        identity = self._try(line, _identity, family, found["service"].strip())
        section = _Section(line, family=family, **(identity or {}))
        if identity:
            self._sections.append(section)
        return section

    def _read_global(self, text: str, line: int) -> None:
        keyword, value = ("supervised", "yes") if text == "supervised" else _split(text)
        kind = _kind(Configuration, keyword, "indent it by four spaces, below a virtual")
        self._globals.add(line, keyword, value, _read_value(kind, keyword, value))

    def _read_option(self, section: _Section, text: str, line: int) -> None:
        written, value = _split(text)
        keyword = _in_family(written, section.values["family"])
        kind = _kind(Virtual, keyword, "write it at the beginning of a line, above the first virtual")
        section.add(line, keyword, value, _read_value(kind, written, value))

    def _virtuals(self) -> tuple[Virtual, ...]:
        """The sections, after checking what can only be checked when all of a section is known."""
        found: dict[object, Virtual] = {}
        for section in self._sections:
            virtual = Virtual(
                **section.values, line=section.line, lines=section.lines, real_lines=tuple(section.real_lines)
            )
            self._check(virtual)
            key = (protocol_of(virtual), virtual.family, virtual.host, virtual.port, virtual.fwmark)
            first = found.setdefault(key, virtual)
            if first is not virtual:
                self._mistake(section.line, f"the service is in line {first.line} too", "keep one of them")
        return tuple(found.values())

    def _check(self, virtual: Virtual) -> None:
        if virtual.protocol and (virtual.protocol == "fwm") != (virtual.fwmark is not None):
            fix = "write fwm" if virtual.fwmark is not None else "write tcp or udp"
            self._mistake(virtual.lines["protocol"], f"protocol {virtual.protocol} does not fit the service", fix)
        if virtual.netmask and ("." in virtual.netmask) != (virtual.family == 4):
            fix = "write one such as 255.255.255.0" if virtual.family == 4 else "write a length from 1 to 128"
            self._mistake(virtual.lines["netmask"], f"{virtual.netmask} is for the other family of addresses", fix)
        for line, real in zip(virtual.real_lines, virtual.real):
            self._try(line, _check_real, real, virtual.family)
        if virtual.fallback:
            self._try(virtual.lines["fallback"], _check_family, virtual.fallback.host, virtual.family)


def _why_unreadable(indented: bool) -> tuple[str, str]:
    if indented:
        fix = "an empty line ends a section: remove it, or remove the spaces of a global option"
        return "this option is indented, but belongs to no section", fix
    return "the line begins with less than four spaces", "indent options of a section by four spaces or a tab"


def _split(text: str) -> tuple[str, str]:
    found = OPTION.fullmatch(text)
    if found is None:
        # The rest of the line may be a password.
        raise MistakeError(f"'{text.split()[0]}' is not followed by an equals sign", "write keyword = value")
    return found["keyword"], found["value"]


def _kind(section: type, keyword: str, where_else: str) -> Any:
    """The kind of a keyword's value."""
    known = keywords(section)
    if keyword in known:
        return known[keyword]
    if keyword in OLD:
        raise MistakeError(f"{keyword} is not taken any more", f"write {OLD[keyword]}")
    other = Virtual if section is Configuration else Configuration
    if keyword in keywords(other):
        raise MistakeError(f"{keyword} does not belong here", where_else)
    meant = did_you_mean(keyword, known)
    raise MistakeError(
        f"there is no option {keyword}", f"did you mean {meant}?" if meant else "see the manual of ldirectord"
    )


def _in_family(written: str, family: int) -> str:
    """The keyword without the 6 that options of virtual6 end with."""
    keyword = written.removesuffix("6")
    if keyword not in ("real", "fallback"):
        return written
    right = keyword if family == 4 else f"{keyword}6"
    if written != right:
        raise MistakeError(f"{written} does not belong here", f"write {right}")
    return keyword


def _read_value(kind: Any, keyword: str, text: str) -> object:
    try:
        return kind.read(text)
    except MistakeError as mistake:
        what = "the value cannot be read" if keyword in SECRETS else mistake.what
        raise MistakeError(f"{keyword}: {what}", mistake.fix) from None


def _identity(family: int, text: str) -> dict[str, Any]:
    """What a virtual is called by."""
    if found := re.match(rf"(?P<host>{HOST}):(?P<port>{PORT})", text):
        host = read_host(found["host"])
        _check_family(host, family)
        return {"host": host, "port": port_number(found["port"])}
    if found := re.match(r"[0-9]{1,20}(?![\w.])", text):
        if 1 <= int(found[0]) < 2**32:
            return {"fwmark": int(found[0])}
        raise MistakeError(f"{text} is not a firewall mark", "write a number from 1 to 4294967295")
    raise MistakeError(f"'{text}' is not a service", "write an address with a port, or a firewall mark")


def _check_family(host: str, family: int) -> None:
    if is_address(host) and (":" in host) != (family == 6):
        fix = "write virtual6, real6 and fallback6 for IPv6, and virtual, real and fallback for IPv4"
        raise MistakeError(f"{host} is an address of the other family", fix)


def _check_real(real: Real, family: int) -> None:
    _check_family(real.host, family)
    if real.last is None:
        return
    if family == 6:
        raise MistakeError("there are no ranges of IPv6 addresses", "write a line for each server")
    if is_address(real.host) != is_address(real.last):
        raise MistakeError(f"{real.host}->{real.last} is no range", "write two addresses, or two names")
    if is_address(real.host) and ipaddress.IPv4Address(real.host) > ipaddress.IPv4Address(real.last):
        raise MistakeError(f"{real.host}->{real.last} is no range", "write the lower address first")
