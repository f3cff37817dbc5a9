# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FwmarkKey,
    Persistence,
    Server,
    ServerKey,
    Service,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.ipvsadm.parse import IpvsadmError, parse

FULL = IPv4Address("255.255.255.255")
HTTP = AddressKey("tcp", ip_address("192.0.2.1"), 80)


def service(line: str) -> Service:
    (full,) = parse(line)
    assert full.servers == ()
    return full.service


def server(options: str, service_line: str = "-A -t 192.0.2.1:80") -> Server:
    (full,) = parse(f"{service_line}\n{service_line.replace('-A', '-a')} {options}\n")
    (only,) = full.servers
    return only


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("-t 192.0.2.1:80", HTTP),
        ("-u [2001:db8::1]:53", AddressKey("udp", ip_address("2001:db8::1"), 53)),
        ("--sctp-service 192.0.2.1:9", AddressKey("sctp", ip_address("192.0.2.1"), 9)),
        ("-t 192.0.2.1", AddressKey("tcp", ip_address("192.0.2.1"), 0)),
        ("-f 7", FwmarkKey(7, "ipv4")),
        ("-f 7 -6", FwmarkKey(7, "ipv6")),
        ("-f -1", FwmarkKey(4294967295, "ipv4")),
        ("-f -2147483648 -6", FwmarkKey(2147483648, "ipv6")),
    ],
)
def test_services_by_name(name: str, key: object) -> None:
    assert service(f"-A {name} -s rr") == Service(key, "rr", (), None, False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("", Service(HTTP, "wlc", (), None, False)),
        ("-s none", Service(HTTP, "none", (), None, False)),
        ("-p", Service(HTTP, "wlc", (), Persistence(360, FULL, None, None), False)),
        ("-p 300", Service(HTTP, "wlc", (), Persistence(300, FULL, None, None), False)),
        ("-p -o", Service(HTTP, "wlc", (), Persistence(360, FULL, None, None), True)),
        ("-p 9 -M 0.0.0.0", Service(HTTP, "wlc", (), Persistence(9, IPv4Address("0.0.0.0"), None, None), False)),
        ("-p 9 --pe sip", Service(HTTP, "wlc", (), Persistence(9, FULL, None, "sip"), False)),
        ("--pe sip", Service(HTTP, "wlc", (), Persistence(0, FULL, None, "sip"), False)),
        ("-M 255.0.0.0", Service(HTTP, "wlc", (), None, False)),
        ("-s sh -b sh-port,sh-fallback", Service(HTTP, "sh", ("sh-fallback", "sh-port"), None, False)),
        ("-s sh -b flag-1,flag-3", Service(HTTP, "sh", ("sh-fallback", "flag-3"), None, False)),
        ("-s mh -b mh-port", Service(HTTP, "mh", ("mh-port",), None, False)),
        ("-s rr -b flag-2", Service(HTTP, "rr", ("flag-2",), None, False)),
    ],
)
def test_options_of_services(options: str, wanted: Service) -> None:
    assert service(f"-A -t 192.0.2.1:80 {options}") == wanted


def test_an_ipv6_service_has_a_prefix() -> None:
    assert service("-A -t [2001:db8::1]:80 -p 9 -M 64").persistence == Persistence(9, None, 64, None)
    assert service("-A -f 7 -6 -p 9").persistence == Persistence(9, None, 128, None)


def plain(address: str, port: int, forwarding: str = "dr", tunnel: Tunnel | None = None) -> Server:
    return Server(ServerKey(ip_address(address), port), forwarding, 1, 0, 0, tunnel)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("-r 192.0.2.2", plain("192.0.2.2", 80)),
        ("-r 192.0.2.2:8080 -m", plain("192.0.2.2", 8080, "nat")),
        ("-r 192.0.2.2:8080 -g", plain("192.0.2.2", 80)),
        ("-r [2001:db8::2]:80 -i", plain("2001:db8::2", 80, "tun", Tunnel("ipip", 0, "nocsum"))),
        ("-r 192.0.2.2 -i --tun-type gre --tun-csum", plain("192.0.2.2", 80, "tun", Tunnel("gre", 0, "csum"))),
        (
            "-r 192.0.2.2 -i --tun-type gue --tun-port 6080 --tun-remcsum",
            plain("192.0.2.2", 80, "tun", Tunnel("gue", 6080, "remcsum")),
        ),
        ("-r 192.0.2.2 -m -w 0 -x 5 -y 3", Server(ServerKey(ip_address("192.0.2.2"), 80), "nat", 0, 5, 3, None)),
        ("-r 192.0.2.2 -w 2147483647", Server(ServerKey(ip_address("192.0.2.2"), 80), "dr", 2147483647, 0, 0, None)),
    ],
)
def test_options_of_servers(options: str, wanted: Server) -> None:
    assert server(options) == wanted


def test_servers_of_a_marked_service_have_a_port_of_their_own() -> None:
    assert server("-r 192.0.2.2 -g", "-A -f 7").key.port == 0
    assert server("-r 192.0.2.2:99 -g", "-A -f 7").key.port == 99


@pytest.mark.parametrize(
    "line",
    [
        "  -A -t 192.0.2.1:80 -s rr -p 300",
        "ipvsadm -A -t 192.0.2.1:80 -s rr -p 300",
        "-A -t192.0.2.1:80 -srr -p300",
        "--add-service --tcp-service 192.0.2.1:80 --scheduler=rr --persistent=300",
        "-At 192.0.2.1:80 --scheduler rr --persistent 300",
    ],
)
def test_spellings(line: str) -> None:
    assert service(line) == Service(HTTP, "rr", (), Persistence(300, FULL, None, None), False)


