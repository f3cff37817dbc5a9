# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keepalived.conf that the role director writes for a plan: whole, and against keepalived's grammar."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.check import check
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.parse import parse
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.tree import Block, Keyword
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import as_data
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_keepalived import OWN
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import both_families, service
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROLE = Path(__file__).parents[3] / "roles" / "director"
GOLDEN = Path(__file__).parent / "fixtures" / "keepalived.conf"

BOTH = ["192.0.2.100", "2001:db8::100"]
SERVICE_LINES = {
    "virtual_server": "quorum_down /usr/local/bin/session-down\n",
    "real_server": "notify_up /usr/local/bin/server-up\n",
}
SERVICES = [
    service(
        vip=BOTH,
        scheduler="sh",
        scheduler_flags=["sh-port"],
        persistence={"timeout": 60, "netmask": "255.255.255.0", "prefix": 64},
        quorum=2,
        hysteresis=1,
        real_servers=[{"host": "web1", "upper_threshold": 20, "lower_threshold": 5}, {"host": "web2", "weight": 3}],
        sorry_server={"host": "web3", "inhibit": True},
        inhibit_on_failure=True,
    ),
    service(name="tls", vip="192.0.2.101", port=443, health_check={"type": "https", "virtualhost": "www.example.org"}),
    service(name="tunnel", vip="192.0.2.102", forwarding="tun", tunnel={"type": "gue", "checksum": "csum"}),
    service(name="dns", vip="192.0.2.103", port=53, protocol="udp", one_packet=True, health_check={"type": "dns"}),
    service(
        name="sip",
        vip="192.0.2.104",
        port=5060,
        protocol="udp",
        persistence={"timeout": 300, "engine": "sip"},
        health_check={"type": "udp", "payload": "00ff7f", "require_reply": True},
    ),
    service(name="shop", vip=BOTH, port=[8080, 8443], fwmark=7, health_check={"type": "ping"}),
    service(name="far", vip="192.0.2.105", forwarding="fullnat", health_check={"type": "tcp", "port": 8081}),
    service(
        name="elsewhere",
        vip="192.0.2.112",
        real_servers=["web1"],
        sorry_server={"host": "web2", "forwarding": "tun"},
        health_check={"type": "tcp", "bind_if": "eth1"},
    ),
    service(name="bare", vip="192.0.2.106", health_check={"type": "none"}),
    service(
        name="pages",
        vip="192.0.2.107",
        real_servers=["web1"],
        health_check={
            "type": "https",
            "virtualhost": "www.example.org",
            "fwmark": 5,
            "warmup": 0,
            "pages": [
                {"path": "/a", "status": [200, "301-302"], "digest": "0123456789abcdef0123456789abcdef"},
                {"path": "/b", "virtualhost": "b.example.org", "regex": '(?m)^"a\\d{2}"$', "regex_no_match": True},
            ],
        },
    ),
    service(
        name="mail",
        vip="192.0.2.108",
        port=25,
        real_servers=["web1"],
        health_check={"type": "smtp", "helo_name": "lb.example.org"},
    ),
    service(
        name="program",
        vip=["192.0.2.109"],
        real_servers=["web1"],
        keepalived_lines=SERVICE_LINES,
        health_check={
            "type": "misc",
            "script": "/bin/true {host} {vip} {vport} {address} {port}",
            "user": "root",
            "dynamic": True,
            "script_timeout": 9,
        },
    ),
    service(
        name="kept", vip="192.0.2.110", real_servers=["web1"], health_check={"type": "file", "file": "/run/{host}"}
    ),
    service(
        name="session",
        vip=["192.0.2.111", "2001:db8::111"],
        health_check={"type": "bfd", "min_rx": 300, "multiplier": 3},
    ),
]
READINESS = {
    name: {"port": 8889, "path": f"/ready/{name}"} for name in ("dns", "shop-ipv4", "shop-ipv6", "elsewhere", "bare")
}
LINES = {
    "top": "vrrp_script uplink {\n    script /usr/local/bin/uplink\n}\n",
    "global_defs": "enable_script_security\nscript_user root\n",
    "vrrp_instance": "track_script {\n    uplink\n}\n",
    "virtual_server": "quorum_up /usr/local/bin/up\n",
    "real_server": "notify_down /usr/local/bin/down\n",
}
VRRP = {"advert_int": 0.25, "nopreempt": True, "startup_delay": 5, "garp_master_refresh": 60}


