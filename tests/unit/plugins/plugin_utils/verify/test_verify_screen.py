# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.report import make_reports
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.screen import (
    ASCII,
    UNICODE,
    WIDTH,
    render,
    symbols_for,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.verify.healthy import (
    LB1_MAC,
    WEB2_MAC,
    cluster,
    declared_server,
    declared_service,
    http,
    server,
    service,
    statistics,
)


def lines(results, symbols=ASCII, hosts=None):
    (report,) = make_reports(results, hosts)
    return render(report, symbols)


def text(results, symbols=ASCII, hosts=None):
    return "\n".join(line.text for line in lines(results, symbols, hosts))


def sick():
    results = cluster()
    for director in ("lb1", "lb2"):
        results[director]["ipvs"]["after"]["services"] = [service(scheduler="rr", servers=[server(1)])]
    results["client1"]["arp"][0]["macs"] = [LB1_MAC, WEB2_MAC]
    results["web2"]["vips"]["arp_ignore"] = 0
    results["web1"]["mounts"] = []
    results["client1"]["http"] = [http(succeeded=27, failures={"refused": {"count": 3}})]
    del results["store1"]
    return results


def test_the_screen_of_a_healthy_cluster():
    rule = "-" * WIDTH
    assert (
        text(cluster())
        == f"""
LVS cluster lvs
{rule}

Directors
  + lb1  active   holds 192.0.2.100  sync backup and master
  + lb2  standby  holds no VIP       sync backup and master

VIPs
  + 192.0.2.100  held by lb1  ARP is answered by lb1 (52:54:00:00:00:01)

Service web: tcp 192.0.2.100:80, DR, wlc
    server  address        state        weight  connections  answers
  + web1    192.0.2.21:80  in rotation       1           20       20
  + web2    192.0.2.22:80  in rotation       1           10       10
  + 30 of 30 requests from client1 answered; median 1.2 ms, slowest 4.1 ms; longest gap 21 ms

IPVS table, compared with the declaration
  + lb1  as declared
  + lb2  as declared

Real servers
  + web1  has bound 192.0.2.100, silent in ARP
  + web1  /srv/www: 192.0.2.31:/srv/www (nfs4, ro)
  + web2  has bound 192.0.2.100, silent in ARP
  + web2  /srv/www: 192.0.2.31:/srv/www (nfs4, ro)

  + Everything is as declared."""
    )


def test_the_screen_of_a_sick_cluster():
    screen = text(sick())
    for part in (
        "  ! 192.0.2.100  held by lb1  ARP is answered by lb1 (52:54:00:00:00:01), web2\n    (52:54:00:00:01:02)",
        "  ! web2    192.0.2.22:80  OUT OF ROTATION on lb1, lb2       -           10       10",
        "  ! 27 of 30 requests from client1 answered",
        "  ! lb1  web: scheduler is rr, declared wlc",
        "  ! lb1  web: web2 (192.0.2.22:80) is missing",
        "  ! web1  /srv/www: not mounted",
        "  ! web2  has bound 192.0.2.100, NOT SILENT IN ARP",
        "8 problems\n  1. 192.0.2.100: web2 answers for it by ARP (52:54:00:00:01:02)",
        "\n     > run lvs.cluster.site, which sets arp_ignore and arp_announce on web2\n  2. web: web2",
        "  8. store1 could not be asked",
    ):
        assert part in screen
    assert "Everything" not in screen


def test_data_gates():
    results = cluster()
    for host, status, content in (("web1", 200, "ready"), ("web2", 503, "www: /srv/www is not mounted")):
        results[host]["gates"] = [{"item": {"name": "web"}, "status": status, "content": content}]
    screen = text(results)
    assert "  + web1  data of web: ready\n" in screen
    assert "  ! web2  data of web: NOT READY\n" in screen


@pytest.mark.parametrize("results", [cluster(), sick()])
@pytest.mark.parametrize("symbols", [ASCII, UNICODE])
def test_no_line_is_too_long_or_ends_in_blanks(results, symbols):
    for line in lines(results, symbols):
        assert len(line.text) <= WIDTH
        assert line.text == line.text.rstrip()


def test_marks_and_tones_go_together():
    tones = {line.text[2]: line.tone for line in lines(sick()) if line.text.startswith(("  + ", "  ! "))}
    assert tones == {"+": "well", "!": "wrong"}
    assert [line.text for line in lines(cluster()) if line.tone == "title"] == [
        "LVS cluster lvs",
        "Directors",
        "VIPs",
        "Service web: tcp 192.0.2.100:80, DR, wlc",
        "IPVS table, compared with the declaration",
        "Real servers",
    ]


@pytest.mark.parametrize(
    ("encoding", "symbols"),
    [("utf-8", UNICODE), ("UTF8", UNICODE), ("ascii", ASCII), ("latin-1", ASCII), ("no-such", ASCII), (None, ASCII)],
)
def test_marks_that_the_output_can_show(encoding, symbols):
    assert symbols_for(encoding) is symbols


def test_ascii_is_ascii_and_marks_are_one_column_wide():
    assert text(sick(), ASCII).isascii()
    assert {len(symbol) for symbols in (ASCII, UNICODE) for symbol in vars(symbols).values()} == {1}


def test_what_was_not_checked_is_told_and_the_verdict_is_careful():
    results = cluster()
    del results["client1"]
    screen = text(results, hosts=["lb1", "lb2", "web1", "web2", "store1"])
    assert "  . 192.0.2.100  held by lb1  nobody asked the network\n" in screen
    assert "Not checked\n  . Not in this run: client1.\n  . No client was asked: no request was sent" in screen
    assert screen.endswith("  + Everything that was checked is as declared.")


def test_without_names_in_the_answers_there_is_no_column_for_them():
    results = cluster()
    results["client1"]["http"] = [http(servers={})]
    assert "connections\n" in text(results)


def test_requests_that_all_failed():
    results = cluster()
    results["client1"]["http"] = [
        http(succeeded=0, failures={"refused": {"count": 30}}, servers={}, gap_ms=None, latency_ms={})
    ]
    assert "  ! 0 of 30 requests from client1 answered\n" in text(results)


def test_persistence_ipv6_and_a_drained_server():
    results = cluster()
    drained = declared_service(
        vip="2001:db8::100", persistence={"timeout": 300}, real_servers=[declared_server(1, weight=0)]
    )
    for host in ("lb1", "lb2", "client1"):
        results[host]["plan"]["verify"] = {"services": [drained]}
    for director in ("lb1", "lb2"):
        results[director]["ipvs"]["after"]["services"] = [
            service(
                vip="2001:db8::100",
                persistence={"timeout": 300, "prefix": 128, "engine": None},
                servers=[server(1, weight=0)],
            )
        ]
    screen = text(results)
    assert "Service web: tcp [2001:db8::100]:80, DR, wlc, persistent for 300 s" in screen
    assert "  . web1    192.0.2.21:80  weight 0, as declared       0" in screen


def test_the_gateway_of_real_servers_is_held_like_a_vip():
    results = cluster()
    results["lb1"]["plan"]["director"]["nat_gateways"] = ["198.51.100.1"]
    results["lb1"]["addresses"].append({"interface": "eth1", "mac": None, "addresses": ["198.51.100.1/24"]})
    assert "  + lb1  active   holds 192.0.2.100, gateway 198.51.100.1  sync backup and master" in text(results)


@pytest.mark.parametrize(
    ("part", "value", "line"),
    [
        ("ipvs", {}, "  + lb2  standby  holds no VIP       IPVS not read"),
        ("ipvs", {"before": {"loaded": False, "services": [], "sync_daemons": []}}, "no sync daemon"),
    ],
)
def test_a_director_without_ipvs(part, value, line):
    results = cluster()
    results["lb2"][part] = value
    assert line in text(results)


def test_unknown_servers_and_vips():
    results = cluster()
    del results["lb1"], results["lb2"]
    results["web1"]["vips"] = {}
    results["client1"]["arp"] = [{"address": "192.0.2.100", "macs": []}]
    screen = text(results)
    assert "  . web1    192.0.2.21:80  unknown" in screen
    assert "  . web1  its VIPs were not looked at" in screen
    assert "held by nobody  ARP is answered by nobody" in screen


def many(count, bad=()):
    results = cluster()
    members = {**results["lb1"]["plan"]["cluster"], "real_servers": []}
    wanted = declared_service(real_servers=[declared_server(number) for number in range(count)])
    there = service(servers=[server(number) for number in range(count) if number not in bad])
    for name in ("web1", "web2"):
        del results[name]
    for result in results.values():
        result["plan"]["cluster"] = members
        if result["plan"]["verify"]["services"]:
            result["plan"]["verify"] = {"services": [wanted]}
    for director in ("lb1", "lb2"):
        results[director]["ipvs"] = {
            name: {
                "loaded": True,
                "services": [copy.deepcopy(there)],
                "statistics": statistics(*[0 if name == "before" else 1] * count),
                "sync_daemons": results[director]["ipvs"]["after"]["sync_daemons"],
            }
            for name in ("before", "after")
        }
    return results


def test_of_many_servers_those_in_trouble_are_shown():
    screen = text(many(100, bad=(50, 99)))
    shown = [line for line in screen.splitlines() if line.startswith(("  + web", "  ! web"))]
    assert len(shown) == 12
    assert [line.split()[1] for line in shown if line.startswith("  ! ")] == ["web50", "web99"]
    assert "    and 88 more, all well" in screen


def test_a_dozen_servers_are_all_shown():
    screen = text(many(12))
    assert "more, all well" not in screen


def test_all_of_many_servers_in_trouble_are_shown():
    screen = text(many(20, bad=range(20)))
    assert len([line for line in screen.splitlines() if line.startswith("  ! web")]) == 20
