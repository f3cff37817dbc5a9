# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import SERVICES, Configuration, Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.parse import parse
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.render import render
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.values import (
    Fallback,
    FallbackServer,
    Real,
    RealServer,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.ldirectord.configurations import configurations
from hypothesis import given, settings


@settings(max_examples=40)
@given(configurations())
def test_what_is_rendered_is_read_back(configuration):
    text = render(configuration)
    assert parse(text) == configuration
    assert render(parse(text)) == text


def test_every_service_is_read_back():
    for service in SERVICES:
        configuration = Configuration(virtuals=(Virtual(host="192.0.2.1", port=80, service=service),))
        assert parse(render(configuration)) == configuration


def test_the_layout():
    web = Virtual(
        host="192.0.2.1",
        port=80,
        scheduler="wlc",
        real=(
            Real(host="192.0.2.2", port=80, weight=3, request="/a", receive="b", lower=1, upper=2),
            Real(host="web2"),
        ),
        fallback=Fallback("127.0.0.1", 8080, "masq"),
        quiescent=False,
    )
    six = Virtual(family=6, fwmark=7, real=(Real(host="2001:db8::2", forward="ipip"),), request="/x")
    assert render(Configuration(checkinterval=5, execute=("a", "b"), virtuals=(web, six))) == (
        """\
checkinterval = 5
execute = a
execute = b

virtual = 192.0.2.1:80
    scheduler = wlc
    real = 192.0.2.2:80 gate 3 "/a","b" l:1 u:2
    real = web2 gate 1
    fallback = 127.0.0.1:8080 masq
    quiescent = no

virtual6 = 7
    real6 = [2001:db8::2] ipip 1
    request = "/x"
"""
    )


def test_nothing_is_rendered_as_nothing():
    assert render(Configuration()) == ""


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("passwd", "a#b"),
        ("passwd", "a\nb"),
        ("request", "without-slash"),
        ("scheduler", "WLC"),
        ("servicename", " blank "),
        ("checkport", 0),
        ("service", "gopher"),
        ("netmask", "255.255"),
        ("fallback", Fallback("a b", None, "gate")),
        ("real", (Real(host="192.0.2.2", forward="nat"),)),
    ],
)
def test_what_could_not_be_read_back_is_not_written(option, value):
    virtual = Virtual(host="192.0.2.1", port=80, **{option: value})
    shown = r"\*{8}" if option == "passwd" else ".*"
    with pytest.raises(ValueError, match=f"^{option}: {shown} cannot be written so that ldirectord reads it$"):
        render(Configuration(virtuals=(virtual,)))


@pytest.mark.parametrize("kind", [FallbackServer(), RealServer()])
def test_servers_have_a_type(kind):
    with pytest.raises(TypeError, match=r"^'x' is not a"):
        kind.write("x")
