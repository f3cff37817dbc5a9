# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of linux/ip_vs.h and linux/in.h, and the names that ipvsadm and keepalived have for them."""

from __future__ import annotations

import socket

FAMILY_NAME = "IPVS"
CMD_NEW_SERVICE, CMD_SET_SERVICE, CMD_DEL_SERVICE, CMD_GET_SERVICE = 1, 2, 3, 4
CMD_NEW_DEST, CMD_SET_DEST, CMD_DEL_DEST, CMD_GET_DEST = 5, 6, 7, 8
CMD_NEW_DAEMON, CMD_DEL_DAEMON, CMD_GET_DAEMON, CMD_SET_CONFIG, CMD_GET_CONFIG, CMD_GET_INFO = 9, 10, 11, 12, 13, 15
CMD_ATTR_SERVICE, CMD_ATTR_DEST, CMD_ATTR_DAEMON = 1, 2, 3
CMD_ATTR_TIMEOUT_TCP, CMD_ATTR_TIMEOUT_TCP_FIN, CMD_ATTR_TIMEOUT_UDP = 4, 5, 6
INFO_ATTR_VERSION, INFO_ATTR_CONN_TAB_SIZE = 1, 2

SVC_AF, SVC_PROTOCOL, SVC_ADDR, SVC_PORT, SVC_FWMARK, SVC_SCHED_NAME, SVC_FLAGS, SVC_TIMEOUT, SVC_NETMASK = range(1, 10)
SVC_STATS, SVC_PE_NAME, SVC_STATS64 = 10, 11, 12
DEST_ADDR, DEST_PORT, DEST_FWD_METHOD, DEST_WEIGHT, DEST_U_THRESH, DEST_L_THRESH = range(1, 7)
DEST_ACTIVE_CONNS, DEST_INACT_CONNS, DEST_PERSIST_CONNS, DEST_STATS, DEST_ADDR_FAMILY, DEST_STATS64 = range(7, 13)
DEST_TUN_TYPE, DEST_TUN_PORT, DEST_TUN_FLAGS = 13, 14, 15
DAEMON_STATE, DAEMON_MCAST_IFN, DAEMON_SYNC_ID, DAEMON_SYNC_MAXLEN = range(1, 5)
DAEMON_MCAST_GROUP, DAEMON_MCAST_GROUP6, DAEMON_MCAST_PORT, DAEMON_MCAST_TTL = range(5, 9)
STATS_ATTRIBUTES = 10  # numbered from 1, in the order of the fields of Counters

FLAG_PERSISTENT, FLAG_HASHED, FLAG_ONE_PACKET = 0x1, 0x2, 0x4
FLAGS_WITH_OWN_FIELD = FLAG_PERSISTENT | FLAG_ONE_PACKET | FLAG_HASHED  # HASHED is the kernel's own and always set
SCHEDULER_FLAGS = {0x08: "flag-1", 0x10: "flag-2", 0x20: "flag-3"}
SCHEDULER_FLAGS_OF = {
    "sh": {**SCHEDULER_FLAGS, 0x08: "sh-fallback", 0x10: "sh-port"},
    "mh": {**SCHEDULER_FLAGS, 0x08: "mh-fallback", 0x10: "mh-port"},
}
ALL_FLAGS = 0xFFFFFFFF
FORWARDING_MASK = 0x7
FORWARDING = {0: "nat", 1: "local", 2: "tun", 3: "dr", 4: "bypass"}
TUNNEL_TYPES = {0: "ipip", 1: "gue", 2: "gre"}
TUNNEL_CHECKSUMS = {0: "nocsum", 1: "csum", 2: "remcsum"}
PROTOCOLS: dict[int, str] = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp", socket.IPPROTO_SCTP: "sctp"}
FAMILIES: dict[int, str] = {socket.AF_INET: "ipv4", socket.AF_INET6: "ipv6"}
DAEMON_ROLES = {1: "master", 2: "backup"}


def name_of(names: dict[int, str], number: int) -> str:
    """Name a number; one without a name is shown as it is."""
    return names.get(number, str(number))


def number_of(names: dict[int, str], name: str) -> int:
    """Undo `name_of`."""
    for number, known in names.items():
        if known == name:
            return number
    return int(name)


def flag_names(flags: int, scheduler: str) -> tuple[str, ...]:
    """Name the flags that a scheduler reads; one without a name is shown as a hexadecimal number."""
    names = SCHEDULER_FLAGS_OF.get(scheduler, SCHEDULER_FLAGS)
    rest = flags & ~FLAGS_WITH_OWN_FIELD
    bits = (1 << position for position in range(rest.bit_length()))
    return tuple(names.get(bit, hex(bit)) for bit in bits if rest & bit)


def flag_bits(names: tuple[str, ...], scheduler: str) -> int:
    """Undo `flag_names`."""
    known = {name: bit for bit, name in SCHEDULER_FLAGS_OF.get(scheduler, SCHEDULER_FLAGS).items()}
    return sum(known[name] if name in known else int(name, 16) for name in names)
