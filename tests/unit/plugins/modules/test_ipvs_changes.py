# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that change IPVS, as whole processes but for the kernel, which is simulated down to its bytes."""

from __future__ import annotations

import copy
import errno

import pytest
import yaml
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import manage, module, netlink, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.owner import Owner, Owners
from ansible_collections.lvs.cluster.plugins.modules import (
    ipvs_info,
    ipvs_server,
    ipvs_service,
    ipvs_sync_daemon,
    ipvs_table,
    ipvs_timeouts,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.simulated_kernel import SimulatedKernel

WEB = {"vip": "192.0.2.100", "port": 80}
WEB1 = {"address": "192.0.2.21"}
MASTER = {"role": "master", "interface": "eth0"}
NOBODY = Owners(None, None, None)
KEEPALIVED = Owners(Owner("keepalived's checker process", 702), Owner("keepalived", 700), None)
NO_CHANGE = {"before": {}, "after": {}}
PLAIN_SERVICE = {"scheduler": "wlc", "flags": [], "persistence": None, "one_packet": False}
PLAIN_SERVER = {
    "address": "192.0.2.21",
    "port": 80,
    "forwarding": "dr",
    "weight": 1,
    "upper_threshold": 0,
    "lower_threshold": 0,
    "tunnel": None,
}


class Machine:
    """What the modules find: a kernel, whether it has IPVS loaded, and who holds what."""

    def __init__(self):
        self.kernel = SimulatedKernel()
        self.loaded = True
        self.owners = NOBODY

    def snapshot(self):
        return copy.deepcopy((self.kernel.services, self.kernel.timeouts, self.kernel.daemons))


@pytest.fixture
def machine(monkeypatch):
    found = Machine()
    monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: found.kernel)
    monkeypatch.setattr(table, "is_loaded", lambda: found.loaded)
    monkeypatch.setattr(module, "find_owners", lambda: found.owners)
    monkeypatch.setattr(manage, "find_owners", lambda: found.owners)
    monkeypatch.setattr(manage.socket, "if_nametoindex", {"lo": 1, "eth0": 2}.__getitem__)
    return found


@pytest.fixture
def change(run, machine):
    """Return a function that runs a module in check mode, for real, and again, and returns the result of the second.

    Check mode changes nothing and returns the same; the third run finds nothing to do.
    """

    def call(which, **parameters):
        before = machine.snapshot()
        expected = run(which, check=True, **parameters)
        assert machine.snapshot() == before
        result = run(which, **parameters)
        assert not result["failed"], result["msg"]
        assert expected["changed"] == result["changed"]
        assert expected.get("changes") == result.get("changes")
        assert expected["diff"] == result["diff"]
        again = run(which, **parameters)
        assert not again["changed"]
        assert again["diff"] == NO_CHANGE
        return result

    return call


def services(run):
    return run(ipvs_info)["services"]


def counts(services=(0, 0, 0), servers=(0, 0, 0)):
    actions = ("add", "update", "delete")
    return {"services": dict(zip(actions, services)), "servers": dict(zip(actions, servers))}


