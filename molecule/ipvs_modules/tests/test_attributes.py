# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every attribute: written by our modules and read by ipvsadm, written by ipvsadm and read by our modules."""

from __future__ import annotations

import re
from typing import Any

from node import CLEAR, SAVE, Node, command, module

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "twos")


def server(address: str, port: int, forwarding: str = "dr", weight: int = 1, **more: Any) -> dict[str, Any]:
    """Return a server as ipvs_info shows it."""
    defaults = {"upper_threshold": 0, "lower_threshold": 0, "tunnel": None}
    return {"address": address, "port": port, "forwarding": forwarding, "weight": weight, **defaults, **more}


def service(**given: Any) -> dict[str, Any]:
    """Return a service as ipvs_info shows it."""
    defaults = {"scheduler": "wlc", "flags": [], "persistence": None, "one_packet": False, "servers": []}
    return {**({"protocol": "tcp"} if "vip" in given else {}), **defaults, **given}


def tunnel(kind: str, port: int = 0, checksum: str = "nocsum") -> dict[str, Any]:
    return {"type": kind, "port": port, "checksum": checksum}


V4, V6 = "192.0.2.100", "2001:db8::100"
HALF = {"timeout": 300, "netmask": "255.255.0.0", "engine": None}
# In the order of ipvs_info. The rules are those that ipvsadm --restore reads; --save leaves out what stands in < >.
CASES: list[tuple[dict[str, Any], list[str]]] = [
    (
        service(vip=V4, port=0, persistence={**HALF, "netmask": "255.255.255.255"}),
        [f"-A -t {V4}:0 -s wlc -p 300"],
    ),
    (
        service(
            vip=V4,
            port=53,
            protocol="udp",
            one_packet=True,
            scheduler="rr",
            servers=[server("192.0.2.21", 5353, "nat", 65535)],
        ),
        [f"-A -u {V4}:53 -s rr -o", f"-a -u {V4}:53 -r 192.0.2.21:5353 -m -w 65535"],
    ),
    (
        service(
            vip=V4,
            port=80,
            scheduler="mh",
            flags=["mh-fallback", "mh-port"],
            persistence=HALF,
            servers=[
                server("192.0.2.21", 80, "tun", 0, tunnel=tunnel("gue", 6080, "csum")),
                server("192.0.2.22", 80, "tun", tunnel=tunnel("gre", checksum="csum")),
                server("192.0.2.23", 80, "tun", tunnel=tunnel("gue", 7, "remcsum")),
                server("192.0.2.24", 80, "tun", tunnel=tunnel("ipip"), upper_threshold=9, lower_threshold=5),
                server("192.0.2.25", 80, "dr", 5, upper_threshold=2147483647),
                server("2001:db8::21", 80, "tun", tunnel=tunnel("gre")),
            ],
        ),
        [
            f"-A -t {V4}:80 -s mh -p 300 -M 255.255.0.0 -b mh-fallback,mh-port",
            f"-a -t {V4}:80 -r 192.0.2.21:80 -i -w 0 --tun-type gue --tun-port 6080 --tun-csum",
            f"-a -t {V4}:80 -r 192.0.2.22:80 -i -w 1 --tun-type gre --tun-csum",
            f"-a -t {V4}:80 -r 192.0.2.23:80 -i -w 1 --tun-type gue --tun-port 7 --tun-remcsum",
            f"-a -t {V4}:80 -r 192.0.2.24:80 -i -w 1< -x 9 -y 5> --tun-type ipip",
            f"-a -t {V4}:80 -r 192.0.2.25:80 -g -w 5< -x 2147483647>",
            f"-a -t {V4}:80 -r [2001:db8::21]:80 -i -w 1 --tun-type gre --tun-nocsum",
        ],
    ),
    (
        service(vip=V4, port=90, protocol="sctp", scheduler="sh", flags=["sh-port", "flag-3"]),
        [f"-A --sctp-service {V4}:90 -s sh -b sh-port<,flag-3>"],
    ),
    (
        service(
            vip=V6,
            port=5060,
            protocol="udp",
            scheduler="rr",
            flags=["flag-1", "flag-2", "flag-3"],
            persistence={"timeout": 10, "prefix": 64, "engine": "sip"},
            servers=[server("2001:db8::21", 5061, "nat")],
        ),
        [
            f"-A -u [{V6}]:5060 -s rr -p 10 -M 64 --pe sip -b flag-1,flag-2,flag-3",
            f"-a -u [{V6}]:5060 -r [2001:db8::21]:5061 -m -w 1",
        ],
    ),
    (
        service(
            fwmark=7, family="ipv4", scheduler="sh", flags=["sh-fallback"], servers=[server("192.0.2.21", 0, "nat")]
        ),
        ["-A -f 7 -s sh -b sh-fallback", "-a -f 7 -r 192.0.2.21:0 -m -w 1"],
    ),
    (
        service(fwmark=7, family="ipv6", servers=[server("2001:db8::21", 0)]),
        ["-A -f 7 -6 -s wlc", "-a -f 7 -6 -r [2001:db8::21]:0 -g -w 1"],
    ),
    (service(fwmark=2147483647, family="ipv4", scheduler="none"), ["-A -f 2147483647 -s none"]),
]
SERVICES = [declared for declared, _rules in CASES]