def test_bundled_options_of_a_server() -> None:
    assert server("-r 192.0.2.2 -mw5").forwarding == "nat"
    assert server("-r 192.0.2.2 -mw5").weight == 5


def test_empty_lines_and_comments_are_skipped_and_the_order_stays() -> None:
    text = "# saved\n\n-A -f 2\n-A -f 1\r\n  # more\n-a -f 2 -r 192.0.2.2\n"
    assert [(str(full.service.key), len(full.servers)) for full in parse(text)] == [
        ("fwmark 2 ipv4", 1),
        ("fwmark 1 ipv4", 0),
    ]
    assert parse("") == ()


ADDRESS_HINT = "is not an address with a port such as 192.0.2.1:80 or [2001:db8::1]:80: save with ipvsadm --save --numeric, which writes no names"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "-C",
            "-C is not an option of a rule: rules begin with -A or -a, as ipvsadm --save writes them",
        ),
        ("table", "'table' is not an option: every rule is a row of options, as ipvsadm --save writes them"),
        (
            "-t 192.0.2.1:80",
            "there is neither -A nor -a: write the rules that make up a table, as ipvsadm --save does",
        ),
        ("-A -s rr", "no service is named: write -t, -u, --sctp-service or -f with one"),
        ("-A -t", "-t has no value: write one after it"),
        ("-A -t web:80", f"web:80 {ADDRESS_HINT}"),
        ("-A -t 192.0.2.1:http", "the port http is out of range: write a whole number from 0 to 65535"),
        ("-A -t 2001:db8::1", f"2001:db8::1 {ADDRESS_HINT}"),
        ("-A -t [2001:db8::1]80", f"[2001:db8::1]80 {ADDRESS_HINT}"),
        ("-A -t [fe80::1%eth0]:80", f"[fe80::1%eth0]:80 {ADDRESS_HINT}"),
        ("-A -t 192.0.2.1:", "the port without a value is out of range: write a whole number from 0 to 65535"),
        ("-A -t 192.0.2.1:65536", "the port 65536 is out of range: write a whole number from 0 to 65535"),
        ("-A -f 0", "-f 0 is out of range: write a whole number from 1 to 4294967295"),
        (
            "-A -t 192.0.2.1:80 -6",
            "-6 belongs to -f: leave it out, the address says of which family the service is",
        ),
        ("-A -t 192.0.2.1:80 -f 7", "-t and -f exclude each other: keep one"),
        ("-A -t 192.0.2.1:80 -s rr -s lc", "-s is there twice: keep one"),
        ("-A -a -t 192.0.2.1:80", "-A and -a exclude each other: keep one"),
        ("-A -t 192.0.2.1:80 --ops=yes", "--ops takes no value: leave out '=yes'"),
        ("-A -t 192.0.2.1:80 -p 0", "-p 0 is out of range: write a whole number from 1 to 2678400"),
        ("-A -t 192.0.2.1:80 -p 9 -M 24", "-M 24 is not a mask for IPv4: write one such as 255.255.255.0"),
        ("-A -t [2001:db8::1]:80 -p 9 -M 0", "-M 0 is out of range: write a whole number from 1 to 128"),
        (
            "-A -t 192.0.2.1:80 -s rr -b sh-port",
            "sh-port is not a flag of the scheduler rr: write one of flag-1, flag-2, flag-3",
        ),
        ("-A -t 192.0.2.1:80 -w 5", "-w belongs to -a: leave it out of an -A line"),
        (
            "-a -t 192.0.2.9:80 -r 192.0.2.2",
            "no line before adds the service tcp 192.0.2.9:80: put its -A line before those of its servers",
        ),
        ("-a -f 1 -s rr -r 192.0.2.2", "-s belongs to -A: leave it out of an -a line"),
        ("-a -f 1 -m", "no server is named: write -r with its address and port"),
        ("-a -f 1 -r 192.0.2.2 -m -g", "-m and -g exclude each other: keep one"),
        ("-a -f 1 -r 192.0.2.2 --tun-type gre", "--tun-type belongs to -i: add -i"),
        ("-a -f 1 -r 192.0.2.2 -i --tun-type x", "x is not a type of tunnel: write one of ipip, gue, gre"),
        (
            "-a -f 1 -r 192.0.2.2 -i --tun-type gue",
            "--tun-port belongs to --tun-type gue, and only there: write both, or neither",
        ),
        (
            "-a -f 1 -r 192.0.2.2 -i --tun-port 5",
            "--tun-port belongs to --tun-type gue, and only there: write both, or neither",
        ),
        ("-a -f 1 -r 192.0.2.2 -w -1", "-w has no value: write one after it"),
        (
            "-a -f 1 -r 192.0.2.2 -w 2147483648",
            "-w 2147483648 is out of range: write a whole number from 0 to 2147483647",
        ),
        ("-A -f 1", "the service fwmark 1 ipv4 is in line 1 too: keep one"),
    ],
)
def test_mistakes(line: str, message: str) -> None:
    with pytest.raises(IpvsadmError) as error:
        parse(f"-A -f 1\n{line}\n")
    assert str(error.value) == f"line 2: {message}"


def test_a_server_twice() -> None:
    with pytest.raises(IpvsadmError) as error:
        parse("-A -f 1\n-a -f 1 -r 192.0.2.2\n\n-a -f 1 -r 192.0.2.2:0\n")
    assert str(error.value) == "line 4: the server 192.0.2.2:0 of fwmark 1 ipv4 is in line 2 too: keep one"


def test_all_mistakes_are_reported_together() -> None:
    with pytest.raises(IpvsadmError) as error:
        parse("x\n" * 52)
    lines = str(error.value).splitlines()
    assert [line.split(":")[0] for line in lines[:50]] == [f"line {number}" for number in range(1, 51)]
    assert lines[50:] == ["and 2 more lines"]