class TestService:
    def test_new(self, change, run):
        result = change(ipvs_service, **WEB)
        assert result["changed"]
        assert result["changes"] == counts(services=(1, 0, 0))
        assert result["diff"] == {"before": {}, "after": {"tcp 192.0.2.100:80": PLAIN_SERVICE}}
        assert services(run) == [{"protocol": "tcp", **WEB, **PLAIN_SERVICE, "servers": []}]

    def test_only_what_is_given_changes_and_servers_stay(self, change, run):
        change(ipvs_service, **WEB, scheduler="sh", flags=["sh-port"], persistence={"timeout": 60, "engine": "sip"})
        change(ipvs_server, service=WEB, **WEB1)
        result = change(ipvs_service, **WEB, persistence={"prefix": 24})
        assert result["changes"] == counts(services=(0, 1, 0))
        mask = {"timeout": 60, "engine": "sip"}
        assert result["diff"] == {
            "before": {"tcp 192.0.2.100:80": {"persistence": {**mask, "netmask": "255.255.255.255"}}},
            "after": {"tcp 192.0.2.100:80": {"persistence": {**mask, "netmask": "255.255.255.0"}}},
        }
        (found,) = services(run)
        assert (found["scheduler"], found["flags"], len(found["servers"])) == ("sh", ["sh-port"], 1)

    def test_gone_with_its_servers(self, change, run):
        change(ipvs_service, **WEB)
        change(ipvs_server, service=WEB, **WEB1)
        result = change(ipvs_service, **WEB, state="absent")
        assert result["changes"] == counts(services=(0, 0, 1))
        servers = {"servers": {"192.0.2.21:80": PLAIN_SERVER}}
        assert result["diff"] == {"before": {"tcp 192.0.2.100:80": {**PLAIN_SERVICE, **servers}}, "after": {}}
        assert services(run) == []

    def test_what_ipvs_info_returns_is_taken(self, change, run):
        change(ipvs_service, **WEB, persistence={"timeout": 60})
        (found,) = services(run)
        del found["servers"]
        assert found["persistence"]["engine"] is None
        assert not change(ipvs_service, **found)["changed"]

    def test_an_unknown_engine(self, run):
        result = run(ipvs_service, **WEB, persistence={"engine": "spi"})
        assert result["failed"]
        assert "persistence.engine: 'spi' is not known; write one of sip, none" in result["msg"]

    def test_nothing_to_take_away(self, change):
        assert not change(ipvs_service, **WEB, state="absent")["changed"]

    def test_by_firewall_mark(self, change, run):
        change(ipvs_service, fwmark=7, family="ipv6", one_packet=True)
        (found,) = services(run)
        assert (found["fwmark"], found["family"], found["one_packet"]) == (7, "ipv6", True)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (
                {},
                "vip: neither vip nor fwmark is given; write one of them: a service is reached either by address or by a firewall mark",
            ),
            ({"vip": "192.0.2.100"}, "port: it is missing; write the port of the service, or 0 for all ports"),
            (
                {"fwmark": 0},
                "fwmark: 0 is out of range; write a whole number from 1 to 4294967295 (the kernel takes 0 for the address 0.0.0.0)",
            ),
            (
                {**WEB, "one_packet": True},
                "one_packet: with tcp the kernel takes it and ignores it; leave it out, or use protocol: udp",
            ),
            (
                {"vip": "192.0.2.100", "port": 0},
                "port: 0 stands for all ports, which takes persistence; add persistence, or write a port",
            ),
        ],
    )
    def test_mistakes(self, run, machine, given, message):
        assert run(ipvs_service, **given)["msg"] == message

    def test_a_scheduler_that_the_kernel_does_not_have(self, run, machine):
        machine.kernel.refuse["tcp 192.0.2.100:80"] = errno.ENOENT
        result = run(ipvs_service, **WEB, scheduler="xyz")
        assert result["failed"]
        assert "the kernel cannot find the scheduler xyz (module ip_vs_xyz)" in result["msg"]
        assert (result["applied"], len(result["refused"]), result["not_tried"]) == ([], 1, [])


