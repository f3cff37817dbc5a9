# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.scalars import (
    AbsolutePath,
    Address,
    Choice,
    FileMode,
    Flag,
    Integer,
    Netmask,
    Network,
    Port,
    Text,
    parse_address,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import read

WORD = Text("a word", r"[a-z]+", "write small letters")
NUMBER = Integer(1, 10)
COLOUR = Choice("a colour", ("red", "green"), ("blue",))
ADDRESS = Address("192.0.2.100")


class Anything:
    """No value that YAML could give."""

    def __str__(self):
        return "anything"


@pytest.mark.parametrize(
    ("spec", "value", "result"),
    [
        (WORD, "abc", "abc"),
        (NUMBER, 1, 1),
        (NUMBER, 10, 10),
        (NUMBER, "7", 7),
        (Integer(-5, 5), "-5", -5),
        (Port(), 1, 1),
        (Port(), 65535, 65535),
        (Flag(), True, True),
        (Flag(), False, False),
        (Flag(), "yes", True),
        (Flag(), "True", True),
        (Flag(), "on", True),
        (Flag(), "no", False),
        (Flag(), "FALSE", False),
        (Flag(), "off", False),
        (COLOUR, "red", "red"),
        (ADDRESS, "192.0.2.1", "192.0.2.1"),
        (ADDRESS, "2001:DB8:0:0::1", "2001:db8::1"),
        (Network(), "192.0.2.0/24", "192.0.2.0/24"),
        (Network(), "192.0.2.0/255.255.255.0", "192.0.2.0/24"),
        (Network(), "2001:DB8::/32", "2001:db8::/32"),
        (AbsolutePath(), "/srv/www", "/srv/www"),
        (AbsolutePath(), "/srv/my-data_2.0+x@y=z~", "/srv/my-data_2.0+x@y=z~"),
        (FileMode(), "0755", "0755"),
        (FileMode(), "755", "0755"),
        (FileMode(), "2775", "2775"),
    ],
)
def test_a_right_value_is_read(spec, value, result):
    got, problems = read(spec, value)
    assert problems == []
    assert got == result
    assert type(got) is type(result)


