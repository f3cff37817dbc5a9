# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of values in ldirectord.cf: how ldirectord reads each, and how it is written.

As ldirectord 4 reads them (its function read_config): it looks for the first number or word that fits and ignores the
rest, and takes what is between the first and the last quotation mark.
"""

from __future__ import annotations

import ipaddress
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import MistakeError
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import port_number

FORWARDING = ("gate", "masq", "ipip")

HOST = r"\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._+-]+"
PORT = r"[0-9A-Za-z_-]+"


class Kind(ABC):
    """What a keyword takes."""

    @abstractmethod
    def read(self, text: str) -> object:
        """The typed value of what stands behind the equals sign. Raises MistakeError."""

    @abstractmethod
    def write(self, value: object) -> str:
        """What `read` reads as `value`."""


class Scalar(Kind):
    """A value that is written as it is."""

    def write(self, value: object) -> str:
        """The value as text."""
        return str(value)


@dataclass(frozen=True)
class Number(Scalar):
    """A whole number."""

    minimum: int = 1
    maximum: int = 2**31 - 1

    def read(self, text: str) -> object:
        """The first number in the text."""
        found = re.search(r"[0-9]{1,20}", text)
        if found is None or not self.minimum <= int(found[0]) <= self.maximum:
            fix = f"write a number from {self.minimum} to {self.maximum}"
            raise MistakeError(f"'{text}' is not a number in range", fix)
        return int(found[0])


class Flag(Kind):
    """yes or no."""

    def read(self, text: str) -> object:
        """True for yes."""
        if text not in ("yes", "no"):
            raise MistakeError(f"'{text}' is neither yes nor no", "write yes or no")
        return text == "yes"

    def write(self, value: object) -> str:
        """Yes or no."""
        return "yes" if value else "no"


@dataclass(frozen=True)
class Word(Scalar):
    """The first part of the text that matches `pattern`."""

    pattern: str
    rule: str

    def read(self, text: str) -> object:
        """That part."""
        found = re.search(self.pattern, text)
        if found is None:
            raise MistakeError(f"'{text}' is not what is expected here", self.rule)
        return found[0]


@dataclass(frozen=True)
class Choice(Scalar):
    """One of `values`."""

    values: tuple[str, ...]
    upper: bool = False

    def read(self, text: str) -> object:
        """The first word."""
        found = re.search(r"[\w-]+", text.upper() if self.upper else text)
        if found is None or found[0] not in self.values:
            raise MistakeError(f"'{text}' is none of them", f"write one of {', '.join(self.values)}")
        return found[0]


@dataclass(frozen=True)
class Text(Kind):
    """A text. With `needs_quotes` ldirectord reads it only in quotation marks."""

    needs_quotes: bool = False
    pattern: str = ".+"

    def read(self, text: str) -> object:
        """The text without its quotation marks."""
        quoted = re.match(r'"(.*)"', text)
        if quoted is None and self.needs_quotes:
            raise MistakeError(f"{text or 'the value'} is not in quotation marks", 'write them around it: "..."')
        found = re.search(self.pattern, quoted[1] if quoted else text)
        if found is None:
            raise MistakeError("the text is empty", "write one, or remove the line")
        return found[0]

    def write(self, value: object) -> str:
        """The text in quotation marks."""
        return f'"{value}"'


class Bare(Scalar):
    """A text that is read to the end of the line, quotation marks and all."""

    def read(self, text: str) -> object:
        """The text."""
        if not text:
            raise MistakeError("the text is empty", "write one, or remove the line")
        return text


class Request(Text):
    """What a check asks for; ldirectord puts a slash before it, whatever the service is."""

    def read(self, text: str) -> object:
        """The request with its slash."""
        return _with_slash(str(super().read(text)))


class CheckType(Scalar):
    """How real servers are checked: a name, or the number of connect checks between two negotiate checks."""

    names = ("connect", "negotiate", "ping", "off", "on", "external", "external-perl")

    def read(self, text: str) -> object:
        """The name, or the number."""
        number = re.search(r"[0-9]+", text)
        if number:
            return int(number[0])
        return Choice(self.names).read(text)


class Netmask(Scalar):
    """A dotted IPv4 netmask, or the length of an IPv6 prefix."""

    def read(self, text: str) -> object:
        """The text, if it is one of both."""
        if re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= 128:
            return text
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            fix = "write one such as 255.255.255.0, or for IPv6 a length from 1 to 128"
            raise MistakeError(f"'{text}' is not a netmask", fix) from None


class Statuses(Kind):
    """For which states of ldirectord itself mails are sent."""

    names = ("all", "starting", "running", "stopping", "reloading")

    def read(self, text: str) -> object:
        """The states; none for `none`."""
        found = tuple(re.split(r"\s*,\s*", text))
        if found == ("none",):
            return ()
        strange = [name for name in found if name not in self.names]
        if strange:
            raise MistakeError(f"'{strange[0]}' does not fit here", f"write none, or some of {', '.join(self.names)}")
        return found

    def write(self, value: object) -> str:
        """The states with commas."""
        return ",".join(value) or "none" if isinstance(value, tuple) else str(value)


@dataclass(frozen=True)
class Fallback:
    """Who serves when no real server does. Without a port, the one of the service."""

    host: str
    port: int | None
    forward: str


class FallbackServer(Kind):
    """A fallback server."""

    def read(self, text: str) -> object:
        """The server, forwarded to by gate if nothing is said."""
        found = re.fullmatch(rf"(?P<host>{HOST})(:(?P<port>{PORT}))?(\s+(?P<forward>\S+))?", text)
        if found is None:
            raise MistakeError(f"'{text}' is not a server", "write one such as 192.0.2.9:80 gate")
        port = port_number(found["port"]) if found["port"] else None
        return Fallback(read_host(found["host"]), port, _forwarding(found["forward"] or "gate"))

    def write(self, value: object) -> str:
        """The server with its method."""
        if not isinstance(value, Fallback):
            raise TypeError(f"{value!r} is not a fallback server")
        port = "" if value.port is None else f":{value.port}"
        return f"{write_host(value.host)}{port} {value.forward}"


@dataclass(frozen=True, kw_only=True)
class Real:
    """A real server, or with `last` one for each IPv4 address from `host` on. Port 0 is the port of the service."""

    host: str
    last: str | None = None
    port: int = 0
    forward: str = "gate"
    weight: int = 1
    request: str | None = None
    receive: str | None = None
    """The request and the pattern of the answer go together."""
    lower: int | None = None
    upper: int | None = None
    """Connection thresholds."""


REAL_SERVER = re.compile(
    rf"(?P<host>{HOST})(->(?P<last>{HOST}))?(:(?P<port>{PORT}))?\s+(?P<forward>\w+)"
    r"(\s+(?P<weight>[0-9]{1,10}))?"
    r'(\s+"(?P<request>.*)"[, ]\s*"(?P<receive>.*)")?'
    r"(\s+l:(?P<lower>[0-9]{1,10}))?(\s+u:(?P<upper>[0-9]{1,10}))?\s*"
)


class RealServer(Kind):
    """A real server with its method, weight, own request and thresholds, in this order."""

    def read(self, text: str) -> object:
        """The server."""
        found = REAL_SERVER.fullmatch(text)
        if found is None:
            fix = 'write ADDRESS[->LAST][:PORT] gate|masq|ipip [WEIGHT] ["REQUEST","RECEIVE"] [l:LOWER] [u:UPPER]'
            raise MistakeError(f"'{text}' is not a real server", fix)
        numbers = {name: int(found[name]) for name in ("lower", "upper") if found[name]}
        request = found["request"]
        return Real(
            host=read_host(found["host"]),
            last=read_host(found["last"]) if found["last"] else None,
            port=port_number(found["port"] or "0"),
            forward=_forwarding(found["forward"]),
            weight=int(found["weight"] or 1),
            request=None if request is None else _with_slash(request),
            receive=found["receive"],
            **numbers,
        )

    def write(self, value: object) -> str:
        """The server, with what is not as usual."""
        if not isinstance(value, Real):
            raise TypeError(f"{value!r} is not a real server")
        words = [write_host(value.host) + (f"->{write_host(value.last)}" if value.last else "")]
        words[0] += f":{value.port}" if value.port else ""
        words += [value.forward, str(value.weight)]
        words += [f'"{value.request}","{value.receive}"'] if value.request is not None else []
        words += [f"l:{value.lower}"] if value.lower is not None else []
        words += [f"u:{value.upper}"] if value.upper is not None else []
        return " ".join(words)


def _with_slash(request: str) -> str:
    return request if request.startswith("/") else f"/{request}"


def _forwarding(text: str) -> str:
    if text not in FORWARDING:
        raise MistakeError(f"'{text}' is not a forwarding method", f"write one of {', '.join(FORWARDING)}")
    return text


def read_host(text: str) -> str:
    """An address in canonical form without brackets, or a name. Raises MistakeError."""
    try:
        if text.startswith("["):
            return str(ipaddress.IPv6Address(text[1:-1]))
        return str(ipaddress.IPv4Address(text)) if re.fullmatch(r"[0-9.]+", text) else text
    except ValueError:
        raise MistakeError(f"'{text}' is not an IP address", "correct it, without leading zeros") from None


def write_host(host: str) -> str:
    """A host as it stands before a port."""
    return f"[{host}]" if ":" in host else host
