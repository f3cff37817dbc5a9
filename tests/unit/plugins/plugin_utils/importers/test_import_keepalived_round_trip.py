# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any declaration that the role director writes into keepalived.conf is imported as what it was.

Left out is what the file does not say: that nat is fullnat, which nftables knows, and what stood for `{host}` or `{vip}`.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import SCHEDULERS
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.formats import import_text
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.known import read_known
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import ADDRESSES, both_families
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import plan_services
from ansible_collections.lvs.cluster.tests.unit.roles.test_keepalived_conf import rendered
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTS = {name: [four, four.replace("192.0.2.", "2001:db8::")] for name, four in ADDRESSES.items()}
GATEWAYS = ["198.51.100.1", "2001:db8:2::1"]
BFD = {"min_rx": 300, "multiplier": 3}
"""What the file is rendered with."""
# What keepalived.conf has and the declaration need not say.
OURS = {
    *("router_id", "vrrp_version", "reload_check_config", "state", "priority", "track_interface"),
    *("higher_prio_send_advert", "enable_sni", "name", "enable_script_security"),
}

PORTS = st.integers(1, 65535)
SECONDS = st.integers(1, 3600)
NAMES = st.sampled_from(("www.example.com", "a.example"))
KINDS = {
    "tcp": ("none", "http", "https", "tcp", "dns", "ping", "smtp", "misc", "bfd"),
    "udp": ("none", "udp", "dns", "ping", "misc", "bfd"),
    "sctp": ("none", "ping", "misc", "bfd"),
}
ASKS = ("http", "https", "tcp", "udp", "dns", "ping", "smtp")


def maybe(draw, **strategies):
    """Some of these keys."""
    return {name: draw(strategy) for name, strategy in strategies.items() if draw(st.booleans())}


def pages(draw):
    """What one page has to be."""
    page = maybe(
        draw,
        status=st.lists(st.sampled_from((200, "204-206", 301, 404)), min_size=1, max_size=3, unique=True),
        digest=st.just("0123456789abcdef0123456789abcdef"),
        regex=st.sampled_from(("well", r'(?m)^"a\d{2}"$', r"\\ and $", "#[!]")),
    )
    if "regex" in page:
        page |= maybe(draw, regex_no_match=st.just(True))
    return page


@st.composite
def checks(draw, protocol):
    """Any health check of the engine keepalived."""
    kind = draw(st.sampled_from(KINDS[protocol]))
    if kind == "none":
        return {"type": kind}
    check = {"type": kind, **maybe(draw, delay_loop=SECONDS, retry=st.integers(0, 100), delay_before_retry=SECONDS)}
    if kind in ASKS:
        check |= maybe(draw, connect_timeout=SECONDS, fwmark=st.integers(1, 2**32 - 1), bind_if=st.just("eth1"))
        check |= maybe(draw, port=PORTS) if kind != "ping" else {}
    if kind != "bfd":
        check |= maybe(draw, warmup=st.integers(0, 3600))
    if kind in ("http", "https"):
        check |= maybe(draw, virtualhost=NAMES)
        if draw(st.booleans()):
            check |= {"path": draw(st.sampled_from(("/", "/a?b=c&d"))), **pages(draw)}
        else:
            # The file has the host of each page, whether its own or that of all.
            own = {} if "virtualhost" in check else maybe(draw, virtualhost=NAMES)
            check["pages"] = [{"path": "/a", **pages(draw), **own}, {"path": "/b", **pages(draw)}]
    of_kind = {
        "udp": {"payload": st.just("00ff7f"), "require_reply": st.just(True)},
        "dns": {"name": NAMES, "record": st.sampled_from(("A", "AAAA", "MX", "SOA"))},
        "smtp": {"helo_name": NAMES},
        "misc": {"dynamic": st.just(True), "script_timeout": SECONDS},
    }
    check |= maybe(draw, **of_kind.get(kind, {}))
    if kind == "misc":
        check |= {"script": "/usr/bin/check -a {address} {port}", "user": draw(st.sampled_from(("root", "nobody")))}
    return {**check, **(BFD if kind == "bfd" else {})}


