# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.describe import describe
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.dry_run import DryRunError, command_line, run_dry
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.files import MOST_LINES, file_change
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.model import Change, HostReport
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.results import make_report
from ansible_collections.lvs.cluster.plugins.plugin_utils.plan.screen import render, summary

SERVERS = [{"host": "web1", "address": "192.0.2.21"}, {"host": "web1", "address": "2001:db8::21"}]
SERVICES = [
    {"name": "web-192.0.2.100", "vip": "192.0.2.100", "real_servers": SERVERS},
    {"name": "tls-192.0.2.100", "vip": "192.0.2.100", "real_servers": []},
]
APT = """The following additional packages will be installed:
  libnl-3-200 libpci3
Recommended packages:
  perl
The following NEW packages will be installed:
  ipvsadm keepalived
  libnl-3-200 libpci3
0 upgraded, 4 newly installed, 0 to remove and 0 not upgraded."""


def conf(*numbers, vip="192.0.2.100", name="web"):
    servers = "".join(f"# web{each}\nreal_server 192.0.2.2{each} 80 {{\nweight 1\n}}\n" for each in numbers)
    return f"# Managed\n# {name}-{vip}\nvirtual_server {vip} 80 {{\nprotocol TCP\n\n{servers}}}\n"


def words(action, result, task="role : Do it"):
    found = describe(task, action, result, SERVICES)
    return [f"{change.mark or '>'} {change.text}" for change in found]


def keepalived(before, after, service="reload", **result):
    diff = {
        "before_header": "/etc/keepalived/keepalived.conf",
        "after_header": f"/etc/keepalived/keepalived.conf (service: {service})",
        "before": before,
        "after": after,
    }
    return words("lvs.cluster.keepalived_config", {"diff": diff, **result})


def test_a_director_from_nothing():
    assert keepalived("", conf(1, 2), service="start") == [
        "+ VIP 192.0.2.100 (service web)",
        "+ service web at tcp 192.0.2.100:80: web1, web2",
        "+ /etc/keepalived/keepalived.conf: 13 lines",
        "> start keepalived",
    ]


def test_real_servers_come_and_go():
    drained = [{"service": "tcp 192.0.2.100:80", "server": "192.0.2.22:80", "connections": 5}]
    result = {"drained": drained, "invocation": {"module_args": {"drain_timeout": 30.0}}}
    assert keepalived(conf(1, 2), conf(1, 3), **result) == [
        "+ real server web3 joins web at tcp 192.0.2.100:80",
        "- real server web2 leaves web at tcp 192.0.2.100:80 (drained up to 30 s first; active connections now: 5)",
        "~ /etc/keepalived/keepalived.conf: 4 lines",
        "> reload keepalived",
    ]


def test_a_server_that_is_not_drained_just_leaves():
    assert "- real server web2 leaves web at tcp 192.0.2.100:80" in keepalived(conf(1, 2), conf(1))


def test_another_weight():
    after = conf(1).replace("weight 1", "weight 5")
    assert keepalived(conf(1), after)[0] == "~ real server web1 of web at tcp 192.0.2.100:80: weight 1 -> 5"


def test_another_vip():
    assert keepalived(conf(1), conf(1, vip="192.0.2.101"))[:4] == [
        "+ VIP 192.0.2.101 (service web)",
        "- VIP 192.0.2.100 (service web)",
        "+ service web at tcp 192.0.2.101:80: web1",
        "- service web at tcp 192.0.2.100:80: web1",
    ]


def test_a_reload_alone():
    assert keepalived(conf(1), conf(1)) == ["> reload keepalived"]
    assert keepalived(conf(1), conf(1), service="none") == []


def test_another_engine():
    vrrp = "vrrp_instance lvs {\nvirtual_ipaddress {\n192.0.2.100\n}\n}\n"
    assert keepalived(vrrp + conf(1), vrrp)[0] == "~ keepalived no longer keeps the IPVS table and checks the servers"
    assert keepalived(vrrp, vrrp + conf(1))[0] == "~ keepalived keeps the IPVS table and checks the servers"