class TestServer:
    def test_new_changed_and_gone(self, change, run):
        change(ipvs_service, **WEB)
        result = change(ipvs_server, service=WEB, **WEB1)
        assert result["changes"] == counts(servers=(1, 0, 0))
        added = {"tcp 192.0.2.100:80": {"servers": {"192.0.2.21:80": PLAIN_SERVER}}}
        assert result["diff"] == {"before": {}, "after": added}
        result = change(ipvs_server, service=WEB, **WEB1, weight=0)
        assert result["diff"] == {
            "before": {"tcp 192.0.2.100:80": {"servers": {"192.0.2.21:80": {"weight": 1}}}},
            "after": {"tcp 192.0.2.100:80": {"servers": {"192.0.2.21:80": {"weight": 0}}}},
        }
        result = change(ipvs_server, service=WEB, **WEB1, state="absent")
        assert result["diff"]["after"] == {}
        assert services(run)[0]["servers"] == []

    def test_thresholds_and_tunnel_survive_a_change_of_the_weight(self, change, run):
        change(ipvs_service, **WEB)
        tunnel = {"type": "gue", "port": 6080, "checksum": "csum"}
        thresholds = {"upper_threshold": 200, "lower_threshold": 100}
        change(ipvs_server, service=WEB, address="2001:db8::21", forwarding="tun", tunnel=tunnel, **thresholds)
        change(ipvs_server, service=WEB, address="2001:db8::21", weight=0)
        (found,) = services(run)[0]["servers"]
        assert found == {
            "address": "2001:db8::21",
            "port": 80,
            "forwarding": "tun",
            "weight": 0,
            "tunnel": tunnel,
            **thresholds,
        }
        change(ipvs_server, service=WEB, address="2001:db8::21", state="absent")

    def test_its_service_has_to_exist(self, run, machine):
        assert run(ipvs_server, service=WEB, **WEB1)["msg"] == (
            "service: there is no service tcp 192.0.2.100:80; make it first, with lvs.cluster.ipvs_service or"
            " lvs.cluster.ipvs_table"
        )

    def test_without_its_service_it_is_absent(self, change):
        assert not change(ipvs_server, service=WEB, **WEB1, state="absent")["changed"]

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (
                {"service": {"vip": "192.0.2.100"}, **WEB1},
                "service.port: it is missing; write the port of the service, or 0 for all ports",
            ),
            (
                {"service": WEB, **WEB1, "port": 81},
                "port: 81 is not the port of the service, and dr cannot change ports; write 80, or forwarding: nat",
            ),
            (
                {"service": WEB, "address": "web1"},
                "address: 'web1' is not an IP address; write a literal one such as 192.0.2.21",
            ),
        ],
    )
    def test_mistakes(self, run, machine, given, message):
        assert run(ipvs_server, **given)["msg"] == message


class TestTable:
    TABLE = (
        {**WEB, "servers": [WEB1, {"address": "192.0.2.22", "weight": 5}]},
        {"fwmark": 7, "scheduler": "sh", "flags": ["sh-port"], "persistence": {}},
    )

    def test_a_whole_table_and_back_to_nothing(self, change, run):
        result = change(ipvs_table, services=self.TABLE, purge="all")
        assert result["changes"] == counts(services=(2, 0, 0), servers=(2, 0, 0))
        assert [service["scheduler"] for service in services(run)] == ["wlc", "sh"]
        assert change(ipvs_table, services=[], purge="all")["changes"] == counts(services=(0, 0, 2))
        assert services(run) == []

    def test_what_ipvs_info_returns_can_be_given_unchanged(self, change, run):
        change(ipvs_table, services=self.TABLE)
        assert not run(ipvs_table, services=services(run), purge="all", allowed_actions=[])["changed"]

    def test_what_is_not_given_is_the_default(self, change, run):
        change(ipvs_table, services=[{**WEB, "scheduler": "rr", "persistence": {}}])
        change(ipvs_table, services=[WEB])
        assert {name: services(run)[0][name] for name in PLAIN_SERVICE} == PLAIN_SERVICE

    def test_weights_can_be_left_to_others(self, change, run):
        change(ipvs_table, services=self.TABLE)
        change(ipvs_server, service=WEB, **WEB1, weight=0)
        assert not change(ipvs_table, services=self.TABLE, keep_weights=True)["changed"]
        assert change(ipvs_table, services=self.TABLE)["changes"] == counts(servers=(0, 1, 0))

    @pytest.mark.parametrize(
        ("purge", "expected"),
        [
            ("none", counts()),
            ("servers", counts(servers=(0, 0, 2))),
            ("all", counts(services=(0, 0, 1), servers=(0, 0, 2))),
        ],
    )
    def test_purge(self, change, purge, expected):
        change(ipvs_table, services=self.TABLE)
        assert change(ipvs_table, services=[WEB], purge=purge)["changes"] == expected

    def test_a_guard_stops_everything(self, run, machine):
        run(ipvs_table, services=self.TABLE)
        before = machine.snapshot()
        result = run(
            ipvs_table, services=[{**WEB, "scheduler": "rr"}], purge="servers", allowed_actions=["add", "update"]
        )
        assert result["msg"] == (
            "nothing was changed, because allowed_actions is ['add', 'update'] and this would be needed:"
            " delete server 192.0.2.21:80 of tcp 192.0.2.100:80, delete server 192.0.2.22:80 of tcp 192.0.2.100:80."
            " Allow it, or find out why the table is not as expected"
        )
        assert machine.snapshot() == before

    def test_all_mistakes_at_once(self, run, machine):
        result = run(ipvs_table, services=[{"vip": "192.0.2.100"}, {**WEB, "servers": [{}]}])
        assert result["msg"].splitlines() == [
            "2 mistakes, so nothing was done:",
            "- services[0].port: it is missing; write the port of the service, or 0 for all ports",
            "- services[1].servers[0].address: it is missing; write an address such as 192.0.2.21",
        ]

    def test_a_failure_half_way(self, run, machine):
        machine.kernel.refuse["192.0.2.22:80"] = errno.EINVAL
        result = run(ipvs_table, services=self.TABLE)
        assert result["failed"]
        assert result["changed"]
        assert [len(result[name]) for name in ("applied", "refused", "not_tried")] == [3, 1, 0]
        machine.kernel.refuse.clear()
        assert run(ipvs_table, services=self.TABLE)["changes"] == counts(servers=(1, 0, 0))