def rules(saved: bool) -> list[str]:
    """Return all rules, as ipvsadm saves them or in full."""
    return [re.sub("<(.*?)>", "" if saved else r"\1", rule) for _service, lines in CASES for rule in lines]


def restore(lines: list[str]) -> str:
    return "ipvsadm --restore <<'END'\n" + "\n".join(lines) + "\nEND"


def test_ipvsadm_reads_what_the_table_module_writes(node: Node) -> None:
    changed, saved, thresholds, info, again = node.run(
        module("ipvs_table", services=SERVICES),
        SAVE,
        command("ipvsadm --list --numeric --thresholds | awk '$3 ~ /^[1-9]/ && $1 == \"->\" {print $2, $3, $4}'"),
        module("ipvs_info"),
        module("ipvs_table", services=SERVICES, purge="all"),
    )
    assert changed["changed"], changed
    assert changed["changes"]["services"]["add"] == len(CASES)
    assert sorted(saved.splitlines()) == sorted(rules(saved=True))
    assert thresholds.splitlines() == ["192.0.2.24:80 9 5", "192.0.2.25:80 2147483647 0"]
    assert info["services"] == SERVICES
    assert again["changed"] is False


def test_our_modules_read_what_ipvsadm_writes(node: Node) -> None:
    _restored, info, unchanged = node.run(
        command(restore(rules(saved=False))),
        module("ipvs_info"),
        module("ipvs_table", services=SERVICES, purge="all"),
    )
    assert info["services"] == SERVICES
    assert unchanged["changed"] is False, unchanged


def test_single_services_and_servers(node: Node) -> None:
    """The modules for one object make the same table, and a second run of each changes nothing."""
    steps = []
    for declared in SERVICES:
        identity = {
            name: declared[name] for name in ("vip", "port", "protocol", "fwmark", "family") if name in declared
        }
        attributes = {name: declared[name] for name in ("scheduler", "flags", "persistence", "one_packet")}
        if declared["persistence"]:
            attributes["persistence"] = {
                name: each for name, each in declared["persistence"].items() if each is not None
            }
        steps.append(module("ipvs_service", **identity, **attributes))
        steps += [module("ipvs_server", service=identity, **each) for each in declared["servers"]]
    *first, saved = node.run(*steps, SAVE)
    assert all(result.get("changed") for result in first), first
    assert sorted(saved.splitlines()) == sorted(rules(saved=True))
    *second, info = node.run(*steps, module("ipvs_info"))
    assert not any(result.get("changed") for result in second), second
    assert info["services"] == SERVICES