@pytest.mark.parametrize(
    ("spec", "value", "problem"),
    [
        (WORD, "ABC", "x: 'ABC' is not a word; write small letters"),
        (WORD, "", "x: '' is not a word; write small letters"),
        (WORD, "abc\n", r"x: 'abc\n' is not a word; write small letters"),
        (WORD, 12, 'x: 12 is not text, as YAML reads it; put it in quotes: "12"'),
        (WORD, 1.5, 'x: 1.5 is not text, as YAML reads it; put it in quotes: "1.5"'),
        (WORD, True, 'x: true is not text, as YAML reads it; put it in quotes: "true"'),
        (WORD, ["a"], "x: a list is not a word; write small letters"),
        (WORD, None, "x: nothing is not a word; write small letters"),
        (NUMBER, 0, "x: 0 is out of range; write a number from 1 to 10"),
        (NUMBER, 11, "x: 11 is out of range; write a number from 1 to 10"),
        (NUMBER, "11", "x: 11 is out of range; write a number from 1 to 10"),
        (NUMBER, 10**30, f"x: {10**30} is out of range; write a number from 1 to 10"),
        (NUMBER, "9" * 5000, f"x: '{'9' * 56}... is not a whole number; write a number from 1 to 10"),
        (NUMBER, "five", "x: 'five' is not a whole number; write a number from 1 to 10"),
        (NUMBER, "٣", "x: '٣' is not a whole number; write a number from 1 to 10"),
        (NUMBER, 1.0, "x: 1.0 is not a whole number; write a number from 1 to 10"),
        (NUMBER, float("nan"), "x: nan is not a whole number; write a number from 1 to 10"),
        (NUMBER, True, "x: true is not a whole number; write a number from 1 to 10"),
        (NUMBER, {}, "x: a mapping is not a whole number; write a number from 1 to 10"),
        (Integer(1, 5, "seconds"), 9, "x: 9 is out of range; write a number from 1 to 5 seconds"),
        (Port(), 0, "x: 0 is out of range; write a number from 1 to 65535"),
        (Port(), 65536, "x: 65536 is out of range; write a number from 1 to 65535"),
        (Port(), "8000-8010", "x: '8000-8010' is not a whole number; write a number from 1 to 65535"),
        (Netmask(), "0.0.0.255", "x: '0.0.0.255' is not an IPv4 netmask; write one such as 255.255.255.0"),
        (Netmask(), "255.0.255.0", "x: '255.0.255.0' is not an IPv4 netmask; write one such as 255.255.255.0"),
        (Netmask(), 24, "x: 24 is not an IPv4 netmask; write one such as 255.255.255.0"),
        (Port(), "http", "x: 'http' is not a whole number; write a number from 1 to 65535"),
        (Flag(), "maybe", "x: 'maybe' is neither true nor false; write true or false"),
        (Flag(), 1, "x: 1 is neither true nor false; write true or false"),
        (Flag(), [], "x: a list is neither true nor false; write true or false"),
        (COLOUR, "gren", "x: 'gren' is not a colour; did you mean 'green'? Known: red, green"),
        (COLOUR, "blu", "x: 'blu' is not a colour; did you mean 'blue'? Known: red, green"),
        (COLOUR, "blue", "x: 'blue' is not supported yet; supported now: red, green"),
        (COLOUR, "black and white", "x: 'black and white' is not a colour; write one of red, green"),
        (COLOUR, 5, "x: 5 is not a colour; write one of red, green"),
        (COLOUR, ["red"], "x: a list is not a colour; write one of red, green"),
        (ADDRESS, "192.0.2.1/24", "x: '192.0.2.1/24' has a prefix length; write 192.0.2.1"),
        (ADDRESS, "2001:db8::1/64", "x: '2001:db8::1/64' has a prefix length; write 2001:db8::1"),
        (ADDRESS, "web1", "x: 'web1' is not an IP address; write a literal address, such as 192.0.2.100"),
        (ADDRESS, "192.0.2.256", "x: '192.0.2.256' is not an IP address; write a literal address, such as 192.0.2.100"),
        (ADDRESS, "192.0.2.010", "x: '192.0.2.010' is not an IP address; write a literal address, such as 192.0.2.100"),
        (
            ADDRESS,
            "fe80::1%eth0",
            "x: 'fe80::1%eth0' is not an IP address; write a literal address, such as 192.0.2.100",
        ),
        (ADDRESS, 80, "x: 80 is not an IP address; write a literal address, such as 192.0.2.100"),
        (ADDRESS, 192.0, "x: 192.0 is not an IP address; write a literal address, such as 192.0.2.100"),
        (ADDRESS, {}, "x: a mapping is not an IP address; write a literal address, such as 192.0.2.100"),
        (
            Network(),
            "192.0.2.0",
            "x: '192.0.2.0' is not a network; write it as 192.0.2.0/24, with zeros behind the prefix",
        ),
        (
            Network(),
            "192.0.2.1/24",
            "x: '192.0.2.1/24' is not a network; write it as 192.0.2.0/24, with zeros behind the prefix",
        ),
        (Network(), 24, "x: 24 is not a network; write it as 192.0.2.0/24, with zeros behind the prefix"),
        (AbsolutePath(), "/", "x: '/' is not the path of a folder; " + AbsolutePath.__name__),
        (AbsolutePath(), "//", "x: '//' is the root folder; share a folder below it, such as /srv/www"),
        (AbsolutePath(), "/srv/..", "x: '/srv/..' is the root folder; share a folder below it, such as /srv/www"),
        (AbsolutePath(), "/srv/www/", "x: '/srv/www/' is not the shortest form; write /srv/www"),
        (AbsolutePath(), "//srv/www", "x: '//srv/www' is not the shortest form; write /srv/www"),
        (AbsolutePath(), "/srv/../etc", "x: '/srv/../etc' is not the shortest form; write /etc"),
        (AbsolutePath(), "srv/www", "x: 'srv/www' is not the path of a folder; " + AbsolutePath.__name__),
        (AbsolutePath(), "/srv/my data", "x: '/srv/my data' is not the path of a folder; " + AbsolutePath.__name__),
        (AbsolutePath(), "/srv/a(b)", "x: '/srv/a(b)' is not the path of a folder; " + AbsolutePath.__name__),
        (AbsolutePath(), "/srv/a\n", r"x: '/srv/a\n' is not the path of a folder; " + AbsolutePath.__name__),
        (AbsolutePath(), None, "x: nothing is not the path of a folder; " + AbsolutePath.__name__),
        (FileMode(), 493, "x: 493 is not a file mode; write octal digits in quotes, such as '0755'"),
        (FileMode(), "0888", "x: '0888' is not a file mode; write octal digits in quotes, such as '0755'"),
        (FileMode(), "u=rwx", "x: 'u=rwx' is not a file mode; write octal digits in quotes, such as '0755'"),
    ],
)
def test_a_wrong_value_is_explained(spec, value, problem):
    problem = problem.replace(
        AbsolutePath.__name__, "write an absolute path of letters, digits and ._+@=~-, such as /srv/www"
    )
    assert read(spec, value) == (INVALID, [problem])


@pytest.mark.parametrize(
    "address",
    ["224.0.0.81", "0.0.0.0", "127.0.0.1", "169.254.1.1", "255.255.255.255", "::", "::1", "fe80::1", "ff02::1"],
)
def test_an_address_that_no_machine_can_have_is_refused(address):
    assert read(ADDRESS, address) == (
        INVALID,
        [f"x: {address} cannot be a machine's address in a network; write a unicast address, such as 192.0.2.100"],
    )


@pytest.mark.parametrize("spec", [WORD, NUMBER, Port(), Flag(), COLOUR, ADDRESS, Network(), AbsolutePath(), FileMode()])
def test_no_spec_chokes_on_what_yaml_cannot_give(spec):
    result, problems = read(spec, Anything())
    assert result is INVALID
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (WORD, "a word"),
        (NUMBER, "1 to 10"),
        (Integer(1, 5, "seconds"), "1 to 5 seconds"),
        (Port(), "1 to 65535"),
        (Flag(), "`true` or `false`"),
        (COLOUR, "`red` or `green`"),
        (ADDRESS, "an IP address"),
        (Network(), "a network such as 192.0.2.0/24"),
        (AbsolutePath(), "an absolute path"),
        (FileMode(), "octal digits in quotes"),
    ],
)
def test_each_spec_describes_itself(spec, words):
    assert spec.describe() == words


@pytest.mark.parametrize("value", [80, 3232235521, None, [], "", "fe80::1%eth0", b"\x7f\x00\x00\x01", "1.2.3"])
def test_only_strings_that_spell_an_address_are_addresses(value):
    assert parse_address(value) is None
