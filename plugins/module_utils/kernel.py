# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel modules and sysctls of one role: what differs, what to restore, and the files that keep them over a boot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

AUTOMATIC = {"net.ipv4.vs.drop_entry", "net.ipv4.vs.drop_packet", "net.ipv4.vs.secure_tcp"}
"""With 1 and 2 the kernel itself changes these from one to the other, as memory gets short (ip_vs_ctl.c)."""


@dataclass(frozen=True)
class Settings:
    """Modules that are there, and sysctls by name; a value is None where the running kernel does not have it."""

    modules: tuple[str, ...]
    sysctls: Mapping[str, str | None]

    def to_dict(self) -> dict[str, object]:
        """Return the shape shown in diffs."""
        return {"modules": sorted(self.modules), "sysctls": dict(sorted(self.sysctls.items()))}


def key_of(name: str) -> str:
    """Return the path below /proc/sys. A name with slashes is one, since an interface's name may have dots."""
    return name if "/" in name else name.replace(".", "/")


def is_same(name: str, current: str | None, wanted: str) -> bool:
    """Tell whether a sysctl needs no change."""
    if name in AUTOMATIC and {current, wanted} == {"1", "2"}:
        return True
    return current == wanted


def normal(value: object) -> str:
    """Return a value as text with single blanks, as which it is compared."""
    return " ".join(str(value).split())


def wanted_settings(
    modules: Iterable[str], sysctls: Mapping[str, str], observed: Settings, remembered: Mapping[str, str]
) -> Settings:
    """Return what shall be true: what is declared, and the old values of what is not declared any more."""
    values: dict[str, str | None] = {}
    for name, current in observed.sysctls.items():
        if name in sysctls:
            values[name] = current if is_same(name, current, sysctls[name]) else sysctls[name]
        else:
            values[name] = current if current is None else remembered[name]
    return Settings(tuple(dict.fromkeys((*observed.modules, *modules))), values)


def values_to_remember(sysctls: Iterable[str], observed: Settings, remembered: Mapping[str, str]) -> dict[str, str]:
    """Return the values from before our first change, of the sysctls that we set."""
    before = {**{name: value for name, value in observed.sysctls.items() if value is not None}, **remembered}
    return {name: before[name] for name in sysctls if name in before}


def render_modules(modules: Iterable[str]) -> str | None:
    """Return the text of our file in modules-load.d, which is read before sysctl.d; None for no file."""
    lines = list(modules)
    return "\n".join(["# Managed by lvs.cluster.", *lines, ""]) if lines else None


def render_sysctls(sysctls: Mapping[str, str]) -> str | None:
    """Return the text of our file in sysctl.d; None for no file."""
    lines = [f"{name} = {value}" for name, value in sysctls.items()]
    return "\n".join(["# Managed by lvs.cluster.", *lines, ""]) if lines else None


def parse_modules(text: str) -> list[str]:
    """Return the modules of a text of `render_modules`."""
    return _lines(text)


def parse_sysctls(text: str) -> dict[str, str]:
    """Return the sysctls of a text of `render_sysctls`."""
    return dict(line.split(" = ", 1) for line in _lines(text))


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]
