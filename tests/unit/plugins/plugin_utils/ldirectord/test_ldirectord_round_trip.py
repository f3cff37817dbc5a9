# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import keywords
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import (
    LISTS,
    SERVICES,
    Configuration,
    Virtual,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.parse import parse
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.render import render
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.values import (
    FORWARDING,
    Bare,
    CheckType,
    Choice,
    Fallback,
    FallbackServer,
    Flag,
    Netmask,
    Number,
    Real,
    RealServer,
    Request,
    Statuses,
    Text,
    Word,
)
from hypothesis import given, settings
from hypothesis import strategies as st

TEXTS = st.text("aZ09é/.,:;=~$%&?[]()\\'-+>", min_size=1, max_size=12)
WORDS = st.text("abwrlcsh", min_size=1, max_size=8)
NAMES = st.sampled_from(("web1", "www.example.com", "a-b_c+d"))
PORTS = st.integers(0, 65535)


def hosts(family):
    return st.one_of(st.ip_addresses(v=family).map(str), NAMES)


def fallbacks(family):
    return st.builds(Fallback, hosts(family), st.none() | PORTS, st.sampled_from(FORWARDING))


@st.composite
def reals(draw, family):
    request, receive = draw(st.tuples(TEXTS.map(lambda text: f"/{text}"), st.just("") | TEXTS) | st.just((None, None)))
    low, high = sorted([draw(st.ip_addresses(v=4)), draw(st.ip_addresses(v=4))])
    first, last = (str(low), str(high)) if family == 4 and draw(st.booleans()) else (draw(hosts(family)), None)
    thresholds = st.none() | st.integers(0, 10**9)
    return Real(
        host=first,
        last=last,
        port=draw(PORTS),
        forward=draw(st.sampled_from(FORWARDING)),
        weight=draw(st.integers(0, 65535)),
        request=request,
        receive=receive,
        lower=draw(thresholds),
        upper=draw(thresholds),
    )


def values(kind, family):
    """Values that a kind of keyword may have in a service of a family."""
    own = {
        Flag: st.booleans(),
        Request: TEXTS.map(lambda text: f"/{text}"),
        Text: TEXTS,
        Bare: TEXTS,
        CheckType: st.sampled_from(CheckType.names) | st.integers(0, 99),
        Netmask: st.integers(1, 128).map(str) if family == 6 else st.ip_addresses(v=4).map(str),
        Statuses: st.lists(st.sampled_from(Statuses.names), unique=True).map(tuple),
        FallbackServer: fallbacks(family),
    }
    if isinstance(kind, Number):
        return st.integers(kind.minimum, kind.maximum)
    if isinstance(kind, Choice):
        return st.sampled_from(kind.values)
    # Words, host names and loads have in common that lowercase letters are right.
    is_word = isinstance(kind, Word) or (isinstance(kind, Text) and kind.pattern == r"\w+")
    return WORDS if is_word else own[type(kind)]


def sections(cls, version, /, **given_values):
    options = {name: st.none() | values(kind, version) for name, kind in keywords(cls).items() if name not in LISTS}
    return st.builds(cls, **{**options, **given_values})


@st.composite
def virtuals(draw):
    family = draw(st.sampled_from((4, 6)))
    marked = draw(st.booleans())
    identity = {
        "family": st.just(family),
        "host": st.none() if marked else hosts(family),
        "port": st.just(0) if marked else PORTS,
        "fwmark": st.integers(1, 2**32 - 1) if marked else st.none(),
        "protocol": st.sampled_from((None, "fwm") if marked else (None, "tcp", "udp")),
        "real": st.lists(reals(family), max_size=3).map(tuple),
    }
    return draw(sections(Virtual, family, **identity))


@st.composite
def configurations(draw):
    found = draw(
        st.lists(virtuals(), max_size=3, unique_by=lambda each: (each.family, each.host, each.port, each.fwmark))
    )
    own = {"virtuals": st.just(tuple(found)), "execute": st.lists(TEXTS, max_size=2).map(tuple)}
    return draw(sections(Configuration, 4, fallback6=st.none() | fallbacks(6), **own))


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
    with pytest.raises(ValueError, match=f"^{option}: .* cannot be written so that ldirectord reads it$"):
        render(Configuration(virtuals=(virtual,)))


@pytest.mark.parametrize("kind", [FallbackServer(), RealServer()])
def test_servers_have_a_type(kind):
    with pytest.raises(TypeError, match=r"^'x' is not a"):
        kind.write("x")
