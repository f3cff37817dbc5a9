# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every documented error, word by word, and that none of them leaves a trace in the kernel."""

from __future__ import annotations

import json
from typing import Any

from node import RUN_STEPS, SAVE, Node, command, module

VIP = "192.0.2.100"
WEIGHTS = "ipvsadm and keepalived cannot express more, and schedulers multiply weights"
SERVICES: list[dict[str, Any]] = [
    {"vip": VIP, "port": 80, "prot": "tcp"},
    {"vip": VIP, "port": 0},
    {"vip": "224.0.0.1", "port": 80},
    {"vip": VIP, "port": 81, "one_packet": True},
    {"vip": VIP, "port": 82, "protocol": "esp"},
    {"vip": VIP, "port": 83, "persistence": {"timeout": 0, "engine": "sip"}},
    {"vip": VIP, "port": 84, "persistence": {"timeout": 2678401}},
    {"vip": VIP, "port": 85, "persistence": {"netmask": "255.0.0.0", "prefix": 8}},
    {"vip": "2001:db8::1", "port": 85, "persistence": {"prefix": 0}},
    {"fwmark": 0},
    {"fwmark": 1, "port": 80},
    {"vip": VIP, "fwmark": 1},
    {"vip": VIP, "port": 86, "scheduler": "sh", "flags": ["mh-port"]},
    {
        "vip": VIP,
        "port": 87,
        "servers": [
            {"address": "192.0.2.21", "port": 8080},
            {"address": "192.0.2.22", "weight": 65536},
            {"address": "192.0.2.23", "upper_threshold": 1, "lower_threshold": 2},
            {"address": "2001:db8::1"},
            {"address": "192.0.2.24", "forwarding": "tun", "tunnel": {"type": "gue"}},
            {"address": "192.0.2.25"},
            {"address": "192.0.2.25", "port": 87},
            {"address": "224.0.0.1"},
            {"address": "web1"},
        ],
    },
    {"vip": VIP, "port": 88},
    {"vip": VIP, "port": 88},
]
MISTAKES = f"""\
22 mistakes, so nothing was done:
- services[0].prot: there is no such option; known are family, flags, fwmark, one_packet, persistence, port, protocol, scheduler, servers, vip
- services[1].port: 0 stands for all ports, which takes persistence; add persistence, or write a port
- services[2].vip: 224.0.0.1 is no unicast address, so it cannot work; write the address of the service
- services[3].one_packet: with tcp the kernel takes it and ignores it; leave it out, or use protocol: udp
- services[4].protocol: 'esp' is not known; write one of tcp, udp, sctp
- services[5].persistence.engine: the service is not persistent, so it would do nothing; give a timeout too
- services[6].persistence.timeout: 2678401 is out of range; write a whole number from 0 to 2678400 seconds
- services[7].persistence.prefix: netmask is given too; write one of them: they say the same
- services[8].persistence.prefix: 0 is out of range; write a whole number from 1 to 128
- services[9].fwmark: 0 is out of range; write a whole number from 1 to 4294967295 (the kernel takes 0 for the address 0.0.0.0)
- services[10].port: a service with fwmark has none; leave it out; the firewall rule says what is marked
- services[11].vip: both vip and fwmark are given; write one of them: a service is reached either by address or by a firewall mark
- services[12].flags[0]: 'mh-port' is no flag of the scheduler sh; write one of flag-1, flag-2, flag-3, sh-fallback, sh-port
- services[13].servers[0].port: 8080 is not the port of the service, and dr cannot change ports; write 87, or forwarding: nat
- services[13].servers[1].weight: 65536 is out of range; write a whole number from 0 to 65535: {WEIGHTS}
- services[13].servers[2].lower_threshold: 2 is above upper_threshold, which is 1; write at most 1
- services[13].servers[3].address: 2001:db8::1 is not of the family of the service; write an IPv4 address, or forwarding: tun
- services[13].servers[4].tunnel.port: a GUE tunnel needs one; write the UDP port on which the server listens for GUE
- services[13].servers[6]: 192.0.2.25:87 is there twice; declare each server of a service once
- services[13].servers[7].address: 224.0.0.1 is no unicast address; write the address of the server
- services[13].servers[8].address: 'web1' is not an IP address; write a literal one such as 192.0.2.21
- services[15]: tcp {VIP}:88 is services[14] too; declare each service once"""


def test_all_mistakes_of_a_table_at_once_and_nothing_changed(node: Node) -> None:
    result, saved = node.run(module("ipvs_table", services=SERVICES), SAVE)
    assert result["msg"] == MISTAKES
    assert saved == ""


