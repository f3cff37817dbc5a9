# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import ConfigurationError, Repeated
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import Configuration, Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.parse import parse
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.values import Fallback, Real

WEB = "virtual = 192.0.2.1:80\n"


def option(text, section=WEB):
    """The virtual service with one option."""
    (virtual,) = parse(f"{section}\t{text}\n").virtuals
    return virtual


def mistakes(text):
    with pytest.raises(ConfigurationError) as caught:
        parse(text)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("virtual=192.0.2.1:80", Virtual(host="192.0.2.1", port=80)),
        ("virtual = 192.0.2.1:https", Virtual(host="192.0.2.1", port=443)),
        ("virtual = www.example.com:80", Virtual(host="www.example.com", port=80)),
        ("virtual6=[2001:DB8::0:1]:80", Virtual(family=6, host="2001:db8::1", port=80)),
        ("virtual6 = www.example.com:80", Virtual(family=6, host="www.example.com", port=80)),
        ("virtual = 7", Virtual(fwmark=7)),
        ("virtual6 = 7", Virtual(family=6, fwmark=7)),
        ("virtual=192.0.2.1:0", Virtual(host="192.0.2.1", port=0)),
    ],
)
def test_services(text, wanted):
    assert parse(text).virtuals == (wanted,)


@pytest.mark.parametrize(
    ("text", "keyword", "value"),
    [
        ("protocol=udp", "protocol", "udp"),
        ("scheduler = wlc", "scheduler", "wlc"),
        ("schedflags=sh-port,sh-fallback", "schedflags", "sh-port,sh-fallback"),
        ("persistent=600", "persistent", 600),
        ("netmask=255.255.255.0", "netmask", "255.255.255.0"),
        ("ops=yes", "ops", True),
        ("quiescent=no", "quiescent", False),
        ("cleanstop=yes", "cleanstop", True),
        ("checktype=connect", "checktype", "connect"),
        ("checktype=external-perl", "checktype", "external-perl"),
        ("checktype=10", "checktype", 10),
        ("service=http_proxy", "service", "http_proxy"),
        ("checkport=8080", "checkport", 8080),
        ("checkinterval=7", "checkinterval", 7),
        ("checktimeout = 3 seconds", "checktimeout", 3),
        ("negotiatetimeout=20", "negotiatetimeout", 20),
        ("checkcount=2", "checkcount", 2),
        ("failurecount=3", "failurecount", 3),
        ('checkcommand="/bin/check -x"', "checkcommand", "/bin/check -x"),
        ("checkcommand=/bin/check -x", "checkcommand", "/bin/check -x"),
        ('request="index.html"', "request", "/index.html"),
        ('request="/a?b=c"', "request", "/a?b=c"),
        ('receive="say "hello" twice"', "receive", 'say "hello" twice'),
        ("httpmethod=head", "httpmethod", "HEAD"),
        ("virtualhost=www.example.com", "virtualhost", "www.example.com"),
        ('virtualhost="www.example.com"', "virtualhost", "www.example.com"),
        ('login="anonymous"', "login", "anonymous"),
        ('passwd="x y"', "passwd", "x y"),
        ('database="portal"', "database", "portal"),
        ('secret="s"', "secret", "s"),
        ('load="word more"', "load", "word"),
        ('emailalert="a@example.com, b@example.com"', "emailalert", "a@example.com, b@example.com"),
        ("emailalertfreq=0", "emailalertfreq", 0),
        ("emailalertstatus=all", "emailalertstatus", ("all",)),
        ("emailalertstatus=none", "emailalertstatus", ()),
        ("emailalertstatus=starting , stopping", "emailalertstatus", ("starting", "stopping")),
        ("smtp=mail.example.com", "smtp", "mail.example.com"),
        ('monitorfile="/var/log/checks"', "monitorfile", "/var/log/checks"),
        ("fallbackcommand=/bin/tell", "fallbackcommand", "/bin/tell"),
        ("servicename=Web Site", "servicename", "Web Site"),
        ("comment=one, two", "comment", "one, two"),
        ("fallback=127.0.0.1", "fallback", Fallback("127.0.0.1", None, "gate")),
        ("fallback=127.0.0.1:80 masq", "fallback", Fallback("127.0.0.1", 80, "masq")),
        ("fallback=sorry:http", "fallback", Fallback("sorry", 80, "gate")),
    ],
)
def test_options_of_services(text, keyword, value):
    assert getattr(option(text), keyword) == value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("192.0.2.2:80 gate", Real(host="192.0.2.2", port=80)),
        ("192.0.2.2 masq", Real(host="192.0.2.2", forward="masq")),
        ("web1:http ipip 0", Real(host="web1", port=80, forward="ipip", weight=0)),
        ("192.0.2.2->192.0.2.9:80 gate", Real(host="192.0.2.2", last="192.0.2.9", port=80)),
        ("sql01->sql03:3306 gate 10", Real(host="sql01", last="sql03", port=3306, weight=10)),
        ('192.0.2.2:80 gate "x", "y z"', Real(host="192.0.2.2", port=80, request="/x", receive="y z")),
        ('192.0.2.2:80 gate 5 "/x","y"', Real(host="192.0.2.2", port=80, weight=5, request="/x", receive="y")),
        ("192.0.2.2:80 gate 5 l:10 u:20", Real(host="192.0.2.2", port=80, weight=5, lower=10, upper=20)),
        ("192.0.2.2:80 gate u:20", Real(host="192.0.2.2", port=80, upper=20)),
    ],
)
def test_real_servers(text, wanted):
    assert option(f"real={text}").real == (wanted,)


