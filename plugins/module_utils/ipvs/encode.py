# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value objects -> netlink attributes of IPVS (family IPVS version 1); `codec` is the other direction.

The kernel's SET commands replace the whole object: what is left out of a request is lost (the persistence engine, the
tunnel). So objects are always encoded whole.
"""

from __future__ import annotations

import socket
import struct
from functools import lru_cache
from ipaddress import IPv4Address

from . import uapi
from .model import FwmarkKey, Server, ServerKey, Service, ServiceKey, SyncDaemon, Timeouts
from .netlink import pack_attribute

# Rows of attributes: length, type, value, padding to four bytes. Packed in one call each because there may be 100,000.
SERVER_IDENTITY = struct.Struct("=HH16s HHH2x HHH2x")
SERVER_NUMBERS = struct.Struct("=HHI HHi HHI HHI")


@lru_cache(maxsize=16)  # a plan has many servers of a service in a row
def encode_service_key(key: ServiceKey) -> bytes:
    """Return the attribute that names a service in a request: to delete it, or for anything about its servers."""
    return pack_attribute(uapi.CMD_ATTR_SERVICE, _identity(key))


def encode_service(service: Service) -> bytes:
    """Return the attribute of a request that adds or replaces a service. HASHED is the kernel's own and never sent."""
    persistence = service.persistence
    flags = uapi.flag_bits(service.flags, service.scheduler)
    flags |= uapi.FLAG_ONE_PACKET if service.one_packet else 0
    flags |= uapi.FLAG_PERSISTENT if persistence and persistence.timeout else 0
    inside = (
        _identity(service.key)
        + pack_attribute(uapi.SVC_SCHED_NAME, service.scheduler.encode() + b"\0")
        + pack_attribute(uapi.SVC_FLAGS, struct.pack("=II", flags, uapi.ALL_FLAGS))
        + pack_attribute(uapi.SVC_TIMEOUT, _u32(persistence.timeout if persistence else 0))
        + pack_attribute(uapi.SVC_NETMASK, _granularity(service))
    )
    if persistence and persistence.engine:
        inside += pack_attribute(uapi.SVC_PE_NAME, persistence.engine.encode() + b"\0")
    return pack_attribute(uapi.CMD_ATTR_SERVICE, inside)


def encode_server_key(key: ServerKey) -> bytes:
    """Return the attribute that names a server in a request; that of its service goes before it."""
    return pack_attribute(uapi.CMD_ATTR_DEST, _server_identity(key))


def encode_server(server: Server) -> bytes:
    """Return the attribute of a request that adds or replaces a server; that of its service goes before it."""
    inside = _server_identity(server.key) + SERVER_NUMBERS.pack(
        *(8, uapi.DEST_FWD_METHOD, uapi.number_of(uapi.FORWARDING, server.forwarding)),
        *(8, uapi.DEST_WEIGHT, server.weight),
        *(8, uapi.DEST_U_THRESH, server.upper_threshold),
        *(8, uapi.DEST_L_THRESH, server.lower_threshold),
    )
    if server.tunnel:
        tunnel = server.tunnel
        inside += pack_attribute(uapi.DEST_TUN_TYPE, struct.pack("=B", uapi.number_of(uapi.TUNNEL_TYPES, tunnel.type)))
        inside += pack_attribute(uapi.DEST_TUN_PORT, _port(tunnel.port))
        inside += pack_attribute(uapi.DEST_TUN_FLAGS, _u16(uapi.number_of(uapi.TUNNEL_CHECKSUMS, tunnel.checksum)))
    return pack_attribute(uapi.CMD_ATTR_DEST, inside)


def encode_timeouts(timeouts: Timeouts) -> bytes:
    """Return the attributes of SET_CONFIG."""
    return (
        pack_attribute(uapi.CMD_ATTR_TIMEOUT_TCP, _u32(timeouts.tcp))
        + pack_attribute(uapi.CMD_ATTR_TIMEOUT_TCP_FIN, _u32(timeouts.tcp_fin))
        + pack_attribute(uapi.CMD_ATTR_TIMEOUT_UDP, _u32(timeouts.udp))
    )


def encode_sync_daemon(daemon: SyncDaemon) -> bytes:
    """Return the attribute of a request that starts or stops a daemon. What is None is left to the kernel."""
    inside = (
        pack_attribute(uapi.DAEMON_STATE, _u32(uapi.number_of(uapi.DAEMON_ROLES, daemon.role)))
        + pack_attribute(uapi.DAEMON_MCAST_IFN, daemon.interface.encode() + b"\0")
        + pack_attribute(uapi.DAEMON_SYNC_ID, _u32(daemon.sync_id))
    )
    if daemon.max_length is not None:
        inside += pack_attribute(uapi.DAEMON_SYNC_MAXLEN, _u16(daemon.max_length))
    if daemon.group is not None:
        is_ipv4 = isinstance(daemon.group, IPv4Address)
        inside += pack_attribute(uapi.DAEMON_MCAST_GROUP if is_ipv4 else uapi.DAEMON_MCAST_GROUP6, daemon.group.packed)
    if daemon.port is not None:
        inside += pack_attribute(uapi.DAEMON_MCAST_PORT, _u16(daemon.port))  # in host order, unlike all other ports
    if daemon.ttl is not None:
        inside += pack_attribute(uapi.DAEMON_MCAST_TTL, struct.pack("=B", daemon.ttl))
    return pack_attribute(uapi.CMD_ATTR_DAEMON, inside)


def _identity(key: ServiceKey) -> bytes:
    family = pack_attribute(uapi.SVC_AF, _u16(socket.AF_INET if key.version == 4 else socket.AF_INET6))
    if isinstance(key, FwmarkKey):
        return family + pack_attribute(uapi.SVC_FWMARK, _u32(key.fwmark))
    return (
        family
        + pack_attribute(uapi.SVC_PROTOCOL, _u16(uapi.number_of(uapi.PROTOCOLS, key.protocol)))
        + pack_attribute(uapi.SVC_ADDR, key.vip.packed.ljust(16, b"\0"))
        + pack_attribute(uapi.SVC_PORT, _port(key.port))
    )


def _server_identity(key: ServerKey) -> bytes:
    family = socket.AF_INET if key.address.version == 4 else socket.AF_INET6
    return SERVER_IDENTITY.pack(
        *(20, uapi.DEST_ADDR, key.address.packed),
        *(6, uapi.DEST_PORT, socket.htons(key.port)),
        *(6, uapi.DEST_ADDR_FAMILY, family),
    )


def _granularity(service: Service) -> bytes:
    """Return the mask of a service. The kernel wants one of a service that is not persistent too."""
    persistence = service.persistence
    if persistence and persistence.netmask is not None:
        return persistence.netmask.packed
    if persistence and persistence.prefix is not None:
        return _u32(persistence.prefix)
    return b"\xff\xff\xff\xff" if service.key.version == 4 else _u32(128)


def _u16(number: int) -> bytes:
    return struct.pack("=H", number)


def _u32(number: int) -> bytes:
    return struct.pack("=I", number)


def _port(number: int) -> bytes:
    return struct.pack(">H", number)
