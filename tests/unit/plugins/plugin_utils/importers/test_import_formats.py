# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.formats import (
    ImportFailedError,
    import_text,
    recognise,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.known import read_known
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.model import Imported, Known, Loss, Mark
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.screen import render


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("-A -t 192.0.2.1:80 -s rr\n", "ipvsadm"),
        ("# saved\nipvsadm -A -t 192.0.2.1:80\n", "ipvsadm"),
        ("--add-service -t 192.0.2.1:80\n", "ipvsadm"),
        ("virtual=192.0.2.1:80\n", "ldirectord"),
        ("# a\ncheckcount=3\nvirtual6 = 7\n", "ldirectord"),
        ("serial_no = 1\n", "piranha"),
        ("primary = 192.0.2.1\n", "piranha"),
        ("network = nat\nvirtual web {\n}\n", "piranha"),
        ("network = nat\n failover web {\n}\n", "piranha"),
        ("# not primary = 192.0.2.1\nvirtual=7\n", "ldirectord"),
        ("global_defs {\n}\n", "keepalived"),
        ("! a\nvrrp_instance VI_1 {\n}\n", "keepalived"),
        ("virtual_server 192.0.2.1 80 {\n}\n", "keepalived"),
    ],
)
def test_formats_are_recognised(text, name):
    assert recognise(text) == name


@pytest.mark.parametrize("text", ["", "hello\n", "checkcount = 3\n"])
def test_what_is_not_recognised(text):
    message = r"^the format is not recognised: say it, as one of ipvsadm, keepalived, ldirectord, piranha$"
    with pytest.raises(ImportFailedError, match=message):
        recognise(text)


def test_the_format_that_is_said_goes_before():
    assert import_text("checkcount = 3\n", "ldirectord", Known()).variables == {"lvs_services": []}
    with pytest.raises(
        ImportFailedError, match=r"^there is no format x: write one of ipvsadm, keepalived, ldirectord, piranha$"
    ):
        import_text("", "x", Known())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("-A\n-a\n", "not all of it can be read as rules of ipvsadm:\nline 1: no service is named"),
        ("virtual=x\ny\n", "not all of it can be read as ldirectord.cf:\nline 1: 'x' is not a service"),
        ("virtual x {\ny\n", "not all of it can be read as lvs.cf:\nline 2: there is no keyword y"),
    ],
)
def test_mistakes_of_a_file(text, wanted):
    with pytest.raises(ImportFailedError) as caught:
        import_text(text, None, Known())
    assert str(caught.value).startswith(wanted)
    assert len(str(caught.value).splitlines()) == 3


def test_what_the_user_knows():
    given = {
        "hosts": {"web1": "192.0.2.21", "web2": ["192.0.2.22", "2001:DB8::22"]},
        "marks": {
            7: {"vip": "192.0.2.107", "port": [80, 443]},
            "8": {"vip": ["192.0.2.108"], "port": "20-21", "protocol": "udp"},
        },
        "nat_gateway": "192.0.2.1",
    }
    assert read_known(given) == Known(
        hosts={"web1": ("192.0.2.21",), "web2": ("192.0.2.22", "2001:db8::22")},
        marks={7: Mark(("192.0.2.107",), (80, 443)), 8: Mark(("192.0.2.108",), (20, 21), "udp")},
        nat_gateway=("192.0.2.1",),
    )
    assert read_known(None) == read_known({}) == read_known({"hosts": None}) == Known()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], "known: a list is not a mapping; write one, as docs/import.md does"),
        ({"host": {}}, "known.host: there is no such key; did you mean 'hosts'?"),
        ({"zzz": {}}, "known.zzz: there is no such key; known keys: hosts, marks, nat_gateway"),
        (
            {"hosts": {"web1": "web1"}},
            "known.hosts.web1: 'web1' is not an IP address; write a literal address, such as 192.0.2.100",
        ),
        (
            {"marks": {"x": {}}},
            "known.marks.x: 'x' is not a whole number; write a number from 1 to 4294967295\n"
            "known.marks.x.vip: nothing is not an IP address; write a literal address, such as 192.0.2.100\n"
            "known.marks.x.port: nothing is not a whole number; write a number from 1 to 65535",
        ),
        (
            {"marks": {7: {"vip": "192.0.2.1", "port": 0}}},
            "known.marks.7.port: 0 is out of range; write a number from 1 to 65535",
        ),
        (
            {"marks": {7: {"vip": "192.0.2.1", "port": 1, "ports": 2}}},
            "known.marks.7.ports: there is no such key; did you mean 'port'?",
        ),
        (
            {"nat_gateway": "x"},
            "known.nat_gateway: 'x' is not an IP address; write a literal address, such as 192.0.2.100",
        ),
    ],
)
def test_mistakes_in_what_the_user_knows(given, wanted):
    with pytest.raises(ImportFailedError) as caught:
        read_known(given)
    assert str(caught.value) == wanted


def test_the_example_of_the_documentation_is_read():
    text = (Path(__file__).parents[5] / "docs/import.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert read_known(yaml.safe_load(example)["lvs_import_known"]).marks == {7: Mark(("192.0.2.107",), (80, 443))}


def test_the_screen_groups_what_is_lost_for_the_same_reason():
    losses = (
        Loss(3, "request", "a", "one"),
        Loss(5, "request", "b", "one"),
        Loss(5, "request", "b", "one"),
        Loss(7, "virtual", "", "two"),
        Loss(None, "timeouts", "", "three"),
        Loss(9, "comment", "a\x07b", "four"),
    )
    text = render(Imported("x", {"lvs_services": []}, {}, {}, losses), "PATH")
    assert text.splitlines() == [
        "# PATH (x) as variables: group_vars/all.yml",
        "---",
        "lvs_services: []",
        "",
        "# The hosts, for the inventory; add the group lvs_directors",
        "---",
        "{}",
        "",
        "# Not carried over, or not as it was:",
        "# - lines 3, 5, request a, b: one",
        "# - line 7, virtual: two",
        "# - timeouts: three",
        "# - line 9, comment a\\x07b: four",
    ]


def test_the_screen_says_when_nothing_is_lost():
    text = render(Imported("x", {}, {"lb1": {}}, {}, ()), "PATH")
    assert text.endswith("      lb1:\n\n# Everything is carried over.\n")
