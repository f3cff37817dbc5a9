# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import is_address
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.formats import ImportFailedError, import_text
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.ldirectord import read_model
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.model import Known, Mark
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.screen import render
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import plan_services
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.ldirectord.configurations import configurations
from hypothesis import given, settings

FIXTURES = Path(__file__).parent / "fixtures"
FILES = {"ldirectord": "ldirectord.cf", "ipvsadm": "ipvsadm.rules", "piranha": "lvs.cf"}
KNOWN = Known(
    marks={7: Mark(("198.51.100.7", "2001:db8:1::7"), (443, 80))}, nat_gateway=("198.51.100.254", "2001:db8:1::fe")
)


def takes_it(result):
    """Whether the plan takes a result, after the addresses have been added that nobody knows."""
    unknown = [name for name, own in result.real_servers.items() if not own and not is_address(name)]
    added = {
        name: {"lvs_address": [f"203.0.113.{number}", f"2001:db8:2::{number}"]}
        for number, name in enumerate(unknown, 1)
    }
    return len(plan_services(result, added)) == len(result.variables["lvs_services"])


@settings(max_examples=40)
@given(configurations())
def test_the_plan_takes_whatever_ldirectord_takes(configuration):
    result = read_model(configuration, KNOWN)
    assert takes_it(result)
    assert render(result, "file").startswith("# file (ldirectord)")


def mutated(text, chance):
    """A text with some words exchanged, and lines dropped, doubled or moved."""
    lines = text.splitlines()
    words = text.split()
    for _count in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        kind = chance.randrange(4)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(other, lines[at])
        else:
            old = lines[at].replace("=", "= ").split()
            if old:
                lines[at] = lines[at].replace(
                    chance.choice(old).rstrip("="), chance.choice(words).rpartition("=")[2], 1
                )
    return "\n".join(lines)


def attempt(text, name):
    """The result of an import, or the message of its failure."""
    try:
        return import_text(text, name, KNOWN)
    except ImportFailedError as error:
        return str(error)


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_are_imported_or_refused_with_a_message(name):
    text = (FIXTURES / FILES[name]).read_text(encoding="utf-8")
    chance = random.Random(7)
    results = [attempt(mutated(text, chance), name) for _count in range(300)]
    refused = [result for result in results if isinstance(result, str)]
    assert all(takes_it(result) for result in results if not isinstance(result, str))
    assert 20 < len(refused) < 290
    assert all(message.startswith("not all of it can be read as") for message in refused)
