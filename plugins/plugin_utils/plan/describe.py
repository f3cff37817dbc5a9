# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task's result in check mode, as changes in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.files import file_change
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.ldirectord import describe_ldirectord
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.services import describe_keepalived, names_of
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.state import describe_nftables, describe_state
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.table import describe_table
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import count

Dict = Mapping[str, Any]


def describe(task: str, action: str, result: Dict, services: Sequence[Dict]) -> Iterator[Change]:
    """Describe what a task that reports a change would do on a host.

    `services` are the declared ones: they say why. An action that nobody
    here knows is described by the name of its task and its difference.
    """
    if action == "lvs.cluster.keepalived_config":
        yield from describe_keepalived(result, _arguments(result).get("drain_timeout") or 0)
    elif action == "lvs.cluster.ldirectord_config":
        yield from describe_ldirectord(result, services)
    elif action == "lvs.cluster.ipvs_table":
        yield from list(describe_table(result, services)) or _anything(task.rsplit(" : ", 1)[-1], result)
    elif action == "lvs.cluster.real_server_vip":
        yield from describe_state(result, vips=lambda vip: f"VIP {vip}, silent in ARP{names_of(services, vip)}")
    else:
        known = DESCRIPTIONS.get(action, _nothing)
        yield from list(known(result)) or _anything(task.rsplit(" : ", 1)[-1], result)


def _apt(result: Dict) -> Iterator[Change]:
    text = (result.get("diff") or {}).get("prepared", "")
    new = _packages(text, "The following NEW packages will be installed:")
    needed = set(_packages(text, "The following additional packages will be installed:"))
    wanted = [name for name in new if name not in needed]
    more = f" with {count(len(needed), 'further package')}" if needed else ""
    if wanted:
        yield Change("", f"install {', '.join(wanted)}{more}")
    if upgraded := _packages(text, "The following packages will be upgraded:"):
        yield Change("", f"upgrade {', '.join(upgraded)}")


def _packages(text: str, heading: str) -> list[str]:
    found = re.search(rf"^{heading}\n((?:  .*\n?)+)", text, re.MULTILINE)
    return found[1].split() if found else []


def _command(result: Dict) -> Iterator[Change]:
    words = result.get("cmd") or []
    yield Change("", f"run {words if isinstance(words, str) else ' '.join(words)}")


def _mount(result: Dict) -> Iterator[Change]:
    if "src" in result:
        yield Change("", f"mount {result['name']} from {result['src']}")


def _file(result: Dict) -> Iterator[Change]:
    diff = result.get("diff") or {}
    before, after = diff.get("before", {}), diff.get("after", {})
    if isinstance(after, Mapping) and "path" in after:
        state = after.get("state")
        if state == "absent":
            yield Change("-", after["path"])
        elif state and before.get("state") == "absent":
            yield Change("+", f"{after['path']}{' (folder)' if state == 'directory' else ''}")
        else:
            differing = [name for name in after if before.get(name) != after[name]]
            changed = ", ".join(f"{name} {before.get(name, 'unset')} -> {after[name]}" for name in differing)
            yield Change("~", f"{after['path']}: {changed}")


def _nothing(_result: Dict) -> Iterator[Change]:
    yield from ()


def _anything(task: str, result: Dict) -> Iterator[Change]:
    label = result.get("_ansible_item_label")
    name = f"{task}: {label}" if isinstance(label, (str, int)) else task
    diffs = result.get("diff") or ()
    texts = list(_texts(name, [diffs] if isinstance(diffs, Mapping) else diffs))
    yield from texts or [Change("~", name)]


def _texts(name: str, diffs: Sequence[Dict]) -> Iterator[Change]:
    for diff in diffs:
        if isinstance(diff.get("after"), str):
            header = str(diff.get("after_header") or "")
            # Of a template Ansible says only where it lay on the controller.
            known = header and not header.endswith(".j2")
            yield from file_change(header.partition(" ")[0] if known else name, diff.get("before"), diff["after"])


def _arguments(result: Dict) -> Dict:
    arguments: Dict = (result.get("invocation") or {}).get("module_args") or {}
    return arguments


DESCRIPTIONS: Mapping[str, Callable[[Dict], Iterator[Change]]] = {
    "ansible.builtin.apt": _apt,
    "ansible.builtin.command": _command,
    "ansible.builtin.file": _file,
    "ansible.posix.mount": _mount,
    "lvs.cluster.kernel_settings": describe_state,
    "lvs.cluster.nft_table": describe_nftables,
    "lvs.cluster.real_server_gateway": describe_state,
    "lvs.cluster.real_server_tunnel": describe_state,
}
