# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of ldirectord, as hypothesis makes them up: everything that the grammar allows."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import keywords
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import LISTS, Configuration, Virtual
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
    Request,
    Statuses,
    Text,
    Word,
)
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
