# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink attributes of IPVS <-> value objects (linux/ip_vs.h, family IPVS version 1).

Every `decode_` function takes the attributes of one message. What the kernel may legally send but this client has no
name for stays visible as a number; what cannot be read raises MalformedMessageError.
"""

from __future__ import annotations

import socket
import struct
import sys
from ipaddress import IPv4Address, IPv6Address

from .errors import MalformedMessageError
from .model import (
    Address,
    AddressKey,
    Counters,
    FwmarkKey,
    KernelInfo,
    Persistence,
    Server,
    ServerEntry,
    ServerKey,
    ServerState,
    Service,
    ServiceEntry,
    ServiceKey,
    SyncDaemon,
    Timeouts,
    Tunnel,
)
from .netlink import Attributes, pack_attribute, unpack_attributes

FAMILY_NAME = "IPVS"
CMD_GET_SERVICE, CMD_GET_DEST, CMD_GET_DAEMON, CMD_GET_CONFIG, CMD_GET_INFO = 4, 8, 11, 13, 15
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
FORWARDING_MASK = 0x7
FORWARDING = {0: "nat", 1: "local", 2: "tun", 3: "dr", 4: "bypass"}
TUNNEL_TYPES = {0: "ipip", 1: "gue", 2: "gre"}
TUNNEL_CHECKSUMS = {0: "nocsum", 1: "csum", 2: "remcsum"}
PROTOCOLS: dict[int, str] = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp", socket.IPPROTO_SCTP: "sctp"}
FAMILIES: dict[int, str] = {socket.AF_INET: "ipv4", socket.AF_INET6: "ipv6"}
DAEMON_ROLES = {1: "master", 2: "backup"}


def encode_service_key(key: ServiceKey) -> bytes:
    """Return the attribute that names a service in a request, as the dump of its servers wants it."""
    if isinstance(key, FwmarkKey):
        identity = pack_attribute(SVC_FWMARK, struct.pack("=I", key.fwmark))
    else:
        identity = (
            pack_attribute(SVC_PROTOCOL, struct.pack("=H", _number_of(PROTOCOLS, key.protocol)))
            + pack_attribute(SVC_ADDR, key.vip.packed.ljust(16, b"\0"))
            + pack_attribute(SVC_PORT, struct.pack(">H", key.port))
        )
    family = pack_attribute(SVC_AF, struct.pack("=H", _family_of(key)))
    return pack_attribute(CMD_ATTR_SERVICE, family + identity)


def decode_service(message: Attributes) -> ServiceEntry:
    """Read one service of a dump; its servers come apart from it."""
    attributes = _nest(message, CMD_ATTR_SERVICE)
    family = _family(attributes, SVC_AF)
    scheduler = _text(attributes, SVC_SCHED_NAME)
    flags = _service_flags(attributes)
    service = Service(
        key=_service_key(attributes, family),
        scheduler=scheduler,
        flags=_flag_names(flags, scheduler),
        persistence=_persistence(attributes, family, persistent=bool(flags & FLAG_PERSISTENT)),
        one_packet=bool(flags & FLAG_ONE_PACKET),
    )
    return ServiceEntry(service, _counters(attributes, SVC_STATS64, SVC_STATS))


def decode_server(message: Attributes, key: ServiceKey) -> ServerEntry:
    """Read one server of the dump for the service `key`, whose family is the server's on kernels before 3.18."""
    attributes = _nest(message, CMD_ATTR_DEST)
    family = _family(attributes, DEST_ADDR_FAMILY) if DEST_ADDR_FAMILY in attributes else _family_of(key)
    forwarding = _name_of(FORWARDING, _unsigned(attributes, DEST_FWD_METHOD) & FORWARDING_MASK)
    server = Server(
        key=ServerKey(_address(attributes, DEST_ADDR, family), _port(attributes, DEST_PORT)),
        forwarding=forwarding,
        weight=_signed(attributes, DEST_WEIGHT),
        upper_threshold=_unsigned(attributes, DEST_U_THRESH),
        lower_threshold=_unsigned(attributes, DEST_L_THRESH),
        tunnel=_tunnel(attributes) if forwarding == "tun" else None,
    )
    state = ServerState(
        counters=_counters(attributes, DEST_STATS64, DEST_STATS),
        active=_unsigned(attributes, DEST_ACTIVE_CONNS),
        inactive=_unsigned(attributes, DEST_INACT_CONNS),
        persistent=_unsigned(attributes, DEST_PERSIST_CONNS),
    )
    return ServerEntry(server, state)


