# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of keepalived: pure, no I/O."""

from __future__ import annotations

import re

_PRINTED = re.compile(r"\bKeepalived v(\d+(?:\.\d+)+)")

_CANDIDATE = re.compile(r"^ *Candidate: (?:\d+:)?(\d+(?:\.\d+)+)", re.MULTILINE)


def read_version(output: str) -> str | None:
    """Return the version that `keepalived --version` prints, for example `2.2.7`; None if it prints none."""
    found = _PRINTED.search(output)
    return found.group(1) if found else None


def read_candidate(policy: str) -> str | None:
    """Return the version that a host would install, from what `apt-cache policy keepalived` prints; None for none."""
    found = _CANDIDATE.search(policy)
    return found.group(1) if found else None


def is_older(version: str, than: str) -> bool:
    """Compare two versions number by number."""
    return _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
