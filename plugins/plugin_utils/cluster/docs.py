# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/variables.md, made from the schema.

Write it again after a change of the schema, in a folder from which Python finds
the collection: `python -m ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.docs FILE`
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import Choice
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import (
    CLUSTER_VARIABLES,
    HOST_VARIABLES,
    ClusterVariables,
    HostVariables,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import (
    ListOf,
    OneOrMany,
    Option,
    Record,
    Spec,
    TextOrList,
    options,
    record_title,
)

INTRODUCTION = """\
<!-- Made from plugins/plugin_utils/cluster/schema.py, which says how. Change that, not this. -->

# Variables of the inventory

A cluster is declared by groups of the inventory and by `lvs_*` variables. This page has all of them; names are those of
IPVS and keepalived. The smallest declaration:

```yaml
all:
  vars:
    lvs_services:
      - name: web
        vip: 192.0.2.100
        port: 80
        health_check: {type: http, path: /healthz}
  children:
    lvs_directors:
      hosts:
        lb1: {ansible_host: 192.0.2.11}
        lb2: {ansible_host: 192.0.2.12}
    lvs_real_servers:
      hosts:
        web1: {ansible_host: 192.0.2.21}
        web2: {ansible_host: 192.0.2.22}
```

| Group | Its hosts |
| --- | --- |
| `lvs_directors` | The load balancers. The first one is the active director, unless `lvs_priority` says otherwise. |
| `lvs_real_servers` | The servers behind them. |
| `lvs_storage` | The hosts that have the shared data. |
| `lvs_clients` | The hosts from which `verify` sends its requests. |

All mistakes are reported at once and before anything is changed. A `lvs_*` variable that is not on this page is one,
too, unless `lvs_ignore_variables` has its name. The variables belong into the inventory (or `-e`); in a play they would
be seen by that play alone, so the plan refuses that.

A template in a variable of a cluster is evaluated once for all hosts that are in the same groups.

With several clusters in one inventory, give their hosts different `lvs_cluster_name`s, and groups of their own or not.
VIPs and VRIDs are then checked over all of them.
"""


def render() -> str:
    """The whole page."""
    records = _records()
    parts = [
        INTRODUCTION,
        *_section("Variables of a cluster", ClusterVariables, CLUSTER_VARIABLES),
        *_section("Variables of a host", HostVariables, HOST_VARIABLES),
        *(line for cls in records for line in _section(_heading(cls), cls, options(cls))),
    ]
    return "\n".join(parts) + "\n"


def _heading(cls: type) -> str:
    title = record_title(cls)
    return title[0].upper() + title[1:]


def _section(title: str, cls: type, keys: Mapping[str, Option]) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{inspect.getdoc(cls)}\n"
    yield "| Name | What to write | Default | Meaning |"
    yield "| --- | --- | --- | --- |"
    for name, option in keys.items():
        cells = [f"`{name}`", _type(option.spec), _default(option), option.description + _not_yet(option.spec)]
        yield f"| {' | '.join(cells)} |"
    not_yet = getattr(cls, "NOT_YET", ())
    yield f"\nNot supported yet: {', '.join(f'`{key}`' for key in not_yet)}.\n" if not_yet else ""


def _type(spec: Spec) -> str:
    if isinstance(spec, Record):
        title = record_title(spec.cls)
        return f"a [{title}](#{title.replace(' ', '-').lower()})"
    if isinstance(spec, ListOf):
        return f"list, each item {_type(spec.item)}"
    if isinstance(spec, OneOrMany):
        return f"{_type(spec.item)}, or a list of such"
    if isinstance(spec, TextOrList):
        return f"{_type(spec.text)}, or {_type(spec.many)}"
    return spec.describe()


def _default(option: Option) -> str:
    if option.required:
        return "required"
    if isinstance(option.default, bool):
        return f"`{str(option.default).lower()}`"
    return f"`{option.default}`" if isinstance(option.default, (str, int)) else ""


def _not_yet(spec: Spec) -> str:
    if not isinstance(spec, Choice) or not spec.not_yet:
        return ""
    return f" Not supported yet: {', '.join(f'`{value}`' for value in spec.not_yet)}."


def _records() -> list[type]:
    """The records that variables are made of, each after the one that has it."""
    found: dict[type, None] = {}
    for option in CLUSTER_VARIABLES.values():
        _collect(option.spec, found)
    return list(found)


def _collect(spec: Spec, found: dict[type, None]) -> None:
    if isinstance(spec, (ListOf, OneOrMany)):
        _collect(spec.item, found)
    elif isinstance(spec, TextOrList):
        _collect(spec.many, found)
    elif isinstance(spec, Record) and spec.cls not in found:
        found[spec.cls] = None
        for option in options(spec.cls).values():
            _collect(option.spec, found)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