def test_servers_of_ipv6_services():
    (virtual,) = parse("virtual6=[2001:db8::1]:80\n\treal6=[2001:db8::2]:80 gate\n\tfallback6=[::1]:80\n").virtuals
    assert virtual.real == (Real(host="2001:db8::2", port=80),)
    assert virtual.fallback == Fallback("::1", 80, "gate")


def test_global_options():
    text = """
checktimeout=3
negotiatetimeout=4 # nobody minds
checkinterval=5
checkcount=6
failurecount=7
autoreload=yes
callback="/bin/tell"
fallback=127.0.0.1:80
fallback6=[::1]:80
fallbackcommand=/bin/tell
logfile="local0"
emailalert="a@example.com"
emailalertfrom="Alerts" <a@example.com>
emailalertfreq=60
emailalertstatus=running
smtp=mail
execute=one
execute=two
supervised
fork=yes
quiescent=no
readdquiescent=no
cleanstop=no
maintenancedir=/etc/ha.d/maintenance
"""
    assert parse(text) == Configuration(
        checktimeout=3,
        negotiatetimeout=4,
        checkinterval=5,
        checkcount=6,
        failurecount=7,
        autoreload=True,
        callback="/bin/tell",
        fallback=Fallback("127.0.0.1", 80, "gate"),
        fallback6=Fallback("::1", 80, "gate"),
        fallbackcommand="/bin/tell",
        logfile="local0",
        emailalert="a@example.com",
        emailalertfrom='"Alerts" <a@example.com>',
        emailalertfreq=60,
        emailalertstatus=("running",),
        smtp="mail",
        execute=("one", "two"),
        supervised=True,
        fork=True,
        quiescent=False,
        readdquiescent=False,
        cleanstop=False,
        maintenancedir="/etc/ha.d/maintenance",
    )


def test_comments_do_not_end_a_section():
    text = "virtual=192.0.2.1:80\n# a\n    # b\n    scheduler=rr # c\n#\n\tpersistent=9\n"
    assert parse(text).virtuals == (Virtual(host="192.0.2.1", port=80, scheduler="rr", persistent=9),)


def test_a_global_option_ends_a_section():
    configuration = parse("virtual=192.0.2.1:80\n\tscheduler=rr\ncheckcount=2\nvirtual=192.0.2.1:81\n\tscheduler=lc")
    assert configuration.checkcount == 2
    assert [virtual.scheduler for virtual in configuration.virtuals] == ["rr", "lc"]


def test_what_stands_twice_is_told_and_the_last_one_counts():
    configuration = parse("checkcount=1\ncheckcount=2\nvirtual=192.0.2.1:80\n\tscheduler=rr\n\tscheduler=lc\n")
    assert (configuration.checkcount, configuration.virtuals[0].scheduler) == (2, "lc")
    assert configuration.repeated == (Repeated(1, "checkcount", "1"), Repeated(4, "scheduler", "rr"))


