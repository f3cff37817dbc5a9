# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink attributes of IPVS -> value objects (family IPVS version 1); `encode` is the other direction.

Every `decode_` function takes the attributes of one message. What the kernel may legally send but this client has no
name for stays visible as a number; what cannot be read raises MalformedMessageError.
"""

from __future__ import annotations

import socket
import struct
import sys
from ipaddress import IPv4Address, IPv6Address

from . import uapi
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
from .netlink import Attributes, unpack_attributes


def decode_service(message: Attributes) -> ServiceEntry:
    """Read one service of a dump; its servers come apart from it."""
    attributes = _nest(message, uapi.CMD_ATTR_SERVICE)
    return ServiceEntry(_service(attributes), _counters(attributes, uapi.SVC_STATS64, uapi.SVC_STATS))


def decode_service_config(message: Attributes) -> Service:
    """Read one service of a dump without its counters."""
    return _service(_nest(message, uapi.CMD_ATTR_SERVICE))


def decode_server(message: Attributes, key: ServiceKey) -> ServerEntry:
    """Read one server of the dump for the service `key`, whose family is the server's on kernels before 3.18."""
    attributes = _nest(message, uapi.CMD_ATTR_DEST)
    state = ServerState(
        counters=_counters(attributes, uapi.DEST_STATS64, uapi.DEST_STATS),
        active=_number(attributes, uapi.DEST_ACTIVE_CONNS),
        inactive=_number(attributes, uapi.DEST_INACT_CONNS),
        persistent=_number(attributes, uapi.DEST_PERSIST_CONNS),
    )
    return ServerEntry(_server(attributes, key), state)


def decode_server_config(message: Attributes, key: ServiceKey) -> Server:
    """Read one server of a dump without what the kernel counts: most of its attributes, so this is far quicker."""
    return _server(_nest(message, uapi.CMD_ATTR_DEST), key)


def decode_sync_daemon(message: Attributes) -> SyncDaemon:
    """Read one synchronisation daemon of a dump. Everything after the sync id exists since Linux 4.3."""
    attributes = _nest(message, uapi.CMD_ATTR_DAEMON)
    group = None
    if uapi.DAEMON_MCAST_GROUP6 in attributes:
        group = _address(attributes, uapi.DAEMON_MCAST_GROUP6, socket.AF_INET6)
    elif uapi.DAEMON_MCAST_GROUP in attributes:
        group = _address(attributes, uapi.DAEMON_MCAST_GROUP, socket.AF_INET)
    return SyncDaemon(
        role=uapi.name_of(uapi.DAEMON_ROLES, _number(attributes, uapi.DAEMON_STATE)),
        interface=_text(attributes, uapi.DAEMON_MCAST_IFN),
        sync_id=_number(attributes, uapi.DAEMON_SYNC_ID),
        max_length=_optional(attributes, uapi.DAEMON_SYNC_MAXLEN),
        group=group,
        port=_optional(attributes, uapi.DAEMON_MCAST_PORT),
        ttl=_optional(attributes, uapi.DAEMON_MCAST_TTL),
    )


def decode_timeouts(message: Attributes) -> Timeouts:
    """Read the answer to GET_CONFIG."""
    return Timeouts(
        tcp=_number(message, uapi.CMD_ATTR_TIMEOUT_TCP),
        tcp_fin=_number(message, uapi.CMD_ATTR_TIMEOUT_TCP_FIN),
        udp=_number(message, uapi.CMD_ATTR_TIMEOUT_UDP),
    )


def decode_kernel_info(message: Attributes, release: str) -> KernelInfo:
    """Read the answer to GET_INFO; the version has a byte for each of its three parts. `release` is that of Linux."""
    version = _number(message, uapi.INFO_ATTR_VERSION)
    return KernelInfo(
        version=f"{version >> 16}.{version >> 8 & 0xFF}.{version & 0xFF}",
        table_size=_number(message, uapi.INFO_ATTR_CONN_TAB_SIZE),
        release=release,
    )


def _service(attributes: Attributes) -> Service:
    family = _family(attributes, uapi.SVC_AF)
    scheduler = _text(attributes, uapi.SVC_SCHED_NAME)
    flags = _service_flags(attributes)
    return Service(
        key=_service_key(attributes, family),
        scheduler=scheduler,
        flags=uapi.flag_names(flags, scheduler),
        persistence=_persistence(attributes, family, persistent=bool(flags & uapi.FLAG_PERSISTENT)),
        one_packet=bool(flags & uapi.FLAG_ONE_PACKET),
    )


