# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import ConfigurationError, Repeated
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.model import Configuration, Server, Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.parse import parse
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.values import Alias


def virtual(*lines):
    """A virtual with some lines in it."""
    return parse("\n".join(["virtual web {", *lines, "}"])).virtuals[0]


def mistakes(text):
    with pytest.raises(ConfigurationError) as caught:
        parse(text)
    return str(caught.value).splitlines()


GLOBAL = """\
serial_no = 42
primary = 192.0.2.11
primary_private = lb1.example.com
primary_shared = /dev/sdb1
backup = 192.0.2.12
backup_active = 1
backup_private = 10.0.0.12
backup_shared = /dev/sdb2
reservation_conflict_action = preempt
nat_router = 198.51.100.1 eth1:1
nat_nmask = 255.255.255.0
active_cmd = "/bin/tell up"
inactive_cmd = '/bin/tell down'
monitor_links = 1
debug_level = NONE
hard_shutdown = 0
ipvsadm = /sbin/ipvsadm
keepalive = 6
deadtime = 18
rsh_command = ssh
syncdaemon = 1
syncd_iface = eth1
syncd_id = 17
tcp_timeout = 900
tcpfin_timeout = 120
udp_timeout = 300
heartbeat = 1
heartbeat_port = 539
sync = 0
network = direct
service = lvs
"""


def test_global_keywords():
    assert parse(GLOBAL) == Configuration(
        serial_no=42,
        primary="192.0.2.11",
        primary_private="lb1.example.com",
        primary_shared="/dev/sdb1",
        backup="192.0.2.12",
        backup_active=True,
        backup_private="10.0.0.12",
        backup_shared="/dev/sdb2",
        reservation_conflict_action="preempt",
        nat_router=Alias("198.51.100.1", "eth1:1"),
        nat_nmask="255.255.255.0",
        active_cmd="/bin/tell up",
        inactive_cmd="/bin/tell down",
        monitor_links=1,
        debug_level="NONE",
        hard_shutdown=False,
        ipvsadm="/sbin/ipvsadm",
        keepalive=6,
        deadtime=18,
        rsh_command="ssh",
        syncdaemon=True,
        syncd_iface="eth1",
        syncd_id=17,
        tcp_timeout=900,
        tcpfin_timeout=120,
        udp_timeout=300,
        heartbeat=True,
        heartbeat_port=539,
        sync=False,
        network="direct",
        service="lvs",
    )


def test_a_virtual():
    text = """
    active = 1
    address = 192.0.2.100 eth0:1
    sorry_server = 192.0.2.29
    vip_nmask = 255.255.255.0
    fwmark = 100
    protocol = udp
    port = domain
    scheduler = lblcr
    persistent = 300
    pmask = 255.255.255.0
    client_monitor = /usr/sbin/nanny
    send_program = "/bin/check %h %p"
    send = "GET / HTTP/1.0\\r\\n\\r\\n"
    expect = HTTP
    use_regex = 1
    timeout = 6
    reentry = 15
    load_monitor = none
    quiesce_server = 0
    start_cmd = "/bin/start"
    stop_cmd = "/bin/stop"
    master = 192.0.2.11
    dirs = [ /a /b ]
    server one {
        address = 192.0.2.21
        active = 1
        weight = 3
        port = 8053
    }
"""
    assert virtual(text) == Virtual(
        name="web",
        active=True,
        address=Alias("192.0.2.100", "eth0:1"),
        sorry_server="192.0.2.29",
        vip_nmask="255.255.255.0",
        fwmark=100,
        protocol="udp",
        port=53,
        scheduler="lblcr",
        persistent=300,
        pmask="255.255.255.0",
        client_monitor="/usr/sbin/nanny",
        send_program="/bin/check %h %p",
        send="GET / HTTP/1.0\\r\\n\\r\\n",
        expect="HTTP",
        use_regex=True,
        timeout=6,
        reentry=15,
        load_monitor="none",
        quiesce_server=False,
        start_cmd="/bin/start",
        stop_cmd="/bin/stop",
        master="192.0.2.11",
        dirs=("/a", "/b"),
        servers=(Server(name="one", address="192.0.2.21", active=True, weight=3, port=8053, inherited_port=53),),
    )


def test_a_failover_service():
    assert parse("failover smb {\n}\n").virtuals == (Virtual(name="smb", failover=True),)


@pytest.mark.parametrize(
    ("text", "value"),
    [("80", 80), ("0x50", 80), ("0X1f", 31), ("010", 8), ("0", 0), ("00", 0), ("-3", -3), ("+7", 7)],
)
def test_numbers_are_read_as_in_c(text, value):
    assert virtual(f"timeout = {text}").timeout == value


@pytest.mark.parametrize(
    ("text", "address"),
    [("192.0.2.9", "192.0.2.9"), ("192.0.2.010", "192.0.2.8"), ("192.0x0.2.9", "192.0.2.9"), ("10.1", "10.0.0.1")],
)
def test_addresses_are_read_as_in_c(text, address):
    assert virtual(f"sorry_server = {text}").sorry_server == address