WEB = "tcp 192.0.2.100:80"
UNIT = "/etc/systemd/system/lvs-ipvs.service"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            {"boot": {UNIT: None}, "enabled_at_boot": False},
            {
                WEB: {"scheduler": "wlc", "servers": {"192.0.2.21:80": {}, "192.0.2.29:80": {}}},
                "boot": {UNIT: "1\n"},
                "enabled_at_boot": True,
            },
            [f"+ service {WEB}: web1:80, 192.0.2.29:80", f"+ {UNIT}: 1 line"],
        ),
        ({WEB: {"scheduler": "wlc", "servers": {}}}, {}, [f"- service {WEB}: no real server"]),
        (
            {WEB: {"scheduler": "wlc", "servers": {"192.0.2.21:80": {"weight": 1}, "[2001:db8::21]:80": {}}}},
            {WEB: {"scheduler": "rr", "servers": {"192.0.2.21:80": {"weight": 0}, "192.0.2.29:80": {}}}},
            [
                f"~ service {WEB}: scheduler wlc -> rr",
                f"~ real server web1:80 of {WEB}: weight 1 -> 0",
                f"+ real server 192.0.2.29:80 joins {WEB}",
                f"- real server web1:80 leaves {WEB}",
            ],
        ),
        ({}, {}, ["~ Do it"]),
    ],
)
def test_a_static_table(before, after, expected):
    assert words("lvs.cluster.ipvs_table", {"diff": {"before": before, "after": after}}) == expected


def ldirectord_cf(*servers, scheduler="wlc"):
    lines = (f"    real = {server} gate 1\n" for server in servers)
    return f"fork = yes\n\nvirtual = 192.0.2.100:80\n    scheduler = {scheduler}\n{''.join(lines)}"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "",
            ldirectord_cf("192.0.2.21:80"),
            [
                "~ ldirectord keeps the IPVS table and checks the servers",
                "+ ldirectord.cf: 4 lines",
                "> start ldirectord",
            ],
        ),
        (
            ldirectord_cf("192.0.2.21:80"),
            "",
            ["~ ldirectord no longer keeps the IPVS table and checks the servers", "- ldirectord.cf: 4 lines"],
        ),
        (
            ldirectord_cf("192.0.2.21:80"),
            ldirectord_cf("192.0.2.29:80", scheduler="rr"),
            [
                f"~ service {WEB}: scheduler wlc -> rr",
                f"+ real server 192.0.2.29:80 joins {WEB}",
                f"- real server web1:80 leaves {WEB}",
                "~ ldirectord.cf: 4 lines",
                "> reload ldirectord",
            ],
        ),
        ("what is this?\n", "", ["- ldirectord.cf: 1 line"]),
    ],
)
def test_ldirectord(before, after, expected):
    action = "start" if not before else "reload" if after else "none"
    diff = {"before_header": "ldirectord.cf", "after_header": f"ldirectord.cf (service: {action})"}
    assert words("lvs.cluster.ldirectord_config", {"diff": {**diff, "before": before, "after": after}}) == expected


def test_a_real_server():
    before = {"vips": ["192.0.2.99"], "sysctls": {"net/a": 0}, "boot": {"/etc/x": None}}
    after = {"vips": ["192.0.2.100"], "sysctls": {"net/a": 1}, "boot": {"/etc/x": "1\n"}}
    assert words("lvs.cluster.real_server_vip", {"diff": {"before": before, "after": after}}) == [
        "+ VIP 192.0.2.100, silent in ARP (service web, tls)",
        "- VIP 192.0.2.99, silent in ARP",
        "~ sysctl net.a: 0 -> 1",
        "+ /etc/x: 1 line",
    ]


@pytest.mark.parametrize(
    ("action", "result", "expected"),
    [
        ("apt", {"diff": {"prepared": APT}}, "> install ipvsadm, keepalived with 2 further packages"),
        ("apt", {"diff": {}}, "~ Do it"),
        ("apt", {}, "~ Do it"),
        ("command", {"cmd": ["modprobe", "ip_vs"], "_ansible_item_label": "ip_vs"}, "> run modprobe ip_vs"),
        (
            "file",
            {"diff": {"before": {"state": "absent"}, "after": {"path": "/a", "state": "directory"}}},
            "+ /a (folder)",
        ),
        (
            "file",
            {"diff": {"before": {"path": "/a", "mode": "1"}, "after": {"path": "/a", "mode": "2"}}},
            "~ /a: mode 1 -> 2",
        ),
        ("file", {"diff": {"before": {}, "after": {"path": "/a", "state": "absent"}}}, "- /a"),
        ("copy", {"diff": [{"before": "", "after": "a\n", "after_header": "/etc/a"}]}, "+ /etc/a: 1 line"),
        ("template", {"diff": [{"before": "", "after": "a\n", "after_header": "/tmp/x/a.j2"}]}, "+ Do it: 1 line"),
        ("unknown", {"_ansible_item_label": "this one"}, "~ Do it: this one"),
    ],
)
def test_actions(action, result, expected):
    assert words(f"ansible.builtin.{action}", result) == [expected]


