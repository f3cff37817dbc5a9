# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An nftables table of ours: the text that replaces it in one transaction, and how two listings are compared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path("/etc/lvs-cluster/nftables")

NUMBERS = {"handle", "index"}
"""What the kernel gives to rules and sets by itself."""


@dataclass(frozen=True)
class Table:
    """One table, by its family and name; `content` is its body in the syntax of nft."""

    family: str
    name: str
    content: str

    @property
    def path(self) -> Path:
        """Return the file that has it for the next boot."""
        return FOLDER / f"{self.family}-{self.name}.nft"

    @property
    def listing(self) -> tuple[str, ...]:
        """Return the words of nft that list it."""
        return ("list", "table", self.family, self.name)

    def text(self) -> str:
        """Return the file: one transaction that replaces the table, if it is there, and touches no other."""
        which = f"table {self.family} {self.name}"
        body = "\n".join(f"    {line}".rstrip() for line in self.content.strip("\n").splitlines())
        return f"# Managed by lvs.cluster.\n{which}\ndelete {which}\n{which} {{\n{body}\n}}\n"


@dataclass(frozen=True)
class Listing:
    """A table as the kernel has it: what it says, for comparison, and how nft shows it. Empty if there is none."""

    says: Any = None
    text: str = ""


def read_listing(output: str) -> Listing:
    """Read a listing in JSON, which is one line, and the one that follows it, which is for people."""
    first, _newline, text = output.partition("\n")
    objects = [_stripped(each) for each in json.loads(first)["nftables"] if "metainfo" not in each]
    return Listing(objects, text.strip())


def _stripped(value: Any, key: str = "") -> Any:
    """Leave out what differs from load to load: numbers of the kernel's own, and the order within sets."""
    if isinstance(value, dict):
        return {name: _stripped(item, name) for name, item in value.items() if name not in NUMBERS}
    if isinstance(value, list):
        items = [_stripped(item) for item in value]
        return sorted(items, key=json.dumps) if key in ("set", "elem") else items
    return value


UNIT_TEXT = f"""\
# Managed by lvs.cluster.
[Unit]
Description=nftables tables of this LVS cluster
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target
# The distribution's unit flushes everything when it starts or reloads; ours comes after it, each time.
After=nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'cat {FOLDER}/*.nft | nft --file -'
ExecReload=/bin/sh -c 'cat {FOLDER}/*.nft | nft --file -'

[Install]
WantedBy=sysinit.target
"""