def test_a_server_has_the_port_that_was_there_before_it():
    read = virtual("server a {", "}", "port = 8080", "server b {", "}", "port = 9090", "server c {", "port = 7", "}")
    assert [(server.port, server.inherited_port) for server in read.servers] == [(None, 80), (None, 8080), (7, 9090)]


def test_layout_does_not_matter():
    assert parse("# a\r\n\tvirtual\tweb {\r\n\r\n  # b\r\n active = 1\r\n}\r\n").virtuals == (
        Virtual(name="web", active=True),
    )


def test_quotation_marks():
    assert virtual("""send = "it's" """).send == "it's"
    assert virtual("""send = 'say "hello" twice'""").send == 'say "hello" twice'
    assert virtual('send = ""').send == ""


def test_lines_are_known():
    configuration = parse("network = nat\n\nvirtual web {\n active = 1\n server a {\n  weight = 2\n }\n}\n")
    (web,) = configuration.virtuals
    (server,) = web.servers
    assert configuration.lines == {"network": 1}
    assert (web.line, web.lines) == (3, {"active": 4})
    assert (server.line, server.lines) == (5, {"weight": 6})


def test_what_stands_twice_is_told_and_the_last_one_counts():
    configuration = parse("virtual web {\nport = 80\nport = 81\n}\nkeepalive = 1\nkeepalive = 2\n")
    assert (configuration.virtuals[0].port, configuration.keepalive) == (81, 2)
    assert configuration.repeated == (Repeated(2, "port", "80"), Repeated(5, "keepalive", "1"))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("keepalive 6", "keepalive is not followed by an equals sign; write keepalive = VALUE, with blanks"),
        ("keepalive=6", "there is no keyword keepalive=6; did you mean keepalive?"),
        (
            "keepalive = ",
            "keepalive has 0 values; write one value; a comment needs a line of its own, blanks need quotes",
        ),
        ("keepalive = 6 # seconds", "keepalive has 3 values; write one value"),
        ("keepalive = six", "keepalive: 'six' is not a number; write one such as 80"),
        (
            "keepalive = 08",
            "keepalive: '08' is not a number; write one such as 80; a leading zero makes a number octal",
        ),
        (f"keepalive = {'9' * 5000}", "keepalive: '999"),
        ("sync = yes", "sync: 'yes' is not a number"),
        ("sync = 2", "sync: '2' is neither 0 nor 1; write 0 or 1"),
        ("network = dr", "network: 'dr' is none of them; write one of direct, nat, tunnel"),
        ("nat_router = 198.51.100.1", "nat_router has 1 values; write two values"),
        ("nat_nmask = 24", "nat_nmask: '24' is not an IPv4 address; write one such as 192.0.2.9"),
        ("nat_nmask = 1.2.3.4.5", "nat_nmask: '1.2.3.4.5' is not an IPv4 address"),
        (
            "primary = 192.0.2.300",
            "primary: '192.0.2.300' is neither an IPv4 address nor a name; write one such as 192",
        ),
        ("backup = }", "backup: '}' is neither an IPv4 address nor a name"),
        ("nat_router = 1 eth1", "nat_router: '1' is neither an IPv4 address nor a name"),
        ("heartbeat_port = gopher", "heartbeat_port: the port 'gopher' is not known by this name; write its number"),
        ("heartbeat_port = 0539", "heartbeat_port: '0539' is not a number; write one such as 80; a leading zero makes"),
        ("heartbeat_port = 70000", "heartbeat_port: 70000 is not a port; write a number up to 65535"),
        ("active = 1", "active does not belong here; move it into a block virtual"),
        ("weight = 1", "weight does not belong here; move it into a block server"),
        ("server a {", "there is no keyword server; did you mean service?"),
        ("virtuel web {", "there is no keyword virtuel; did you mean virtual?"),
        ("xyzzy = 1", "there is no keyword xyzzy; see lvs.cf(5)"),
        ("}", "no block is open that this brace could close; remove it"),
        ('active_cmd = "/bin/tell', 'a quotation mark is not closed; write " at the end of the text, too'),
    ],
)
def test_mistakes(line, wanted):
    (message,) = mistakes(f"{line}\n")
    assert message.startswith(f"line 1: {wanted}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "virtual web\nactive = 1\n}\n",
            ["line 1: the block virtual does not begin as it has to; write virtual NAME {"],
        ),
        ("virtual web {\nactive = 1\n", ["line 1: this block is not closed; write } in a line after it"]),
        (
            "virtual web {\n} virtual\n",
            ["line 2: something stands behind the closing brace; write it in a line of its own"],
        ),
        (
            "virtual web {\ndirs = /a\n}\n",
            ["line 2: dirs: this is not a list; write [ ONE TWO ], with blanks inside the brackets"],
        ),
        ("virtual web {\nnetwork = nat\n}\n", ["line 2: network does not belong here; move it out of the blocks"]),
        ("x = 1\nvirtual web {\ny = 2\nserver a {\nz = 3\n}\n}\n", ["line 1", "line 3", "line 5"]),
    ],
)
def test_mistakes_in_blocks(text, wanted):
    assert [message[: len(start)] for message, start in zip(mistakes(text), wanted)] == wanted
    assert len(mistakes(text)) == len(wanted)