def _server(attributes: Attributes, key: ServiceKey) -> Server:
    family = _family(attributes, uapi.DEST_ADDR_FAMILY) if uapi.DEST_ADDR_FAMILY in attributes else _family_of(key)
    forwarding = uapi.name_of(uapi.FORWARDING, _number(attributes, uapi.DEST_FWD_METHOD) & uapi.FORWARDING_MASK)
    return Server(
        key=ServerKey(_address(attributes, uapi.DEST_ADDR, family), _port(attributes, uapi.DEST_PORT)),
        forwarding=forwarding,
        weight=_number(attributes, uapi.DEST_WEIGHT, signed=True),
        upper_threshold=_number(attributes, uapi.DEST_U_THRESH),
        lower_threshold=_number(attributes, uapi.DEST_L_THRESH),
        tunnel=_tunnel(attributes) if forwarding == "tun" else None,
    )


def _service_key(attributes: Attributes, family: int) -> ServiceKey:
    if uapi.SVC_FWMARK in attributes:
        return FwmarkKey(_number(attributes, uapi.SVC_FWMARK), uapi.FAMILIES[family])
    return AddressKey(
        protocol=uapi.name_of(uapi.PROTOCOLS, _number(attributes, uapi.SVC_PROTOCOL)),
        vip=_address(attributes, uapi.SVC_ADDR, family),
        port=_port(attributes, uapi.SVC_PORT),
    )


def _service_flags(attributes: Attributes) -> int:
    value = _value(attributes, uapi.SVC_FLAGS)
    if len(value) != 8:
        raise MalformedMessageError(f"the flags of a service have {len(value)} bytes")
    flags, _mask = struct.unpack("=II", value)
    return int(flags)


def _persistence(attributes: Attributes, family: int, persistent: bool) -> Persistence | None:
    engine = _text(attributes, uapi.SVC_PE_NAME) if uapi.SVC_PE_NAME in attributes else None
    if not persistent and engine is None:
        return None  # the kernel keeps timeout and mask of a service that is not persistent, and ignores them
    mask = _value(attributes, uapi.SVC_NETMASK)
    if len(mask) != 4:
        raise MalformedMessageError(f"the persistence mask of a service has {len(mask)} bytes")
    is_ipv4 = family == socket.AF_INET
    return Persistence(
        timeout=_number(attributes, uapi.SVC_TIMEOUT) if persistent else 0,
        netmask=IPv4Address(mask) if is_ipv4 else None,
        prefix=None if is_ipv4 else int.from_bytes(mask, sys.byteorder),
        engine=engine,
    )


def _tunnel(attributes: Attributes) -> Tunnel:
    """Read the kind of a tunnel: before Linux 5.2 there was only IPIP and nothing to say about it."""
    return Tunnel(
        type=uapi.name_of(uapi.TUNNEL_TYPES, _optional(attributes, uapi.DEST_TUN_TYPE) or 0),
        port=_port(attributes, uapi.DEST_TUN_PORT) if uapi.DEST_TUN_PORT in attributes else 0,
        checksum=uapi.name_of(uapi.TUNNEL_CHECKSUMS, _optional(attributes, uapi.DEST_TUN_FLAGS) or 0),
    )


def _counters(attributes: Attributes, wide: int, narrow: int) -> Counters:
    """Read the 64-bit statistics, or those of a kernel before 4.1 that wrap at 32 bits."""
    values = _nest(attributes, wide if wide in attributes else narrow)
    return Counters(*(_number(values, kind) for kind in range(1, uapi.STATS_ATTRIBUTES + 1)))


def _nest(attributes: Attributes, kind: int) -> Attributes:
    return unpack_attributes(_value(attributes, kind))


def _value(attributes: Attributes, kind: int) -> bytes:
    try:
        return attributes[kind]
    except KeyError:
        raise MalformedMessageError(f"attribute {kind} is missing") from None


def _number(attributes: Attributes, kind: int, signed: bool = False) -> int:
    value = _value(attributes, kind)
    if len(value) not in (1, 2, 4, 8):
        raise MalformedMessageError(f"attribute {kind} is a number of {len(value)} bytes")
    return int.from_bytes(value, sys.byteorder, signed=signed)


def _optional(attributes: Attributes, kind: int) -> int | None:
    return _number(attributes, kind) if kind in attributes else None


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
    family = _number(attributes, kind)
    if family not in uapi.FAMILIES:
        raise MalformedMessageError(f"address family {family}")
    return family


def _family_of(key: ServiceKey) -> int:
    return socket.AF_INET if key.version == 4 else socket.AF_INET6
