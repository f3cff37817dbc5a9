# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deployed cluster: who holds the VIP, who answers, what the kernels say, what a wrong declaration does."""

from __future__ import annotations

import json

import pytest
from lab import Lab, Run

VIP, VIP6 = VIPS = ("192.0.2.100", "2001:db8::100")
WEB = ("web1", "web2", "web3")


def holders(lab: Lab) -> list[str]:
    return [name for name in ("lb1", "lb2") if f"inet {VIP}/32" in lab.host(name).check_output("ip address show eth0")]


def test_one_director_holds_the_vips(lab: Lab) -> None:
    (holder,) = holders(lab)
    assert f"inet6 {VIP6}/128" in lab.host(holder).check_output("ip address show eth0")


@pytest.mark.parametrize("vip", VIPS)
def test_only_the_active_director_answers_for_a_vip(lab: Lab, vip: str) -> None:
    mac = lab.host(holders(lab)[0]).check_output("cat /sys/class/net/eth0/address")
    assert lab.module("client1", "lvs.cluster.arp_probe", address=vip)["macs"] == [mac]


@pytest.mark.parametrize("client", ["192.0.2.41", "2001:db8::41"])
def test_a_director_sends_from_its_own_address(lab: Lab, client: str) -> None:
    route = lab.host(holders(lab)[0]).check_output(f"ip route get {client}")
    assert not any(f"src {vip} " in route for vip in VIPS)


@pytest.mark.parametrize("url", [f"http://{VIP}/", f"http://[{VIP6}]/"])
def test_every_real_server_serves(lab: Lab, url: str) -> None:
    result = lab.module("client1", "lvs.cluster.http_probe", url=url, count=60, timeout=5000)
    assert result["failed_requests"] == 0
    assert set(result["servers"]) == set(WEB)


@pytest.mark.parametrize("name", ["lb1", "lb2"])
def test_ipvsadm_sees_the_declaration(lab: Lab, name: str) -> None:
    table = lab.host(name).check_output("ipvsadm --save --numeric").splitlines()
    servers = [f"-a -t {VIP}:80 -r 192.0.2.2{number}:80 -g -w 1" for number in (1, 2, 3)]
    servers6 = [f"-a -t [{VIP6}]:80 -r [2001:db8::2{number}]:80 -g -w 1" for number in (1, 2, 3)]
    assert sorted(table) == sorted([f"-A -t {VIP}:80 -s wlc", f"-A -t [{VIP6}]:80 -s wlc", *servers, *servers6])


@pytest.mark.parametrize("name", ["lb1", "lb2"])
def test_keepalived_tells_its_states(lab: Lab, name: str) -> None:
    told = lab.module(name, "lvs.cluster.keepalived_info")
    (instance,) = told["instances"]
    assert instance["state"] == ("master" if name in holders(lab) else "backup")
    assert 0 <= float(lab.host(name).check_output("date +%s")) - instance["last_transition"] < 3600
    alive = {
        service["service"]: {server["server"] for server in service["servers"] if server["alive"]}
        for service in told["services"]
    }
    assert alive == {
        f"tcp {VIP}:80": {f"192.0.2.2{number}:80" for number in (1, 2, 3)},
        f"tcp [{VIP6}]:80": {f"[2001:db8::2{number}]:80" for number in (1, 2, 3)},
    }


@pytest.mark.parametrize("name", ["lb1", "lb2"])
def test_both_sync_daemons_run(lab: Lab, name: str) -> None:
    assert lab.sync_daemons(name) == {"master", "backup"}


@pytest.mark.parametrize("name", WEB)
def test_real_servers_keep_quiet_about_the_vips(lab: Lab, name: str) -> None:
    host = lab.host(name)
    bound = host.check_output("ip address show lvs0")
    assert f"inet {VIP}/32" in bound
    assert f"inet6 {VIP6}/128" in bound
    assert host.sysctl("net.ipv4.conf.eth0.arp_ignore") == 1
    assert host.sysctl("net.ipv4.conf.eth0.arp_announce") == 2
    assert host.sysctl("net.ipv4.conf.all.arp_ignore") == 0
    assert host.service("lvs-real-server").is_enabled


