# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import SCHEDULERS
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.model import Mark
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import Configuration, Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.render import render
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.values import Fallback, Real
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.importers.planned import (
    declared_services,
    imported,
    plan_services,
)
from hypothesis import given, settings
from hypothesis import strategies as st

METHODS = {"dr": "gate", "nat": "masq", "tun": "ipip"}
VIPS = {4: ["198.51.100.1", "198.51.100.2"], 6: ["2001:db8:1::1", "2001:db8:1::2"]}
SERVERS = {4: ["192.0.2.21", "192.0.2.22", "192.0.2.23"], 6: ["2001:db8::21", "2001:db8::22", "2001:db8::23"]}
HOSTS = {address: {} for addresses in SERVERS.values() for address in addresses}
GATEWAYS = ["192.0.2.1", "2001:db8::1"]
PORTS = st.integers(1, 65535)
SECONDS = st.integers(1, 3600)


@st.composite
def checks(draw, protocol):
    """Health checks that ldirectord has too."""
    kind = draw(
        st.sampled_from(
            ("none", "ping", "http", "https", "tcp", "dns") if protocol == "tcp" else ("none", "ping", "dns")
        )
    )
    if kind == "none":
        return {"type": kind}
    retry, seconds = draw(st.integers(0, 100)), draw(SECONDS)
    check = {"type": kind, "delay_loop": seconds, "connect_timeout": draw(SECONDS), "retry": retry}
    check["delay_before_retry"] = seconds if retry else 1
    if kind != "ping" and draw(st.booleans()):
        check["port"] = draw(PORTS)
    if kind in ("http", "https"):
        check["status"] = "200-299"
        check["path"] = draw(st.sampled_from(("/", "/healthz", "/a?b=c&d")))
        check["virtualhost"] = draw(st.sampled_from((None, "www.example.com")))
    if kind == "dns":
        check.update(name=draw(st.sampled_from(("www.example.com", "a.example"))), record="A")
    return check


@st.composite
def real_servers(draw, version, port, marked):
    """Servers and a sorry server of a service."""
    hosts = draw(st.permutations(SERVERS[version]))
    servers = []
    for host in hosts[: draw(st.integers(1, 2))]:
        forwarding = draw(st.sampled_from(sorted(METHODS)))
        upper = draw(st.integers(0, 1000))
        own = {"host": host, "weight": draw(st.integers(0, 65535)), "forwarding": forwarding, "upper_threshold": upper}
        own["lower_threshold"] = draw(st.integers(0, upper))
        own["port"] = draw(PORTS) if forwarding == "nat" and not marked else None
        servers.append(own)
    # The service has the method that most of its servers have, the first one of several such.
    method = servers[0]["forwarding"]
    own = draw(st.sampled_from(sorted(METHODS)))
    sorry = {"host": hosts[2], "forwarding": own, "port": draw(PORTS) if own == "nat" and not marked else None}
    return servers, method, draw(st.none() | st.just(sorry))


@st.composite
def services(draw, number):
    """A service that ldirectord can have, without what it has no words for."""
    version, protocol = draw(st.sampled_from((4, 6))), draw(st.sampled_from(("tcp", "udp")))
    marked = draw(st.booleans())
    port = 1000 + number
    servers, method, sorry = draw(real_servers(version, port, marked))
    granularity = {"netmask": "255.255.255.0"} if version == 4 else {"prefix": 64}
    scheduler = draw(st.sampled_from(SCHEDULERS))
    return {
        "name": f"service-{number}",
        "vip": draw(st.sampled_from(VIPS[version])),
        "port": [port, 2000 + number] if marked else port,
        "fwmark": 100 + number if marked else None,
        "protocol": protocol,
        "forwarding": method,
        "scheduler": scheduler,
        "scheduler_flags": ["sh-port", "sh-fallback"] if scheduler == "sh" else None,
        "persistence": draw(st.sampled_from((None, {"timeout": 300}, {"timeout": 60, **granularity}))),
        "one_packet": protocol == "udp" and not marked and draw(st.booleans()),
        "real_servers": servers,
        "sorry_server": sorry,
        "health_check": draw(checks(protocol)),
    }


@st.composite
def declarations(draw):
    return [draw(services(number)) for number in range(draw(st.integers(1, 3)))]


def virtual_of(service):
    """What a service of the plan is in ldirectord.cf."""
    check = service.health_check
    kinds = {"http": "negotiate", "https": "negotiate", "dns": "negotiate", "tcp": "connect", "ping": "ping"}
    kind = kinds[check.type] if check else "on"
    persistence = service.persistence
    prefix = str(persistence.prefix) if persistence and persistence.prefix else None
    marked = service.fwmark is not None
    own = {}
    if check:
        request = f"/{check.name}" if check.type == "dns" else check.pages[0].path if check.pages else None
        own = {
            "service": check.type if kind == "negotiate" else None,
            "checkport": check.port,
            "checkinterval": check.delay_loop,
            "failurecount": check.retry + 1,
            "negotiatetimeout" if kind == "negotiate" else "checktimeout": check.connect_timeout,
            "request": request if kind == "negotiate" else None,
            "virtualhost": check.virtualhost,
        }
    return Virtual(
        family=service.family,
        host=None if marked else service.vip,
        port=0 if marked else service.port,
        fwmark=service.fwmark,
        protocol=None if marked else service.protocol,
        servicename=service.name,
        scheduler=service.scheduler,
        schedflags=",".join(service.scheduler_flags) or None,
        persistent=persistence.timeout if persistence else None,
        netmask=(persistence.netmask or prefix) if persistence else None,
        ops=service.one_packet or None,
        real=tuple(real_of(server) for server in service.real_servers),
        fallback=fallback_of(service),
        checktype=kind,
        **own,
    )


def real_of(server):
    return Real(
        host=server.address,
        port=server.port,
        forward=METHODS[server.forwarding],
        weight=server.weight,
        lower=server.lower_threshold,
        upper=server.upper_threshold,
    )


def fallback_of(service):
    sorry = service.sorry_server
    return Fallback(sorry.address, sorry.port, METHODS[sorry.forwarding]) if sorry else None


def wanted_losses(configuration):
    """What ldirectord does in a way of its own, with its line: nothing else may be lost."""
    lines = render(configuration).splitlines()
    keywords = [line.partition("=")[0].strip() for line in lines]
    good = [number for number, line in enumerate(lines, 1) if line.strip() in ("service = http", "service = https")]
    return [(1 + keywords.index("fork"), "fork"), *((number, "service") for number in good)]


@settings(max_examples=60)
@given(declarations())
def test_a_declaration_comes_back_from_ldirectord(declared):
    variables = {"lvs_services": declared, "lvs_nat_gateway": GATEWAYS}
    planned = declared_services(variables, HOSTS)
    configuration = Configuration(fork=True, virtuals=tuple(virtual_of(service) for service in planned))
    marks = {
        service["fwmark"]: Mark((service["vip"],), tuple(service["port"]), service["protocol"])
        for service in declared
        if service["fwmark"]
    }
    result = imported(render(configuration), marks=marks, nat_gateway=tuple(GATEWAYS))
    assert plan_services(result) == planned
    assert [(loss.line, loss.keyword) for loss in result.losses] == wanted_losses(configuration)
