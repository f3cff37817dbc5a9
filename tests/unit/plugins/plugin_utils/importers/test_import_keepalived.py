# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived.conf: what is carried over, and that what our own role writes comes back."""

from __future__ import annotations

import dataclasses
from contextlib import suppress

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.grammar.root import ROOT
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.formats import ImportFailedError, import_text
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.keepalived import _range
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.known import read_known
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import both_families
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import plan_services
from ansible_collections.lvs.cluster.tests.unit.roles import test_keepalived_conf as written
from hypothesis import given
from hypothesis import strategies as st

WEB = {f"web{number}": [f"192.0.2.2{number}", f"2001:db8::2{number}"] for number in (1, 2, 3)}
LB = {f"lb{number}": [f"192.0.2.1{number}", f"2001:db8::1{number}"] for number in (1, 2)}
KNOWN = {"hosts": {**WEB, **LB}, "nat_gateway": "198.51.100.1"}
KEYWORDS = sorted({"virtual_server", "real_server", "{", "}", "url", *ROOT, *written.OWN["real_server"]})


def imported(text, **known):
    return import_text(text, "keepalived", read_known({**KNOWN, **known}))


def service(*lines, server=(), name="192.0.2.100 80"):
    inside = "\n".join([*lines, "real_server 192.0.2.21 80 {", *server, "}"])
    result = imported(f"virtual_server {name} {{\n{inside}\n}}\n")
    found = result.variables["lvs_services"]
    return found[0] if found else None, [(loss.line, loss.keyword, loss.reason) for loss in result.losses]


def test_what_our_own_role_writes_comes_back():
    """But for names, which have no colons, for fullnat, whose other half is nftables', and for addresses in programs."""
    declared = [each for each in written.SERVICES if each["name"] not in ("far", "shop", "program", "kept")]
    result = imported(written.rendered({}, services=declared, vrrp=written.VRRP))
    (cluster,) = make_plan(both_families(services=declared)).clusters
    back = plan_services(result)
    for services in (back, cluster.services):
        assert services
    assert [dataclasses.replace(each, name="") for each in back] == [
        dataclasses.replace(each, name="") for each in cluster.services
    ]
    assert result.variables["lvs_vrrp"] == {"virtual_router_id": 88, **written.VRRP}
    assert list(result.directors) == ["lb1", "lb2"]
    assert {loss.keyword for loss in result.losses} == {
        *(
            "router_id",
            "vrrp_version",
            "reload_check_config",
            "state",
            "priority",
            "track_interface",
            "higher_prio_send_advert",
        ),
        *("enable_sni", "name"),
    }


def test_every_service_of_a_group():
    text = "virtual_server_group a {\n192.0.2.100-101 80\nfwmark 7\n2001:db8::1 443\n}\nvirtual_server group a {\n"
    text += "real_server 192.0.2.21 80 {\n}\nlb_kind DR\n}\nvirtual_server group b {\n}\n"
    result = imported(text, marks={7: {"vip": "192.0.2.107", "port": 80}})
    found = result.variables["lvs_services"]
    assert [each["vip"] for each in found] == ["192.0.2.100", "192.0.2.101", "192.0.2.107"]
    reasons = [loss.reason for loss in result.losses]
    assert "there is no such group" in reasons


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("192.0.2.9-11", ["192.0.2.9", "192.0.2.10", "192.0.2.11"]),
        ("2001:db8::e-10", ["2001:db8::e", "2001:db8::f", "2001:db8::10"]),
        ("192.0.2.9", ["192.0.2.9"]),
        ("192.0.2.9-x", ["192.0.2.9-x"]),
    ],
)
def test_ranges(text, addresses):
    assert _range(text) == addresses


def test_the_numbers_of_checks_are_those_of_keepalived():
    found, losses = service("lb_kind DR", server=["HTTP_GET {", "connect_timeout 1.5", "}"])
    assert found["health_check"] == {
        "type": "http",
        "status": "200-299",
        "delay_loop": 60,
        "delay_before_retry": 3,
    }
    assert losses == [(5, "connect_timeout", "times are whole seconds: it is 2 now")]
    assert service("lb_kind DR")[0]["health_check"] == {"type": "none"}