def test_lines_are_known():
    (virtual,) = parse("\nvirtual=7\n\tscheduler=rr\n\treal=192.0.2.2 gate\n\treal=192.0.2.3 gate\n").virtuals
    assert (virtual.line, virtual.lines, virtual.real_lines) == (2, {"scheduler": 3, "real": 5}, (4, 5))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "virtual=[2001:db8::1]:80",
            "2001:db8::1 is an address of the other family; write virtual6, real6 and fallback6",
        ),
        ("virtual6=192.0.2.1:80", "192.0.2.1 is an address of the other family; write virtual6"),
        ("virtual=192.0.2.300:80", "'192.0.2.300' is not an IP address; correct it, without leading zeros"),
        ("virtual=192.0.2.1", "'192.0.2.1' is not a service; write an address with a port, or a firewall mark"),
        ("virtual=0", "0 is not a firewall mark; write a number from 1 to 4294967295"),
        ("virtual=99999999999", "99999999999 is not a firewall mark"),
        ("virtual=192.0.2.1:70000", "70000 is not a port; write a number up to 65535"),
        ("virtual=192.0.2.1:gopher", "the port 'gopher' is not known by this name; write its number"),
        ("virtual=", "'' is not a service; write an address with a port, or a firewall mark"),
        ("checktimeout=x", "checktimeout: 'x' is not a number in range; write a number from 1"),
        ("checktimeout=0", "checktimeout: '0' is not a number in range"),
        ("autoreload=ja", "autoreload: 'ja' is neither yes nor no; write yes or no"),
        ("logfile=local0", 'logfile: local0 is not in quotation marks; write them around it: "..."'),
        (
            "emailalertstatus=none,all",
            "emailalertstatus: 'none' does not fit here; write none, or some of all, starting",
        ),
        ("smtp=???", "smtp: '???' is not what is expected here; write a host name or an address"),
        ("connecttimeout=3", "connecttimeout is not taken any more; write negotiatetimeout"),
        ("timeout=3", "timeout is not taken any more; write checktimeout or negotiatetimeout"),
        ("quiecsent=yes", "there is no option quiecsent; did you mean quiescent?"),
        ("xyzzy=yes", "there is no option xyzzy; see the manual of ldirectord"),
        ("scheduler=rr", "scheduler does not belong here; indent it by four spaces, below a virtual"),
        ("hello world", "'hello' is not followed by an equals sign; write keyword = value"),
        ("  checkcount=1", "the line begins with less than four spaces; indent options of a section by four spaces"),
        ("    scheduler=rr", "this option is indented, but belongs to no section; an empty line ends a section"),
    ],
)
def test_mistakes(text, wanted):
    (message,) = mistakes(f"{text}\n")
    assert message.startswith(f"line 1: {wanted}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("real=192.0.2.2:80", "real: '192.0.2.2:80' is not a real server; write ADDRESS[->LAST][:PORT] gate|masq|ipip"),
        ("real=192.0.2.2:80 nat", "real: 'nat' is not a forwarding method; write one of gate, masq, ipip"),
        ("real=192.0.2.2:80 gate u:1 l:2", "real: '192.0.2.2:80 gate u:1 l:2' is not a real server"),
        ("real=192.0.2.9->web1:80 gate", "192.0.2.9->web1 is no range; write two addresses, or two names"),
        ("real=192.0.2.9->192.0.2.2:80 gate", "192.0.2.9->192.0.2.2 is no range; write the lower address first"),
        ("real6=[2001:db8::2]:80 gate", "real6 does not belong here; write real"),
        ("fallback6=[::1]:80", "fallback6 does not belong here; write fallback"),
        ("fallback=[::1]:80", "::1 is an address of the other family"),
        ("fallback=a b c", "fallback: 'a b c' is not a server; write one such as 192.0.2.9:80 gate"),
        ("checktype=no", "checktype: 'no' is none of them; write one of connect, negotiate"),
        ("service=gopher", "service: 'gopher' is none of them; write one of dns, ftp"),
        ("protocol=fwm", "protocol fwm does not fit the service; write tcp or udp"),
        ("netmask=64", "64 is for the other family of addresses; write one such as 255.255.255.0"),
        ("netmask=x", "netmask: 'x' is not a netmask; write one such as 255.255.255.0"),
        ('request=""', "request: the text is empty; write one, or remove the line"),
        ('passwd="a#b"', 'passwd: the value cannot be read; write them around it: "..."'),
        ("maintenancedir=/x", "maintenancedir does not belong here; write it at the beginning of a line"),
        ("comment=", "comment: the text is empty; write one, or remove the line"),
        ("checkport=70000", "checkport: '70000' is not a number in range; write a number from 1 to 65535"),
        (f"real=192.0.2.2:80 gate {'9' * 5000}", "real: '192.0.2.2:80 gate 999"),
        (f"persistent={'9' * 5000}", "persistent: '999"),
    ],
)
def test_mistakes_in_sections(text, wanted):
    (message,) = mistakes(f"{WEB}    {text}\n")
    assert message.startswith(f"line 2: {wanted}")


def test_all_mistakes_are_told_at_once():
    text = "timeout=1\nvirtual=x\n\tscheduler=3\nvirtual=192.0.2.1:80\n\n\tscheduler=rr\nvirtual=192.0.2.1:80\n"
    assert [line.partition(":")[0] for line in mistakes(text)] == ["line 1", "line 2", "line 3", "line 6", "line 7"]


def test_a_service_that_is_there_twice():
    assert mistakes("virtual=192.0.2.1:80\nvirtual=192.0.2.1:www\n\tprotocol=tcp\n") == [
        "line 2: the service is in line 1 too; keep one of them"
    ]
    assert len(parse("virtual=192.0.2.1:53\nvirtual=192.0.2.1:53\n\tprotocol=tcp\n").virtuals) == 2


def test_of_very_many_mistakes_the_first_are_told():
    assert mistakes("x\n" * 60)[-1] == "and 10 more lines"


def test_passwords_are_not_shown():
    text = f"{WEB}\tpasswd=geheim\n\tpasswd geheim\n\tsecret=geheim\n"
    assert "geheim" not in "".join(mistakes(text))
    assert parse(f'{WEB}\tpasswd="geheim"\n\tpasswd="new"\n').repeated == (Repeated(2, "passwd", "********"),)
