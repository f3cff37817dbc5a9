# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plan is made from: the hosts, groups and variables of an inventory, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Unreadable:
    """Stands for a variable whose value could not be had, such as a template that fails."""

    reason: str


@dataclass(frozen=True)
class Host:
    """One host of the inventory."""

    name: str
    variables: Mapping[str, object] = field(default_factory=dict)
    """Its `lvs_*` variables. Hosts that share a value share the object, which keeps comparing them cheap."""
    ansible_host: object = None
    """Where Ansible connects to, if the inventory says so."""
    fact_addresses: tuple[str, ...] = ()
    """All its addresses, if facts have been gathered."""


@dataclass(frozen=True)
class Inventory:
    """All hosts, those too that a `--limit` leaves out."""

    hosts: tuple[Host, ...]
    groups: Mapping[str, tuple[str, ...]]
    """Group name -> names of its hosts, its child groups' included, in the inventory's order."""
    set_by_play: tuple[str, ...] = ()
    """`lvs_*` variables that the play sets to something else than the inventory does."""