def test_what_is_not_given_stays(node: Node) -> None:
    """The kernel replaces whole objects; an edit of one attribute keeps all others."""
    web = {"vip": V4, "port": 80}
    call = {"vip": V6, "port": 5060, "protocol": "udp"}
    *results, info = node.run(
        module("ipvs_table", services=SERVICES),
        module("ipvs_server", service=web, address="192.0.2.21", weight=3),
        module("ipvs_server", service=web, address="192.0.2.24", weight=0),
        module("ipvs_server", service=web, address="192.0.2.24", lower_threshold=4),
        module("ipvs_service", **call, persistence={"timeout": 20}),
        module("ipvs_service", **call, flags=["flag-2"]),
        module("ipvs_service", **web, persistence={"netmask": "255.0.0.0"}),
        module("ipvs_info"),
    )
    assert all(result.get("changed") for result in results), results
    after = {(each.get("vip"), each.get("port"), each.get("protocol")): each for each in info["services"]}
    http, sip = after[V4, 80, "tcp"], after[V6, 5060, "udp"]
    assert http["servers"][0] == server("192.0.2.21", 80, "tun", 3, tunnel=tunnel("gue", 6080, "csum"))
    ipip = tunnel("ipip")
    assert http["servers"][3] == server("192.0.2.24", 80, "tun", 0, tunnel=ipip, upper_threshold=9, lower_threshold=4)
    assert http["persistence"] == {"timeout": 300, "netmask": "255.0.0.0", "engine": None}
    assert http["flags"] == ["mh-fallback", "mh-port"]
    assert sip["persistence"] == {"timeout": 20, "prefix": 64, "engine": "sip"}
    assert sip["flags"] == ["flag-2"]


def test_attributes_go_away(node: Node) -> None:
    call = {"vip": V6, "port": 5060, "protocol": "udp"}
    web = {"vip": V4, "port": 80}
    *results, saved = node.run(
        module("ipvs_table", services=SERVICES),
        module("ipvs_service", **call, persistence={"engine": "none"}, flags=[]),
        module("ipvs_service", **web, scheduler="wrr", persistence={"timeout": 0}),
        module("ipvs_server", service=web, address="192.0.2.21", forwarding="dr"),
        module("ipvs_server", service=web, address="192.0.2.22", state="absent"),
        module("ipvs_service", vip=V4, port=53, protocol="udp", state="absent"),
        SAVE,
    )
    assert all(result.get("changed") for result in results), results
    lines = saved.splitlines()
    assert f"-A -u [{V6}]:5060 -s rr -p 10 -M 64" in lines
    assert f"-A -t {V4}:80 -s wrr" in lines
    assert f"-a -t {V4}:80 -r 192.0.2.21:80 -g -w 0" in lines
    assert "192.0.2.22" not in saved
    assert f"{V4}:53" not in saved


def test_all_schedulers_of_the_kernel(node: Node) -> None:
    wanted = [service(vip=V4, port=1000 + number, scheduler=name) for number, name in enumerate(SCHEDULERS)]
    changed, saved, again = node.run(
        module("ipvs_table", services=wanted), SAVE, module("ipvs_table", services=wanted, purge="all")
    )
    assert changed["changed"], changed
    assert saved.splitlines() == [f"-A -t {V4}:{1000 + number} -s {name}" for number, name in enumerate(SCHEDULERS)]
    assert again["changed"] is False


def test_a_network_namespace_has_a_table_of_its_own(node: Node) -> None:
    node.run(command("ip netns add other"))
    try:
        changed, here, there, info, by_path = node.run(
            module("ipvs_service", vip=V4, port=80, netns="other"),
            SAVE,
            command("ip netns exec other ipvsadm --save --numeric"),
            module("ipvs_info", netns="other"),
            module("ipvs_service", vip=V4, port=80, netns="/run/netns/other"),
        )
    finally:
        node.run(command("ip netns delete other"))
    assert changed["changed"], changed
    assert here == ""
    assert there == f"-A -t {V4}:80 -s wlc\n"
    assert info["services"] == [service(vip=V4, port=80)]
    assert by_path["changed"] is False


def test_clearing_with_ipvsadm_is_seen(node: Node) -> None:
    _added, _cleared, info = node.run(module("ipvs_table", services=SERVICES), CLEAR, module("ipvs_info"))
    assert info["services"] == []
