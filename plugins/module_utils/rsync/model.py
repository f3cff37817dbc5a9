# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module of the rsync daemon, its lines in rsyncd.conf, and what can be wrong with one: pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.rsync.conf import GLOBAL_SECTION, sections, squeeze

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Names that need no quotes in a URL and are names of files, too."""

Words = tuple[str, ...]


def name_problems(option: str, kind: str, names: Sequence[str], index: int) -> list[str]:
    """Return what is wrong with one of the names in a list option of a module, whose entries are of this kind."""
    name, where = names[index], f"{option}[{index}].name"
    if not NAME.fullmatch(name):
        return [f"{where}: '{name}' is no name; write letters, digits and . _ -"]
    if name in names[:index]:
        return [f"{where}: there is another {kind} {name}; give each a name of its own"]
    return []


_AUTH_USER = re.compile(r"@?[^\s:,#@]+(?::(?:deny|ro|rw))?")
_NUMERIC_HOST = re.compile(r"[0-9.]+(?:/[0-9.]+)?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/[0-9]+)?")


@dataclass(frozen=True)
class Module:
    """One module, as its section has it. Text that is empty and a number 0 are left out; a choice is always written."""

    name: str
    path: str
    comment: str = ""
    read_only: bool = True
    write_only: bool = False
    list: bool = False
    use_chroot: bool = True
    uid: str = ""
    gid: str = ""
    auth_users: Words = ()
    secrets_file: str = ""
    hosts_allow: Words = ()
    hosts_deny: Words = ("*",)
    reverse_lookup: bool = False
    max_connections: int = 0
    lock_file: str = ""
    timeout: int = 0
    exclude: Words = ()
    include: Words = ()
    refuse_options: Words = ()
    dont_compress: Words = ()
    incoming_chmod: str = ""
    outgoing_chmod: str = ""
    temp_dir: str = ""
    transfer_logging: bool = False
    log_file: str = ""
    log_format: str = ""

    def parameters(self) -> dict[str, str]:
        """Return the lines of its section, by rsync's names."""
        values = {_title(each.name): getattr(self, each.name) for each in fields(self) if each.name != "name"}
        return {key: _written(value) for key, value in values.items() if value or isinstance(value, bool)}

    def render(self) -> str:
        """Return its section."""
        return f"[{self.name}]\n" + render_parameters(self.parameters())


_TYPES: Mapping[str, type] = {
    each.name: type(each.default) for each in fields(Module) if each.name not in ("name", "path")
}


def render_parameters(parameters: Mapping[str, str]) -> str:
    """Return lines of rsyncd.conf."""
    return "".join(f"{name} = {value}\n" for name, value in parameters.items())


def parse_module(text: str) -> Module:
    """Return the module of a section's text; what it has no field for is left out.

    :raises ValueError: if it is not exactly one section, or a number is none
    """
    before, *found = sections(text)
    if before.parameters or len(found) != 1:
        raise ValueError("it is not one section")
    attributes = {squeeze(_title(name)): name for name in ("path", *_TYPES)}
    values = {attributes[name]: value for name, value in found[0].parameters if name in attributes}
    path = values.pop("path", "")
    absent = {name: kind() for name, kind in _TYPES.items() if kind is not bool}
    read = {name: _read(value, _TYPES[name]) for name, value in values.items()}
    return Module(name=found[0].name, path=path, **{**absent, **read})


def _title(attribute: str) -> str:
    return attribute.replace("_", " ")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _read(value: str, kind: type) -> Any:
    if kind is bool:
        return squeeze(value) in ("yes", "true", "1")
    if kind is tuple:
        return tuple(value.replace(",", " ").split())
    return kind(value)


@dataclass
class _Problems:
    """What is wrong, each with its path."""

    path: str
    found: list[str] = field(default_factory=list)

    def add(self, option: str, message: str) -> None:
        self.found.append(f"{self.path}.{option}: {message}")


def problems_of(modules: Sequence[Module], taken: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the modules; `taken` says who has a section of that name, by its key."""
    found: list[str] = []
    seen: dict[str, int] = {}
    for index, module in enumerate(modules):
        problems = _Problems(f"modules[{index}]")
        key = squeeze(module.name)
        if not NAME.fullmatch(module.name) or key == GLOBAL_SECTION:
            problems.add(
                "name", f"'{module.name}' is no name of a module; write letters, digits and . _ -, not 'global'"
            )
        elif key in seen:
            problems.add("name", f"'{module.name}' is modules[{seen[key]}] too; keep one")
        elif key in taken:
            problems.add("name", f"[{module.name}] is there already and belongs to {taken[key]}; choose another name")
        seen.setdefault(key, index)
        _check_texts(module, problems)
        _check_access(module, problems)
        found += problems.found
    return found


def _check_texts(module: Module, problems: _Problems) -> None:
    for name in ("path", "secrets_file", "lock_file", "log_file", "temp_dir"):
        value = getattr(module, name)
        inside = name == "temp_dir"  # it is looked for in the module
        if value and not value.startswith("/") and not inside:
            problems.add(name, f"'{value}' is no absolute path")
    if not module.path:
        problems.add("path", "it is empty; name the folder")
    for name, kind in {"path": str, **_TYPES}.items():
        value = getattr(module, name)
        if kind is str and not is_one_line(value):
            problems.add(
                name, "it cannot stand in rsyncd.conf: line ends, blanks around it and a last backslash get lost"
            )
        if kind is int and value < 0:
            problems.add(name, f"{value} is less than 0")
        if kind is tuple:
            for word in value:
                if not word or not is_one_line(word) or re.search(r"[\s,]", word):
                    problems.add(name, f"'{word}' has a blank or comma, or is empty; these part the words of the list")


def _check_access(module: Module, problems: _Problems) -> None:
    for user in module.auth_users:
        if not _AUTH_USER.fullmatch(user):
            problems.add("auth_users", f"'{user}' is no user; write a name, or @group, and :ro, :rw or :deny after it")
    for name in ("hosts_allow", "hosts_deny"):
        for host in getattr(module, name):
            if _NUMERIC_HOST.fullmatch(host) and not _is_network(host):
                problems.add(name, f"'{host}' is no address and no network; write 192.0.2.21 or 192.0.2.0/24")
    if not module.hosts_allow and "*" in module.hosts_deny:
        problems.add("hosts_allow", "nobody could connect; list the clients")
    if module.read_only and module.write_only:
        problems.add("write_only", "the module is read only too; nobody could do anything")


def is_one_line(text: str) -> bool:
    """Tell whether rsync reads a value as it is written."""
    return text == text.strip() and not re.search(r"[\n\r\0]", text) and not text.endswith("\\")


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def global_problems(parameters: Mapping[str, str]) -> list[str]:
    """Return what is wrong with global lines."""
    return [
        f"globals.{name}: it cannot stand in rsyncd.conf: line ends, blanks around it and a last backslash get lost"
        for name, value in parameters.items()
        if not is_one_line(value)
    ]


def needs_secret(auth_users: Iterable[str]) -> list[str]:
    """Return the users of `auth users` that log in by a secret of their own."""
    names = [user.partition(":") for user in auth_users if not user.startswith("@")]
    return [name for name, _colon, right in names if right != "deny"]
