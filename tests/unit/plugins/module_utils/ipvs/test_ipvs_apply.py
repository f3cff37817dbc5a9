# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
from ipaddress import ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import netlink, table, uapi
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import (
    ApplyError,
    KernelError,
    NotLoadedError,
    PermissionDeniedError,
    SyncDaemonError,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FullService,
    Persistence,
    Server,
    ServerKey,
    Service,
    SyncDaemon,
    Timeouts,
    Tunnel,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Policy, plan
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs import strategies
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_kernel import GETFAMILY, ack
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.simulated_kernel import SimulatedKernel
from hypothesis import HealthCheck, given, settings

WEB = AddressKey("tcp", ip_address("192.0.2.100"), 80)
TLS = AddressKey("tcp", ip_address("192.0.2.100"), 443)
SIP = Persistence(300, ip_address("255.255.255.0"), None, "sip")
MISSING = "No such file or directory (errno 2)"
MODPROBE = (
    "check the name, and try modprobe. The module may be blocked, or in another package of this kernel;"
    " for a container it has to be loaded on the host"
)
ALL = Policy(purge="all")


def full(*numbers, key=WEB, scheduler="wlc", persistence=None):
    servers = [Server(ServerKey(ip_address(f"192.0.2.{number}"), key.port), "dr", 1, 0, 0, None) for number in numbers]
    return FullService(Service(key, scheduler, (), persistence, one_packet=False), tuple(servers))


@pytest.fixture
def start(monkeypatch):
    """Return a function that starts a kernel with a table, and lets the client talk to it."""
    monkeypatch.setattr(table, "is_loaded", lambda: True)

    def begin(*services):
        kernel = SimulatedKernel(*services)
        monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: kernel)
        return kernel

    return begin


def bring_to(*wanted):
    before = table.read_services()
    table.apply(plan(before, wanted, ALL))


def plain(services):
    return {key: (each.service, frozenset(each.servers)) for key, each in services.items()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.TABLES, strategies.TABLES)
def test_any_table_becomes_any_other_and_back(start, first, second):
    kernel = start(*first)
    for wanted in (second, first):
        bring_to(*wanted)
        assert plain(kernel.table) == plain({full.service.key: full for full in wanted})
        assert plan(table.read_services(), wanted, ALL) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(strategies.full_services())
def test_every_attribute_arrives_and_is_read_back(start, full):
    kernel = start()
    bring_to(full)
    assert (
        plain(table.read_services())
        == plain(kernel.table)
        == {full.service.key: (full.service, frozenset(full.servers))}
    )


def test_an_update_sends_the_whole_object(start):
    gue = Server(ServerKey(ip_address("192.0.2.21"), 80), "tun", 1, 200, 100, Tunnel("gue", 6080, "csum"))
    kernel = start(FullService(full(persistence=SIP).service, (gue,)))
    drained = Server(gue.key, "tun", 0, 200, 100, gue.tunnel)
    bring_to(FullService(full(persistence=SIP, scheduler="rr").service, (drained,)))
    assert kernel.table[WEB].service.persistence == SIP
    assert kernel.table[WEB].servers == (drained,)


def test_only_managed_services_are_asked_for_their_servers(start):
    kernel = start(full(21), full(22, key=TLS))
    found = table.read_services({TLS})
    assert [len(each.servers) for each in found.values()] == [0, 1]
    assert [request[1] for request in kernel.requests].count(uapi.CMD_GET_DEST) == 1


def test_one_service(start):
    start(full(22, 21), full(key=TLS))
    assert table.read_service(WEB) == full(21, 22)
    assert table.read_service(AddressKey("udp", WEB.vip, 80)) is None


def test_any_other_error_of_reading_one_is_raised(start):
    kernel = start()
    kernel.reply(uapi.CMD_GET_SERVICE, ack(errno.ENOMEM))
    with pytest.raises(KernelError, match=r"reading tcp 192.0.2.100:80 failed: Cannot allocate memory"):
        table.read_service(WEB)


def test_where_it_is_not_loaded_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(table, "is_loaded", lambda: False)
    monkeypatch.setattr(netlink.socket, "socket", lambda *arguments: pytest.fail("would load the module"))
    assert table.read_services() == {}
    assert table.read_service(WEB) is None
    assert table.read_timeouts() is None
    assert table.read_sync_daemons() == ()


