# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel that keeps an IPVS table and answers like the real one, down to its oddities.

SET replaces the whole object, a service takes its servers with it, and the servers of a service that does not exist are an
empty dump instead of an error.
"""

from __future__ import annotations

import errno
from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import codec, encode, uapi
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import FullService, Service, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import pack_attribute, unpack_attributes
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_kernel import Kernel, ack, answer, done

ZEROES = b"".join(pack_attribute(number, bytes(8)) for number in range(1, 11))
STATISTICS = pack_attribute(uapi.SVC_STATS64, ZEROES)
STATE = b"".join(pack_attribute(number, bytes(4)) for number in (7, 8, 9)) + STATISTICS
INFO = pack_attribute(1, b"\x01\x02\x01\0") + pack_attribute(2, b"\0\x10\0\0")


def grown(attribute, more):
    """Return a nest with more attributes in it."""
    kind, inside = unpack_attributes(attribute).popitem()
    return pack_attribute(kind, inside + more)


class SimulatedKernel(Kernel):
    """`services` is {key: (service, {key: server})}; `refuse` maps the text of a key to the errno that it shall meet.

    Without `answers_stops` sync daemons stop as one does that has not had a moment of processor time yet.
    """

    def __init__(self, *table):
        super().__init__()
        self.services = {
            full.service.key: (full.service, {server.key: server for server in full.servers}) for full in table
        }
        self.timeouts = Timeouts(900, 120, 300)
        self.daemons = {}
        self.refuse = {}
        self.answers_stops = True
        self.log = []
        for command, handler in {
            uapi.CMD_NEW_SERVICE: self._new_service,
            uapi.CMD_SET_SERVICE: self._set_service,
            uapi.CMD_DEL_SERVICE: self._del_service,
            uapi.CMD_GET_SERVICE: self._get_service,
            uapi.CMD_NEW_DEST: self._new_server,
            uapi.CMD_SET_DEST: self._set_server,
            uapi.CMD_DEL_DEST: self._del_server,
            uapi.CMD_GET_DEST: self._get_servers,
            uapi.CMD_NEW_DAEMON: self._new_daemon,
            uapi.CMD_DEL_DAEMON: self._del_daemon,
            uapi.CMD_GET_DAEMON: self._get_daemons,
            uapi.CMD_GET_CONFIG: lambda data: [answer(12, encode.encode_timeouts(self.timeouts)), ack()],
            uapi.CMD_SET_CONFIG: self._set_timeouts,
            uapi.CMD_GET_INFO: lambda data: [answer(14, INFO), ack()],
        }.items():
            self.reply_by(command, handler)

    @property
    def table(self):
        """The table as the client would read it."""
        return {
            key: FullService(service, tuple(sorted(servers.values(), key=lambda server: str(server.key))))
            for key, (service, servers) in self.services.items()
        }

    def _new_service(self, data):
        service = codec.decode_service_config(unpack_attributes(data))
        if service.key in self.services:
            return [ack(errno.EEXIST)]
        return self._unless_refused(service.key, lambda: self.services.update({service.key: (service, {})}))

    def _set_service(self, data):
        service = codec.decode_service_config(unpack_attributes(data))
        if service.key not in self.services:
            return [ack(errno.ESRCH)]
        servers = self.services[service.key][1]
        return self._unless_refused(service.key, lambda: self.services.update({service.key: (service, servers)}))

    def _del_service(self, data):
        key = self._key(data)
        if key not in self.services:
            return [ack(errno.ESRCH)]
        return self._unless_refused(key, lambda: self.services.pop(key))

    def _get_service(self, data):
        if not data:
            return [self._service_answer(service) for service, _servers in self.services.values()] + [done()]
        key = self._key(data)
        return [self._service_answer(self.services[key][0]), ack()] if key in self.services else [ack(errno.ESRCH)]

    def _new_server(self, data):
        return self._change_server(data, errno.EEXIST, lambda servers, server: server.key not in servers)

    def _set_server(self, data):
        return self._change_server(data, errno.ENOENT, lambda servers, server: server.key in servers)

    def _change_server(self, data, code, possible):
        key = self._key(data)
        if key not in self.services:
            return [ack(errno.ESRCH)]
        server = codec.decode_server_config(unpack_attributes(data), key)
        servers = self.services[key][1]
        if not possible(servers, server):
            return [ack(code)]
        return self._unless_refused(server.key, lambda: servers.update({server.key: server}))

    def _del_server(self, data):
        key = self._key(data)
        if key not in self.services:
            return [ack(errno.ESRCH)]
        plain = b"".join(pack_attribute(number, bytes(4)) for number in (3, 4, 5, 6))
        inside = unpack_attributes(data)[uapi.CMD_ATTR_DEST]
        server = codec.decode_server_config({uapi.CMD_ATTR_DEST: inside + plain}, key).key
        servers = self.services[key][1]
        return self._unless_refused(server, lambda: servers.pop(server)) if server in servers else [ack(errno.ENOENT)]

    def _get_servers(self, data):
        servers = self.services.get(self._key(data), (None, {}))[1]
        return [answer(5, grown(encode.encode_server(server), STATE)) for server in servers.values()] + [done()]

    def _new_daemon(self, data):
        daemon = codec.decode_sync_daemon(unpack_attributes(data))
        if daemon.role in self.daemons:
            return [ack(errno.EEXIST)]
        chosen = {"max_length": 1472, "port": 8848, "ttl": 1}
        filled = {name: value for name, value in chosen.items() if getattr(daemon, name) is None}
        return self._unless_refused(daemon.role, lambda: self.daemons.update({daemon.role: replace(daemon, **filled)}))

    def _del_daemon(self, data):
        role = codec.decode_sync_daemon(unpack_attributes(data)).role
        answers = self._unless_refused(f"no {role}", lambda: self.daemons.pop(role))
        return answers if self.answers_stops else []

    def _get_daemons(self, data):
        return [answer(9, encode.encode_sync_daemon(daemon)) for daemon in self.daemons.values()] + [done()]

    def _set_timeouts(self, data):
        self.timeouts = codec.decode_timeouts(unpack_attributes(data))
        return [ack()]

    def _unless_refused(self, key, change):
        if str(key) in self.refuse:
            return [ack(self.refuse[str(key)])]
        change()
        self.log.append(self.table)
        return [ack()]

    @staticmethod
    def _service_answer(service: Service):
        # HASHED is set in every dump, and the mask is all ones.
        attributes = unpack_attributes(unpack_attributes(encode.encode_service(service))[uapi.CMD_ATTR_SERVICE])
        flags = int.from_bytes(attributes[uapi.SVC_FLAGS][:4], "little") | uapi.FLAG_HASHED
        attributes[uapi.SVC_FLAGS] = flags.to_bytes(4, "little") + b"\xff\xff\xff\xff"
        inside = b"".join(pack_attribute(kind, value) for kind, value in attributes.items())
        return answer(1, pack_attribute(uapi.CMD_ATTR_SERVICE, inside + STATISTICS))

    @staticmethod
    def _key(data):
        """Read the identity of the service in a request, which says nothing else about it."""
        plain = pack_attribute(6, b"rr\0") + pack_attribute(7, bytes(8)) + pack_attribute(8, bytes(4))
        inside = unpack_attributes(data)[uapi.CMD_ATTR_SERVICE] + plain + pack_attribute(9, bytes(4))
        return codec.decode_service_config({uapi.CMD_ATTR_SERVICE: inside}).key