def decode_sync_daemon(message: Attributes) -> SyncDaemon:
    """Read one synchronisation daemon of a dump. Everything after the sync id exists since Linux 4.3."""
    attributes = _nest(message, CMD_ATTR_DAEMON)
    group = None
    if DAEMON_MCAST_GROUP6 in attributes:
        group = _address(attributes, DAEMON_MCAST_GROUP6, socket.AF_INET6)
    elif DAEMON_MCAST_GROUP in attributes:
        group = _address(attributes, DAEMON_MCAST_GROUP, socket.AF_INET)
    return SyncDaemon(
        role=_name_of(DAEMON_ROLES, _unsigned(attributes, DAEMON_STATE)),
        interface=_text(attributes, DAEMON_MCAST_IFN),
        sync_id=_unsigned(attributes, DAEMON_SYNC_ID),
        max_length=_optional(attributes, DAEMON_SYNC_MAXLEN),
        group=group,
        port=_optional(attributes, DAEMON_MCAST_PORT),
        ttl=_optional(attributes, DAEMON_MCAST_TTL),
    )


def decode_timeouts(message: Attributes) -> Timeouts:
    """Read the answer to GET_CONFIG."""
    return Timeouts(
        tcp=_unsigned(message, CMD_ATTR_TIMEOUT_TCP),
        tcp_fin=_unsigned(message, CMD_ATTR_TIMEOUT_TCP_FIN),
        udp=_unsigned(message, CMD_ATTR_TIMEOUT_UDP),
    )


def decode_kernel_info(message: Attributes) -> KernelInfo:
    """Read the answer to GET_INFO; the version has a byte for each of its three parts."""
    version = _unsigned(message, INFO_ATTR_VERSION)
    return KernelInfo(
        version=f"{version >> 16}.{version >> 8 & 0xFF}.{version & 0xFF}",
        table_size=_unsigned(message, INFO_ATTR_CONN_TAB_SIZE),
    )


def _service_key(attributes: Attributes, family: int) -> ServiceKey:
    if SVC_FWMARK in attributes:
        return FwmarkKey(_unsigned(attributes, SVC_FWMARK), FAMILIES[family])
    return AddressKey(
        protocol=_name_of(PROTOCOLS, _unsigned(attributes, SVC_PROTOCOL)),
        vip=_address(attributes, SVC_ADDR, family),
        port=_port(attributes, SVC_PORT),
    )


def _service_flags(attributes: Attributes) -> int:
    value = _value(attributes, SVC_FLAGS)
    if len(value) != 8:
        raise MalformedMessageError(f"the flags of a service have {len(value)} bytes")
    flags, _mask = struct.unpack("=II", value)
    return int(flags)


def _flag_names(flags: int, scheduler: str) -> tuple[str, ...]:
    names = SCHEDULER_FLAGS_OF.get(scheduler, SCHEDULER_FLAGS)
    rest = flags & ~FLAGS_WITH_OWN_FIELD
    bits = (1 << position for position in range(rest.bit_length()))
    return tuple(names.get(bit, hex(bit)) for bit in bits if rest & bit)