@st.composite
def servers(draw, port, marked):
    """The real servers of a service, its method, and its sorry server."""
    method = draw(st.sampled_from(("dr", "nat", "tun")))
    names = draw(st.permutations(("web1", "web2", "web3")))

    def server(name):
        own = {"host": name}
        if name != names[0]:
            # What most servers have, or the first one has, is the method of the service.
            own |= maybe(draw, forwarding=st.sampled_from(("dr", "nat", "tun")))
        if own.get("forwarding", method) == "nat" and not marked:
            own |= maybe(draw, port=PORTS)
        return own

    chosen = []
    for name in names[: draw(st.integers(1, 2))]:
        upper = draw(st.integers(0, 1000))
        thresholds = {"upper_threshold": upper, "lower_threshold": draw(st.integers(0, upper))}
        chosen.append({**server(name), "weight": draw(st.integers(1, 65535)), **thresholds})
    sorry = {**server(names[2]), **maybe(draw, inhibit=st.just(True))} if draw(st.booleans()) else None
    return method, chosen, sorry


@st.composite
def services(draw, number):
    """Any service that the engine keepalived takes."""
    protocol = draw(st.sampled_from(("tcp", "udp", "sctp")))
    vips = [f"192.0.2.{100 + number}", f"2001:db8::{100 + number}"]
    vips = draw(st.sampled_from((vips, vips[:1], vips[1:])))
    marked = draw(st.booleans())
    method, chosen, sorry = draw(servers(80, marked))
    scheduler = draw(st.sampled_from(SCHEDULERS))
    flags = {"sh": ["sh-port", "sh-fallback"], "mh": ["mh-port"]}.get(scheduler, ["flag-1"])
    declared = {
        "name": f"service-{number}",
        "vip": vips,
        "port": [80, 443] if marked else 80,
        "protocol": protocol,
        "forwarding": method,
        "scheduler": scheduler,
        "real_servers": chosen,
        "health_check": draw(checks(protocol)),
        **({"fwmark": 100 + number} if marked else {}),
        **({"sorry_server": sorry} if sorry else {}),
        **maybe(draw, scheduler_flags=st.just(flags), inhibit_on_failure=st.just(True)),
    }
    quorum = draw(st.integers(1, sum(server["weight"] for server in chosen)))
    declared |= {"quorum": quorum, "hysteresis": draw(st.integers(0, quorum - 1))}
    if method == "tun":
        tunnels = ({"type": "gre"}, {"type": "gue", "port": 6081, "checksum": "remcsum"}, {"type": "ipip"})
        declared |= maybe(draw, tunnel=st.sampled_from(tunnels))
    if draw(st.booleans()):
        of_family = {"netmask": "255.255.255.0"} if "192.0.2" in vips[0] else {}
        of_family |= {"prefix": 64} if ":" in vips[-1] else {}
        engine = {"engine": "sip"} if protocol == "udp" and draw(st.booleans()) else {}
        declared["persistence"] = {"timeout": draw(SECONDS), **draw(st.sampled_from(({}, of_family))), **engine}
    elif protocol == "udp":
        declared |= maybe(draw, one_packet=st.just(True))
    return declared


@st.composite
def declarations(draw):
    return [draw(services(number)) for number in range(draw(st.integers(1, 3)))]


def without_names(planned):
    """Services with several VIPs have names with a colon in the plan, which a declaration cannot have."""
    return [replace(service, name="") for service in planned]


@settings(max_examples=60, deadline=None)
@given(declarations())
def test_a_declaration_comes_back_from_keepalived(declared):
    variables = {"services": declared, "nat_gateway": GATEWAYS}
    marks = {
        each["fwmark"]: {name: each[name] for name in ("vip", "port", "protocol")}
        for each in declared
        if "fwmark" in each
    }
    known = read_known({"hosts": HOSTS, "nat_gateway": GATEWAYS, "marks": marks})
    result = import_text(rendered(**variables), "keepalived", known)
    (cluster,) = make_plan(both_families(**variables)).clusters
    assert without_names(plan_services(result)) == without_names(cluster.services)
    assert {loss.keyword for loss in result.losses} <= OURS