class TestTimeouts:
    def test_only_what_is_given_changes(self, change, machine):
        result = change(ipvs_timeouts, udp=60)
        assert result["timeouts"] == {"tcp": 900, "tcp_fin": 120, "udp": 60}
        assert result["diff"] == {"before": {"udp": 300}, "after": {"udp": 60}}
        assert machine.kernel.timeouts == Timeouts(900, 120, 60)

    def test_zero(self, run, machine):
        assert run(ipvs_timeouts, tcp=0)["msg"] == (
            "tcp: 0 is out of range; write a whole number from 1 to 2147483 seconds (the kernel takes 0 for: leave it as it is)"
        )

    def test_nothing_given(self, run, machine):
        assert run(ipvs_timeouts)["msg"] == "one of the following is required: tcp, tcp_fin, udp"


class TestSyncDaemon:
    def test_started_restarted_and_stopped(self, change, run, machine):
        result = change(ipvs_sync_daemon, **MASTER, sync_id=51)
        assert result["diff"] == {"before": {}, "after": {**MASTER, "sync_id": 51}}
        assert result["sync_daemon"]["max_length"] == 1472
        result = change(ipvs_sync_daemon, **MASTER, group="224.0.0.82")
        assert result["diff"] == {"before": {}, "after": {"group": "224.0.0.82"}}
        assert machine.kernel.daemons["master"].sync_id == 51
        assert not change(ipvs_sync_daemon, **MASTER)["changed"]
        result = change(ipvs_sync_daemon, role="master", state="absent")
        assert result["sync_daemon"] is None
        assert machine.kernel.daemons == {}

    def test_the_other_role_is_left_alone(self, change, run, machine):
        change(ipvs_sync_daemon, **MASTER)
        change(ipvs_sync_daemon, role="backup", interface="lo")
        change(ipvs_sync_daemon, role="master", state="absent")
        assert list(machine.kernel.daemons) == ["backup"]

    def test_a_wrong_interface_does_not_cost_the_running_daemon(self, run, machine, monkeypatch):
        def unknown(name):
            raise OSError(errno.ENODEV, "No such device")

        run(ipvs_sync_daemon, **MASTER)
        monkeypatch.setattr(manage.socket, "if_nametoindex", unknown)
        assert run(ipvs_sync_daemon, role="master", interface="eth9")["msg"] == (
            "interface: there is no interface eth9 in this network namespace; 'ip link' shows those that exist"
        )
        assert machine.kernel.daemons["master"].interface == "eth0"

    def test_mistakes(self, run, machine):
        assert run(ipvs_sync_daemon, **MASTER, ttl=0)["msg"] == (
            "ttl: 0 is out of range; write a whole number from 1 to 255"
        )
        assert run(ipvs_sync_daemon, role="master")["msg"] == (
            "state is present but all of the following are missing: interface"
        )


