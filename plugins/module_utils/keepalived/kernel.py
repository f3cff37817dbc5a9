# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A keepalived.conf and the kernel's table."""

from __future__ import annotations

from ..ipvs.follow import Follower
from .virtual_servers import read_virtual_servers


def follower(content: str, before: str | None = None) -> Follower:
    """Return who compares the virtual servers of `content`, and those of `before` they replace, with the table."""
    wanted = read_virtual_servers(content)
    return Follower(
        [each.full for each in wanted],
        [each.full for each in read_virtual_servers(before)],
        {each.key for each in wanted if each.is_suspended},
    )
