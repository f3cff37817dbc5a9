# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
from ipaddress import ip_address

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import table, uapi
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import (
    KernelError,
    MalformedMessageError,
    NotLoadedError,
    PermissionDeniedError,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import pack_attribute, unpack_attributes
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_kernel import (
    GETFAMILY,
    ack,
    answer,
    done,
)

ZEROES = b"".join(pack_attribute(number, bytes(8)) for number in range(1, 11))
TIMEOUTS = b"".join(pack_attribute(number, bytes([number * 10, 0, 0, 0])) for number in (4, 5, 6))
INFO = pack_attribute(1, b"\x01\x02\x01\0") + pack_attribute(2, b"\0\x10\0\0")


def service(vip, port, scheduler=b"wlc"):
    address = ip_address(vip)
    inside = (
        pack_attribute(1, bytes([2 if address.version == 4 else 10, 0]))
        + pack_attribute(2, bytes([6, 0]))
        + pack_attribute(3, address.packed.ljust(16, b"\0"))
        + pack_attribute(4, port.to_bytes(2, "big"))
        + attributes_of_a_service(scheduler)
    )
    return answer(1, pack_attribute(1, inside))


def marked(mark):
    inside = pack_attribute(1, b"\2\0") + pack_attribute(5, mark.to_bytes(4, "little"))
    return answer(1, pack_attribute(1, inside + attributes_of_a_service(b"wlc")))


def attributes_of_a_service(scheduler):
    return (
        pack_attribute(6, scheduler + b"\0")
        + pack_attribute(7, bytes([2]) + bytes(7))
        + pack_attribute(8, bytes(4))
        + pack_attribute(9, b"\xff\xff\xff\xff")
        + pack_attribute(12, ZEROES)
    )


def server(address, port, weight=1):
    packed = ip_address(address).packed
    inside = (
        pack_attribute(1, packed.ljust(16, b"\0"))
        + pack_attribute(2, port.to_bytes(2, "big"))
        + pack_attribute(3, bytes([3, 0, 0, 0]))
        + pack_attribute(4, weight.to_bytes(4, "little"))
        + b"".join(pack_attribute(number, bytes(4)) for number in range(5, 10))
        + pack_attribute(11, bytes([2 if len(packed) == 4 else 10, 0]))
        + pack_attribute(12, ZEROES)
    )
    return answer(5, pack_attribute(2, inside))


def daemon(state):
    inside = (
        pack_attribute(1, bytes([state, 0, 0, 0])) + pack_attribute(2, b"eth0\0") + pack_attribute(3, b"\x33\0\0\0")
    )
    return answer(9, pack_attribute(3, inside))


@pytest.fixture
def ipvs(kernel):
    """A kernel with an empty table."""
    kernel.reply(uapi.CMD_GET_INFO, answer(14, INFO), ack())
    kernel.reply(uapi.CMD_GET_CONFIG, answer(12, TIMEOUTS), ack())
    kernel.reply(uapi.CMD_GET_DAEMON, done())
    kernel.reply(uapi.CMD_GET_SERVICE, done())
    kernel.reply(uapi.CMD_GET_DEST, done())
    return kernel


def test_an_empty_table(ipvs):
    found = table.read_table()
    assert found.kernel.version == "1.2.1"
    assert found.kernel.table_size == 4096
    assert (found.timeouts.tcp, found.timeouts.tcp_fin, found.timeouts.udp) == (40, 50, 60)
    assert found.sync_daemons == found.services == ()
    assert ipvs.closed


def test_services_come_in_a_stable_order(ipvs):
    ipvs.reply(
        uapi.CMD_GET_SERVICE,
        marked(9) + service("2001:db8::1", 80) + service("192.0.2.100", 443),
        service("192.0.2.9", 80) + service("192.0.2.100", 80) + marked(7),
        done(),
    )
    assert [str(entry.service.key) for entry in table.read_table().services] == [
        "tcp 192.0.2.9:80",
        "tcp 192.0.2.100:80",
        "tcp 192.0.2.100:443",
        "tcp [2001:db8::1]:80",
        "fwmark 7 ipv4",
        "fwmark 9 ipv4",
    ]


def test_each_service_gets_its_own_servers_in_a_stable_order(ipvs):
    def servers(attributes):
        port = unpack_attributes(unpack_attributes(attributes)[1])[4]
        if port == (80).to_bytes(2, "big"):
            return [server("2001:db8::1", 80) + server("192.0.2.100", 80) + server("192.0.2.21", 81), done()]
        return [server("192.0.2.21", 443), done()]

    ipvs.reply(uapi.CMD_GET_SERVICE, service("192.0.2.100", 80) + service("192.0.2.100", 443), done())
    ipvs.reply_by(uapi.CMD_GET_DEST, servers)
    web, tls = table.read_table().services
    assert [(str(each.server.key.address), each.server.key.port) for each in web.servers] == [
        ("192.0.2.21", 81),
        ("192.0.2.100", 80),
        ("2001:db8::1", 80),
    ]
    assert [each.server.key.port for each in tls.servers] == [443]


def test_what_a_resizing_kernel_shows_twice_is_one(ipvs):
    ipvs.reply(uapi.CMD_GET_SERVICE, service("192.0.2.100", 80), service("192.0.2.100", 80, b"rr"), done())
    ipvs.reply(uapi.CMD_GET_DEST, server("192.0.2.21", 80), server("192.0.2.21", 80, weight=5), done())
    (entry,) = table.read_table().services
    assert entry.service.scheduler == "rr"
    assert [each.server.weight for each in entry.servers] == [5]


def test_a_service_that_disappears_meanwhile_has_no_servers(ipvs):
    ipvs.reply(uapi.CMD_GET_SERVICE, service("192.0.2.100", 80), done())
    assert table.read_table().services[0].servers == ()


def test_both_daemons(ipvs):
    ipvs.reply(uapi.CMD_GET_DAEMON, daemon(1), daemon(2), done())
    assert [each.role for each in table.read_table().sync_daemons] == ["backup", "master"]


def test_without_rights(ipvs):
    ipvs.reply(uapi.CMD_GET_DAEMON, ack(errno.EPERM))
    with pytest.raises(PermissionDeniedError, match="run the task with 'become: true'"):
        table.read_table()


def test_without_the_module(ipvs):
    ipvs.replies[GETFAMILY] = [ack(errno.ENOENT)]
    with pytest.raises(NotLoadedError, match="load it with 'modprobe ip_vs' and name it in"):
        table.read_table()


def test_any_other_error_says_what_was_asked(ipvs):
    ipvs.reply(uapi.CMD_GET_SERVICE, service("192.0.2.100", 80), done())
    ipvs.reply(uapi.CMD_GET_DEST, ack(errno.ENOMEM))
    with pytest.raises(KernelError, match="reading the servers of") as caught:
        table.read_table()
    assert str(caught.value) == "reading the servers of tcp 192.0.2.100:80 failed: Cannot allocate memory (errno 12)"


def test_a_missing_answer(ipvs):
    ipvs.reply(uapi.CMD_GET_CONFIG, ack())
    with pytest.raises(MalformedMessageError, match="0 answers instead of one while reading the IPVS timeouts"):
        table.read_table()


@pytest.mark.parametrize("present", [(True, True), (True, False), (False, True), (False, False)])
def test_loaded_is_what_either_file_says(tmp_path, present):
    signs = (tmp_path / "proc", tmp_path / "sys")
    for sign, there in zip(signs, present):
        if there:
            sign.touch()
    assert table.is_loaded(tuple(map(str, signs))) == any(present)