class TestFailures:
    def test_what_was_done_what_was_refused_and_what_was_not_tried(self, start):
        kernel = start(full(21, key=TLS))
        kernel.refuse["192.0.2.22:80"] = errno.EINVAL
        with pytest.raises(ApplyError) as caught:
            bring_to(full(21, 22, 23))
        assert caught.value.applied == [
            "add service tcp 192.0.2.100:80",
            "add server 192.0.2.21:80 of tcp 192.0.2.100:80",
            "add server 192.0.2.23:80 of tcp 192.0.2.100:80",
        ]
        reason = (
            "add server 192.0.2.22:80 of tcp 192.0.2.100:80: Invalid argument (errno 22): 192.0.2.22 has to be a unicast"
            " address, a link-local one has to be this host's own, and the interface lo has to be up in this network namespace"
        )
        assert caught.value.refused == [reason]
        assert caught.value.not_tried == ["delete service tcp 192.0.2.100:443"]
        assert str(caught.value) == (
            "the kernel refused 1 of the changes; 3 were made and 1 not tried (see 'applied', 'refused' and 'not_tried')."
            f" Run again when the reason is gone, it goes on from there:\n- {reason}"
        )

    def test_the_next_run_finishes_the_job(self, start):
        kernel = start(full(21, key=TLS))
        kernel.refuse["192.0.2.22:80"] = errno.EINVAL
        with pytest.raises(ApplyError):
            bring_to(full(21, 22))
        kernel.refuse.clear()
        bring_to(full(21, 22))
        assert plain(kernel.table) == plain({WEB: full(21, 22)})

    def test_nothing_goes_when_its_replacement_did_not_come(self, start):
        kernel = start(full(21))
        kernel.refuse["192.0.2.22:80"] = errno.EINVAL
        with pytest.raises(ApplyError):
            bring_to(full(22))
        assert plain(kernel.table) == plain({WEB: full(21)})

    @pytest.mark.parametrize(
        ("wanted", "refused", "code", "remedy"),
        [
            (
                full(scheduler="xyz"),
                str(WEB),
                errno.ENOENT,
                f"{MISSING}: the kernel cannot find the scheduler xyz (module ip_vs_xyz): {MODPROBE}",
            ),
            (
                full(persistence=SIP),
                str(WEB),
                errno.ENOENT,
                f"{MISSING}: the kernel cannot find the scheduler wlc (module ip_vs_wlc) or the persistence engine sip (module ip_vs_pe_sip): {MODPROBE}",
            ),
            (
                full(),
                str(WEB),
                errno.EAFNOSUPPORT,
                "Address family not supported by protocol (errno 97): this kernel has no IPv6, or it is switched off",
            ),
            (
                full(),
                str(WEB),
                errno.EEXIST,
                "File exists (errno 17): something else changed the table in this moment; find out what, and run again",
            ),
            (full(), str(WEB), errno.ENOMEM, "Cannot allocate memory (errno 12)"),
        ],
    )
    def test_reasons(self, start, wanted, refused, code, remedy):
        kernel = start()
        kernel.refuse[refused] = code
        with pytest.raises(ApplyError) as caught:
            bring_to(wanted)
        assert caught.value.refused == [f"add service tcp 192.0.2.100:80: {remedy}"]

    def test_a_server_of_another_family_beside_a_sync_daemon(self, start):
        kernel = start()
        kernel.refuse["[2001:db8::21]:80"] = errno.EINVAL
        server = Server(ServerKey(ip_address("2001:db8::21"), 80), "tun", 1, 0, 0, Tunnel("ipip", 0, "nocsum"))
        with pytest.raises(
            ApplyError, match="another family than its service cannot be added while a sync daemon runs"
        ):
            bring_to(FullService(full().service, (server,)))

    def test_without_rights(self, start):
        kernel = start()
        kernel.refuse[str(WEB)] = errno.EPERM
        with pytest.raises(PermissionDeniedError):
            bring_to(full())

    def test_without_the_module(self, start):
        kernel = start()
        kernel.replies[GETFAMILY] = [ack(errno.ENOENT)]
        with pytest.raises(NotLoadedError):
            table.apply(plan({}, [full()], ALL))


