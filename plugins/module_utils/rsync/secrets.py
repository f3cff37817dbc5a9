# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets file of a module of the rsync daemon: pure but for the chance in new secrets."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

HEADER = "# Managed by lvs.cluster.\n"
LONGEST = 512
"""rsync reads lines of 1024 bytes at most, and a client's password file too."""


def parse(text: str) -> dict[str, str]:
    """Return the secrets by user; the first line of a user counts, as for rsync."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        user, colon, secret = line.partition(":")
        if colon and not user.startswith("#"):
            found.setdefault(user, secret)
    return found


def render(given: Mapping[str, str]) -> str:
    """Return the text of a secrets file."""
    return HEADER + "".join(f"{user}:{secret}\n" for user, secret in sorted(given.items()))


def masked(text: str | None, other: str | None) -> str:
    """Return a secrets file without its secrets, for a diff; who has another secret in `other` can be seen."""
    if text is None:
        return ""
    others = parse(other or "")
    return HEADER + "".join(
        f"{user}: (hidden{'' if others.get(user, secret) == secret else ', another one'})\n"
        for user, secret in sorted(parse(text).items())
    )


def completed(users: Iterable[str], given: Mapping[str, str], existing: Mapping[str, str]) -> dict[str, str]:
    """Return a secret for each user: the given one, else the one that is there, else a new one."""
    return {user: given.get(user) or existing.get(user) or secrets.token_urlsafe(32) for user in users}


def problems_of(path: str, users: Iterable[str], given: Mapping[str, str]) -> list[str]:
    """Return what is wrong with given secrets; no message has one in it."""
    known = set(users)
    found = [f"{path}: '{user}' is not in auth_users" for user in given if user not in known]
    for user, secret in given.items():
        if not secret or len(secret) > LONGEST or any(character in secret for character in "\n\r\0"):
            found.append(f"{path}.{user}: a secret is one line of 1 to {LONGEST} characters")
    return found
