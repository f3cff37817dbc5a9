# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.addresses import Addresses
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import (
    Destination,
    SorryDestination,
    VirtualService,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import (
    HealthCheck,
    Page,
    Persistence,
    RealServer,
    Service,
    ServiceLines,
    SorryServer,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.services import (
    ServiceResolver,
    effective_health_check,
    endpoints,
    kernel_flags,
)

OURS = ("web1", "web2", "web3")
GROUPS = {"lvs_real_servers": OURS, "pool": ("web2", "other", "web1")}
ADDRESSES = {f"web{number}": Addresses(f"192.0.2.2{number}", f"2001:db8::2{number}") for number in (1, 2, 3)}


def declared(**changes):
    return Service(**{"name": "web", "vip": ("192.0.2.100",), "port": (80,), **changes})


def resolve(**changes):
    return ServiceResolver(OURS, GROUPS, ADDRESSES).resolve(declared(**changes))


def names_of(**changes):
    return [endpoint.name for endpoint in endpoints(declared(**changes))]


def destination(host, port=80, weight=1, upper_threshold=0, lower_threshold=0):
    return Destination(host, ADDRESSES[host].ipv4, port, weight, upper_threshold, lower_threshold, "dr")


def test_a_plain_service_is_one_ipvs_service():
    assert resolve(persistence=Persistence(timeout=300), scheduler="sh") == [
        VirtualService(
            name="web",
            protocol="tcp",
            family=4,
            vip="192.0.2.100",
            port=80,
            fwmark=None,
            vips=("192.0.2.100",),
            ports=("80",),
            forwarding="dr",
            tunnel=None,
            scheduler="sh",
            scheduler_flags=(),
            persistence=Persistence(timeout=300),
            one_packet=False,
            quorum=1,
            hysteresis=0,
            inhibit_on_failure=False,
            sorry_server=None,
            real_servers=(destination("web1"), destination("web2"), destination("web3")),
            health_check=HealthCheck(type="tcp"),
            readiness=None,
            keepalived_lines=ServiceLines(),
        )
    ]


def test_each_vip_and_port_is_an_ipvs_service_with_a_name_of_its_own():
    resolved = resolve(vip=("192.0.2.100", "192.0.2.101"), port=(80, 443))
    assert [(service.name, service.vip, service.port) for service in resolved] == [
        ("web-192.0.2.100-80", "192.0.2.100", 80),
        ("web-192.0.2.100-443", "192.0.2.100", 443),
        ("web-192.0.2.101-80", "192.0.2.101", 80),
        ("web-192.0.2.101-443", "192.0.2.101", 443),
    ]
    assert [server.port for service in resolved for server in service.real_servers[:1]] == [80, 443, 80, 443]


def test_names_say_no_more_than_what_tells_them_apart():
    vips = ("192.0.2.100", "2001:db8::100")
    assert names_of() == ["web"]
    assert names_of(port=(80, 443)) == ["web-80", "web-443"]
    assert names_of(vip=vips) == ["web-192.0.2.100", "web-2001:db8::100"]
    assert names_of(port=(80, 443), fwmark=7) == ["web"]
    assert names_of(vip=vips, fwmark=7) == ["web-ipv4", "web-ipv6"]


def test_a_group_has_its_own_order_and_only_our_hosts():
    (service,) = resolve(real_servers="pool")
    assert service.real_servers == (destination("web2"), destination("web1"))


def test_listed_servers_have_what_was_declared():
    (service,) = resolve(
        real_servers=(
            RealServer(host="web3", weight=5, upper_threshold=100, lower_threshold=80),
            RealServer(host="web1", weight=0, port=80),
        )
    )
    assert service.real_servers == (
        destination("web3", weight=5, upper_threshold=100, lower_threshold=80),
        destination("web1", weight=0),
    )


def test_services_with_the_same_group_and_port_share_their_servers():
    """So that hundreds of services on a large group take neither time nor space for each."""
    resolver = ServiceResolver(OURS, GROUPS, ADDRESSES)
    (one,) = resolver.resolve(declared(real_servers="lvs_real_servers"))
    (other,) = resolver.resolve(declared(name="b", vip=("192.0.2.101",), real_servers="lvs_real_servers"))
    (third,) = resolver.resolve(declared(name="c", port=(443,), real_servers="lvs_real_servers"))
    assert one.real_servers is other.real_servers
    assert third.real_servers is not one.real_servers


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({}, HealthCheck(type="tcp")),
        ({"protocol": "udp"}, None),
        ({"protocol": "sctp"}, None),
        ({"health_check": HealthCheck(type="https")}, HealthCheck(type="https", pages=(Page(path="/"),))),
        ({"health_check": HealthCheck(type="dns")}, HealthCheck(type="dns", name=".", record="SOA")),
        ({"health_check": HealthCheck(type="udp")}, HealthCheck(type="udp", require_reply=False)),
        ({"health_check": HealthCheck(type="ping")}, HealthCheck(type="ping")),
        ({"health_check": HealthCheck(type="none")}, None),
        ({"health_check": HealthCheck(type="tcp", retry=5)}, HealthCheck(type="tcp", retry=5)),
        ({"health_check": HealthCheck(type="http")}, HealthCheck(type="http", pages=(Page(path="/"),))),
        (
            {"health_check": HealthCheck(type="http", path="/a", status=(301,), port=8080, delay_loop=9)},
            HealthCheck(
                type="http",
                pages=(Page(path="/a", status=(301,)),),
                port=8080,
                delay_loop=9,
            ),
        ),
        ({"protocol": "udp", "health_check": HealthCheck(type="tcp", port=53)}, HealthCheck(type="tcp", port=53)),
    ],
)
def test_the_health_check_has_its_defaults(changes, check):
    assert effective_health_check(declared(**changes)) == check


def test_each_family_is_served_from_addresses_of_its_own():
    four, six = resolve(
        vip=("192.0.2.100", "2001:db8::100"),
        persistence=Persistence(timeout=300, netmask="255.255.255.0", prefix=64),
        sorry_server=SorryServer(host="web3"),
        real_servers="pool",
    )
    assert [server.address for server in four.real_servers] == ["192.0.2.22", "192.0.2.21"]
    assert [server.address for server in six.real_servers] == ["2001:db8::22", "2001:db8::21"]
    assert four.persistence == Persistence(timeout=300, netmask="255.255.255.0")
    assert six.persistence == Persistence(timeout=300, prefix=64)
    assert four.sorry_server == SorryDestination("web3", "192.0.2.23", 80, inhibit=False, forwarding="dr")
    assert six.sorry_server == SorryDestination("web3", "2001:db8::23", 80, inhibit=False, forwarding="dr")


@pytest.mark.parametrize(
    ("scheduler", "declared_flags", "flags"),
    [
        ("sh", ("sh-port", "sh-fallback"), ("sh-fallback", "sh-port")),
        ("sh", ("flag-2", "sh-port", "flag-3"), ("sh-port", "flag-3")),
        ("mh", ("flag-1",), ("mh-fallback",)),
        ("rr", ("flag-2", "flag-1"), ("flag-1", "flag-2")),
        ("rr", (), ()),
    ],
)
def test_flags_are_named_as_the_table_shows_them(scheduler, declared_flags, flags):
    assert kernel_flags(scheduler, declared_flags) == flags