@pytest.mark.parametrize("name", WEB)
def test_the_document_root_is_the_export(lab: Lab, name: str) -> None:
    mount = lab.host(name).mount_point("/srv/www")
    assert mount.exists
    assert mount.filesystem == "nfs4"
    assert mount.device == "192.0.2.31:/srv/www"


def test_nobody_but_the_real_servers_may_mount(lab: Lab) -> None:
    exports = lab.host("store1").check_output("exportfs -s")
    clients = {line.split()[1].split("(")[0] for line in exports.splitlines()}
    assert clients == {"192.0.2.21", "192.0.2.22", "192.0.2.23"}


def test_a_page_written_on_the_storage_is_served_by_all(lab: Lab) -> None:
    lab.host("store1").check_output("echo fresh > /srv/www/fresh.html")
    client = lab.host("client1")
    for number in (1, 2, 3):
        assert client.check_output(f"curl --silent http://192.0.2.2{number}/fresh.html") == "fresh"


def test_a_limited_run_says_who_stays_out_of_step(lab: Lab) -> None:
    run = lab.playbook("lvs.cluster.site", "--limit", "web1")
    assert run.code == 0, run.output
    assert run.changed == 0
    assert "lb1" in run.output


def test_plan_says_what_would_change_and_touches_nothing(lab: Lab) -> None:
    web = {"name": "web", "vip": [VIP, VIP6], "port": 80, "health_check": {"type": "http", "path": "/healthz"}}
    shop = {"name": "shop", "vip": "192.0.2.101", "port": 80, "real_servers": ["web1"]}
    assert "no change on" in lab.playbook("lvs.cluster.plan").output
    run = lab.playbook("lvs.cluster.plan", "-e", json.dumps({"lvs_services": [web, shop]}))
    assert (run.code, run.changed) == (0, 0), run.output
    for words in ("reload keepalived", "192.0.2.101", "shop", "lb1", "lb2", "web1", "Nothing was touched."):
        assert words in run.output
    assert lab.playbook("lvs.cluster.site", "--check").changed == 0


def refused(run: Run, *words: str) -> None:
    """The run failed with these words, without a traceback and without a change."""
    assert run.code != 0
    assert run.changed == 0
    assert "Traceback" not in run.output
    for word in words:
        assert word in run.output


def test_a_mistyped_variable_is_named_with_a_suggestion(lab: Lab) -> None:
    refused(lab.playbook("lvs.cluster.site", "-e", '{"lvs_servics": []}'), "lvs_servics", "lvs_services")


def test_a_wrong_declaration_lists_all_mistakes(lab: Lab) -> None:
    services = [
        {"name": "web", "vip": "192.0.2.300", "port": 80, "scheduler": "wlcc", "real_servers": "lvs_real_servers"}
    ]
    run = lab.playbook("lvs.cluster.site", "-e", json.dumps({"lvs_services": services}))
    refused(run, "lvs_services[0].vip", "lvs_services[0].scheduler", "wlc")


def test_a_foreign_configuration_stops_the_run_before_any_change(lab: Lab) -> None:
    standby = next(name for name in ("lb1", "lb2") if name not in holders(lab))
    host, path = lab.host(standby), "/etc/keepalived/keepalived.conf"
    host.check_output(f"cp {path} /tmp/ours && echo 'vrrp_instance theirs {{}}' > {path}")
    try:
        refused(lab.playbook("lvs.cluster.site"), "was not written by lvs.cluster", "lvs_take_over")
    finally:
        host.check_output(f"cp /tmp/ours {path}")


def test_an_unreachable_host_does_not_stop_the_others(lab: Lab) -> None:
    lab.power("paused", "web3")
    try:
        run = lab.playbook("lvs.cluster.site", "-e", "ansible_ssh_timeout=3")
    finally:
        lab.power("started", "web3")
    assert run.code == 4, run.output
    assert run.changed == 0