def test_numbers_of_a_service_hold_for_its_checks():
    lines = ["lb_kind DR", "delay_loop 3", "retry 2", "delay_before_retry 4", "virtualhost www.example.org"]
    check = service(*lines, server=["SSL_GET {", "retry 5", "}"])[0]["health_check"]
    assert (check["delay_loop"], check["retry"], check["delay_before_retry"]) == (3, 5, 4)
    assert check["virtualhost"] == "www.example.org"


@pytest.mark.parametrize(
    ("second", "of_check", "of_pages"),
    [("virtualhost a.example", "a.example", [None, None]), ("", None, ["a.example", None])],
)
def test_a_page_without_a_host_is_not_asked_by_that_of_another_page(second, of_check, of_pages):
    urls = ["url {", "path /a", "virtualhost a.example", "}", "url {", "path /b", second, "}"]
    check = service("lb_kind DR", server=["HTTP_GET {", *filter(None, urls), "}"])[0]["health_check"]
    assert check.get("virtualhost") == of_check
    assert [page.get("virtualhost") if isinstance(page, dict) else None for page in check["pages"]] == of_pages


def test_a_program_names_its_server():
    server = ["MISC_CHECK {", 'misc_path "/bin/check 192.0.2.21 80 -x"', "user nobody", "}"]
    check = service("lb_kind DR", server=server)[0]["health_check"]
    assert (check["script"], check["user"]) == ("/bin/check {address} {port} -x", "nobody")


def test_a_program_without_quotation_marks_has_no_arguments():
    found, losses = service("lb_kind DR", server=["MISC_CHECK {", "misc_path /bin/check -x", "}"])
    assert found["health_check"]["script"] == "/bin/check"
    assert losses == [(5, "misc_path", "without quotation marks keepalived takes the first word alone")]


def test_a_session_is_that_of_its_check():
    session = "bfd_instance a {\nneighbor_ip 192.0.2.21\nmin_rx 300\nmultiplier 3\nmax_hops 2\n}\n"
    text = "virtual_server 192.0.2.100 80 {\nlb_kind DR\nreal_server 192.0.2.21 80 {\nBFD_CHECK {\nname a\n}\n}\n}\n"
    found = imported(session + text)
    check = found.variables["lvs_services"][0]["health_check"]
    assert (check["type"], check["min_rx"], check["multiplier"]) == ("bfd", 300, 3)
    assert [(loss.line, loss.keyword) for loss in found.losses] == [(5, "max_hops")]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [((["inhibit_on_failure"]), True), ((["inhibit_on_failure off"]), None), (([]), None)],
)
def test_servers_that_stay(lines, expected):
    assert service("lb_kind DR", *lines)[0].get("inhibit_on_failure") == expected
    assert service("lb_kind DR", server=lines)[0].get("inhibit_on_failure") == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "quorum_up /bin/true",
            "programs have no variable of their own: write it into the keepalived_lines of the service",
        ),
        ("include /etc/more.conf", "only keepalived itself can resolve it: import a file without it"),
        ("@lb1 quorum 2", "it holds on some directors only, and the declaration is that of all"),
        ("no_such_word 1", "the declaration has nothing like it"),
        ("quorum x", "it is no whole number: it is 1 now"),
    ],
)
def test_nothing_is_dropped_in_silence(line, reason):
    assert service("lb_kind DR", line)[1] == [(3, line.split()[line.startswith("@")], reason)]


def test_secrets_are_not_shown():
    text = "vrrp_instance a {\nauthentication {\nauth_pass secret\n}\nauth_pass secret\n}\n"
    assert "secret" not in str(imported(text))


def test_a_vip_without_a_service():
    text = "vrrp_instance a {\ninterface eth0\nvirtual_ipaddress {\n192.0.2.100/24\n198.51.100.9 dev eth1\n}\n}\n"
    (loss,) = [loss for loss in imported(text).losses if loss.keyword == "virtual_ipaddress"]
    assert (loss.line, loss.value) == (4, "192.0.2.100/24")


def test_an_open_block():
    with pytest.raises(ImportFailedError, match="line 1: the block that begins here has no '}'"):
        imported("virtual_server 192.0.2.100 80 {\n")


@given(st.lists(st.lists(st.sampled_from([*KEYWORDS, "1", "x", "192.0.2.1", "fwmark", "group", '"']), max_size=4)))
def test_no_text_ends_in_a_traceback(lines):
    text = "\n".join(" ".join(words) for words in lines)
    with suppress(ImportFailedError):
        imported(text)
