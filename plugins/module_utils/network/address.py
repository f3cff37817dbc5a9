# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IP addresses as text."""

from __future__ import annotations

from ipaddress import ip_address


def canonical(text: str) -> str | None:
    """Return an address in canonical form, or None if the text is none."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None