CHANGES = [
    (
        ipvs_service,
        WEB,
        "the services and servers of this network namespace are held by keepalived's checker process (pid 702)",
    ),
    (
        ipvs_table,
        {"services": [WEB]},
        "the services and servers of this network namespace are held by keepalived's checker process (pid 702)",
    ),
    (
        ipvs_sync_daemon,
        {"role": "master", "interface": "eth0"},
        "the sync daemons of this network namespace are held by keepalived (pid 700)",
    ),
]
ALL = [*((which, parameters) for which, parameters, _message in CHANGES), (ipvs_timeouts, {"udp": 60})]


class TestOwners:
    @pytest.mark.parametrize(("which", "parameters", "message"), CHANGES)
    @pytest.mark.parametrize("check", [False, True])
    def test_a_change_of_what_another_holds_is_refused(self, run, machine, which, parameters, message, check):
        machine.owners = KEEPALIVED
        before = machine.snapshot()
        assert run(which, check=check, **parameters)["msg"] == (
            f"{message}: make the change in its configuration. To make it here all the same, set override_owner: true;"
            " the other program is not told and may undo it"
        )
        assert machine.snapshot() == before

    @pytest.mark.parametrize(("which", "parameters", "message"), CHANGES)
    def test_unless_the_user_insists(self, run, machine, which, parameters, message):
        machine.owners = KEEPALIVED
        assert run(which, override_owner=True, **parameters)["changed"]

    @pytest.mark.parametrize(("which", "parameters", "message"), CHANGES)
    def test_without_a_change_nobody_asks(self, run, machine, which, parameters, message):
        run(which, **parameters)
        machine.owners = KEEPALIVED
        result = run(which, **parameters)
        assert not result["failed"]
        assert not result["changed"]

    def test_what_nobody_holds_can_be_changed(self, change, machine):
        machine.owners = KEEPALIVED
        assert change(ipvs_timeouts, udp=60)["changed"]


class TestWithoutTheModule:
    @pytest.mark.parametrize(("which", "parameters"), ALL)
    def test_check_mode_does_not_load_it(self, run, machine, monkeypatch, which, parameters):
        machine.loaded = False
        monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: pytest.fail("would load the module"))
        result = run(which, check=True, **parameters)
        assert not result["failed"]
        assert result["changed"]

    @pytest.mark.parametrize("which", [ipvs_service, ipvs_sync_daemon])
    def test_nothing_to_take_away_does_not_load_it(self, run, machine, monkeypatch, which):
        machine.loaded = False
        monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: pytest.fail("would load the module"))
        parameters = WEB if which is ipvs_service else {"role": "master"}
        result = run(which, state="absent", **parameters)
        assert not result["failed"]
        assert not result["changed"]

    @pytest.mark.parametrize(("which", "parameters"), ALL)
    def test_a_change_loads_it(self, run, machine, which, parameters):
        machine.loaded = False
        result = run(which, **parameters)
        assert not result["failed"]
        assert result["changed"]


@pytest.mark.parametrize("which", [ipvs_service, ipvs_server, ipvs_table, ipvs_timeouts, ipvs_sync_daemon])
def test_examples_run(run, machine, host_root, commands, monkeypatch, which):
    name = f"lvs.cluster.{yaml.safe_load(which.DOCUMENTATION)['module']}"
    run(ipvs_table, services=[{**WEB, "servers": [WEB1]}, {"fwmark": 7, "family": "ipv6"}])
    monkeypatch.setattr(manage.socket, "if_nametoindex", {"eth1": 3}.__getitem__)
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda _module, name, **_more: f"/usr/sbin/{name}")
    for task in yaml.safe_load(which.EXAMPLES):
        parameters = task[name]
        if parameters.get("services") == "{{ saved.services }}":
            parameters["services"] = services(run)
        result = run(which, **parameters)
        assert not result["failed"], result["msg"]


def test_the_documented_results_are_returned(run, machine):
    for which, parameters in ALL:
        documented = yaml.safe_load(which.RETURN)
        always = {name for name, each in documented.items() if each["returned"] == "success"}
        assert run(which, **parameters).keys() - {"changed", "failed", "diff", "invocation"} == always