def test_kernel_settings():
    before = {"modules": [], "sysctls": {"net.a": "0", "net.b": None}, "files": {"/etc/x": "a\n"}}
    after = {"modules": ["ip_vs"], "sysctls": {"net.a": "1", "net.b": "1"}, "files": {"/etc/x": None}}
    assert words("lvs.cluster.kernel_settings", {"diff": {"before": before, "after": after}}) == [
        "+ kernel module ip_vs",
        "~ sysctl net.a: 0 -> 1",
        "~ sysctl net.b: -> 1",
        "- /etc/x: 1 line",
    ]


def test_a_tunnel():
    before = {"devices": ["gre0"], "addressed_devices": [], "gue_ports": []}
    after = {"devices": ["tunl0"], "addressed_devices": ["tunl0"], "gue_ports": [{"family": 4, "port": 6080}]}
    assert words("lvs.cluster.real_server_tunnel", {"diff": {"before": before, "after": after}}) == [
        "+ tunnel device tunl0",
        "- tunnel device gre0",
        "+ address of tunnel device tunl0",
        "+ GUE on UDP port 6080 (IPv4)",
    ]


def test_a_gateway():
    rules = [{"source": "192.0.2.21", "protocol": "tcp", "port": "80"}]
    old = [{"source": "192.0.2.21", "protocol": None, "port": None}]
    network = {"destination": "192.0.2.0/24", "interface": "eth0", "gateway": None}
    route = {"destination": "default", "interface": "eth0", "gateway": "192.0.2.1"}
    before = {"rules": old, "routes": [network]}
    after = {"rules": rules, "routes": [network, route]}
    assert words("lvs.cluster.real_server_gateway", {"diff": {"before": before, "after": after}}) == [
        "+ rule: tcp from port 80 of 192.0.2.21 goes by its own routes",
        "- rule: everything of 192.0.2.21 goes by its own routes",
        "+ route of answers to default via 192.0.2.1 dev eth0",
    ]


def nft_part(header, before, after):
    return {"before_header": header, "after_header": header, "before": before, "after": after}


def test_an_nftables_table():
    before = "table inet a {\n\tchain b {\n\t\tone\n\t\ttwo\n\t}\n}\n"
    diff = [
        nft_part("table inet a", before, before.replace("one", "three")),
        nft_part("/etc/lvs-cluster/nftables/a.nft", "one\n", "three\n"),
        nft_part("/etc/systemd/system/lvs-nftables.service", "", "x\n"),
    ]
    (table, unit) = describe("Do it", "lvs.cluster.nft_table", {"diff": diff}, SERVICES)
    assert table == Change("~", "nftables table inet a: 2 lines", ("+ three", "- one"))
    assert unit == Change("+", "/etc/systemd/system/lvs-nftables.service: 1 line")


def test_a_file_of_nftables_that_alone_is_lost():
    diff = [nft_part("/etc/lvs-cluster/nftables/a.nft", "", "three\n")]
    assert words("lvs.cluster.nft_table", {"diff": diff}) == ["+ /etc/lvs-cluster/nftables/a.nft: 1 line"]


def test_a_mount():
    assert words("ansible.posix.mount", {"name": "/srv", "src": "192.0.2.31:/srv"}) == [
        "> mount /srv from 192.0.2.31:/srv"
    ]


def test_lines_are_shown_if_they_are_few():
    assert list(file_change("f", "a\nb\n", "a\n  c\n")) == [Change("~", "f: 2 lines", ("- b", "+ c"))]
    assert next(file_change("f", "a\n", "b\n" * MOST_LINES)).lines == ()
    assert list(file_change("f", "a\n", None)) == [Change("-", "f: 1 line")]
    assert list(file_change("f", "a\n", "a\n\n")) == []


def task(name, action, **hosts):
    return {"task": {"name": name}, "hosts": {host: {"action": action, **result} for host, result in hosts.items()}}


