# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter import import_services as plugin

import_services = plugin.FilterModule().filters()["import_services"]

RULES = "-A -f 7 -s rr -p 300\n-a -f 7 -r 192.0.2.21:0 -m -w 1\n"


def test_the_examples_do_what_they_show():
    known = yaml.safe_load(plugin.EXAMPLES)[1]["vars"]["known"]
    assert yaml.safe_load(plugin.EXAMPLES)[1]["vars"]["rules"] == RULES
    result = import_services(RULES, format="ipvsadm", known=known)
    assert result["variables"] == {
        "lvs_services": [
            {
                "name": "fwmark-7",
                "vip": "192.0.2.100",
                "port": [80, 443],
                "fwmark": 7,
                "forwarding": "nat",
                "scheduler": "rr",
                "persistence": {"timeout": 300},
                "real_servers": ["web1"],
            }
        ],
        "lvs_nat_gateway": "198.51.100.1",
    }
    assert result["real_servers"] == {"web1": {"lvs_address": "192.0.2.21"}}
    assert (result["format"], result["directors"]) == ("ipvsadm", {})
    assert {tuple(loss) for loss in result["losses"]} == {("line", "keyword", "value", "reason")}


def test_the_result_is_plain_data():
    result = import_services("virtual=192.0.2.1:80\n\treal=192.0.2.21 gate\n")
    assert json.loads(json.dumps(result)) == result


def test_what_is_wrong_is_said():
    with pytest.raises(AnsibleFilterError, match=r"^import_services takes the text of a configuration, not list$"):
        import_services([])
    with pytest.raises(AnsibleFilterError, match=r"^import_services: the format is not recognised"):
        import_services("")
    with pytest.raises(AnsibleFilterError, match=r"^import_services: known: 'x' is not a mapping"):
        import_services("", known="x")
