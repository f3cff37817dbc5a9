# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster import docs
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import CLUSTER_VARIABLES, HOST_VARIABLES

PAGE = Path(docs.__file__).parents[3] / "docs" / "variables.md"


def test_the_page_is_in_step_with_the_schema():
    assert PAGE.read_text(encoding="utf-8") == docs.render(), f"Make it again; {docs.__name__} says how."


@pytest.mark.parametrize("variable", [*CLUSTER_VARIABLES, *HOST_VARIABLES])
def test_each_variable_has_a_row(variable):
    assert f"\n| `{variable}` | " in docs.render()


def test_each_link_has_its_heading():
    page = docs.render()
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", page, re.MULTILINE)}
    links = set(re.findall(r"\(#([a-z-]+)\)", page))
    assert links == {
        "cluster-fs",
        "fencing",
        "rsync",
        "service",
        "service-lines",
        "storage-ha",
        "persistence",
        "real-server",
        "health-check",
        "keepalived-lines",
        "page",
        "sorry-server",
        "shared-data",
        "tunnel",
        "vrrp",
    }
    assert links <= headings


def test_all_rows_have_four_cells():
    rows = [line for line in docs.render().splitlines() if line.startswith("| `") and not line.startswith("| `lvs_dir")]
    assert rows
    assert {row.count(" | ") for row in rows if "lvs_" not in row} == {3}


@pytest.mark.parametrize(
    "piece",
    [
        "| `forwarding` | `dr` or `nat` or `fullnat` or `tun` | `dr` | ",
        "| `rsync` | a [rsync](#rsync) |  | ",
        "| `timeout` | 1 to 2678400 seconds | required | ",
        "| `lvs_take_over` | `true` or `false` | `false` | ",
        "`net.ipv4.vs.expire_nodest_conn: 1`",
    ],
)
def test_the_page_has_what_users_look_for(piece):
    assert piece in docs.render()
