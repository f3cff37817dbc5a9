# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every limit, default and refusal of the inventory API, by what a user writes."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import (
    CLUSTER_VARIABLES,
    HOST_VARIABLES,
    VRRP,
    ClusterVariables,
    HostVariables,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_data import (
    ClusterFS,
    Fencing,
    Rsync,
    SharedData,
    StorageHA,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import (
    SCHEDULERS,
    HealthCheck,
    Persistence,
    RealServer,
    Service,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, Record, options
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import data, read, service

RECORDS = (
    Service, RealServer, HealthCheck, Persistence, SharedData, Rsync, StorageHA, Fencing, ClusterFS, VRRP
)  # fmt: skip
ENOUGH = {
    Service: {"name": "web", "vip": "192.0.2.100", "port": 80},
    RealServer: {"host": "web1"},
    HealthCheck: {"type": "http"},
    Persistence: {"timeout": 300},
    SharedData: {"name": "www", "path": "/srv/www"},
    Rsync: {},
    StorageHA: {"address": "192.0.2.30", "device": "/dev/vdb"},
    Fencing: {"agent": "fence_ipmilan"},
    ClusterFS: {},
    VRRP: {},
}
"""The least that each record needs."""
NAME_RULE = "write letters, digits, '-', '_' and '.', at most 64 and a letter or digit first"
INTERFACE_RULE = "write a name such as eth0, at most 15 characters"


def test_the_variables_are_those_of_the_design():
    assert sorted({**CLUSTER_VARIABLES, **HOST_VARIABLES}) == [
        "lvs_address",
        "lvs_clients_group",
        "lvs_cluster_fs",
        "lvs_cluster_name",
        "lvs_conntrack_max",
        "lvs_data_gate_port",
        "lvs_director_engine",
        "lvs_directors_group",
        "lvs_drain_timeout",
        "lvs_fencing",
        "lvs_firewall",
        "lvs_firewall_accept",
        "lvs_ignore_variables",
        "lvs_interface",
        "lvs_keep_weights",
        "lvs_keepalived_lines",
        "lvs_ldirectord_lines",
        "lvs_nat_clients",
        "lvs_nat_gateway",
        "lvs_network",
        "lvs_nfs_versions",
        "lvs_node_id",
        "lvs_preflight_ignore",
        "lvs_priority",
        "lvs_real_servers_group",
        "lvs_reserved_vrids",
        "lvs_services",
        "lvs_shared_data",
        "lvs_storage_group",
        "lvs_storage_ha",
        "lvs_sysctl",
        "lvs_take_over",
        "lvs_virtual_router_id",
        "lvs_vrrp",
    ]


def test_a_variable_is_of_a_cluster_or_of_a_host():
    assert not CLUSTER_VARIABLES.keys() & HOST_VARIABLES.keys()


@pytest.mark.parametrize("cls", [*RECORDS, ClusterVariables, HostVariables])
def test_each_key_has_a_description_that_ends_in_a_full_stop(cls):
    for option in options(cls).values():
        assert option.description.endswith("."), option.name
        assert "|" not in option.description, "it would end the cell of the table in the documentation"


@pytest.mark.parametrize("cls", [*RECORDS, ClusterVariables, HostVariables])
def test_all_fields_but_the_place_are_keys(cls):
    assert {item.name for item in dataclasses.fields(cls)} - {"where"} == set(options(cls))


@pytest.mark.parametrize("cls", [*RECORDS, ClusterVariables, HostVariables])
def test_each_default_could_be_written(cls):
    """None and empty tuples aside, a default is one of the values that its spec reads."""
    for option in options(cls).values():
        if isinstance(option.default, (str, int)):
            assert read(option.spec, option.default) == (option.default, []), option.name


@pytest.mark.parametrize("cls", RECORDS)
def test_the_least_is_enough(cls):
    result, problems = read(Record(cls), ENOUGH[cls])
    assert problems == []
    assert isinstance(result, cls)


@pytest.mark.parametrize("cls", RECORDS)
def test_nothing_less_than_the_least_is_enough(cls):
    for key in ENOUGH[cls]:
        less = {name: value for name, value in ENOUGH[cls].items() if name != key}
        result, problems = read(Record(cls), less)
        assert result is INVALID
        assert problems[0].startswith(f"x.{key}: is missing; write ")


@pytest.mark.parametrize("cls", RECORDS)
def test_keys_of_a_later_version_are_refused_by_name(cls):
    for key in getattr(cls, "NOT_YET", ()):
        assert key not in options(cls)
        assert read(Record(cls), {**ENOUGH[cls], key: 1}) == (
            INVALID,
            [f"x.{key}: this key is not supported yet; leave it out"],
        )


@pytest.mark.parametrize("cls", RECORDS)
def test_other_names_of_keys_lead_to_keys(cls):
    for other, key in getattr(cls, "OTHER_NAMES", {}).items():
        assert other not in options(cls)
        assert key in options(cls)
        assert read(Record(cls), {**ENOUGH[cls], other: 1}) == (
            INVALID,
            [f"x.{other}: there is no such key; did you mean '{key}'?"],
        )


def test_defaults_of_a_service_are_the_safe_ones():
    assert read(Record(Service), ENOUGH[Service])[0] == Service(
        name="web",
        vip=("192.0.2.100",),
        port=(80,),
        protocol="tcp",
        forwarding="dr",
        scheduler="wlc",
        persistence=None,
        real_servers=None,
        health_check=None,
        where="x",
    )


def test_defaults_of_a_health_check():
    assert read(Record(HealthCheck), {"type": "tcp"})[0] == HealthCheck(
        type="tcp",
        path=None,
        status=None,
        port=None,
        delay_loop=2,
        connect_timeout=2,
        retry=1,
        delay_before_retry=1,
    )


def test_defaults_of_the_rest():
    assert VRRP() == VRRP(advert_int=1, preempt_delay=60, virtual_router_id=None, sync_id=None)
    assert RealServer(host="web1") == RealServer(host="web1", weight=1, port=None, upper_threshold=0, lower_threshold=0)
    assert read(Record(SharedData), ENOUGH[SharedData])[0] == SharedData(
        name="www",
        path="/srv/www",
        method="nfs",
        host=None,
        owner="root",
        group="root",
        mode="0755",
        access="rw",
        options=(),
        where="x",
    )
    assert HostVariables() == HostVariables(
        cluster_name="lvs",
        directors_group="lvs_directors",
        real_servers_group="lvs_real_servers",
        storage_group="lvs_storage",
        clients_group="lvs_clients",
        address=(),
        interface=None,
        priority=None,
        take_over=False,
        ignore_variables=(),
    )
    assert ClusterVariables() == ClusterVariables(
        services=None,
        director_engine="keepalived",
        shared_data=(),
        vrrp=VRRP(),
        network=(),
        sysctl=(),
        reserved_vrids=(),
    )


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_all_schedulers_of_the_kernel_are_known(scheduler):
    result, problems = read(Record(Service), service(scheduler=scheduler))
    assert problems == []
    assert result.scheduler == scheduler


def test_there_are_fourteen_schedulers():
    assert len(set(SCHEDULERS)) == 14


@pytest.mark.parametrize(
    ("changes", "key", "result"),
    [
        ({"vip": ["192.0.2.100", "192.0.2.101"]}, "vip", ("192.0.2.100", "192.0.2.101")),
        ({"port": [80, "443"]}, "port", (80, 443)),
        ({"protocol": "udp"}, "protocol", "udp"),
        ({"persistence": {"timeout": 300}}, "persistence", Persistence(timeout=300)),
        ({"persistence": {"timeout": 31 * 86400}}, "persistence", Persistence(timeout=31 * 86400)),
        ({"real_servers": "pool"}, "real_servers", "pool"),
        (
            {"real_servers": ["web1", {"host": "web2", "weight": 0, "upper_threshold": 9, "lower_threshold": 5}]},
            "real_servers",
            (
                RealServer(host="web1", where="x.real_servers[0]"),
                RealServer(host="web2", weight=0, upper_threshold=9, lower_threshold=5, where="x.real_servers[1]"),
            ),
        ),
        ({"health_check": {"type": "none"}}, "health_check", HealthCheck(type="none")),
        (
            {"health_check": {"type": "http", "path": "/a/b?c=d&e=%20", "status": "204", "port": 8080}},
            "health_check",
            HealthCheck(type="http", path="/a/b?c=d&e=%20", status=(204,), port=8080),
        ),
        ({"name": "a-b_c.d9"}, "name", "a-b_c.d9"),
        ({"name": "x" * 64}, "name", "x" * 64),
    ],
)
def test_what_a_service_can_be(changes, key, result):
    got, problems = read(Record(Service), service(**changes))
    assert problems == []
    assert getattr(got, key) == result


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "-web"}, f"x.name: '-web' is not a name; {NAME_RULE}"),
        ({"name": "x" * 65}, f"x.name: '{'x' * 56}... is not a name; {NAME_RULE}"),
        ({"name": "a b"}, f"x.name: 'a b' is not a name; {NAME_RULE}"),
        ({"name": 404}, 'x.name: 404 is not text, as YAML reads it; put it in quotes: "404"'),
        ({"vip": []}, "x.vip: the list is empty; write at least one: an IP address"),
        ({"vip": ["192.0.2.1", "192.0.2.1"]}, "x.vip: '192.0.2.1' stands in the list twice; write each once"),
        ({"port": "90-80"}, "x.port: '90-80' is not a range of ports; write the lower port first, both from 1 to 65535"),
        ({"port": ["80-82", 81]}, "x.port: 81 stands in the list twice; write each once"),
        ({"scheduler_flags": "sh-prot"}, "x.scheduler_flags: 'sh-prot' is not a scheduler flag; did you mean 'sh-port'?"
                                         " Known: sh-port, sh-fallback, mh-port, mh-fallback, flag-1, flag-2, flag-3"),
        ({"protocol": "TCP"}, "x.protocol: 'TCP' is not a protocol; write one of tcp, udp, sctp"),
        ({"forwarding": "tunnel"}, "x.forwarding: 'tunnel' is not a forwarding method; did you mean 'tun'? Known: dr, nat, fullnat, tun"),
        ({"fwmark": 0}, "x.fwmark: 0 is out of range; write a number from 1 to 4294967295"),
        ({"tunnel": {"type": "vxlan"}}, "x.tunnel.type: 'vxlan' is not a type of tunnel; write one of ipip, gue, gre"),
        ({"scheduler": "wlcc"}, f"x.scheduler: 'wlcc' is not a scheduler; did you mean 'wlc'? Known: {', '.join(SCHEDULERS)}"),
        ({"persistence": 300}, "x.persistence: 300 is not a mapping; write some of these keys: timeout, netmask, prefix, engine"),
        ({"persistence": {"timeout": 0}}, "x.persistence.timeout: 0 is out of range; write a number from 1 to 2678400 seconds"),
        ({"real_servers": []}, "x.real_servers: the list is empty; write at least one: a real server, which is a mapping or just its host"),
        ({"real_servers": ["web1", 5]}, "x.real_servers[1]: 5 is not a mapping; write some of these keys: " + ", ".join(options(RealServer))),
        ({"real_servers": [{"host": "web1", "weight": 65536}]}, "x.real_servers[0].weight: 65536 is out of range; write a number from 0 to 65535"),
        ({"real_servers": [{"host": "web1", "weight": -1}]}, "x.real_servers[0].weight: -1 is out of range; write a number from 0 to 65535"),
        ({"health_check": {"type": "http", "path": "healthz"}}, "x.health_check.path: 'healthz' is not the path of a URL; write a path such as /healthz"),
        ({"health_check": {"type": "http", "path": '/a"b'}}, "x.health_check.path: '/a\"b' is not the path of a URL; write a path such as /healthz"),
        ({"health_check": {"type": "http", "status": 99}}, "x.health_check.status: 99 is not a status of HTTP; write one such as 200, or a range: '200-299'"),
        ({"health_check": {"type": "http", "status": "299-200"}}, "x.health_check.status: '299-200' is not a status of HTTP;"
                                                                  " write one such as 200, or a range: '200-299'"),
        ({"health_check": {"type": "http", "digest": "ab"}}, "x.health_check.digest: 'ab' is not an MD5 digest;"
                                                             " write 32 hexadecimal digits, as keepalived's genhash prints them"),
        ({"health_check": {"type": "misc", "script": "check"}}, "x.health_check.script: 'check' is not a program with its arguments;"
                                                                " write an absolute path and plain words, such as '/usr/local/bin/check {address} {port}'"),
        ({"health_check": {"type": "htp"}}, "x.health_check.type: 'htp' is not a kind of health check; did you mean 'http'?"
                                            " Known: http, https, tcp, udp, dns, ping, smtp, misc, file, bfd, none"),
        ({"health_check": {"type": "tcp", "delay_loop": 0}}, "x.health_check.delay_loop: 0 is out of range; write a number from 1 to 3600 seconds"),
        ({"health_check": "tcp"}, "x.health_check: 'tcp' is not a mapping; write some of these keys: " + ", ".join(options(HealthCheck))),
    ],
)  # fmt: skip
def test_what_a_service_cannot_be(changes, problem):
    assert read(Record(Service), service(**changes)) == (INVALID, [problem])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"method": "ocfs"}, "x.method: 'ocfs' is not a method of sharing data; did you mean 'ocfs2'? Known: nfs, rsync, gfs2, ocfs2"),
        ({"mode": 493}, "x.mode: 493 is not a file mode; write octal digits in quotes, such as '0755'"),
        ({"owner": "www data"}, "x.owner: 'www data' is not a user or group name; write a name such as www-data"),
        ({"group": 33}, 'x.group: 33 is not text, as YAML reads it; put it in quotes: "33"'),
        ({"access": "r"}, "x.access: 'r' is not an access; did you mean 'rw'? Known: rw, ro"),
        ({"access": "readonly"}, "x.access: 'readonly' is not an access; write one of rw, ro"),
        ({"options": "soft"}, "x.options: 'soft' is not a list; write a list, each item a mount option"),
        ({"options": ["a,b"]}, "x.options[0]: 'a,b' is not a mount option; write an option such as actimeo=5"),
        ({"path": "/"}, "x.path: '/' is not the path of a folder; write an absolute path of letters, digits and ._+@=~-, such as /srv/www"),
    ],
)  # fmt: skip
def test_what_shared_data_cannot_be(changes, problem):
    assert read(Record(SharedData), data(**changes)) == (INVALID, [problem])


