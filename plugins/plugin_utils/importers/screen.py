# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of an import as text: two YAML documents, with all that is not carried over in comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from .model import Imported, Loss


class _Dumper(yaml.SafeDumper):
    """Indents lists too, as ansible-lint wants it, and repeats what is there twice."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def render(imported: Imported, path: str) -> str:
    """Return the text. `path` is what the file is called in it."""
    children = {
        group: {"hosts": {name: dict(variables) or None for name, variables in hosts.items()}}
        for group, hosts in (("lvs_directors", imported.directors), ("lvs_real_servers", imported.real_servers))
        if hosts
    }
    lines = [
        f"# {_one_line(path)} ({imported.format}) as variables: group_vars/all.yml",
        "---",
        *_yaml(dict(imported.variables)),
    ]
    lines += [
        "",
        "# The hosts, for the inventory" + ("" if imported.directors else "; add the group lvs_directors"),
        "---",
    ]
    lines += _yaml({"all": {"children": children}}) if children else ["{}"]
    return "\n".join([*lines, "", *(f"# {line}".rstrip() for line in _losses(imported)), ""])


def _yaml(value: Mapping[str, Any]) -> list[str]:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    return str(text).replace(": null\n", ":\n").splitlines()


def _losses(imported: Imported) -> Iterator[str]:
    if not imported.losses:
        yield "Everything is carried over."
        return
    yield "Not carried over, or not as it was:"
    together: dict[tuple[str, str], list[Loss]] = {}
    for loss in imported.losses:
        together.setdefault((loss.keyword, loss.reason), []).append(loss)
    for (keyword, reason), losses in together.items():
        numbers = list(dict.fromkeys(str(loss.line) for loss in losses if loss.line is not None))
        where = f"line{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}, " if numbers else ""
        values = dict.fromkeys(loss.value for loss in losses if loss.value)
        what = " ".join([keyword, ", ".join(_one_line(value) for value in values)]).strip()
        yield f"- {where}{what}: {reason}"


def _one_line(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