def rendered(readiness: Mapping[str, object] = READINESS, **variables: object) -> str:
    """The file of lb1 with these `lvs_*` variables; `readiness` has where real servers of some services are asked."""
    (cluster,) = make_plan(both_families(**variables)).clusters
    director = as_data(cluster.hosts["lb1"])["director"]
    environment = Environment(
        loader=FileSystemLoader(ROLE / "templates"),
        trim_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    found = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
    services = as_data(cluster.services)
    for each in services:
        each["readiness"] = readiness.get(each["name"])
    checked = [each for each in services if each["health_check"] and director["engine"] == "keepalived"]
    bfd = [each for each in checked if each["health_check"]["type"] == "bfd"]
    return environment.get_template("keepalived.conf.j2").render(
        inventory_hostname="lb1",
        director_engine=director["engine"],
        director_vrrp_instances=director["vrrp_instances"],
        director_vrrp_startup_delay=director["startup_delay"],
        director_services=services,
        __director_checked_services=checked,
        __director_runs_checks=any(each["health_check"]["type"] == "misc" for each in checked),
        __director_bfd_neighbors=list(
            dict.fromkeys(server["address"] for each in bfd for server in each["real_servers"])
        ),
        __director_bfd_times={"min_rx": 300, "multiplier": 3},
        director_keepalived_lines=director["keepalived_lines"],
        __director_checkers=found["__director_checkers"],
        __director_link="eth0",
        __director_inside={"198.51.100.1": "eth1"},
        __director_other_links=["eth1"],
    )


@pytest.fixture(scope="module")
def everything() -> str:
    """A file with all that the template can write."""
    return rendered(services=SERVICES, keepalived_lines=LINES, vrrp=VRRP)


def test_the_whole_file(everything: str) -> None:
    assert everything == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("version", ["2.2.7", "2.3.3", None])
def test_keepalived_knows_every_word_of_it(everything: str, version: str | None) -> None:
    assert check(parse(everything), version) == ()


def test_a_preempting_director() -> None:
    assert "    preempt_delay 60\n" in rendered()


def test_directors_that_share_the_vips() -> None:
    mail = service(name="mail", vip="192.0.2.101", port=25, director="lb2")
    text = rendered(services=[service(), mail])
    assert [line for line in text.splitlines() if line.startswith(("vrrp_instance", "    priority"))] == [
        "vrrp_instance lvs {",
        "    priority 150",
        "vrrp_instance lvs-lb2 {",
        "    priority 140",
    ]
    # The NAT gateway is in one of them.
    assert text.count("198.51.100.1/32") == 1
    assert check(parse(text), "2.2.7") == ()


def test_without_a_checker_there_are_only_vips() -> None:
    text = rendered(director_engine="static")
    assert "virtual_ipaddress {" in text
    assert "virtual_server" not in text


def words_of(tree: object, name: str) -> set[str]:
    """The keywords of all blocks of this name."""
    children = [node for node in getattr(tree, "children", ()) if isinstance(node, Keyword)]
    inside = {child.name for child in children} if isinstance(tree, Block) and tree.name == name else set()
    return inside.union(*(words_of(child, name) for child in children))


@pytest.mark.parametrize("block", [block for block, words in OWN.items() if words])
def test_users_cannot_set_what_the_template_sets(everything: str, block: str) -> None:
    both = words_of(parse(everything), block) | words_of(parse(rendered()), block)
    lines = LINES[block] + SERVICE_LINES.get(block, "")
    theirs = {line.split()[0] for line in lines.splitlines() if line[0] not in " }"}
    # Flags of a scheduler stand by themselves. The links of NAT gateways are tracked beside those that users name.
    assert both - theirs - {"sh-port", "track_interface"} <= OWN[block]
    assert theirs <= both