@pytest.mark.parametrize(
    ("variable", "value", "result"),
    [
        ("lvs_director_engine", "keepalived", "keepalived"),
        ("lvs_director_engine", "ldirectord", "ldirectord"),
        ("lvs_director_engine", "static", "static"),
        ("lvs_keep_weights", True, True),
        ("lvs_vrrp", {"advert_int": 2, "preempt_delay": 0}, VRRP(advert_int=2, preempt_delay=0)),
        ("lvs_vrrp", {"advert_int": 0.2, "nopreempt": True}, VRRP(advert_int=0.2, nopreempt=True)),
        ("lvs_vrrp", {"advert_int": "0.25", "startup_delay": "7"}, VRRP(advert_int=0.25, startup_delay=7)),
        ("lvs_vrrp", {"virtual_router_id": 255, "sync_id": 1}, VRRP(virtual_router_id=255, sync_id=1)),
        ("lvs_network", "192.0.2.0/24", ("192.0.2.0/24",)),
        ("lvs_network", ["192.0.2.0/24", "2001:db8::/64"], ("192.0.2.0/24", "2001:db8::/64")),
        ("lvs_reserved_vrids", [1, 51], (1, 51)),
        ("lvs_services", [], ()),
        ("lvs_shared_data", [], ()),
    ],
)
def test_what_variables_of_a_cluster_can_be(variable, value, result):
    assert read(CLUSTER_VARIABLES[variable], value, variable) == (result, [])


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("lvs_director_engine", "keepalive", "lvs_director_engine: 'keepalive' is not a director engine;"
                                             " did you mean 'keepalived'? Known: keepalived, ldirectord, static"),
        ("lvs_vrrp", {"advert_int": 0}, "lvs_vrrp.advert_int: 0 is out of range; write a number from 0.01 to 40 seconds"),
        ("lvs_vrrp", {"advert_int": "x"}, "lvs_vrrp.advert_int: 'x' is not a number of seconds; write one from 0.01 to 40 seconds"),
        ("lvs_vrrp", {"advert_int": True}, "lvs_vrrp.advert_int: true is not a number of seconds; write one from 0.01 to 40 seconds"),
        ("lvs_vrrp", {"advert_int": 0.125}, "lvs_vrrp.advert_int: 0.125 is finer than hundredths of a second; write 0.12"),
        ("lvs_vrrp", {"preempt_delay": 1001}, "lvs_vrrp.preempt_delay: 1001 is out of range; write a number from 0 to 1000 seconds"),
        ("lvs_vrrp", {"virtual_router_id": 0}, "lvs_vrrp.virtual_router_id: 0 is out of range; write a number from 1 to 255"),
        ("lvs_vrrp", {"sync_id": 256}, "lvs_vrrp.sync_id: 256 is out of range; write a number from 1 to 255"),
        ("lvs_network", "192.0.2.5/24", "lvs_network: '192.0.2.5/24' is not a network; write it as 192.0.2.0/24, with zeros behind the prefix"),
        ("lvs_reserved_vrids", 51, "lvs_reserved_vrids: 51 is not a list; write a list, each item 1 to 255"),
        ("lvs_services", {"name": "web"}, "lvs_services: a mapping is not a list; write a list, each item a service, which is a mapping"),
    ],
)  # fmt: skip
def test_what_variables_of_a_cluster_cannot_be(variable, value, problem):
    assert read(CLUSTER_VARIABLES[variable], value, variable) == (INVALID, [problem])


