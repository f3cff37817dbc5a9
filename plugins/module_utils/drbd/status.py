# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What DRBD 8.4 says of a volume in /proc/drbd: pure, and used by the program on the storage hosts too."""

from __future__ import annotations

import re
from dataclasses import dataclass

VOLUME = re.compile(
    r"^ *(?P<minor>\d+): cs:(?P<connection>\w+) ro:(?P<role>\w+)/(?P<peer_role>\w+)"
    r" ds:(?P<disk>\w+)/(?P<peer_disk>\w+) +(?:[ABC] )?(?P<flags>[rs]\S*)",
    re.MULTILINE,
)
OUT_OF_SYNC = re.compile(r"\boos:(\d+)")
SYNCED = re.compile(r"sync'ed: *(\d+(?:\.\d+)?)%")
NOT_CONNECTED = (
    "StandAlone",
    "Disconnecting",
    "Unconnected",
    "Timeout",
    "BrokenPipe",
    "NetworkFailure",
    "ProtocolError",
    "TearDown",
    "WFConnection",
    "WFReportParams",
)


@dataclass(frozen=True)
class Status:
    """One volume, in DRBD's own words; of the peer `Unknown` and `DUnknown` while there is no connection."""

    connection: str
    role: str
    peer_role: str
    disk: str
    peer_disk: str
    frozen: bool
    """Whether reads and writes wait."""
    out_of_sync: int
    """KiB that the two disks do not have in common."""
    synced: float | None = None
    """Percent of a synchronisation that runs."""

    @property
    def is_connected(self) -> bool:
        """Tell whether writes reach the peer."""
        return self.connection not in NOT_CONNECTED

    @property
    def is_new(self) -> bool:
        """Tell whether neither side has ever had data: only then may a first synchronisation be skipped."""
        return self.connection == "Connected" and (self.disk, self.peer_disk) == ("Inconsistent", "Inconsistent")

    @property
    def is_ready(self) -> bool:
        """Tell whether this side has the newest data."""
        return self.disk == "UpToDate"


def parse(text: str, minor: int) -> Status | None:
    """Return the volume with this minor number, None where it is not up. `text` is that of /proc/drbd."""
    found = list(VOLUME.finditer(text))
    for index, match in enumerate(found):
        if int(match["minor"]) != minor:
            continue
        end = found[index + 1].start() if index + 1 < len(found) else len(text)
        details = text[match.end() : end]
        out_of_sync, synced = OUT_OF_SYNC.search(details), SYNCED.search(details)
        return Status(
            connection=match["connection"],
            role=match["role"],
            peer_role=match["peer_role"],
            disk=match["disk"],
            peer_disk=match["peer_disk"],
            frozen=match["flags"].startswith("s"),
            out_of_sync=int(out_of_sync[1]) if out_of_sync else 0,
            synced=float(synced[1]) if synced else None,
        )
    return None
