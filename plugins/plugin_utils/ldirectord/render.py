# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of ldirectord.cf -> its text, always the same for the same model."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import MistakeError
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import MASK, keywords

from .model import LISTS, SECRETS, Configuration, Virtual
from .values import Kind, write_host


def render(configuration: Configuration) -> str:
    """Return the text. Raises ValueError for a value that ldirectord could not read back, such as one with a `#`."""
    blocks = [list(_options(configuration)), *(list(_virtual(virtual)) for virtual in configuration.virtuals)]
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks if block)


def _virtual(virtual: Virtual) -> Iterator[str]:
    six = "6" if virtual.family == 6 else ""
    name = virtual.fwmark if virtual.host is None else f"{write_host(virtual.host)}:{virtual.port}"
    yield f"virtual{six} = {name}"
    for option in _options(virtual, six, "#"):
        yield f"    {option}"


def _options(section: Configuration | Virtual, six: str = "", forbidden: str = "\n") -> Iterator[str]:
    """The options that are set, in the order of the model. `six` ends the keywords of servers."""
    cls: type = type(section)
    for keyword, kind in keywords(cls).items():
        value = getattr(section, keyword)
        written = f"{keyword}{six}" if keyword in ("real", "fallback") else keyword
        for each in value if keyword in LISTS else (value,):
            if each is not None:
                yield f"{written} = {_checked(kind, keyword, each, forbidden)}"


def _checked(kind: Kind, keyword: str, value: object, forbidden: str) -> str:
    text = kind.write(value)
    try:
        if kind.read(text) == value and text == text.strip() and "\n" not in text and forbidden not in text:
            return text
    except MistakeError:
        pass
    shown = MASK if keyword in SECRETS else repr(value)
    raise ValueError(f"{keyword}: {shown} cannot be written so that ldirectord reads it")