def run_of(*tasks):
    overview = {
        "name": "lvs",
        "directors": ["lb1"],
        "real_servers": ["web1", "lb1", "web9"],
        "storage": [],
        "clients": ["c1"],
    }
    plan = task("Plan", "lvs.cluster.cluster_plan", lb1={"clusters": [overview]})
    slices = task("Slice", "lvs.cluster.host_plan", lb1={"director": {"services": SERVICES}}, web1={}, c1={})
    return {"plays": [{"tasks": [plan, slices]}, {"tasks": list(tasks)}]}


def test_hosts_stand_in_the_order_of_the_run_and_those_without_a_part_are_left_out():
    hosts = make_report(run_of())
    assert hosts == (HostReport("web1", ("real server",)), HostReport("lb1", ("real server", "director")))
    assert summary(hosts) == "Plan: no change on 2 hosts. Nothing was touched."
    assert [line.text for line in render(hosts)] == ["", summary(hosts)]


def test_changes_are_collected_once_from_items_and_tasks():
    loop = task("Loop", "ansible.builtin.command", lb1={"results": [{"changed": True, "cmd": "a"}, {"changed": False}]})
    again = task("Again", "ansible.builtin.command", lb1={"changed": True, "cmd": "a"})
    _web1, lb1 = make_report(run_of(loop, again))
    assert lb1.changes == (Change("", "run a"),)


def test_a_host_that_cannot_be_reached_and_one_where_the_run_would_stop():
    hosts = make_report(
        run_of(
            task("Ping", "x", c1={"unreachable": True}), task("r : Try", "x", lb1={"failed": True, "msg": "no:\nwhy"})
        )
    )
    assert [host.problem for host in hosts] == ["", "Try: no:\nwhy", "it could not be reached"]
    assert [line.text for line in render(hosts)] == [
        "",
        "lb1 (real server, director)",
        "  ! Try: no:",
        "    why",
        "",
        "c1",
        "  ! it could not be reached",
        "",
        "Plan: web1 none, lb1 not known, c1 not known. The run would stop, so there can be more to change. Nothing was touched.",
    ]


def test_many_hosts_are_counted():
    hosts = [HostReport(f"web{number}", (), (Change("~", "x"),)) for number in range(30)]
    hosts += [HostReport("web99", (), (), "it could not be reached")]
    assert summary(hosts) == "Plan: 30 changes on 30 of 31 hosts, 1 host with a problem. Nothing was touched."


def test_the_command_has_the_options_of_this_run():
    options = {
        "inventory": ("a.yml", "b.yml"),
        "extra_vars": ("@x.yml", "a=1"),
        "subset": "web1",
        "become": True,
        "forks": 5,
        "tags": ("all",),
        "remote_user": None,
        "check": False,
    }
    assert command_line("p.yml", options)[2:] == [
        *("ansible", "playbook", "p.yml", "--check", "--diff", "--become", "--inventory=a.yml", "--inventory=b.yml"),
        *("--extra-vars=@x.yml", "--extra-vars=a=1", "--limit=web1", "--forks=5", "--tags=all"),
    ]


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that makes a stand-in for Python with this shell script in it."""

    def make(script):
        file = tmp_path / "python"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o700)
        monkeypatch.setattr("sys.executable", str(file))

    return make


def test_what_others_write_around_the_results_does_no_harm(program):
    program('echo "[hello]"; printf \'{\\n"plays": []}\\n\'; echo bye; echo warning >&2')
    assert run_dry("p.yml", {}, {}) == {"plays": [], "stderr": "warning\n"}


def test_secrets_are_handed_on_in_files(program):
    program(
        'for last; do :; done; printf \'{\\n"secret": "%s", "mode": "%s"}\' "$(cat "${last#*=}")" "$(stat -c %a "${last#*=}")"'
    )
    result = run_dry("p.yml", {}, {"--become-password-file": [b"pw"]})
    assert (result["secret"], result["mode"]) == ("pw", "600")


def test_a_run_that_did_not_begin(program):
    program("echo 'ERROR! no such playbook' >&2; exit 1")
    with pytest.raises(DryRunError, match="ERROR! no such playbook"):
        run_dry("p.yml", {}, {})
    program("exit 3")
    with pytest.raises(DryRunError, match="it ended with code 3"):
        run_dry("p.yml", {}, {})
