# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of virtual servers, their groups and their real servers."""

from __future__ import annotations

from .arguments import ADDRESS, PORT, RANGE, TEXT, UINT, Shape, any_case, choice, integer, pattern, seconds
from .checkers import CHECKERS
from .spec import Spec, block, by_name, flag, script, switch, value

MONTH = 31 * 86400
"""The longest timeout of IPVS that keepalived sets, in seconds."""

WEIGHT = integer(0, 2**31 - 1)
FWMARK = integer(0, UINT)
FAMILY = choice("inet", "inet6")
SCHEDULER = choice("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "fo", "ovf", "twos")
GRANULARITY = pattern("an IPv4 netmask or an IPv6 prefix length", r"\d{1,3}(\.\d{1,3}){3}|\d{1,3}")

METHOD = Shape(
    (choice("NAT", "DR", "TUN"),),
    options={
        "type": (choice("ipip", "gue", "gre"),),
        "port": (integer(1, 65535),),
        "nocsum": (),
        "csum": (),
        "remcsum": (),
    },
)

PACE = (
    value("retry", integer(1, UINT)),
    value("delay_before_retry", seconds(0)),
    value("warmup", seconds(0)),
    value("connect_timeout", seconds(0.000001), since="2.0.13"),
    value("delay_loop", seconds(0.000001)),
)
"""What checkers do unless they say otherwise."""

FLAGS = ("hashed", "ops", "flag-1", "flag-2", "flag-3", "sh-port", "sh-fallback")

REAL_SERVER = block(
    "real_server",
    ADDRESS,
    PORT,
    optional=1,
    holds=(
        *PACE,
        *CHECKERS,
        value("weight", WEIGHT),
        Spec("lvs_method", (METHOD,), repeats=False),
        value("uthreshold", integer(0, UINT)),
        value("lthreshold", integer(0, UINT)),
        switch("inhibit_on_failure"),
        script("notify_up"),
        script("notify_down"),
        switch("alpha"),
        switch("smtp_alert"),
        value("virtualhost", TEXT),
        value("snmp_name", TEXT, since="2.2.3"),
    ),
)

VIRTUAL_SERVER = Spec(
    "virtual_server",
    (
        Shape((ADDRESS, PORT), optional=1),
        Shape((choice("fwmark"), FWMARK)),
        Shape((choice("group"), TEXT)),
    ),
    keywords=by_name(
        (
            *PACE,
            *map(flag, FLAGS),
            flag("mh-port", since="2.0.20"),
            flag("mh-fallback", since="2.0.20"),
            value("ip_family", FAMILY),
            flag("inhibit_on_failure"),
            value("lvs_sched", SCHEDULER),
            value("lb_algo", SCHEDULER),
            Spec("lvs_method", (METHOD,), repeats=False),
            Spec("lb_kind", (METHOD,), repeats=False),
            value("persistence_engine", TEXT),
            value("persistence_timeout", integer(1, MONTH), optional=1),
            value("persistence_granularity", GRANULARITY),
            value("protocol", any_case("TCP", "UDP", "SCTP")),
            flag("ha_suspend"),
            switch("smtp_alert"),
            value("virtualhost", TEXT),
            value("snmp_name", TEXT, since="2.2.3"),
            flag("alpha"),
            flag("omega"),
            script("quorum_up"),
            script("quorum_down"),
            value("quorum", integer(1, UINT)),
            value("hysteresis", integer(0, UINT)),
            value("weight", WEIGHT),
            value("sorry_server", ADDRESS, PORT, optional=1),
            flag("sorry_server_inhibit"),
            Spec("sorry_server_lvs_method", (METHOD,), repeats=False),
            REAL_SERVER,
        )
    ),
)

VIRTUAL_SERVERS = (
    block(
        "SSL",
        holds=(value("password", TEXT), value("ca", TEXT), value("certificate", TEXT), value("key", TEXT)),
    ),
    Spec(
        "virtual_server_group",
        (Shape((TEXT,)),),
        entries=(Shape((RANGE, PORT), optional=1), Shape((choice("fwmark"), FWMARK, FAMILY), optional=1)),
    ),
    VIRTUAL_SERVER,
)
