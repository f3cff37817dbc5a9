# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.ports import MOST_PORTS, Ports
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import read


@pytest.mark.parametrize(
    ("value", "ports"),
    [
        (80, (80,)),
        ("80", (80,)),
        ([443, 80], (443, 80)),
        ("8000-8002", (8000, 8001, 8002)),
        ("8000:8002", (8000, 8001, 8002)),
        (["8000 - 8001", 80], (8000, 8001, 80)),
        (f"1-{MOST_PORTS}", tuple(range(1, MOST_PORTS + 1))),
    ],
)
def test_ports_are_read(value, ports):
    assert read(Ports(), value) == (ports, [])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("0-5", "x: '0-5' is not a range of ports; write the lower port first, both from 1 to 65535"),
        ("5-5", "x: '5-5' is not a range of ports; write the lower port first, both from 1 to 65535"),
        (
            [80, "65535-65536"],
            "x[1]: '65535-65536' is not a range of ports; write the lower port first, both from 1 to 65535",
        ),
        ([80, True], "x[1]: true is not a whole number; write a number from 1 to 65535"),
        (["80-81", 80], "x: 80 stands in the list twice; write each once"),
        (
            [],
            "x: the list is empty; write at least one: 1 to 65535, a range in quotes such as '8000-8009', or a list of such",
        ),
    ],
)
def test_what_ports_cannot_be(value, problem):
    assert read(Ports(), value) == (INVALID, [problem])