REFUSED = (
    "the kernel refused 1 of the changes; 0 were made and 0 not tried (see 'applied', 'refused' and 'not_tried')."
    " Run again when the reason is gone, it goes on from there:\n- "
)
UDP = {"vip": VIP, "port": 80, "protocol": "udp"}
IPV6 = {"vip": "2001:db8::100", "port": 80}
MESSAGES = [
    (module("ipvs_service", vip=VIP), "port: it is missing; write the port of the service, or 0 for all ports"),
    (
        module("ipvs_service", port=80),
        "vip: neither vip nor fwmark is given; write one of them: a service is reached either by address or by a firewall mark",
    ),
    (
        module("ipvs_service", vip=VIP, port=80, scheduler="nosuch"),
        f"{REFUSED}add service tcp {VIP}:80: No such file or directory (errno 2): the kernel cannot find the scheduler"
        " nosuch (module ip_vs_nosuch): check the name, and try modprobe. The module may be blocked, or in another"
        " package of this kernel; for a container it has to be loaded on the host",
    ),
    (
        module("ipvs_info", netns="nosuch"),
        "netns: nosuch cannot be entered: /run/netns/nosuch: No such file or directory; 'ip netns list' shows those that exist",
    ),
    (
        module("ipvs_service", vip=VIP, port=80, netns="nosuch"),
        "netns: nosuch cannot be entered: /run/netns/nosuch: No such file or directory; 'ip netns list' shows those that exist",
    ),
    (
        module("ipvs_server", service={"vip": VIP, "port": 99}, address="192.0.2.21"),
        f"service: there is no service tcp {VIP}:99; make it first, with lvs.cluster.ipvs_service or lvs.cluster.ipvs_table",
    ),
    (
        module("ipvs_server", service=UDP, address="192.0.2.21", port=81),
        "port: 81 is not the port of the service, and dr cannot change ports; write 80, or forwarding: nat",
    ),
    (
        module("ipvs_server", service=UDP, address="192.0.2.21", weight=70000),
        f"weight: 70000 is out of range; write a whole number from 0 to 65535: {WEIGHTS}",
    ),
    (
        module("ipvs_server", service=IPV6, address="fe80::77"),
        f"{REFUSED}add server [fe80::77]:80 of tcp [2001:db8::100]:80: Invalid argument (errno 22): fe80::77 has to be a"
        " unicast address, a link-local one has to be this host's own, and the interface lo has to be up in this network"
        " namespace",
    ),
    (
        module("ipvs_timeouts", tcp=0),
        "tcp: 0 is out of range; write a whole number from 1 to 2147483 seconds (the kernel takes 0 for: leave it as it is)",
    ),
    (
        module("ipvs_timeouts", udp=2147484),
        "udp: 2147484 is out of range; write a whole number from 1 to 2147483 seconds (the kernel takes 0 for: leave it as it is)",
    ),
    (module("ipvs_timeouts"), "one of the following is required: tcp, tcp_fin, udp"),
    (
        module("ipvs_sync_daemon", role="master"),
        "state is present but all of the following are missing: interface",
    ),
    (
        module("ipvs_sync_daemon", role="master", interface="nosuch0"),
        "interface: there is no interface nosuch0 in this network namespace; 'ip link' shows those that exist",
    ),
    (
        module("ipvs_sync_daemon", role="backup", interface="eth0", max_length=1000),
        "max_length: 1000 is out of range; write a whole number from 1024 to 65507 bytes",
    ),
    (
        module(
            "ipvs_sync_daemon",
            role="master",
            interface="eth0",
            sync_id=256,
            max_length=0,
            group="192.0.2.1",
            port=0,
            ttl=256,
        ),
        "5 mistakes, so nothing was done:\n"
        "- group: 192.0.2.1 is no multicast address; write one such as 224.0.0.81 or ff02::81\n"
        "- sync_id: 256 is out of range; write a whole number from 0 to 255\n"
        "- max_length: 0 is out of range; write a whole number from 1 to 65507 bytes\n"
        "- port: 0 is out of range; write a whole number from 1 to 65535\n"
        "- ttl: 256 is out of range; write a whole number from 1 to 255",
    ),
]


def test_messages_word_by_word(node: Node) -> None:
    _udp, _ipv6, before, *results, after = node.run(
        module("ipvs_service", **UDP),
        module("ipvs_service", **IPV6),
        SAVE,
        *(step for step, _message in MESSAGES),
        SAVE,
    )
    assert all(result["failed"] for result in results)
    assert [result["msg"] for result in results] == [message for _step, message in MESSAGES]
    assert after == before


def test_a_missing_service_has_no_server_to_delete(node: Node) -> None:
    (result,) = node.run(module("ipvs_server", service={"vip": VIP, "port": 99}, address="192.0.2.21", state="absent"))
    assert result["changed"] is False


def test_without_rights_the_message_says_so(node: Node) -> None:
    steps = json.dumps([module("ipvs_info"), module("ipvs_service", vip=VIP, port=80)])
    as_nobody = f"setpriv --reuid=nobody --regid=nogroup --clear-groups {RUN_STEPS}"
    (output,) = node.run(command(f"{as_nobody} <<'END'\n{steps}\nEND"))
    assert [result["msg"] for result in json.loads(output)] == [
        "the kernel refuses access to IPVS, reading included, without CAP_NET_ADMIN: run the task with 'become: true'."
        " In a container this takes one that is not rootless and has that capability"
    ] * 2


def test_the_kernel_module_is_loaded_by_the_first_change_and_not_before(node: Node) -> None:
    unload = "modprobe --remove --quiet $(ls /sys/module | grep ^ip_vs_) ip_vs"
    blocked = "/run/modprobe.d/blocked.conf"
    loaded = command("ls -d /sys/module/ip_vs 2>/dev/null || true")
    _unloaded, info, dry, absent, still, _block, refused, _unblock, made, now = node.run(
        command(unload),
        module("ipvs_info"),
        module("ipvs_table", check=True, services=[{"vip": VIP, "port": 80}], purge="all"),
        module("ipvs_service", vip=VIP, port=80, state="absent"),
        loaded,
        command(f"mkdir -p /run/modprobe.d; echo install ip_vs /bin/false > {blocked}"),
        module("ipvs_service", vip=VIP, port=80),
        command(f"rm {blocked}"),
        module("ipvs_service", vip=VIP, port=80),
        loaded,
    )
    assert (info["loaded"], info["services"]) == (False, [])
    assert dry["changed"], dry
    assert absent["changed"] is False
    assert still == ""
    assert refused["msg"] == (
        "the kernel module ip_vs is not loaded: load it with 'modprobe ip_vs' and name it in /etc/modules-load.d for the"
        " next boot (inside a container: on its host)"
    )
    assert made["changed"], made
    assert now == "/sys/module/ip_vs\n"
