# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.filter.lab_problems import FilterModule


def test_the_filter_lists_mistakes() -> None:
    lab_problems = FilterModule().filters()["lab_problems"]
    assert lab_problems({"lb1": [{"segment": "lan", "addresses": ["192.0.2.11/24"]}]}, "demo") == []
    assert lab_problems({"lb1": [{"segment": "lan", "addresses": ["192.0.2.11"]}]}, "demo") == [
        (
            "machine 'lb1': '192.0.2.11' is not an address with a prefix length like 192.0.2.11/24 or 2001:db8::11/64 "
            "(the prefix length is missing)"
        ),
    ]