@pytest.mark.parametrize("variable", ["lvs_services", "lvs_shared_data"])
def test_one_wrong_item_does_not_hide_the_others(variable):
    right = ENOUGH[Service if variable == "lvs_services" else SharedData]
    result, problems = read(CLUSTER_VARIABLES[variable], [{}, right], variable)
    assert [item.where for item in result] == [f"{variable}[1]"]
    assert problems[0].startswith(f"{variable}[0].name: is missing")


@pytest.mark.parametrize(
    ("variable", "value", "result"),
    [
        ("lvs_address", "192.0.2.21", ("192.0.2.21",)),
        ("lvs_address", ["192.0.2.21", "2001:db8::21"], ("192.0.2.21", "2001:db8::21")),
        ("lvs_interface", "eth0.100", "eth0.100"),
        ("lvs_priority", "200", 200),
        ("lvs_take_over", "true", True),
        ("lvs_cluster_name", "shop", "shop"),
        ("lvs_ignore_variables", ["lvs_mine"], ("lvs_mine",)),
    ],
)
def test_what_variables_of_a_host_can_be(variable, value, result):
    assert read(HOST_VARIABLES[variable], value, variable) == (result, [])


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("lvs_address", "web1", "lvs_address: 'web1' is not an IP address; write a literal address, such as 192.0.2.21"),
        ("lvs_interface", "a-very-long-name", "lvs_interface: 'a-very-long-name' is not the name of a network interface; " + INTERFACE_RULE),
        ("lvs_interface", "eth0:1", "lvs_interface: 'eth0:1' is not the name of a network interface; " + INTERFACE_RULE),
        ("lvs_priority", 255, "lvs_priority: 255 is out of range; write a number from 1 to 254"),
        ("lvs_take_over", "certainly", "lvs_take_over: 'certainly' is neither true nor false; write true or false"),
        ("lvs_ignore_variables", "lvs_mine", "lvs_ignore_variables: 'lvs_mine' is not a list; write a list, each item the name of a variable"),
    ],
)  # fmt: skip
def test_what_variables_of_a_host_cannot_be(variable, value, problem):
    assert read(HOST_VARIABLES[variable], value, variable) == (INVALID, [problem])
