# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats that can be imported, and how a text is told to be of one.

A further format is a line in FORMATS and a reader that ends with `assemble`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import ConfigurationError
from ansible_collections.lvs.cluster.plugins.plugin_utils.ipvsadm.parse import IpvsadmError

from . import ipvsadm, keepalived, ldirectord, piranha
from .model import Imported, Known


class ImportFailedError(ValueError):
    """Why nothing can be imported, and what to do."""


@dataclass(frozen=True)
class Format:
    """A format; `mark` is in lines that only this one has."""

    title: str
    mark: str
    read: Callable[[str, Known], Imported]


FORMATS: Mapping[str, Format] = {
    "ipvsadm": Format("rules of ipvsadm", r"[ \t]*(ipvsadm\s+)?(-[Aa]|--add-(service|server))\b", ipvsadm.read),
    "piranha": Format("lvs.cf", r"[ \t]*(virtual|failover)\s+\S+\s+\{|(primary|serial_no)\s+=\s", piranha.read),
    "ldirectord": Format("ldirectord.cf", r"virtual6?\s*=", ldirectord.read),
    "keepalived": Format(
        "keepalived.conf",
        r"[ \t]*(global_defs|vrrp_\w+|virtual_server(_group)?\s[^{]+|static_\w+)\s*[^={]*\{",
        keepalived.read,
    ),
}


def import_text(text: str, name: str | None, known: Known) -> Imported:
    """Import a text of the format `name`, or of the one that it is told to be. Raises ImportFailedError."""
    name = name or recognise(text)
    if name not in FORMATS:
        raise ImportFailedError(f"there is no format {name}: write one of {', '.join(sorted(FORMATS))}")
    try:
        return FORMATS[name].read(text, known)
    except (ConfigurationError, IpvsadmError) as error:
        raise ImportFailedError(f"not all of it can be read as {FORMATS[name].title}:\n{error}") from error


def recognise(text: str) -> str:
    """The name of the format of a text. Raises ImportFailedError."""
    for name, form in FORMATS.items():
        if re.search(rf"^(?:{form.mark})", text, re.MULTILINE):
            return name
    raise ImportFailedError(f"the format is not recognised: say it, as one of {', '.join(sorted(FORMATS))}")