class TestBatches:
    def test_many_requests_go_in_few_calls(self, start):
        kernel = start()
        wanted = [
            full(*range(1, 251), key=AddressKey("tcp", ip_address(f"198.51.100.{number}"), 80)) for number in range(4)
        ]
        table.apply(plan({}, wanted, ALL))
        # One for the family, one for the services, and 1,000 servers by 400.
        assert len(kernel.sends) == 1 + 1 + 3
        assert sum(len(each.servers) for each in kernel.table.values()) == 1000

    def test_only_the_last_request_of_a_call_asks_for_an_answer(self, start):
        kernel = start()
        table.apply(plan({}, [full(21, 22, 23)], ALL))
        flags = [flags for _family, command, flags in kernel.requests if command == uapi.CMD_NEW_DEST]
        assert flags == [netlink.NLM_F_REQUEST, netlink.NLM_F_REQUEST, netlink.NLM_F_REQUEST | netlink.NLM_F_ACK]

    def test_an_error_is_told_of_the_request_that_has_it(self, start):
        kernel = start()
        for number in (1, 400, 401, 700):
            kernel.refuse[f"10.0.{number >> 8}.{number & 255}:80"] = errno.EINVAL
        servers = [
            Server(ServerKey(ip_address(f"10.0.{number >> 8}.{number & 255}"), 80), "dr", 1, 0, 0, None)
            for number in range(1, 701)
        ]
        with pytest.raises(ApplyError) as caught:
            bring_to(FullService(full().service, tuple(servers)))
        assert [line.split(" of ")[0] for line in caught.value.refused] == [
            "add server 10.0.0.1:80",
            "add server 10.0.1.144:80",
            "add server 10.0.1.145:80",
            "add server 10.0.2.188:80",
        ]
        assert len(caught.value.applied) == 1 + 700 - 4

    def test_calls_stay_below_the_send_buffer(self, start, monkeypatch):
        monkeypatch.setattr(netlink, "BATCH_BYTES", 1000)
        kernel = start()
        table.apply(plan({}, [full(*range(1, 51))], ALL))
        assert max(kernel.sends) <= 1000
        assert len(kernel.table[WEB].servers) == 50

    def test_a_lost_answer(self, start):
        kernel = start()
        kernel.reply(uapi.CMD_NEW_SERVICE, OSError(errno.ENOBUFS, "No buffer space available"))
        with pytest.raises(KernelError, match="changing the IPVS table failed: No buffer space available"):
            table.apply(plan({}, [full()], ALL))


class TestSettings:
    def test_timeouts(self, start):
        kernel = start()
        table.set_timeouts(Timeouts(1, 2, 3))
        assert table.read_timeouts() == kernel.timeouts == Timeouts(1, 2, 3)

    def test_daemons(self, start):
        start()
        table.start_sync_daemon(SyncDaemon("master", "eth0", 1, None, None, None, None))
        table.start_sync_daemon(SyncDaemon("backup", "eth0", 1, 2000, ip_address("ff02::81"), 99, 9))
        assert table.read_sync_daemons() == (
            SyncDaemon("backup", "eth0", 1, 2000, ip_address("ff02::81"), 99, 9),
            SyncDaemon("master", "eth0", 1, 1472, None, 8848, 1),
        )
        table.stop_sync_daemon(SyncDaemon("master", "eth0", 1, None, None, None, None))
        assert [daemon.role for daemon in table.read_sync_daemons()] == ["backup"]

    def test_a_daemon_whose_end_the_kernel_does_not_tell(self, start):
        kernel = start()
        daemon = SyncDaemon("master", "eth0", 1, None, None, None, None)
        table.start_sync_daemon(daemon)
        kernel.answers_stops = False
        table.stop_sync_daemon(daemon)
        assert table.read_sync_daemons() == ()

    def test_a_daemon_that_does_not_stop(self, start):
        kernel = start()
        kernel.refuse["no master"] = errno.ESRCH
        with pytest.raises(KernelError, match=r"^stopping the IPVS sync daemon \(master\) failed: No such process"):
            table.stop_sync_daemon(SyncDaemon("master", "eth0", 1, None, None, None, None))

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            (
                errno.ENODEV,
                "No such device (errno 19): the interface has to be up and to have an address of the family of the group",
            ),
            (
                errno.EINVAL,
                "Invalid argument (errno 22): the kernel starts none as long as a server is of another family than its service",
            ),
            (
                errno.EEXIST,
                "File exists (errno 17): something else started one in this moment; find out what, and run again",
            ),
        ],
    )
    def test_a_refused_daemon(self, start, code, reason):
        kernel = start()
        kernel.refuse["master"] = code
        with pytest.raises(SyncDaemonError) as caught:
            table.start_sync_daemon(SyncDaemon("master", "eth9", 1, None, None, None, None))
        assert str(caught.value).startswith(f"starting the IPVS sync daemon (master, eth9) failed: {reason}")
        assert str(caught.value).endswith(". No daemon of this role was started")

    def test_a_daemon_without_rights(self, start):
        kernel = start()
        kernel.refuse["master"] = errno.EPERM
        with pytest.raises(PermissionDeniedError):
            table.start_sync_daemon(SyncDaemon("master", "eth0", 1, None, None, None, None))