def _persistence(attributes: Attributes, family: int, persistent: bool) -> Persistence | None:
    engine = _text(attributes, SVC_PE_NAME) if SVC_PE_NAME in attributes else None
    if not persistent and engine is None:
        return None  # the kernel keeps timeout and mask of a service that is not persistent, and ignores them
    mask = _value(attributes, SVC_NETMASK)
    if len(mask) != 4:
        raise MalformedMessageError(f"the persistence mask of a service has {len(mask)} bytes")
    is_ipv4 = family == socket.AF_INET
    return Persistence(
        timeout=_unsigned(attributes, SVC_TIMEOUT) if persistent else 0,
        netmask=IPv4Address(mask) if is_ipv4 else None,
        prefix=None if is_ipv4 else int.from_bytes(mask, sys.byteorder),
        engine=engine,
    )


def _tunnel(attributes: Attributes) -> Tunnel:
    """Read the kind of a tunnel: before Linux 5.2 there was only IPIP and nothing to say about it."""
    return Tunnel(
        type=_name_of(TUNNEL_TYPES, _optional(attributes, DEST_TUN_TYPE) or 0),
        port=_port(attributes, DEST_TUN_PORT) if DEST_TUN_PORT in attributes else 0,
        checksum=_name_of(TUNNEL_CHECKSUMS, _optional(attributes, DEST_TUN_FLAGS) or 0),
    )


def _counters(attributes: Attributes, wide: int, narrow: int) -> Counters:
    """Read the 64-bit statistics, or those of a kernel before 4.1 that wrap at 32 bits."""
    values = _nest(attributes, wide if wide in attributes else narrow)
    return Counters(*(_unsigned(values, kind) for kind in range(1, STATS_ATTRIBUTES + 1)))


def _nest(attributes: Attributes, kind: int) -> Attributes:
    return unpack_attributes(_value(attributes, kind))


def _value(attributes: Attributes, kind: int) -> bytes:
    try:
        return attributes[kind]
    except KeyError:
        raise MalformedMessageError(f"attribute {kind} is missing") from None


def _unsigned(attributes: Attributes, kind: int) -> int:
    return int.from_bytes(_number(attributes, kind), sys.byteorder)


def _signed(attributes: Attributes, kind: int) -> int:
    return int.from_bytes(_number(attributes, kind), sys.byteorder, signed=True)


def _number(attributes: Attributes, kind: int) -> bytes:
    value = _value(attributes, kind)
    if len(value) not in (1, 2, 4, 8):
        raise MalformedMessageError(f"attribute {kind} is a number of {len(value)} bytes")
    return value


def _optional(attributes: Attributes, kind: int) -> int | None:
    return _unsigned(attributes, kind) if kind in attributes else None


def _port(attributes: Attributes, kind: int) -> int:
    value = _value(attributes, kind)
    if len(value) != 2:
        raise MalformedMessageError(f"attribute {kind} is a port of {len(value)} bytes")
    return int.from_bytes(value, "big")


def _text(attributes: Attributes, kind: int) -> str:
    return _value(attributes, kind).split(b"\0", 1)[0].decode("utf-8", "backslashreplace")


def _address(attributes: Attributes, kind: int, family: int) -> Address:
    """Read an address: four bytes, or sixteen, of which IPv4 uses the first four."""
    value = _value(attributes, kind)
    if family == socket.AF_INET and len(value) in (4, 16):
        return IPv4Address(value[:4])
    if family == socket.AF_INET6 and len(value) == 16:
        return IPv6Address(value)
    raise MalformedMessageError(f"attribute {kind} is an address of {len(value)} bytes")


def _family(attributes: Attributes, kind: int) -> int:
    family = _unsigned(attributes, kind)
    if family not in FAMILIES:
        raise MalformedMessageError(f"address family {family}")
    return family


def _family_of(key: ServiceKey) -> int:
    if isinstance(key, FwmarkKey):
        return _number_of(FAMILIES, key.family)
    return socket.AF_INET if key.vip.version == 4 else socket.AF_INET6


def _name_of(names: dict[int, str], number: int) -> str:
    """Name a number; one without a name is shown as it is."""
    return names.get(number, str(number))


def _number_of(names: dict[int, str], name: str) -> int:
    """Undo `_name_of`."""
    numbers = {known: number for number, known in names.items()}
    return numbers[name] if name in numbers else int(name)
