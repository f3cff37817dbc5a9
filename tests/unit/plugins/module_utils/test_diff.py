# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils.diff import changed_parts


def test_only_what_differs_is_shown() -> None:
    parts = [("/etc/exports", "", "/srv/www\n"), ("/etc/fstab", "same\n", "same\n"), ("mounts", "/srv\n", "")]
    assert changed_parts(parts) == [
        {"before_header": "/etc/exports", "after_header": "/etc/exports", "before": "", "after": "/srv/www\n"},
        {"before_header": "mounts", "after_header": "mounts", "before": "/srv\n", "after": ""},
    ]


def test_no_difference() -> None:
    assert changed_parts([("/etc/fstab", "same\n", "same\n")]) == []
