# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module returns is what its documentation says that it returns, down to the last key."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import IPv4Address, IPv6Address

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import connections, model
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.shape import NOTHING, table_to_dict
from ansible_collections.lvs.cluster.plugins.module_utils.probe import http
from ansible_collections.lvs.cluster.plugins.modules import arp_probe, http_probe, ipvs_info, verify_report
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.model import ClusterReport

COUNTERS = model.Counters(*range(10))
STATE = model.ServerState(COUNTERS, 1, 2, 3)
TUNNEL = model.Tunnel("gue", 6080, "csum")
SERVER = model.Server(model.ServerKey(IPv4Address("192.0.2.21"), 80), "tun", 1, 0, 0, TUNNEL)
V4 = model.Persistence(300, IPv4Address("255.255.255.0"), None, "sip")
V6 = model.Persistence(300, None, 64, None)
SERVICES = (
    model.Service(model.AddressKey("tcp", IPv6Address("2001:db8::1"), 80), "wlc", (), V6, one_packet=False),
    model.Service(model.FwmarkKey(7, "ipv4"), "sh", ("sh-port",), V4, one_packet=False),
)
TABLE = model.Table(
    model.KernelInfo("1.2.1", 4096, "6.12.57"),
    model.Timeouts(900, 120, 300),
    (model.SyncDaemon("master", "eth0", 1, 1472, IPv4Address("224.0.0.81"), 8848, 1),),
    tuple(model.ServiceEntry(service, COUNTERS, (model.ServerEntry(SERVER, STATE),)) for service in SERVICES),
)
# They share keys with the configuration, which is documented next to it.
IDENTITY = {"protocol", "vip", "port", "fwmark", "family"}
# What Ansible adds. It keeps warnings for a whole process: those here are of modules that other tests have run.
BESIDE = {"changed", "failed", "invocation", "warnings"}
OWNED = ("services", "sync_daemons", "timeouts")


def documented(module):
    return yaml.safe_load(module.RETURN)


def compare(documentation, found, where):
    """Fail unless the keys of `found`, a list of dicts of one kind, are those that are documented; go on inside."""
    keys = set().union(*found)
    if where == "statistics":
        keys -= IDENTITY
    assert keys == documentation.keys(), where
    for key, described in documentation.items():
        values = [each[key] for each in found if each.get(key) is not None]
        inner = [item for value in values for item in (value if isinstance(value, list) else [value])]
        if "contains" in described:
            assert inner, f"{where}.{key}: the test has no example"
            compare(described["contains"], inner, f"{where}.{key}".lstrip("."))
        check_types(described["type"], values, f"{where}.{key}")


def check_types(documented_type, values, where):
    types = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict, "float": (int, float)}
    for value in values:
        assert isinstance(value, types[documented_type]), where
        assert documented_type == "bool" or not isinstance(value, bool), where


def test_ipvs_info():
    documentation = documented(ipvs_info)
    owner = {"name": "keepalived", "pid": 1}
    result = {
        "loaded": True,
        **table_to_dict(TABLE),
        "owner": dict.fromkeys(OWNED, owner),
        "at_boot": False,
        "checkers": [],
    }
    result["connections"] = list(
        connections.parse(["TCP C6336407 A356 C0000264 0050 C0000215 0050 ESTABLISHED 897 sip x"])
    )
    compare(documentation, [result], "")


def test_ipvs_info_where_it_is_not_loaded():
    assert {"loaded", *NOTHING, "owner", "at_boot", "checkers", "connections"} == documented(ipvs_info).keys()


def test_http_probe():
    outcomes = [http.Outcome(0.0, 0.1, http.Answer(200, "web1"), None), http.Outcome(0.02, 0.25, None, "refused")]
    result = {
        **http.summarize(outcomes),
        "url": "http://192.0.2.1/",
        "address": "192.0.2.1",
        "port": 80,
        "began_at": 1.5,
        "missed": 0,
    }
    compare(documented(http_probe), [result], "")


def test_http_probe_for_real(run):
    result = run(http_probe, url="http://127.0.0.1:1/", count=1)
    assert result.keys() - BESIDE == documented(http_probe).keys()


def test_arp_probe(run, commands, monkeypatch):
    class Silent:
        def __enter__(self):
            return self

        def __exit__(self, *exception):
            pass

        def bind(self, address):
            pass

        def getsockname(self):
            return ("eth0", 0, 0, 1, bytes(6))

        def send(self, frame):
            pass

        def settimeout(self, seconds):
            pass

        def recv(self, size):
            raise TimeoutError

    monkeypatch.setattr("socket.socket", lambda *arguments: Silent())
    commands.answers = {"ip": (0, '[{"dev":"eth0","prefsrc":"192.0.2.41"}]', "")}
    result = run(arp_probe, address="192.0.2.100", count=1, interval=1)
    assert result.keys() - BESIDE == documented(arp_probe).keys()


def test_verify_report():
    described = documented(verify_report)["clusters"]["contains"]
    assert described.keys() == {field.name for field in fields(ClusterReport)}


@pytest.mark.parametrize("module", [arp_probe, http_probe, ipvs_info, verify_report])
def test_examples_use_options_that_exist(module):
    options = set(yaml.safe_load(module.DOCUMENTATION).get("options") or {})
    name = f"lvs.cluster.{yaml.safe_load(module.DOCUMENTATION)['module']}"
    tasks = [task for task in yaml.safe_load(module.EXAMPLES) if name in task]
    assert tasks
    for task in tasks:
        assert set(task[name] or {}) <= options, task["name"]
